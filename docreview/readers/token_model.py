"""The token model: a small transformer that says of each token of a contract which answers it may be part of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from docreview.errors import ConfigError
from docreview.readers.tokens import NOTHING, PARTS, Tagged, cells
from docreview.tokens import MINILM

SHIPPED: Final = "clauses-tokens.onnx"
BEGIN, END, UNKNOWN = 101, 102, 100
"""The word pieces [CLS], [SEP] and [UNK] of MiniLM's vocabulary."""


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    """MiniLM's word pieces, uncut."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(MINILM))


@dataclass(frozen=True, slots=True)
class TokenModel:
    """An ONNX model: one window of word pieces in, log-odds for each piece and label out.

    `meta` is what its file says of it, `sha256` the file's.
    """

    session: Any
    labels: tuple[str, ...]
    meta: Mapping[str, Any]
    sha256: str

    @classmethod
    def load(cls, data: bytes, name: str = SHIPPED) -> TokenModel:
        """The model from the bytes of its file.

        Raises:
            ConfigError: The file is no token model.
        """
        import onnxruntime
        from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            meta = json.loads(session.get_modelmeta().custom_metadata_map["docreview"])
        except (Fail, InvalidGraph, InvalidProtobuf, ValueError, KeyError) as error:
            raise ConfigError(name, "(whole file)", f"not a token model: {type(error).__name__}") from None
        return cls(session, tuple(meta["labels"]), meta, hashlib.sha256(data).hexdigest())

    def tagged(self, text: str, spans: Any) -> Tagged:
        """The text's tokens with log-odds; cells without a token of the given spans are not looked at.

        Args:
            spans: (n, 2) offsets of what is wanted.
        """
        import numpy as np

        encoded = tokenizer().encode(text, add_special_tokens=False)
        ids = np.array(encoded.ids, np.int64)
        offsets = np.array(encoded.offsets, np.int64).reshape(-1, 2)
        found = Tagged(offsets[:, 0], offsets[:, 1], np.full((len(ids), PARTS * len(self.labels)), NOTHING, np.float16))
        for start, end, left, right in cells(wanted(found, spans)):
            window = self._run(ids[left:right])
            found.logits[start:end] = window[start - left : end - left]
        return found

    def _run(self, ids: Any) -> Any:
        """Log-odds of one window's tokens."""
        import numpy as np

        framed = np.concatenate([[BEGIN], ids, [END]])[None]
        places = np.arange(framed.shape[1], dtype=np.int64)[None]
        return self.session.run(["logits"], {"ids": framed, "positions": places})[0][0, 1:-1]


def wanted(tokens: Tagged, spans: Any) -> Any:
    """(tokens) bool: the tokens of the given spans."""
    import numpy as np

    steps = np.zeros(len(tokens.starts) + 1, np.int64)
    if len(tokens.starts) and len(spans):
        first, last = tokens.between(spans[:, 0], spans[:, 1])
        np.add.at(steps, first, 1)
        np.add.at(steps, last, -1)
    return np.cumsum(steps)[:-1] > 0


@lru_cache(maxsize=1)
def shipped() -> TokenModel:
    """The model that came with the package, kept in memory once loaded."""
    return TokenModel.load(files("docreview").joinpath("assets", SHIPPED).read_bytes())
