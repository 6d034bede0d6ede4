"""One writer at a time: threads and processes.

The lock is the operating system's own (flock, or a locked byte on Windows), which ends with the process that holds it:
a killed writer leaves no stale lock. It does not reach across machines; keep a log on a local disk.
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path
from typing import Final

from docreview.errors import AuditError

_FIRST_WAIT: Final = 0.0001
_LONGEST_WAIT: Final = 0.002


class WriterLock:
    """A lock file, always empty. `with lock:` waits for it and holds it; not inside itself.

    Raises:
        AuditError: Another writer kept it for longer than the time allowed, or there can be no lock here.
    """

    def __init__(self, path: Path, *, seconds: float) -> None:
        self._path, self._seconds, self._threads = path, seconds, threading.Lock()
        self._fd, self._pid = -1, 0

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            if self._pid != os.getpid() or self._fd < 0:  # a forked process must not share its parent's lock
                self._open()
            if not _try(self._fd):
                self._wait()
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            _unlock(self._fd)
        self._threads.release()

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0 and self._pid == os.getpid():
            os.close(self._fd)
        self._fd = -1

    def _open(self) -> None:
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise AuditError(None, f"{self._path.parent}: can't be locked ({error.strerror})") from None
        self._pid = os.getpid()

    def _wait(self) -> None:
        deadline, pause = time.monotonic() + self._seconds, _FIRST_WAIT
        while not _try(self._fd):
            if time.monotonic() > deadline:
                raise AuditError(
                    None,
                    f"{self._path.parent}: another writer has held it for {self._seconds:.0f} s. "
                    f"Find the process that holds its file `{self._path.name}` (lsof, fuser) and end it, "
                    "then run this again.",
                )
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  (spreads the waiters out)
            pause = min(pause * 1.5, _LONGEST_WAIT)


if os.name == "nt":

    def _try(fd: int) -> bool:
        import msvcrt

        try:
            os.lseek(fd, 0, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        import msvcrt

        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:

    def _try(fd: int) -> bool:
        import fcntl

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(fd: int) -> None:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_UN)  # said outright: a process forked meanwhile holds the descriptor too
