"""Dates as contracts write them, whole or with blanks, and which of several a question is about."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from typing import Final

from docreview._dates import dates_in

_MONTHS: Final = tuple(name.lower() for name in calendar.month_name[1:])
_M: Final = rf"(?P<m>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)})\.?"
_BLANK: Final = r"(?:(?<!_)_[_\s]{0,40}|\[[^\]\w]{0,20}\]|\[_+\]|[*•●]+)"
_Y: Final = r"(?P<y>(?:19|20)\d\d|(?:19|20)(?=\s*(?:_|\[|$|\W*$)))"
_TH: Final = r"(?:\s?(?:st|nd|rd|th))?"
_PARTIAL: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_BLANK}\s*|\bthis\s+)day\s+of\s+(?:{_M}|{_BLANK})?\s*,?\s*(?:{_Y}|{_BLANK})?",
        rf"\b(?P<d>\d{{1,2}}){_TH}\s+day\s+of\s+{_M}(?:\s*,?\s*{_Y})?",
        rf"(?<!\d)(?<!\d\s)\b{_M}\s*(?:{_BLANK}\s*)?,?\s*{_Y}",
        rf"(?:^|{_BLANK}\s*),?\s*{_Y}\W*$",
        r"(?<!_)_[_\s]{0,40},\s*(?P<y>(?:19|20)(?:\d\d)?)(?=[_\W])",
    )
)
_NUMERIC: Final = re.compile(r"(?<![\w./-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-])")
_START: Final = r"commenc\w*|beg[ia]n\w*|start\w*|effective|from|made|dated"
_END: Final = r"expir\w*|terminat\w*|end(?:s|ing|ed)?|until|through|conclud\w*|later\s+than|\bto"
_CUE: Final = re.compile(rf"(?i)\b(?:(?P<start>{_START})|(?P<end>{_END}))\b")
_REACH: Final = 90
_LABELLED: Final = re.compile(r"(?i)\s*\([^()]{0,30}[\"“](?:effective|commencement|start)\s+date[\"”]")


@dataclass(frozen=True, slots=True)
class Found:
    """A date at `[start, end)` of a text; what the document leaves open is X."""

    start: int
    end: int
    iso: str


def dates(text: str, around: str = "") -> list[Found]:
    """All dates of a text in its order, whole, in numbers and with blanks.

    Args:
        around: The document. A date in numbers, "03/01/05", is read whole only when it can be read one way, or when
            other dates of the document settle which number is the month.
    """
    taken: list[Found] = []
    whole = [Found(*found) for found in dates_in(text)]
    order = _order(around)
    numeric = [Found(m.start(), m.end(), iso) for m in _NUMERIC.finditer(text) if (iso := _numeric(m, order))]
    partial = [Found(m.start(), m.end(), iso) for p in _PARTIAL for m in p.finditer(text) if (iso := _open(m))]
    for found in (*whole, *numeric, *partial):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda found: found.start)


def start_date(text: str, around: str = "") -> Found | None:
    """The date on which something begins: the first that is not said to be an end."""
    found = dates(text, around)
    starts = [one for one in found if _side(text, one) == "start"]
    starts.sort(key=lambda one: _LABELLED.match(text, one.end) is None)
    return next(iter(starts or [one for one in found if _side(text, one) != "end"]), None)


def end_date(text: str, around: str = "") -> Found | None:
    """The date on which something is said to end, or all that a text holds; None when there is none."""
    found = dates(text, around)
    if len(found) == 1 and found[0].end - found[0].start > 0.7 * len(text.strip()):
        return found[0]
    return next((one for one in found if _side(text, one) == "end"), None)


def _side(text: str, found: Found) -> str:
    """Which word stands nearest before a date: one of a beginning, or one of an end; the name it is given decides."""
    if _LABELLED.match(text, found.end):
        return "start"
    before = text[max(0, found.start - _REACH) : found.start]
    cues = list(_CUE.finditer(re.split(r"[.;]\s", before)[-1]))
    return "" if not cues else "start" if cues[-1]["start"] else "end"


def _order(document: str) -> str:
    """Whether the document writes day or month first in numbers: "d", "m", or "" when nothing tells, or both."""
    told = {"d" if int(m[1]) > 12 else "m" for m in _NUMERIC.finditer(document) if _one_way(int(m[1]), int(m[3]))}
    return told.pop() if len(told) == 1 else ""


def _one_way(first: int, second: int) -> bool:
    return (12 < first <= 31 and 1 <= second <= 12) or (12 < second <= 31 and 1 <= first <= 12)


def _numeric(match: re.Match[str], order: str) -> str | None:
    first, second, year = int(match[1]), int(match[3]), match[4]
    if len(year) == 2:
        year = ("19" if int(year) > 60 else "20") + year
    if not _one_way(first, second) and first != second:
        if not (1 <= first <= 12 and 1 <= second <= 12):
            return None
        if not order:
            return f"{year}-XX-XX"
    day_first = first > 12 or (second <= 12 and order == "d")
    day, month = (first, second) if day_first else (second, first)
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(int(year), month)[1]:
        return None
    return f"{year}-{month:02d}-{day:02d}"


def _open(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    if not (parts.get("y") or parts.get("m")):
        return None
    month = f"{1 + [n[:3] for n in _MONTHS].index(parts['m'][:3].lower()):02d}" if parts.get("m") else "XX"
    day = f"{int(parts['d']):02d}" if parts.get("d") else "XX"
    return f"{(parts.get('y') or '').ljust(4, 'X')}-{month}-{day}"
