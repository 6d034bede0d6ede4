"""Dates that can't be, and one thing with two dates."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import Document, Span

_MONTHS: Final = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_NAMES: Final = "|".join(_MONTHS)
_DATE: Final = (
    rf"(?:(?P<m1>{_NAMES})\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y1>\d{{4}})"
    rf"|(?<!Page )(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+day)?(?:\s+of)?\s(?P<m2>{_NAMES}),?\s+(?P<y2>\d{{4}}))"
)
_ANY: Final = re.compile(rf"\b{_DATE}\b", re.IGNORECASE)
_EFFECTIVE: Final = re.compile(
    rf"\b{_DATE}\s*\(\s*(?:the\s+|this\s+)?[\"“”'](?P<term>[A-Z][\w ]{{0,40}}Date)[\"“”'][^)]{{0,40}}\)", re.IGNORECASE
)
_MEANS: Final = re.compile(
    rf"[\"“](?P<term>[A-Z][\w ]{{0,40}}Date)[\"”]\s+(?:shall\s+)?means?\s+{_DATE}\b", re.IGNORECASE
)


def impossible_dates(document: Document) -> Iterator[Fault]:
    """Dates that no calendar has: June 31, February 29, 2021."""
    for match in _ANY.finditer(document.text):
        year, month, day = _parsed(match)
        if year >= 1 and not 1 <= day <= calendar.monthrange(year, month)[1]:
            yield Fault("there is no such day", (Span(match.start(), match.end()),), "error")


def contradicting_dates(document: Document) -> Iterator[Fault]:
    """A defined date ("the Effective Date") that is given two values."""
    given: dict[str, dict[tuple[int, int, int], Span]] = {}
    for pattern in (_EFFECTIVE, _MEANS):
        for match in pattern.finditer(document.text):
            term = " ".join(match["term"].split()).casefold()
            given.setdefault(term, {}).setdefault(_parsed(match), Span(match.start(), match.end()))
    for term, dates in given.items():
        if len(dates) > 1:
            spans = tuple(sorted(dates.values()))
            yield Fault(f"{term.title()} is given {len(dates)} values", spans, "error")


def _parsed(match: re.Match[str]) -> tuple[int, int, int]:
    month = match["m1"] or match["m2"]
    return int(match["y1"] or match["y2"]), _MONTHS[month.lower()], int(match["d1"] or match["d2"])
