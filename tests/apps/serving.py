"""A review app that runs as a person starts it: `docreview app`, in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Served:
    """The running app: its address, and what it said on stderr so far (`said`)."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self.process, self._log = process, log
        self.url = process.stdout.readline().rpartition(" ")[2].strip()
        assert self.url.startswith("http://"), self.said

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def interrupt(self) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=120)


@contextmanager
def serve(*arguments: str | Path, folder: Path) -> Iterator[Served]:
    """Start `docreview app ARGUMENTS` in a folder, wait until it answers, and end it."""
    log = folder / "app.log"
    command = [sys.executable, "-m", "docreview", "app", *map(str, arguments), "--no-browser"]
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | {"PYTHONPATH": paths},
        )
    try:
        yield Served(process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stdout.close()
