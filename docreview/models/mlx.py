"""MLX: Apple GPUs first; `mlx[cpu]` on Linux runs the same code, slowly."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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

THREAD: Final = OneThread("docreview-mlx")
"""Owns MLX for the whole process."""


_PAIR: Final = ("keys", "values")


@dataclass(frozen=True, slots=True)
class Mark:
    """A cache and the state to bring it back to.

    LFM2's cache can't be trimmed as a whole. Here the keys and values are cut back to `offset` in place and the
    convolutions' state, 144 KiB in an 8B-A1B, is put back from a copy: nothing of the document is copied.
    """

    cache: list[Any]
    offset: int
    states: tuple[tuple[Any, ...] | None, ...]


class MlxEngine:
    """A model of mlx-lm."""

    chunk = 1024

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        try:
            import mlx.core as mx
            from mlx_lm import load
            from mlx_lm.generate import maybe_set_recommended_wired_limit as wire  # type: ignore[attr-defined]
            from mlx_lm.models import cache as caches
        except ImportError:
            raise MissingExtra("mlx:MODEL", "mlx") from None
        mx_any: Any = mx
        self._mx, self._caches = mx_any, caches
        self.model: Any = load(str(folder), adapter_path=str(adapter) if adapter else None)[0]
        wire()  # keeps macOS from paging weights out; nothing elsewhere

    def start(self) -> list[Any]:
        """An empty cache, one entry for each layer."""
        made: list[Any] = self._caches.make_prompt_cache(self.model)
        return made

    def extend(self, cache: list[Any], ids: Sequence[int]) -> None:
        """Take in tokens; logits are never computed."""
        self.model(self._mx.array(list(ids))[None], cache=cache)
        self._mx.eval([layer.state for layer in cache])
        self._mx.clear_cache()

    def step(self, cache: list[Any], token: int) -> NDArray[np.float32]:
        """The logits behind one token."""
        found: NDArray[np.float32] = self.logits(cache, [token])[0]
        return found

    def logits(self, cache: list[Any], ids: Sequence[int]) -> NDArray[np.float32]:
        """Logits behind each of these tokens, one row each."""
        import numpy as np

        output = self.model(self._mx.array(list(ids))[None], cache=cache)
        return np.array(output[0].astype(self._mx.float32))

    def mark(self, cache: list[Any]) -> Mark | list[Any]:
        """Where to come back to; for kinds of cache that can't be put back in place, the cache itself."""
        kinds = (self._caches.KVCache, self._caches.ArraysCache)
        if any(type(layer) not in kinds for layer in cache):
            return cache
        states = tuple(
            tuple(self._mx.array(each) for each in layer.cache) if isinstance(layer, kinds[1]) else None
            for layer in cache
        )
        self._mx.eval([state for state in states if state is not None])
        offset = next((layer.offset for layer in cache if isinstance(layer, kinds[0])), 0)
        return Mark(cache, offset, states)

    def rewind(self, mark: Mark | list[Any]) -> list[Any]:
        """The marked cache, brought back; a full copy of one that was kept whole."""
        if not isinstance(mark, Mark):
            return copy.deepcopy(mark)
        for layer, state in zip(mark.cache, mark.states, strict=True):
            if state is None:
                layer.trim(layer.offset - mark.offset)
            else:
                layer.cache = [self._mx.array(each) for each in state]
        return mark.cache

    def size(self, mark: Mark | list[Any]) -> int:
        """Bytes of all arrays in the cache, with the room kept for growing."""
        layers = mark.cache if isinstance(mark, Mark) else mark
        return sum(layer.nbytes for layer in layers)

    def save(self, mark: Mark | list[Any], file: Path) -> None:
        """Write keys and values of the marked tokens, and the convolutions' states."""
        if not isinstance(mark, Mark):
            raise ValueError("only caches that can be put back in place can be written")
        arrays: dict[str, Any] = {}
        for i, (layer, state) in enumerate(zip(mark.cache, mark.states, strict=True)):
            if state is None:
                arrays[f"{i}.keys"] = layer.keys[..., : mark.offset, :]
                arrays[f"{i}.values"] = layer.values[..., : mark.offset, :]
            else:
                arrays |= {f"{i}.{j}": each for j, each in enumerate(state)}
        self._mx.save_safetensors(str(file), arrays)

    def restore(self, file: Path, tokens: int) -> Mark | list[Any]:
        """A cache as `save` wrote it; kinds of layers and shapes are this model's, whatever the file says."""
        cache = self.start()
        self.extend(cache, [0])
        try:
            arrays: dict[str, Any] = dict(self._mx.load(str(file), format="safetensors"))
            for i, layer in enumerate(cache):
                if isinstance(layer, self._caches.KVCache):
                    pair = [self._like(arrays.pop(f"{i}.{name}"), getattr(layer, name), tokens) for name in _PAIR]
                    layer.state = (*pair, tokens)
                else:
                    layer.cache = [self._like(arrays.pop(f"{i}.{j}"), old) for j, old in enumerate(layer.cache)]
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"not a saved cache of this model: {error}") from None
        if arrays:
            raise ValueError("not a saved cache of this model: more layers than it has")
        self._mx.eval([layer.state for layer in cache])
        return self.mark(cache)

    @staticmethod
    def _like(array: Any, old: Any, tokens: int | None = None) -> Any:
        shape = tuple(old.shape) if tokens is None else (*old.shape[:2], tokens, *old.shape[3:])
        if tuple(array.shape) != shape or array.dtype != old.dtype:
            raise ValueError("not a saved cache of this model: another shape or kind of numbers")
        return array


def load(
    name: str, folder: Path, *, profile: Profile, window: int, facts: dict[str, str], adapter: Path | None = None
) -> LocalModel:
    """Load a folder with mlx-lm.

    Args:
        name: What `load_model` was asked for.
        folder: The model's.
        profile: Its habits.
        window: Tokens that prompt and reply may have together.
        facts: What the folder says of itself.
        adapter: A folder that `mlx_lm.lora` wrote for this model.

    Raises:
        MissingExtra: mlx-lm is not installed.
        ModelError: The files can't be loaded.
    """
    tokens = Tokens(folder, profile)
    try:
        engine = THREAD.run(lambda: MlxEngine(folder, adapter))
        if adapter:
            facts["adapter sha256"] = hashlib.sha256((adapter / "adapters.safetensors").read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        where = f"{folder} with the adapter {adapter}" if adapter else folder
        raise ModelError(name, "damaged", f"mlx-lm can't load {where}: {str(error)[:300]}") from error
    from importlib.metadata import version

    facts |= {"backend": "mlx", "version": version("mlx-lm"), "mlx": version("mlx")}
    return LocalModel(name, engine, tokens=tokens, profile=profile, window=window, thread=THREAD, facts=facts)
