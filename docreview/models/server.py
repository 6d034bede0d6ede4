"""Model servers on this machine, asked for the raw continuation of our own prompts."""

from __future__ import annotations

import copy
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from docreview.errors import ContextOverflow, ModelError
from docreview.models.http import Address, Client, message_of
from docreview.models.local import Progress, check_suffix
from docreview.models.profiles import Profile, Sampling, profile_for
from docreview.models.reply import Ending, Finish, Reply, Stop
from docreview.models.servers import Server, at, put, recognise
from docreview.tokens import TokenCounter, load_counter
from docreview.types import Usage

_LOG: Final = logging.getLogger(__name__)
_FINISHES: Final[dict[str, Finish]] = {
    "stop": "stop", "eos": "stop", "word": "stop", "length": "length", "limit": "length"
}  # fmt: skip
_LOST: Final = 1024
"""Tokens of a prefix that a server may compute again before its cache counts as lost; llama-server always does 516."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt as it is sent: text, or token ids; and its length, None when nobody can count it."""

    sent: str | list[int]
    tokens: int


class ServerModel:
    """A `ChatModel` behind a server. Any thread may call; the server decides what it does at once."""

    def __init__(
        self,
        name: str,
        client: Client,
        server: Server,
        *,
        model: str,
        profile: Profile,
        window: int,
        counter: TokenCounter | None,
    ) -> None:
        self.name, self.profile, self.window, self.server = name, profile, window, server
        self.facts: Mapping[str, str] = {"backend": f"server {server.name}", "model": model}
        self._client, self._model, self._counter = client, model, counter

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, by the server itself or by the tokenizer that was named."""
        if self._counter is not None:
            return self._counter.count(texts)
        return [len(self.tokens(text)) for text in texts]

    def tokens(self, text: str) -> list[int]:
        """Token ids by the server."""
        how = self.server.tokenize
        if how is None:
            raise ModelError(
                self.name, "tokenizer", f"{self.server.name} can't count tokens. Name its model's tokenizer.json"
            )
        if not text:
            return []
        answer = self._client.post(how.path, {**how.body, how.text: text, "model": self._model})
        found = at(answer, how.tokens)
        if not isinstance(found, list):
            raise ModelError(self.name, "server", f"{how.path}: no tokens in the answer")
        return found[1:] if how.begin else found

    def prefix(self, text: str, *, progress: Progress | None = None, cancel: Event | None = None) -> ServerPrefix:
        """Have the server compute a document's prefix; see `ChatModel.prefix`."""
        prompt = self.prompt(text)
        if prompt.tokens >= self.window:
            raise ContextOverflow(self.name, prompt.tokens, self.window)
        if cancel and cancel.is_set():
            raise ModelError(self.name, "cancelled", "reading the document was cancelled")
        body = self._body(prompt, Sampling(temperature=0, max_tokens=1))
        put(body, self.server.field("max_tokens"), self.server.warm)
        state = _State(self, prompt, Stop(cancel), progress)
        for _ in state.run(body):
            pass
        if state.finish == "cancelled":
            raise ModelError(self.name, "cancelled", "reading the document was cancelled")
        if progress:
            progress(prompt.tokens, prompt.tokens)
        return ServerPrefix(self, text, prompt, cached=state.cached or 0)

    def complete(self, prompt: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to a whole prompt; see `ChatModel.complete`. A server may have parts of it cached."""
        if not prompt:
            raise ValueError("an empty prompt can't be answered")
        return self.reply(self.prompt(prompt), sampling=sampling, cancel=cancel)

    def reply(
        self,
        prompt: Prompt,
        *,
        sampling: Sampling | None,
        cancel: Event | None,
        then: Callable[[Ending], None] | None = None,
    ) -> Reply:
        """A reply to a prompt as it is sent."""
        chosen = sampling or self.profile.sampling_for(self.window)
        if prompt.tokens + chosen.max_tokens > self.window:
            raise ContextOverflow(self.name, prompt.tokens + chosen.max_tokens, self.window)
        stop = Event()
        state = _State(self, prompt, Stop(stop, cancel), None)

        def write() -> Iterator[str | Ending]:
            yield from state.run(self._body(prompt, chosen))
            ending = state.ending()
            if state.wrote_nothing:
                raise ModelError(
                    self.name, "cut", "the server wrote nothing: the prompt may not have fitted its window"
                )
            if then and state.cached is not None:
                then(ending)
            yield ending

        return Reply(write(), stop)

    def prompt(self, text: str, before: Prompt | None = None) -> Prompt:
        """A prompt as it is sent: behind a prefix that was prepared before, if there is one."""
        if self.server.prompt == "tokens" and self._counter is None:
            ids = self.tokens(text)
            ids = [*before.sent, *ids] if before and isinstance(before.sent, list) else ids
            return Prompt(sent=ids, tokens=len(ids))
        counted = self.count([text])[0] + (before.tokens if before else 0)
        begin = self.profile.markers.begin
        sent = text.removeprefix(begin) if begin and self.server.begin == "added" and before is None else text
        return Prompt(sent=f"{before.sent}{sent}" if before else sent, tokens=counted)

    def close(self) -> None:
        """Nothing is held open between requests."""

    def events(self, body: dict[str, Any], stop: Stop) -> Iterator[Any]:
        """What the server answers, as it comes."""
        yield from self._client.events(self.server.path, body, stop)

    def _body(self, prompt: Prompt, sampling: Sampling) -> dict[str, Any]:
        server = self.server
        body: dict[str, Any] = copy.deepcopy(dict(server.body))
        values: dict[str, Any] = {
            "prompt": prompt.sent,
            "model": self._model,
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "top_k": sampling.top_k or server.no_top_k,
            "seed": sampling.seed,
            "stop": list(self.profile.markers.stops[:4]),
            "window": self.window,
        }
        if server.field("repetition_window"):
            values["repetition_penalty"] = sampling.repetition_penalty
            values["repetition_window"] = sampling.repetition_window
        for key, value in values.items():
            put(body, server.field(key), value)
        put(body, server.kept, list(self.profile.markers.kept))
        return body


class ServerPrefix:
    """A prefix that a server has computed and, hopefully, keeps; see `Prefix`."""

    def __init__(self, model: ServerModel, text: str, prompt: Prompt, *, cached: int = 0) -> None:
        self.tokens, self.lost, self.cached = prompt.tokens, 0, cached
        self._model, self._text, self._prompt = model, text, prompt
        self._closed = False

    def complete(self, suffix: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to the prefix and this suffix; the whole prompt is sent, the server reuses what it kept."""
        check_suffix(suffix, self._model.profile)
        if self._closed:
            raise ModelError(self._model.name, "closed", "the document's prefix was closed")
        prompt = self._model.prompt(suffix, self._prompt)
        return self._model.reply(prompt, sampling=sampling, cancel=cancel, then=self._check)

    def _check(self, ending: Ending) -> None:
        missing = self.tokens - ending.usage.cached_tokens
        if ending.finish != "cancelled" and missing > max(_LOST, self.tokens // 4):
            self.lost += 1
            _LOG.warning(
                "%s computed %d of %d tokens of the document again", self._model.server.name, missing, self.tokens
            )

    def close(self) -> None:
        """Forget the text; the server forgets its cache when it needs the room."""
        self._closed, self._text = True, ""

    def __enter__(self) -> ServerPrefix:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _State:
    """One answer of a server while it comes."""

    def __init__(self, model: ServerModel, prompt: Prompt, stop: Stop, progress: Progress | None) -> None:
        self._model, self._prompt, self._stop, self._progress = model, prompt, stop, progress
        self._began = time.perf_counter()
        self._counts: dict[str, int] = {}  # what the server said
        self._pieces = 0
        self.finish: Finish | None = None

    def run(self, body: dict[str, Any]) -> Iterator[str]:
        """Send the request; the pieces of text in its answer."""
        self._began = time.perf_counter()
        if not self._stop:
            for event in self._model.events(body, self._stop):
                yield self._take(event)
        if self.finish is None and not self._stop:
            raise ModelError(self._model.name, "cut", "the server broke off before the end of its reply")
        self.finish = self.finish or "cancelled"
        self._check_prompt()

    @property
    def cached(self) -> int | None:
        """Tokens of the prompt that the server said it had; None when it didn't say, as some do without an option."""
        return self._counts.get("cached_tokens")

    @property
    def wrote_nothing(self) -> bool:
        """Whether it ended well and says that it made not even the token that ends a turn."""
        return self.finish == "stop" and self._pieces == 0 and self._counts.get("completion_tokens") == 0

    def ending(self) -> Ending:
        """How it ended."""
        counts = {
            "prompt_tokens": self._counts.get("prompt_tokens") or self._prompt.tokens,
            "cached_tokens": self.cached or 0,
            "completion_tokens": self._counts.get("completion_tokens") or self._pieces,
        }
        usage = Usage(**counts, calls=1, seconds=time.perf_counter() - self._began)
        return Ending(finish=self.finish or "stop", usage=usage, notes=self._model.server.notes)

    def _take(self, event: Any) -> str:
        server = self._model.server
        if isinstance(event, str):
            self._report(*event.removeprefix("keepalive ").partition("/")[::2])
            return ""
        if event.get("error"):
            raise ModelError(self._model.name, "server", message_of(event) or "the server failed without a reason")
        for key in ("prompt_tokens", "cached_tokens", "completion_tokens"):
            if isinstance(found := at(event, getattr(server, key)), int):
                self._counts[key] = found
        self._report(at(event, server.progress_done), at(event, server.progress_total))
        self._finish(at(event, server.finish))
        text = at(event, server.text)
        if not isinstance(text, str):
            return ""
        self._pieces += self.finish is None
        return text

    def _report(self, done: Any, total: Any) -> None:
        if self._progress and str(done).isdigit() and str(total).isdigit():
            self._progress(min(int(done), self._prompt.tokens), self._prompt.tokens)

    def _finish(self, said: Any) -> None:
        if said in (None, "", "none"):
            return
        if said in ("tool_calls", "function_call"):
            raise ModelError(self._model.name, "raw", f"{self._model.server.name} took tool calls out of the reply")
        if said not in _FINISHES:
            raise ModelError(self._model.name, "server", f"the server ended the reply with {str(said)[:40]!r}")
        self.finish = _FINISHES[said]

    def _check_prompt(self) -> None:
        """A server that read fewer tokens than were sent has cut the document."""
        read, sent = self._counts.get("prompt_tokens", 0), self._prompt.tokens
        if read and abs(read - sent) > 1:
            raise ModelError(
                self._model.name, "cut", f"{self._model.server.name} read {read:,} tokens of a prompt that has {sent:,}"
            )


def connect(
    name: str,
    url: str,
    *,
    profile: Profile | None,
    window: int | None,
    tokenizer: str | None,
    allow_hosts: Sequence[str],
    key: str | None,
) -> ServerModel:
    """The model at an address; `#NAME` behind it picks one of several.

    Raises:
        ModelError: No server, none that is known, or none of its models was picked.
    """
    url, _, wanted = url.partition("#")
    client = Client(Address(name, url, allow_hosts), key)
    server, probed = recognise(client)
    client.turn = threading.Lock() if server.one_at_a_time else None
    model, entry = _pick(client, server, wanted)
    profile = profile or profile_for(model, str(entry.get("root", "")))
    said = at(probed, server.window) or at(entry, server.window_in_model)
    room = said if isinstance(said, int) and said > 0 else profile.window
    counter = load_counter(tokenizer) if tokenizer else None
    made = ServerModel(
        name, client, server, model=model, profile=profile, window=min(room, window or room), counter=counter
    )
    if counter is None and server.tokenize is None:
        made.tokens("x")  # says what is missing
    template = at(probed, server.template)
    told = {
        "version": str(at(probed, server.version) or ""),
        "template sha256": hashlib.sha256(str(template).encode()).hexdigest() if template else "",
    }
    made.facts = {**made.facts, **{name: value for name, value in told.items() if value}}
    return made


def _pick(client: Client, server: Server, wanted: str) -> tuple[str, dict[str, Any]]:
    listed = at(client.get(server.models.path), server.models.list)
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    loaded = [each for each in entries if at(each, server.models.loaded) == "loaded"] if server.models.loaded else []
    known = {str(at(each, server.models.id)): each for each in (loaded if loaded and not wanted else entries)}
    if server.model and not wanted:
        return server.model, known.get(server.model, {})
    if wanted and (wanted in known or not known):
        return wanted, known.get(wanted, {})
    if not wanted and len(known) == 1:
        return next(iter(known.items()))
    names = ", ".join(sorted(known)) or "none"
    problem = f"{server.name} has no model {wanted!r}" if wanted else f"{server.name} has several models or none"
    raise ModelError(client.address.name, "missing", f"{problem}. Pick one with #NAME; there are: {names}"[:600])
