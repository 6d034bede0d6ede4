"""A question that a language model answers, while the page goes on: its words as they come, and a way to stop it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from docreview.ask import Conversation
from docreview.dialogue import Phase
from docreview.errors import DocreviewError, ModelError

_PATIENCE = 0.2  # seconds between looks at whether a question that waits was stopped


@dataclass
class Asking:
    """One question being answered in a thread of its own. `turn` lets one question at a time to a model.

    Attributes:
        written: What the model wrote so far; nothing of it is proven yet.
        error: Why there is no answer.
    """

    question: str
    conversation: Conversation
    turn: Lock
    written: list[str] = field(default_factory=list)
    error: DocreviewError | None = None
    _cancel: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> Asking:
        """Begin."""
        self._thread = Thread(target=self._run, name="ask", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask the model to stop; what is proven by then is kept."""
        self._cancel.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long; whether it has come."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.running

    @property
    def running(self) -> bool:
        """Whether it is still being answered."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def text(self) -> str:
        """What the model wrote so far."""
        return "".join(self.written)

    def _run(self) -> None:
        while not self.turn.acquire(timeout=_PATIENCE):
            if self._cancel.is_set():
                self.error = ModelError("ask", "cancelled", "stopped while it waited for another question")
                return
        try:
            self.conversation.ask(self.question, on_text=self._heard, cancel=self._cancel)
        except DocreviewError as error:
            self.error = error
        finally:
            self.turn.release()

    def _heard(self, text: str, _: Phase) -> None:
        self.written.append(text)
