"""Candidates with honest scores; where several are of one place, which of them it is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.readers.candidates import Places

FLOOR: Final = 0.001


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored place: `[start, end)` in the document's text, `score` a probability.

    `other`: another extent of a place that is there already; the score is the chance that it is right where that one
    is wrong.
    """

    category: str
    start: int
    end: int
    score: float
    other: bool = False


def settle(scored: Sequence[tuple[Places, Any]], final: Any, labels: Sequence[str]) -> list[Candidate]:
    """Candidates with honest scores, from both kinds; those that overlap a likelier one of their category are
    left out.
    """
    import numpy as np

    starts, ends, numbers = (
        np.concatenate([getattr(places, key) for places, _ in scored]) for key in ("starts", "ends", "labels")
    )
    raw = np.clip(np.concatenate([scores for _, scores in scored]), 1e-6, 1 - 1e-6)
    odds = np.log(raw / (1 - raw)) * final[numbers, 0] + final[numbers, 1]
    scores = 1 / (1 + np.exp(-odds))
    order = np.lexsort((ends, starts, -scores, numbers))
    kept: list[Candidate] = []
    taken = Taken()
    for i in order[scores[order] >= FLOOR].tolist():
        start, end, number = int(starts[i]), int(ends[i]), int(numbers[i])
        if taken.free(number, start, end):
            kept.append(Candidate(labels[number], start, end, float(scores[i])))
    return kept


class Taken:
    """Spans already given away, category by category."""

    def __init__(self) -> None:
        self.number = -1
        self.starts: list[int] = []
        self.ends: list[int] = []

    def free(self, number: int, start: int, end: int) -> bool:
        """Take a span if nothing of it is taken."""
        if number != self.number:
            self.number, self.starts, self.ends = number, [], []
        at = bisect_right(self.starts, start)
        if at and self.ends[at - 1] > start:
            return False
        if at < len(self.starts) and self.starts[at] < end:
            return False
        self.starts.insert(at, start)
        self.ends.insert(at, end)
        return True
