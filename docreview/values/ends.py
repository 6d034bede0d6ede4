"""When a contract begins and ends: a date, a date worked out from one that is quoted, or never by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from docreview._dates import Length, Period, lengths_in, moved
from docreview.types import Span
from docreview.values.anchors import AGREED, counted_from
from docreview.values.answer import Answer
from docreview.values.dates import end_date, start_date
from docreview.values.lengths import plain

_FOREVER: Final = re.compile(r"(?i)\b(?:indefinite(?:ly)?|in\s+perpetuity|perpetual(?:ly)?)\b")
_PERPETUAL: Final = re.compile(
    r"(?i)\b(?:(?:until|unless)\s+(?:it\s+is\s+|sooner\s+|earlier\s+|otherwise\s+|the\s+)*terminat\w+"
    r"|until\s+(?:either|any|a|one)\s+party"
    r"|(?:terminated|cancel+ed)\s+(?:at\s+any\s+time\s+)?(?:by\s+(?:either|any|a|one|both)|(?:up)?on\s+(?:\S+\s+){0,6}notice)"
    r"|either\s+party\s+may\s+(?:at\s+any\s+time\s+)?terminate|terminate\W+(?:\(?\w\)?\W+)?at\s+the\s+option\s+of"
    r"|not\s+be\s+(?:terminable|terminated)\b[^.;]{0,30}\bfor\s+any\s+reason"
    r"|(?:expire|terminate)\W+(?:\(?\w[.)]\s+)?(?:automatically\s+|immediately\s+)?if)\b"
)
_FIXED: Final = re.compile(
    r"(?i)\b(?:(?:until|upon)\s+(?:\(\w\)\s+)?(?:the\s+)?(?:date\s+of\s+)?(?:completion|expir|last|end\b|such|final)|(?:shall|will)\s+(?:not\s+)?(?:expire(?!\s+if)|end\b|terminate\s+(?:in|on|when|upon|immediately))"
    r"|terminate\s+in\s+_|for\s+(?:a\s+|the\s+)?(?:period|time|term|duration|\w+\s+\(\d+\))|(?:until|expiring\s+on)\s+the\s+(?:later|latest|earlier))"
)
_LATER: Final = re.compile(r"(?i)\b(?:later|latest|longer|sooner)\s+(?:to\s+occur\s+)?of\b")
_ANNIVERSARY: Final = re.compile(
    r"(?i)\b(?:(?P<nth>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b(?:\s*\(\d{1,2}[\w\s]{0,4}\))?"
    r"|(?P<digits>\d{1,2})(?:st|nd|rd|th))\s+(?:year\s+)?anniversary\b"
)
_NTH: Final = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_NOT_TERM: Final = re.compile(
    r"(?i)\b(?:renew\w*|extend(?!\s+for)\w*|extension|notice|additional|successive|within|each|every)\b[^.;]{0,50}$"
)
_TERM: Final = re.compile(r"(?i)\b(?:term|continu\w+|force|effect|duration|valid)\b")
_NOT_AFTER: Final = re.compile(r"(?i)(?!,)\W*(?:\w+\W+){0,3}?(?:notice|prior|before|written)\b")


def end(text: str, anchors: Mapping[str, Answer], around: str = "") -> Answer | None:
    """When the first term ends.

    A date that the clause says; else its length counted from the date it names, if that is among the anchors or in
    the clause, or from the effective date when it names none, which `reason` says; "perpetual" when it runs until
    somebody ends it. Without an anchor the length itself; None when neither is told. The later of two events is not
    worked out.

    Args:
        anchors: Values of "Effective Date" and "Agreement Date", each read from its own quote.
    """
    if found := end_date(text, around):
        return Answer(kind="date", value=found.iso, iso=found.iso, marks=(Span(found.start, found.end),))
    length = _term(text)
    if length is not None and length.count is not None:
        return None if _LATER.search(text[: length.start]) else _counted(text, length, anchors, around)
    match = _FOREVER.search(text) or (None if _FIXED.search(text) else _PERPETUAL.search(text))
    if length is None and match:
        return Answer(kind="date", value="perpetual", marks=(Span(*match.span()),))
    return None


def effective(text: str, anchors: Mapping[str, Answer], around: str = "") -> Answer | None:
    """From when a contract takes effect: the date that the clause says, or that of the agreement when it says so."""
    if found := start_date(text, around):
        return Answer(kind="date", value=found.iso, iso=found.iso, marks=(Span(found.start, found.end),))
    match, signed = AGREED.search(text), anchors.get("Agreement Date")
    if match is None or signed is None:
        return None
    return replace(signed, marks=(Span(*match.span()),), reason="Agreement Date")


def _term(text: str) -> Length | None:
    """The length of the term: an anniversary, or the first length that is no notice and no renewal."""
    if match := _ANNIVERSARY.search(text):
        count = int(match["digits"] or 0) or 1 + _NTH.index(match["nth"].lower())
        return Length(*match.span(), count, "year", False)
    found = []
    for length in lengths_in(text):
        near = text[max(0, length.start - 60) : length.start]
        if not _NOT_TERM.search(near) and not _NOT_AFTER.match(text, length.end):
            found.append((not _TERM.search(near), length))
    return min(found, key=lambda one: one[0])[1] if found else None


def _counted(text: str, length: Length, anchors: Mapping[str, Answer], around: str) -> Answer | None:
    as_said = plain(length)
    anchor = counted_from(text, length, anchors, around)
    if anchor is None or length.business:
        return as_said
    name, start = anchor
    period = Period(length.count or 0, length.unit, 1)
    until = _shifted(start, period)
    if until is None:
        return as_said
    return Answer(kind="date", value=until, iso=until, marks=as_said.marks, reason=f"{name} {start} {period}")


def _shifted(start: str, period: Period) -> str | None:
    """A date moved; one that is partly open only by whole years and months that leave its open parts open."""
    try:
        return moved(date.fromisoformat(start), period)[0].isoformat()
    except OverflowError:
        return None
    except ValueError:
        year, month, day = start.split("-")
    months = period.count * {"year": 12, "month": 1}.get(period.unit, 0)
    if not months or not year.isdigit():
        return None
    if months % 12 == 0:
        return f"{int(year) + months // 12}-{month}-{day}"
    if not month.isdigit():
        return None
    years, month_number = divmod(12 * int(year) + int(month) - 1 + months, 12)
    return f"{years}-{month_number + 1:02d}-{day}"
