"""How far a long run is, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

from docreview.triage import Progress

_EVERY: Final = 10.0  # seconds between lines when stderr is not a terminal


class Meter:
    """Called with each `Progress`; says rate and time left. Rate and time leave out what an earlier run had done."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._bar = quiet, None
        self.last = Progress(done=0, total=0, reviewed=0, quarantined=0, resumed=0)
        self._start = self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Show it."""
        self.last = progress
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._draw(progress)
        elif progress.done == progress.total or time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            sys.stderr.write(self._line(progress) + "\n")
            sys.stderr.flush()

    def _draw(self, progress: Progress) -> None:
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=progress.total, unit="doc", file=sys.stderr, dynamic_ncols=True)
        bar: Any = self._bar
        if progress.resumed > bar.initial:  # already done: counts, but says nothing about the rate
            bar.initial = progress.resumed
        bar.update(progress.done - bar.n)
        if progress.quarantined:
            bar.set_postfix_str(f"{progress.quarantined} quarantined", refresh=False)

    def _line(self, progress: Progress) -> str:
        seconds = time.monotonic() - self._start
        fresh = progress.done - progress.resumed
        rate = fresh / seconds if seconds else 0.0
        left = (
            f", {_clock((progress.total - progress.done) / rate)} left"
            if rate and progress.done < progress.total
            else ""
        )
        resumed = f", {progress.resumed} from before" if progress.resumed else ""
        return (
            f"{progress.done}/{progress.total} documents, {progress.quarantined} quarantined{resumed}, "
            f"{rate:.1f} a second{left}"
        )

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._bar is not None:
            self._bar.close()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
