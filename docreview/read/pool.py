"""The parsers' processes: as many as are asked for at once, kept for the next document."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any, Final

from docreview._worker import Worker

_TARGET: Final = "docreview.read.job:run"
_MOST_CALLS: Final = 400

_lock = threading.Lock()
_idle: dict[int, list[tuple[Worker, int]]] = {}


def call(job: dict[str, Any], data: bytes, *, timeout: float, memory_bytes: int) -> Any:
    """The answer of `docreview.read.job.run` from a process of its own. Safe to call from many threads at once.

    Raises:
        WorkerError: The process died, or went over `timeout` seconds or its memory.
    """
    with _lock:
        free = _idle.setdefault(memory_bytes, [])
        worker, calls = free.pop() if free else (Worker(_TARGET, memory_bytes=memory_bytes), 0)
    try:
        return worker.call(job, data, timeout=timeout)
    finally:
        _give_back(worker, calls + 1, memory_bytes)


def _give_back(worker: Worker, calls: int, memory_bytes: int) -> None:
    """Keep a process for the next call, unless it has grown: the next document gets all of its memory."""
    if calls >= _MOST_CALLS or worker.resident_bytes() > memory_bytes // 4:
        worker.close()
        calls = 0
    with _lock:
        _idle.setdefault(memory_bytes, []).append((worker, calls))


def close() -> None:
    """End all idle processes; the next call starts new ones."""
    with _lock:
        workers = [worker for free in _idle.values() for worker, _ in free]
        _idle.clear()
    for worker in workers:
        worker.close()


def _forget() -> None:
    """After a fork the processes belong to the parent: using them here would mix up the answers."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
