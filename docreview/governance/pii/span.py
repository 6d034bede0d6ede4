"""What was found: a piece of text, what it is, and how sure that is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from docreview._shown import table
from docreview.types import Value

Label = Literal[
    "PERSON", "EMAIL", "PHONE", "ADDRESS", "LOCATION", "DATE", "ID", "CREDIT_CARD", "IBAN", "SSN", "URL", "IP", "ORG",
    "OTHER",
]  # fmt: skip
LABELS: Final[tuple[Label, ...]] = get_args(Label)
"""What can be told apart. ID covers national, tax and account numbers, passports and licences; IP also MAC addresses;
OTHER passwords."""


@dataclass(frozen=True, slots=True, order=True)
class PiiSpan(Value):
    """Personal data in a text: `[start, end)` in code points; `score` from 0 to 1, a rank rather than a probability."""

    start: int
    end: int
    label: Label
    score: float

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or self.label not in LABELS or not 0 <= self.score <= 1:
            raise ValueError(f"not personal data: [{self.start}, {self.end}) {self.label} {self.score}")


@table(PiiSpan, "label score start end")
def _row(each: PiiSpan) -> Iterable[tuple[object, ...]]:
    return [(each.label, each.score, each.start, each.end)]


def disjoint(spans: Iterable[PiiSpan], text: str) -> list[PiiSpan]:
    """The same characters covered without overlap, in order: the surer span wins, then the longer one.

    What a losing span covers beyond the winners stays covered, under its own label, unless it holds no letter or digit.
    """
    taken: list[PiiSpan] = []
    for span in sorted(set(spans), key=lambda s: (-s.score, s.start - s.end, s.start)):
        for start, end in _free(span, taken):
            if piece := _trimmed(PiiSpan(start, end, span.label, span.score), span, text):
                taken.insert(bisect_right(taken, piece.start, key=lambda s: s.start), piece)
    return taken


def _free(span: PiiSpan, taken: list[PiiSpan]) -> Iterable[tuple[int, int]]:
    i = max(bisect_right(taken, span.start, key=lambda s: s.start) - 1, 0)
    at = span.start
    pieces = []
    while i < len(taken) and taken[i].start < span.end:
        if taken[i].end > at:
            if taken[i].start > at:
                pieces.append((at, taken[i].start))
            at = taken[i].end
        i += 1
    if at < span.end:
        pieces.append((at, span.end))
    return pieces


def _trimmed(piece: PiiSpan, whole: PiiSpan, text: str) -> PiiSpan | None:
    """A remainder without the white space and punctuation at its ends; a whole span stays as it is."""
    if (piece.start, piece.end) == (whole.start, whole.end):
        return piece
    start, end = piece.start, piece.end
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return PiiSpan(start, end, piece.label, piece.score) if start < end else None
