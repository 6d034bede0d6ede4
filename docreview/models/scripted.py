"""A model that says what it was told to: the public double for tests, notebooks and demonstrations."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

from docreview.errors import ContextOverflow, ModelError
from docreview.models.local import Progress, check_suffix
from docreview.models.profiles import Profile, Sampling, profile_named
from docreview.models.reply import Ending, Finish, Reply, Stop
from docreview.tokens import TokenCounter, load_counter
from docreview.types import Usage

_PIECE: Final = re.compile(r"<\|\w+\|>|</?think>|\s*[^\s<]+|\s+|<")
_STEP: Final = 512


def pieces(text: str) -> list[str]:
    """A text as a played model writes it: words with the white space before them, and control tokens."""
    return _PIECE.findall(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A reply, and the text that its prompt's suffix must hold; without one, it is played once, in its turn."""

    reply: str
    when: str | None = None


class Player:
    """A `ChatModel` whose replies are written out by `_said`, not computed by a network: the base of such models.

    Each piece of a reply, about a word, counts as a token.
    """

    def __init__(
        self, name: str, *, window: int, profile: Profile, counter: TokenCounter, facts: Mapping[str, str]
    ) -> None:
        self.name, self.window, self.profile = name, window, profile
        self.facts: Mapping[str, str] = dict(facts)
        self._counter = counter
        self._closed = False

    def _said(self, prefix: str, suffix: str) -> tuple[str, Sequence[float]]:
        """The reply to a prompt, and for each of its pieces the logarithm of a probability, where there are any."""
        raise NotImplementedError

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, by the counter."""
        return self._counter.count(texts)

    def prefix(self, text: str, *, progress: Progress | None = None, cancel: Event | None = None) -> PlayedPrefix:
        """Keep a document's prefix; see `ChatModel.prefix`."""
        tokens = self.count([text])[0]
        if tokens >= self.window:
            raise ContextOverflow(self.name, tokens, self.window)
        for at in range(0, tokens, _STEP):
            if cancel and cancel.is_set():
                raise ModelError(self.name, "cancelled", "reading the document was cancelled")
            if progress:
                progress(min(at + _STEP, tokens), tokens)
        return PlayedPrefix(self, text, tokens)

    def complete(self, prompt: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """The reply to a whole prompt; see `ChatModel.complete`."""
        return self.reply("", 0, prompt, sampling=sampling, cancel=cancel)

    def reply(self, prefix: str, cached: int, suffix: str, *, sampling: Sampling | None, cancel: Event | None) -> Reply:
        """The reply to a suffix behind a prefix of so many tokens."""
        if not suffix:
            raise ValueError("an empty prompt can't be answered")
        self._check_open()
        chosen = sampling or self.profile.sampling_for(self.window)
        prompt_tokens = cached + self.count([suffix])[0]
        if prompt_tokens + chosen.max_tokens > self.window:
            raise ContextOverflow(self.name, prompt_tokens + chosen.max_tokens, self.window)
        stop = Event()
        usage = Usage(prompt_tokens=prompt_tokens, cached_tokens=cached, calls=1)
        return Reply(self._play(prefix, suffix, chosen.max_tokens, usage, Stop(stop, cancel)), stop)

    def close(self) -> None:
        """Play no more."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise ModelError(self.name, "closed", "the model was closed; load it again")

    def _play(self, prefix: str, suffix: str, limit: int, usage: Usage, stop: Stop) -> Iterator[str | Ending]:
        began, said = time.perf_counter(), 0
        self._check_open()
        finish: Finish = "stop"
        text, logprobs = self._said(prefix, suffix)
        for piece in pieces(text):
            if stop or said == limit:
                finish = "cancelled" if stop else "length"
                break
            said += 1
            yield piece
        seconds = time.perf_counter() - began
        counted = {"prompt_tokens": usage.prompt_tokens, "cached_tokens": usage.cached_tokens}
        told = Usage(**counted, completion_tokens=said, calls=1, seconds=seconds)
        yield Ending(finish=finish, usage=told, logprobs=tuple(logprobs[:said]))


class ScriptedModel(Player):
    """Plays given replies, in pieces of a word, and counts its tokens like a real one.

    Args:
        script: Replies in their order; `Line`s with `when` answer every prompt that holds that text, the first that
            fits. A function gets the whole prompt instead and says the reply.
        counter: Counts prompts; the shipped MiniLM tokenizer by default. Each piece of a reply counts as a token.
    """

    def __init__(
        self,
        script: Iterable[str | Line] | Callable[[str], str] = (),
        *,
        name: str = "scripted",
        window: int = 128_000,
        profile: Profile | None = None,
        counter: TokenCounter | None = None,
    ) -> None:
        super().__init__(
            name,
            window=window,
            profile=profile or profile_named("LFM2.5-8B-A1B"),
            counter=counter or load_counter(),
            facts={"backend": "scripted"},
        )
        self.prompts: list[str] = []
        """Every prompt it was given, in order."""
        self._function = script if callable(script) else None
        lines = [Line(reply=each) if isinstance(each, str) else each for each in ([] if callable(script) else script)]
        self._always = [line for line in lines if line.when is not None]
        self._turns = [line for line in lines if line.when is None]

    def _said(self, prefix: str, suffix: str) -> tuple[str, Sequence[float]]:
        self.prompts.append(prefix + suffix)
        return self._find(prefix, suffix), ()

    def _find(self, prefix: str, suffix: str) -> str:
        if self._function:
            return self._function(prefix + suffix)
        for line in self._always:
            if line.when is not None and line.when in suffix:
                return line.reply
        if not self._turns:
            raise ModelError(self.name, "script", f"no reply is left for prompt {len(self.prompts)}")
        return self._turns.pop(0).reply


class PlayedPrefix:
    """A kept prefix; see `Prefix`."""

    def __init__(self, model: Player, text: str, tokens: int) -> None:
        self.tokens, self.lost, self.cached = tokens, 0, 0
        self._model, self._text = model, text
        self._closed = False

    def complete(self, suffix: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """The reply to the prefix and this suffix."""
        check_suffix(suffix, self._model.profile)
        if self._closed:
            raise ModelError(self._model.name, "closed", "the document's prefix was closed")
        return self._model.reply(self._text, self.tokens, suffix, sampling=sampling, cancel=cancel)

    def close(self) -> None:
        """Let go of the text."""
        self._closed, self._text = True, ""

    def __enter__(self) -> PlayedPrefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def from_file(name: str, path: Path, **options: Any) -> ScriptedModel:
    """A model that plays a JSON Lines file of {"reply", "when"?}.

    Raises:
        ModelError: There is no such file, or a line is something else.
    """
    from docreview._json import load, read_jsonl

    try:
        lines = [load(Line, row) for row in read_jsonl(path)]
    except FileNotFoundError:
        raise ModelError(name, "missing", "no such file") from None
    except (OSError, ValueError) as error:
        raise ModelError(name, "damaged", f'not JSON lines of {{"reply", "when"?}}: {str(error)[:200]}') from None
    return ScriptedModel(lines, name=name, **options)
