"""Models that run in this process: one loop of prefill, copy of the document's cache, and decoding for all runtimes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from docreview.errors import ContextOverflow, ModelError
from docreview.models.profiles import Profile, Sampling
from docreview.models.reply import Ending, Finish, Reply, Stop
from docreview.models.sample import Picker
from docreview.models.text import Decoder, Tokenizer
from docreview.models.threads import OneThread, Put
from docreview.types import Usage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]


class Engine(Protocol):
    """A loaded network. All of its methods are called on one thread; token ids in, logits out."""

    chunk: int
    """Tokens computed at once in a prefill."""

    def start(self) -> Any:
        """An empty cache."""
        ...

    def extend(self, cache: Any, ids: Sequence[int]) -> None:
        """Take in tokens."""
        ...

    def step(self, cache: Any, token: int) -> NDArray[np.float32]:
        """Take in one token; the logits of the next one."""
        ...

    def mark(self, cache: Any) -> Any:
        """The present state, to come back to. The cache given may not be used any more but through `rewind`."""
        ...

    def rewind(self, mark: Any) -> Any:
        """A cache in the state that was marked. What was made by an earlier `rewind` may not be used any more."""
        ...

    def size(self, mark: Any) -> int:
        """Bytes that a marked cache holds."""
        ...


@runtime_checkable
class Saving(Protocol):
    """An engine whose marked caches can be written to a file and come back the same."""

    def save(self, mark: Any, file: Path) -> None:
        """Write a marked cache.

        Raises:
            ValueError: This kind of cache can't be written.
        """
        ...

    def restore(self, file: Path, tokens: int) -> Any:
        """The mark of a cache that was written after so many tokens.

        Raises:
            ValueError: The file is not that of such a cache of this model.
        """
        ...


@dataclass
class _Job:
    """One reply to be made."""

    ids: list[int]
    cached: int  # tokens of the prefix, already in the cache
    sampling: Sampling
    stop: Stop


class LocalModel:
    """A `ChatModel` over an engine. Calls from any thread; the engine's own thread does the work, one job at a time."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        *,
        tokens: Tokenizer,
        profile: Profile,
        window: int,
        thread: OneThread,
        facts: Mapping[str, str],
    ) -> None:
        self.name, self.profile, self.window = name, profile, window
        self.facts: Mapping[str, str] = dict(facts)
        self._engine: Engine | None = engine
        self._tokens, self._thread = tokens, thread

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text; control tokens written out count as one."""
        return self._tokens.count(texts)

    def prefix(self, text: str, *, progress: Progress | None = None, cancel: Event | None = None) -> LocalPrefix:
        """Compute a document's prefix once; see `ChatModel.prefix`."""
        ids = self._tokens.encode(text)
        if len(ids) >= self.window:
            raise ContextOverflow(self.name, len(ids), self.window)
        mark = None
        for event in self._thread.stream(lambda put, gone: self._prefill(ids, put, Stop(cancel, gone))):
            if isinstance(event, tuple):
                if progress:
                    progress(*event)
            else:
                mark = event
        return LocalPrefix(self, mark, len(ids))

    def restore(self, text: str, file: Path) -> LocalPrefix | None:
        """A prefix from a file that `LocalPrefix.save` wrote for this text; None where the engine can't do that.

        Raises:
            ValueError: The file is not what it should be.
        """
        tokens = len(self._tokens.encode(text))
        engine = self.engine
        if not isinstance(engine, Saving):
            return None
        return LocalPrefix(self, self._thread.run(lambda: engine.restore(file, tokens)), tokens, cached=tokens)

    def complete(self, prompt: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to a whole prompt, nothing reused; see `ChatModel.complete`."""
        return self.reply(prompt, lambda engine: engine.start(), 0, sampling=sampling, cancel=cancel)

    def reply(
        self,
        text: str,
        cache: Callable[[Engine], Any],
        cached: int,
        *,
        sampling: Sampling | None,
        cancel: Event | None,
    ) -> Reply:
        """A reply to `text` behind the `cached` tokens of a cache that the engine's thread fetches."""
        ids = self._tokens.encode(text)
        if not ids:
            raise ValueError("an empty prompt can't be answered")
        chosen = sampling or self.profile.sampling_for(self.window)
        needed = cached + len(ids) + chosen.max_tokens
        if needed > self.window:
            raise ContextOverflow(self.name, needed, self.window)
        stop = Event()

        def work(put: Put, gone: Event) -> None:
            job = _Job(ids, cached, chosen, Stop(stop, cancel, gone))
            self._write(cache(self.engine), job, put)

        return Reply(self._thread.stream(work), stop)

    @property
    def engine(self) -> Engine:
        """The loaded network.

        Raises:
            ModelError: The model was closed.
        """
        if self._engine is None:
            raise ModelError(self.name, "closed", "the model was closed; load it again")
        return self._engine

    def close(self) -> None:
        """Let go of the weights. Prefixes of this model can't be used any more."""
        self._engine = None

    def _prefill(self, ids: list[int], put: Put, stop: Stop) -> None:
        engine = self.engine
        cache = engine.start()
        for done in self._extend(cache, ids, stop):
            put((done, len(ids)))
        if stop:
            raise ModelError(self.name, "cancelled", "reading the document was cancelled")
        put(engine.mark(cache))

    def _extend(self, cache: Any, ids: list[int], stop: Stop) -> Iterator[int]:
        """Tokens taken in so far, after every chunk; ends early when stopped."""
        engine = self.engine
        for at in range(0, len(ids), engine.chunk):
            if stop:
                return
            engine.extend(cache, ids[at : at + engine.chunk])
            yield min(at + engine.chunk, len(ids))

    def _write(self, cache: Any, job: _Job, put: Put) -> None:
        began = time.perf_counter()
        for _ in self._extend(cache, job.ids[:-1], job.stop):
            pass
        picker, decoder = Picker(job.sampling), Decoder(self._tokens)
        token = job.ids[-1]
        finish: Finish = "length"
        logprobs: list[float] = []
        while len(logprobs) < job.sampling.max_tokens:
            if job.stop:
                finish = "cancelled"
                break
            token, logprob = picker.pick(self.engine.step(cache, token))
            logprobs.append(logprob)
            if token in self._tokens.ends:
                finish = "stop"
                break
            put(decoder.feed(token))
        put(decoder.close())
        put(_ending(job, finish, logprobs, time.perf_counter() - began))


class LocalPrefix:
    """A document's computed prefix; see `Prefix`."""

    def __init__(self, model: LocalModel, mark: Any, tokens: int, *, cached: int = 0) -> None:
        self.tokens, self.lost, self.cached = tokens, 0, cached
        self._model, self._mark = model, mark

    @property
    def bytes(self) -> int:
        """Memory that the cache holds."""
        mark = self._mark
        return 0 if mark is None else self._model._thread.run(lambda: self._model.engine.size(mark))

    def save(self, file: Path) -> bool:
        """Write the cache to a file; False where the engine, or this kind of cache, can't be written."""
        engine, mark = self._model.engine, self._mark
        if not isinstance(engine, Saving) or mark is None:
            return False
        try:
            self._model._thread.run(lambda: engine.save(mark, file))
        except ValueError:
            return False
        return True

    def complete(self, suffix: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to the prefix and this suffix; only the suffix is computed."""
        check_suffix(suffix, self._model.profile)
        return self._model.reply(suffix, self._cache, self.tokens, sampling=sampling, cancel=cancel)

    def _cache(self, engine: Engine) -> Any:
        if self._mark is None:
            raise ModelError(self._model.name, "closed", "the document's prefix was closed")
        return engine.rewind(self._mark)

    def close(self) -> None:
        """Free the cache."""
        self._mark = None

    def __enter__(self) -> LocalPrefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def check_suffix(suffix: str, profile: Profile) -> None:
    """Refuse a suffix that would be tokenised differently behind its prefix.

    Raises:
        ValueError: It doesn't begin with the control token of a turn: only there can text be cut without changing its
            tokens.
    """
    if not suffix.startswith(profile.markers.turn_start):
        raise ValueError(f"a suffix begins with a turn ({profile.markers.turn_start!r})")


def _ending(job: _Job, finish: Finish, logprobs: list[float], seconds: float) -> Ending:
    usage = Usage(
        prompt_tokens=job.cached + len(job.ids),
        cached_tokens=job.cached,
        completion_tokens=len(logprobs),
        calls=1,
        seconds=seconds,
    )
    return Ending(finish=finish, usage=usage, logprobs=tuple(logprobs))
