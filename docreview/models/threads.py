"""One long-lived thread that owns a runtime: notebooks and Streamlit call from threads that come and go."""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, Final, TypeVar

T = TypeVar("T")
Put = Callable[[Any], None]
_DONE: Final = object()
_LONGEST: Final = 30.0  # seconds that the end of the process waits for a job that was told to stop
_POLL: Final = 0.2  # seconds; a wait without an end could not be interrupted from the keyboard on Windows


class OneThread:
    """Runs jobs one after the other on a daemon thread that never ends.

    MLX aborts the process at exit when a thread that used it ended before; a thread that stays does no harm.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Callable[[Put], None], Put, Event]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = False
        self._idle = Event()
        self._gone = Event()  # of the job at hand

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
        self._jobs.put((lambda put: job(put, gone), answers.put, gone))
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
                self._idle.set()
                atexit.register(self._settle)
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._started = True

    def _settle(self) -> None:
        """Stop the job at hand before the process ends: MLX aborts one that ends in the middle of a computation."""
        self._gone.set()
        self._idle.wait(_LONGEST)

    def _work(self) -> None:
        while True:
            job, put, self._gone = self._jobs.get()
            self._idle.clear()
            try:
                job(put)
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                put(_Raised(error))
            put(_DONE)
            self._idle.set()
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
