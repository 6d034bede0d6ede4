"""One long-lived thread that owns a runtime: notebooks and Streamlit call from threads that come and go."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, Final, TypeVar

T = TypeVar("T")
Put = Callable[[Any], None]
_DONE: Final = object()
_POLL: Final = 0.2  # seconds; a wait without an end could not be interrupted from the keyboard on Windows


class OneThread:
    """Runs jobs one after the other on a daemon thread that never ends.

    MLX aborts the process at exit when a thread that used it ended before; a thread that stays does no harm.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Callable[[Put], None], Put]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = False

    def run(self, job: Callable[[], T]) -> T:
        """The job's result; its exception is raised here."""
        (result,) = self.stream(lambda put, _: put(job()))
        return result  # type: ignore[no-any-return]

    def stream(self, job: Callable[[Put, Event], None]) -> Iterator[Any]:
        """What the job puts, as it comes. Starts with the first item asked for; its exception is raised here.

        Args:
            job: Gets the function to put with, and an event that is set when nobody reads any more.
        """
        answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        gone = Event()
        self._start()
        self._jobs.put((lambda put: job(put, gone), answers.put))
        try:
            while (item := _get(answers)) is not _DONE:
                if isinstance(item, _Raised):
                    raise item.error
                yield item
        finally:
            gone.set()

    def _start(self) -> None:
        with self._lock:
            if not self._started:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._started = True

    def _work(self) -> None:
        while True:
            job, put = self._jobs.get()
            try:
                job(put)
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                put(_Raised(error))
            put(_DONE)
            del job, put  # not to hold a model until the next job


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _get(answers: queue.SimpleQueue[Any]) -> Any:
    while True:
        try:
            return answers.get(timeout=_POLL)
        except queue.Empty:
            continue
