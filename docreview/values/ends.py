"""When a contract begins and ends: a date, a date worked out from one that is quoted, or never by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from docreview._dates import Length, Period, lengths_in, moved
from docreview.types import Span
from docreview.values.answer import Answer
from docreview.values.dates import Found, dates, end_date, start_date
from docreview.values.lengths import plain

_FOREVER: Final = re.compile(r"(?i)\b(?:indefinite(?:ly)?|in\s+perpetuity|perpetual(?:ly)?)\b")
_PERPETUAL: Final = re.compile(
    r"(?i)\b(?:(?:until|unless)\s+(?:it\s+is\s+|sooner\s+|earlier\s+|otherwise\s+|the\s+)*terminat\w+"
    r"|until\s+either\s+party)\b"
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
_EVENT: Final = re.compile(r"(?i)\b(?:commenc\w*|begin\w*|effective)\s+(?:on|upon|as\s+of|from|with)\b")
_NOT_AFTER: Final = re.compile(r"(?i)\W*(?:\w+\W+){0,3}?(?:notice|prior|before|written)\b")
_FROM: Final = re.compile(
    r"(?i)(?:[^.;]{0,40}?\b|\s*)(?:from|after|following|commencing|beginning|starting|with(?=\s+the\s+effective)|(?<=anniversary\s)of)\s+(?:on\s+|upon\s+|with\s+|as\s+of\s+|and\s+including\s+)?"
    r"(?:the\s+)?(?P<what>[^,;.()]{3,60})"
)
_STARTS: Final = re.compile(
    r"(?i)\b(?:commenc\w*|begin\w*|start\w*|effective|effect|force|from)\b[^.;]{0,60}?"
    r"\b(?P<what>(?:effective|commencement|signing|execution)\s+date|date\s+(?:hereof|above|first|of\s+(?:this|execution|signature))|date\s+and\s+year)"
)
_AGREED: Final = re.compile(
    r"(?i)date\s+(?:hereof|of\s+(?:this|the|execution|signature|signing)|first|set\s+forth|written|and\s+year|above|execution)|execution\s+date|signing|signature|hereof|agreement\s+date"
)
_EFFECTIVE: Final = re.compile(r"(?i)\W*(?:effective\s+date|commencement\s+date|start\s+date)")


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
    match, signed = _AGREED.search(text), anchors.get("Agreement Date")
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
    anchor = _anchor(text, length, anchors, around)
    if anchor is None or length.business:
        return as_said
    name, start = anchor
    period = Period(length.count or 0, length.unit, 1)
    until = _shifted(start, period)
    if until is None:
        return as_said
    return Answer(kind="date", value=until, iso=until, marks=as_said.marks, reason=f"{name} {start} {period}")


def _anchor(text: str, length: Length, anchors: Mapping[str, Answer], around: str) -> tuple[str, str] | None:
    """The name and the date of what a length is counted from; None when the clause names something else, or nothing."""
    behind = _FROM.match(text, length.end)
    what = behind["what"] if behind else ""
    for known, first, second in (
        (_EFFECTIVE.match(what), "Effective Date", "Agreement Date"),
        (_AGREED.search(what), "Agreement Date", "Effective Date"),
    ):
        if known:
            return _quoted(anchors, first, second)
    if what and not what.lower().startswith(("that", "which")) and not dates(what):
        return None
    own: Found | None = start_date(text, around)
    if own is not None:
        return "from", own.iso
    if start := _STARTS.search(text):
        pair = ("Effective Date", "Agreement Date")
        return _quoted(anchors, *(pair if re.match("(?i)effective|commencement", start["what"]) else pair[::-1]))
    return None if _EVENT.search(text) else _unsaid(anchors)


def _unsaid(anchors: Mapping[str, Answer]) -> tuple[str, str] | None:
    """What a term is counted from when its clause doesn't say: the date from which the contract has effect."""
    known = _quoted(anchors, "Effective Date", "Agreement Date")
    return known and (f"not said from when; if from the {known[0]}", known[1])


def _quoted(anchors: Mapping[str, Answer], *names: str) -> tuple[str, str] | None:
    return next(((name, anchors[name].value) for name in names if name in anchors), None)


def _shifted(start: str, period: Period) -> str | None:
    """A date moved; one that is partly open only by whole years and months that leave its open parts open."""
    try:
        return moved(date.fromisoformat(start), period)[0].isoformat()
    except OverflowError:
        return None
    except ValueError:
        if period.unit != "year" or not start[:4].isdigit():
            return None
        return f"{int(start[:4]) + period.count}{start[4:]}"
