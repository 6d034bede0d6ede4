"""How fast this machine reads with a model: measured while it reads, kept between runs, used to predict."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview._json import digest, write_atomic
from docreview.types import Value

Points = list[tuple[int, float]]
"""Tokens read and the seconds it took from the first one on."""
SQUARE: Final = 8.7e-6
"""Quadratic over linear cost where it was not measured: LFM2.5-8B-A1B, 24,576 N^2 over 2.84e9 N operations."""
_WIDE: Final = 4  # the quadratic part is fitted when the longest point has so many times the tokens of the shortest
_LONG: Final = 8_192  # ... and at least so many
_ANSWERS: Final = " answers"
_READS: Final = 3  # the last so many reads count: what a machine does besides changes
_POINTS: Final = 8  # kept of one read
_LEAST: Final = (256, 0.05)  # tokens and seconds; less says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed(Value):
    """Seconds to read n tokens: `linear * n + square * n * n`; attention makes the quadratic part."""

    linear: float
    square: float

    def seconds(self, tokens: int) -> float:
        """How long reading so many tokens takes."""
        return self.linear * tokens + self.square * tokens * tokens

    def tokens(self, seconds: float) -> int:
        """How many tokens can be read in so many seconds."""
        return int(2 * seconds / (self.linear + math.sqrt(self.linear**2 + 4 * self.square * seconds)))


def fit(points: Sequence[tuple[int, float]]) -> Speed | None:
    """The speed that fits measured points, with equal relative errors; None without any.

    Where the points are too near each other to show the quadratic part, it is taken from `SQUARE`.
    """
    points = [(n, t) for n, t in points if n > 0 and t > 0]
    if not points:
        return None
    least, most = min(n for n, _ in points), max(n for n, _ in points)
    if most >= max(_LONG, _WIDE * least) and (found := _both(points)):
        return found
    # minimises the sum of (linear * (n + SQUARE n^2) / t - 1)^2
    ratios = [(n + SQUARE * n * n) / t for n, t in points]
    linear = sum(ratios) / sum(r * r for r in ratios)
    return Speed(linear=linear, square=SQUARE * linear)


def _both(points: Sequence[tuple[int, float]]) -> Speed | None:
    """Least squares of linear * n/t + square * n^2/t = 1; None when it would not grow from the first token on."""
    rows = [(n / t, n * n / t) for n, t in points]
    aa, ab, bb = (sum(x * y for x, y in pairs) for pairs in (
        [(a, a) for a, _ in rows], [(a, b) for a, b in rows], [(b, b) for _, b in rows]
    ))  # fmt: skip
    a, b = sum(x for x, _ in rows), sum(y for _, y in rows)
    below = aa * bb - ab * ab
    if below <= 0:
        return None
    linear, square = (a * bb - b * ab) / below, (b * aa - a * ab) / below
    if square <= 0:
        return Speed(linear=a / aa, square=0.0)
    return Speed(linear=linear, square=square) if linear > 0 else None


class Stopwatch:
    """A `progress` for reading a prefix that notes how fast it went, and passes everything on."""

    def __init__(self, progress: Callable[[int, int], None] | None = None) -> None:
        self._progress, self._began = progress, time.perf_counter()
        self.points: Points = []

    def __call__(self, done: int, total: int) -> None:
        """Note it."""
        self.points.append((done, time.perf_counter() - self._began))
        if self._progress:
            self._progress(done, total)


class Speeds:
    """The file of measured speeds: tokens and seconds, nothing of documents. One that can't be used is ignored."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, facts: Mapping[str, str]) -> Speed | None:
        """The speed of a model with these facts, if it was measured here."""
        return fit([point for read in self._load().get(_key(facts), []) for point in read])

    def add(self, facts: Mapping[str, str], points: Points) -> None:
        """Note one read, in place of the oldest; one that is too short to tell anything is left out."""
        if points and points[-1][0] >= _LEAST[0] and points[-1][1] >= _LEAST[1]:
            step = max(1, len(points) // _POINTS)
            self._add(_key(facts), points[::-1][::step][:_POINTS])

    def answering(self, facts: Mapping[str, str]) -> float | None:
        """Seconds that a question took on average behind a prefix that was read, if it is known."""
        asked = [point for each in self._load().get(_key(facts) + _ANSWERS, []) for point in each]
        questions = sum(count for count, _ in asked)
        return sum(seconds for _, seconds in asked) / questions if questions else None

    def answered(self, facts: Mapping[str, str], questions: int, seconds: float) -> None:
        """Note how long so many questions took, in place of the oldest such note."""
        if seconds >= _LEAST[1]:
            self._add(_key(facts) + _ANSWERS, [(questions, seconds)])

    def _add(self, key: str, points: Points) -> None:
        known: dict[str, Any] = self._load()
        kept = [[n, round(t, 4)] for n, t in points]
        known[key] = [*known.get(key, []), kept][-_READS:]
        try:
            write_atomic(self._file, json.dumps(known))
        except OSError:
            return

    def _load(self) -> dict[str, Any]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {key: reads for key, reads in data.items() if _sound(reads)} if isinstance(data, dict) else {}


def _key(facts: Mapping[str, str]) -> str:
    return digest({key: value for key, value in facts.items() if key != "folder"})[:24]


def _sound(reads: Any) -> bool:
    return isinstance(reads, list) and all(
        isinstance(read, list) and all(isinstance(p, list) and len(p) == 2 and all(map(_positive, p)) for p in read)
        for read in reads
    )


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
