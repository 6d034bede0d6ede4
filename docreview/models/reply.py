"""A reply as it comes: pieces of text, then how it ended and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

from docreview.types import Usage, Value

Finish = Literal["stop", "length", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Value):
    """How a reply ended. `logprobs` are natural logarithms of the model's own probabilities of the tokens taken, before
    temperature and penalties, with the token that ended the reply; empty where the backend doesn't give them.
    """

    finish: Finish
    usage: Usage
    logprobs: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(eq=False)
class Reply(Iterator[str]):
    """Iterate to get pieces of text as the model writes them, control tokens of calls and reasoning included.

    Nothing is computed before the first piece is asked for. One reader at a time.
    """

    events: Iterator[str | Ending]
    stop: Event = field(default_factory=Event)
    _pieces: list[str] = field(default_factory=list)
    _ending: Ending | None = None

    def __next__(self) -> str:
        while self._ending is None:
            event = next(self.events, None)
            if event is None:
                raise RuntimeError("a backend ended a reply without saying how")
            if isinstance(event, Ending):
                self._ending = event
            elif event:
                self._pieces.append(event)
                return event
        raise StopIteration

    def read(self) -> str:
        """All of the text, waiting for its end."""
        for _ in self:
            pass
        return "".join(self._pieces)

    @property
    def ended(self) -> bool:
        """Whether it came to its end, so that `ending` can be asked for."""
        return self._ending is not None

    @property
    def ending(self) -> Ending:
        """How it ended.

        Raises:
            RuntimeError: It has not ended yet.
        """
        if self._ending is None:
            raise RuntimeError("the reply has not ended; read() it first")
        return self._ending

    @property
    def usage(self) -> Usage:
        """What it cost, once it ended."""
        return self.ending.usage

    @property
    def finish(self) -> Finish:
        """Why it ended, once it did."""
        return self.ending.finish

    def cancel(self) -> None:
        """Stop the model; what it wrote until then stays. Safe from any thread."""
        self.stop.set()


class Stop:
    """Whether work is still wanted: a reply's own `cancel`, the caller's event, or a reader that went away."""

    def __init__(self, *events: Event | None) -> None:
        self._events = [event for event in events if event is not None]

    def __bool__(self) -> bool:
        return any(event.is_set() for event in self._events)
