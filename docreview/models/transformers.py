"""transformers, for checking: any folder with a config, safetensors weights and a tokenizer.json."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.errors import MissingExtra, ModelError
from docreview.models.local import LocalModel
from docreview.models.profiles import Profile
from docreview.models.text import Tokens
from docreview.models.threads import OneThread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THREAD: Final = OneThread("docreview-transformers")


class TransformersEngine:
    """A causal language model; the cache of a document is copied for each question."""

    chunk = 512

    def __init__(self, folder: Path) -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM, DynamicCache
        except ImportError:
            raise MissingExtra("transformers:FOLDER", "transformers") from None
        self._torch, self._cache = torch, DynamicCache
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype="auto"
        )
        self.model = model.eval()

    def start(self) -> Any:
        """An empty cache of all kinds of layers."""
        return self._cache(config=self.model.config)

    def extend(self, cache: Any, ids: Sequence[int]) -> None:
        """Take in tokens."""
        self.logits(cache, ids, last=1)

    def step(self, cache: Any, token: int) -> NDArray[np.float32]:
        """The logits behind one token."""
        found: NDArray[np.float32] = self.logits(cache, [token], last=1)[0]
        return found

    def logits(self, cache: Any, ids: Sequence[int], *, last: int) -> NDArray[np.float32]:
        """Logits behind the last so many of these tokens, one row each."""
        torch = self._torch
        with torch.inference_mode():
            output = self.model(
                input_ids=torch.tensor([list(ids)], device=self.model.device),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=last,
            )
            found: NDArray[np.float32] = output.logits[0].float().cpu().numpy()
        return found

    def mark(self, cache: Any) -> Any:
        """The cache itself, from now on left alone."""
        return cache

    def rewind(self, mark: Any) -> Any:
        """A full copy: a shallow one would share the convolutions' state and spoil the original."""
        return copy.deepcopy(mark)

    def size(self, mark: Any) -> int:
        """Bytes of all tensors in the cache."""
        return sum(tensor.nbytes for tensor in self._tensors(mark).values())

    def save(self, mark: Any, file: Path) -> None:
        """Write all tensors of the cache."""
        from safetensors.torch import save_file

        save_file({name: tensor.contiguous().cpu() for name, tensor in self._tensors(mark).items()}, file)

    def restore(self, file: Path, tokens: int) -> Any:
        """A cache as `save` wrote it: one of this model, made with one token, gets its tensors."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        cache = self.start()
        self.extend(cache, [0])
        try:
            saved = load_file(file)
        except SafetensorError as error:
            raise ValueError(f"not a saved cache: {error}") from None
        here = self._tensors(cache)
        if saved.keys() != here.keys():
            raise ValueError("not a saved cache of this model: other layers")
        for name, old in here.items():
            grows = name.endswith((".keys", ".values"))
            shape = (*old.shape[:2], tokens, *old.shape[3:]) if grows else tuple(old.shape)
            if tuple(saved[name].shape) != shape or saved[name].dtype != old.dtype:
                raise ValueError("not a saved cache of this model: another shape or kind of numbers")
            self._put(cache, name, saved[name].to(old.device))
        return cache

    def _tensors(self, cache: Any) -> dict[str, Any]:
        """All tensors of a cache by layer, attribute and, inside a dict of states, its key."""
        found: dict[str, Any] = {}
        for i, layer in enumerate(cache.layers):
            for name, value in vars(layer).items():
                inner = value.items() if isinstance(value, dict) else [("", value)]
                found |= {f"{i}.{k}.{name}": each for k, each in inner if isinstance(each, self._torch.Tensor)}
        return found

    @staticmethod
    def _put(cache: Any, name: str, tensor: Any) -> None:
        layer, key, attribute = name.split(".")
        if key:
            getattr(cache.layers[int(layer)], attribute)[int(key)] = tensor
        else:
            setattr(cache.layers[int(layer)], attribute, tensor)


def load(name: str, folder: Path, *, profile: Profile, window: int, facts: dict[str, str]) -> LocalModel:
    """Load a folder.

    Raises:
        MissingExtra: transformers is not installed.
        ModelError: The files can't be loaded.
    """
    tokens = Tokens(folder, profile)
    try:
        from safetensors import SafetensorError
    except ImportError:
        raise MissingExtra("transformers:FOLDER", "transformers") from None
    try:
        engine = THREAD.run(lambda: TransformersEngine(folder))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(name, "damaged", f"transformers can't load {folder}: {str(error)[:300]}") from error
    import transformers

    facts |= {"backend": "transformers", "version": transformers.__version__}
    return LocalModel(name, engine, tokens=tokens, profile=profile, window=window, thread=THREAD, facts=facts)
