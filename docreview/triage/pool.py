"""Tasks done side by side, each with a helper: one that dies takes only its task along."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Helper(Protocol):
    """Who does the work of a task: a supervised child process, or something in this one."""

    def call(self, value: Any, *, timeout: float) -> Any:
        """The answer to one job, plain data in and out."""
        ...

    def close(self) -> None:
        """Stop at once."""
        ...


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool(Generic[Task, Result]):
    """Runs `do(task, helper)` for every task, `size` at once, and gives the results as they come.

    An error raised by `do` is raised again where the results are taken. When no more results are wanted (an error,
    Ctrl-C, a generator that is left), `stop` is set and the children are ended at once: what fails from then on says
    nothing about its task.
    """

    def __init__(
        self, do: Callable[[Task, Helper], Result], make: Callable[[], Helper], *, size: int, stop: threading.Event
    ) -> None:
        self._do, self._size, self._stop = do, size, stop
        self._helpers = [make() for _ in range(size)]
        self._free: queue.SimpleQueue[Helper] = queue.SimpleQueue()
        for helper in self._helpers:
            self._free.put(helper)

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """The results, in the order in which they are done."""
        waiting = iter(tasks)
        executor = ThreadPoolExecutor(self._size)
        running: set[Future[Result]] = set()
        try:
            running |= {executor.submit(self._one, task) for task in islice(waiting, 2 * self._size)}
            while running:
                # The time limit lets Ctrl-C be heard on Windows too.
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                running |= {executor.submit(self._one, task) for task in islice(waiting, len(done))}
                yield from (future.result() for future in done)
        finally:
            self._stop.set()
            self._close()
            executor.shutdown(cancel_futures=True)
            self._close()  # those that were started in the meantime

    def _one(self, task: Task) -> Result:
        helper = self._free.get()
        try:
            return self._do(task, helper)
        finally:
            self._free.put(helper)

    def _close(self) -> None:
        for helper in self._helpers:
            helper.close()
