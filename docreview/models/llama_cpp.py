"""llama.cpp in this process: one GGUF file, read by llama-cpp-python's binding of llama.h."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.errors import MissingExtra, ModelError
from docreview.models.local import LocalModel
from docreview.models.profiles import Profile, profile_for
from docreview.models.threads import OneThread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THREAD: Final = OneThread("docreview-llama-cpp")
_HEAD: Final = 16 << 20
"""Bytes at a file's beginning that tell one model from another: settings, vocabulary, template."""
_SEQUENCE: Final = 0
_WHOLE: Final = 0
_BF16: Final = 30  # GGML_TYPE_BF16 of ggml.h; the binding has no name for it


class Weights:
    """A loaded file; freed when nobody holds it any more.

    Raises:
        MissingExtra: llama-cpp-python is not installed.
        ModelError: llama.cpp can't load the file.
    """

    def __init__(self, name: str, file: Path) -> None:
        try:
            import llama_cpp
        except ImportError:
            raise MissingExtra("llama-cpp:FILE.gguf", "llama-cpp") from None
        logging.getLogger("llama-cpp-python").setLevel(logging.CRITICAL)  # it prints every tensor it loads
        self.name, self.api = name, llama_cpp
        self.api.llama_backend_init()
        options = self.api.llama_model_default_params()
        options.n_gpu_layers = -1  # all that fit the binding: none without a GPU
        self.model = self.api.llama_model_load_from_file(os.fsencode(file), options)
        if not self.model:
            raise ModelError(name, "damaged", f"llama.cpp {llama_cpp.__version__} can't load {file.name}")
        _free_with(self, self.api.llama_model_free, self.model)

    def said(self, key: str) -> str:
        """A setting of the file as text; empty when it has none of this name."""
        room = 256
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = int(self.api.llama_model_meta_val_str(self.model, key.encode(), buffer, room))
            if size < room:
                return buffer.value.decode("utf-8", "replace") if size > 0 else ""
            room = size + 1


class Vocabulary:
    """A file's own tokenizer: control tokens written out in a text become control tokens, and none are added."""

    def __init__(self, weights: Weights, profile: Profile) -> None:
        self._weights, self._api = weights, weights.api
        self._vocab = self._api.llama_model_get_vocab(weights.model)
        stops = [self.encode(stop) for stop in profile.markers.stops]
        special = (self._api.llama_vocab_eos(self._vocab), self._api.llama_vocab_eot(self._vocab))
        self.ends = frozenset(ids[0] for ids in stops if len(ids) == 1) | {each for each in special if each >= 0}

    def encode(self, text: str) -> list[int]:
        """Token ids."""
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 1  # no token is shorter than a byte
        ids = (self._api.llama_token * room)()
        size = self._api.llama_tokenize(self._vocab, raw, len(raw), ids, room, False, True)
        if size < 0:
            raise ModelError(self._weights.name, "tokenizer", "the file's vocabulary can't hold this text")
        return list(ids[:size])

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return [len(self.encode(text)) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens, control tokens written out."""
        return b"".join(map(self._piece, ids)).decode("utf-8", "replace")

    def _piece(self, token: int) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = int(self._api.llama_token_to_piece(self._vocab, token, buffer, room, 0, True))
            if size >= 0:
                return buffer.raw[:size]
            room = -size


@dataclass(slots=True, weakref_slot=True)
class Mark:
    """Where a document ends in the context, and what it takes to come back there.

    llama.cpp can't take tokens back from the convolutions of an LFM2, but it can save and load their state (`partial`,
    a few hundred KiB) and then cut keys and values at `tokens`. When another document takes the context, the whole
    state is saved first (`whole`): that copy is exact, and as large as the cache.
    """

    tokens: int
    bytes: int
    partial: ctypes.Array[ctypes.c_uint8] | None
    whole: ctypes.Array[ctypes.c_uint8] | None = None


class LlamaCppEngine:
    """One context with room for the whole window. It holds one document at a time.

    On a CPU keys and values are bfloat16, as LFM2.5's weights are. For float16 llama.cpp's flash attention adds up in
    16 bit, and its sums then depend on how many tokens come at once: log-probabilities behind a reused prefix were off
    by 0.001 and drawn replies went other ways. For bfloat16 it adds up in 32 bit, and they are equal.
    """

    chunk = 512

    def __init__(self, weights: Weights, window: int) -> None:
        self._weights, self._api = weights, weights.api
        options = self._api.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_seq_max = window, self.chunk, 1
        # Half of what the system counts: about the physical cores. Threads wait for each other by spinning, so that one
        # too many on a busy machine costs more than it gives.
        options.n_threads = options.n_threads_batch = max(1, (os.cpu_count() or 1) // 2)
        if not self._api.llama_supports_gpu_offload():
            options.type_k = options.type_v = _BF16
        self._context = self._api.llama_init_from_model(weights.model, options)
        if not self._context:
            raise ModelError(
                weights.name, "damaged", f"no memory for a window of {window:,} tokens; name a smaller one"
            )
        _free_with(self, _free, weights, self._context)
        self._memory = self._api.llama_get_memory(self._context)
        self._size = self._api.llama_vocab_n_tokens(self._api.llama_model_get_vocab(weights.model))
        model = weights.model
        self._needs_state = (
            self._api.llama_model_is_hybrid(model)
            or self._api.llama_model_is_recurrent(model)
            or self._api.llama_model_n_swa(model) > 0
        )
        self._held: weakref.ref[Mark] | None = None

    def start(self) -> None:
        """Empty the context; a document in it is saved first."""
        self._make_room()

    def extend(self, cache: None, ids: Sequence[int]) -> None:  # noqa: ARG002
        """Take in tokens."""
        self._decode(ids)

    def step(self, cache: None, token: int) -> NDArray[np.float32]:  # noqa: ARG002
        """The logits behind one token."""
        import numpy as np

        self._decode([token])
        return np.ctypeslib.as_array(self._api.llama_get_logits_ith(self._context, -1), (self._size,)).copy()

    def mark(self, cache: None) -> Mark:  # noqa: ARG002
        """The end of what is in the context."""
        tokens = self._api.llama_memory_seq_pos_max(self._memory, _SEQUENCE) + 1
        partial = self._save(self._api.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY) if self._needs_state else None
        mark = Mark(tokens, self._api.llama_state_seq_get_size_ext(self._context, _SEQUENCE, _WHOLE), partial)
        self._held = weakref.ref(mark)
        return mark

    def rewind(self, mark: Mark) -> None:
        """Bring a document back: cut off what came behind it, or load it."""
        if self._holds(mark):
            self._cut(mark)
            return
        self._make_room()
        if mark.whole is None:
            raise RuntimeError("a mark that was never in this context")
        self._load(mark.whole, _WHOLE)
        mark.whole, self._held = None, weakref.ref(mark)

    def size(self, mark: Mark) -> int:
        """Bytes of the document's keys, values and states."""
        return mark.bytes

    def save(self, mark: Mark, file: Path) -> None:
        """Write the whole state of a document, as llama.cpp gives it."""
        if self._holds(mark):
            self._cut(mark)
        file.write_bytes(mark.whole if mark.whole is not None else self._save(_WHOLE))

    def restore(self, file: Path, tokens: int) -> Mark:
        """A document's state as `save` wrote it; it takes the context."""
        self._make_room()
        raw = file.read_bytes()
        try:
            self._load((ctypes.c_uint8 * len(raw)).from_buffer_copy(raw), _WHOLE)
        except ModelError as error:
            raise ValueError(error.reason) from None
        mark = self.mark(None)
        if mark.tokens != tokens:
            raise ValueError(f"the state is of {mark.tokens:,} tokens, not {tokens:,}")
        return mark

    def _holds(self, mark: Mark) -> bool:
        return self._held is not None and self._held() is mark

    def _cut(self, mark: Mark) -> None:
        if mark.partial is not None:
            self._load(mark.partial, self._api.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY)
        if not self._api.llama_memory_seq_rm(self._memory, _SEQUENCE, mark.tokens, -1):
            raise self._failed("it can't go back to the end of the document")

    def _make_room(self) -> None:
        kept = self._held() if self._held else None
        if kept is not None:
            self._cut(kept)
            kept.whole = self._save(_WHOLE)
        self._held = None
        self._api.llama_memory_clear(self._memory, True)

    def _save(self, flags: int) -> ctypes.Array[ctypes.c_uint8]:
        size = self._api.llama_state_seq_get_size_ext(self._context, _SEQUENCE, flags)
        state: ctypes.Array[ctypes.c_uint8] = (ctypes.c_uint8 * size)()
        if self._api.llama_state_seq_get_data_ext(self._context, state, size, _SEQUENCE, flags) != size:
            raise self._failed("its state can't be saved")
        return state

    def _load(self, state: ctypes.Array[ctypes.c_uint8], flags: int) -> None:
        if not self._api.llama_state_seq_set_data_ext(self._context, state, len(state), _SEQUENCE, flags):
            raise self._failed("its state can't be loaded")

    def _decode(self, ids: Sequence[int]) -> None:
        tokens = (self._api.llama_token * len(ids))(*ids)
        if code := self._api.llama_decode(self._context, self._api.llama_batch_get_one(tokens, len(ids))):
            raise self._failed(f"llama_decode gave {code}")

    def _failed(self, why: str) -> ModelError:
        return ModelError(self._weights.name, "runtime", f"llama.cpp failed: {why}")


def _free_with(owner: object, free: Callable[..., None], *arguments: Any) -> None:
    """Free when the owner goes; not at the process's end, when another thread may still be computing with it."""
    weakref.finalize(owner, free, *arguments).atexit = False


def _free(weights: Weights, context: Any) -> None:
    weights.api.llama_free(context)  # `weights` is an argument so that it outlives its contexts


def load(name: str, file: Path, *, profile: Profile | None, window: int | None) -> LocalModel:
    """Load a GGUF file; of several parts, name the first.

    Args:
        name: What `load_model` was asked for.
        file: The file.
        profile: By default the one that fits the file's name or what it says of itself.
        window: Use no more tokens than this. The cache for all of them is allocated at once.

    Raises:
        MissingExtra: llama-cpp-python is not installed.
        ModelError: There is no such file, or llama.cpp can't load it.
    """
    head = _head(name, file)
    weights = THREAD.run(lambda: Weights(name, file))
    names = [weights.said(f"general.{key}") for key in ("name", "basename", "finetune", "size_label")]
    chosen = profile or profile_for(file.name, "-".join(filter(None, names[1:])), *names)
    trained = int(weights.api.llama_model_n_ctx_train(weights.model))
    room = min(trained if trained > 0 else chosen.window, window or 1 << 62)
    engine = THREAD.run(lambda: LlamaCppEngine(weights, room))
    template = weights.said("tokenizer.chat_template")
    facts = {
        "backend": "llama-cpp",
        "version": str(weights.api.__version__),
        "folder": str(file),
        "first 16 MiB sha256": hashlib.sha256(head).hexdigest(),
        "weights": f"{file.name} {file.stat().st_size}",
    }
    if template:
        facts["template sha256"] = hashlib.sha256(template.encode()).hexdigest()
    tokens = Vocabulary(weights, chosen)
    return LocalModel(name, engine, tokens=tokens, profile=chosen, window=room, thread=THREAD, facts=facts)


def _head(name: str, file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise ModelError(name, "missing", f"{file}: {error.strerror}") from None
    if not head.startswith(b"GGUF"):
        raise ModelError(name, "damaged", f"{file.name} is no GGUF file")
    return head
