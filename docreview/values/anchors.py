"""What the length of a term is counted from: a date that the clause, another clause or a definition quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from docreview._dates import Length
from docreview.values.answer import Answer
from docreview.values.dates import Found, dates, start_date

AGREED: Final = re.compile(
    r"(?i)(?<!effective )date\s+(?:hereof|of\s+(?:this|the|execution|signature|signing)|first|set\s+forth|written"
    r"|and\s+year|above|execution)"
    r"|execution\s+date|signing|signature|hereof|agreement\s+date|(?:upon|on)\s+(?:its\s+|the\s+)?execution\b"
    r"|(?:it\s+is|(?:have|has)\s+been)\s+(?:signed|executed)\b"
)
"""Words for the day on which the contract was made."""
_EFFECTIVE: Final = re.compile(r"(?i)\W*(?:effective\s+date|commencement\s+date|start\s+date)")
_EVENT: Final = re.compile(r"(?i)\b(?:commenc\w*|begin\w*|effective)\s+(?:on|upon|as\s+of|from|with)\b")
_FROM: Final = re.compile(
    r"(?i)(?:[^.;]{0,40}?\b|\s*)(?:from|after|following|commencing|beginning|starting|with(?=\s+the\s+effective)|(?<=anniversary\s)of)\s+(?:on\s+|upon\s+|with\s+|as\s+of\s+|and\s+including\s+)?"
    r"(?:the\s+)?(?P<what>[^,;.()]{3,60})"
)
_STARTS: Final = re.compile(
    r"(?i)\b(?:commenc\w*|begin\w*|start\w*|effective|effect|force|from)\b[^.;]{0,60}?"
    r"\b(?P<what>(?:effective|commencement|signing|execution)\s+date|date\s+(?:hereof|above|first|of\s+(?:this|execution|signature))|date\s+and\s+year)"
)
_NAMED: Final = re.compile(r"\W*(?P<name>(?:[A-Z][\w-]*\s+){1,3}Date)\b")
_MEANS: Final = re.compile(r"(?i)\W{0,3}\s*(?:shall\s+)?(?:means?|is|be)?\s*:?\s*")
_LABEL: Final = re.compile(r"[\s,]*\((?:[^()\"“”]{0,40})$")
_NEAR: Final = 80
_PAIR: Final = ("Effective Date", "Agreement Date")


def counted_from(text: str, length: Length, anchors: Mapping[str, Answer], around: str) -> tuple[str, str] | None:
    """The name and the date of what a length is counted from; None when the clause names something else, or nothing.

    Args:
        anchors: Values of "Effective Date" and "Agreement Date", each read from its own quote.
        around: The document; a day that the clause names ("Launch Date") counts when the document defines it as a date.
    """
    behind = _FROM.match(text, length.end)
    what = behind["what"] if behind else ""
    if found := _named(what, anchors, around):
        return found
    if what and not what.lower().startswith(("that", "which")) and not dates(what):
        return None
    own: Found | None = start_date(text, around)
    if own is not None:
        return "from", own.iso
    if start := _STARTS.search(text):
        return _named(start["what"], anchors, around)
    return None if _EVENT.search(text) else _unsaid(anchors)


def _named(what: str, anchors: Mapping[str, Answer], around: str) -> tuple[str, str] | None:
    name = _NAMED.match(what)
    if name and " ".join(name["name"].split()) not in anchors and (found := defined(name["name"], around)):
        return found
    if _EFFECTIVE.match(what):
        return _quoted(anchors, *_PAIR)
    return _quoted(anchors, *_PAIR[::-1]) if AGREED.search(what) else None


def defined(name: str, document: str) -> tuple[str, str] | None:
    """A name with the words that define it, and the one date that they give: `May 1, 2001 (the "Launch Date")`.

    None when nothing does, or definitions differ.
    """
    term = r"\s+".join(re.escape(word) for word in name.split())
    found: dict[str, str] = {}
    for match in re.finditer(rf"[\"“”](?:the\s+)?{term}[\"“”]", document):
        for start, end, iso in _beside(document, *match.span()):
            found.setdefault(iso, " ".join(document[start:end].split()))
    if len(found) != 1:
        return None
    iso, words = found.popitem()
    return f"{' '.join(name.split())} ({words})", iso


def _beside(document: str, start: int, end: int) -> list[tuple[int, int, str]]:
    """Places of a defined name together with the date that it is given, before it or behind it."""
    left = max(0, start - _NEAR)
    before = [
        (left + date.start, min(len(document), end + 1), date.iso)
        for date in dates(document[left:start])
        if _LABEL.fullmatch(document, left + date.end, start)
    ]
    behind = [
        (start, end + date.end, date.iso)
        for date in dates(document[end : end + _NEAR])
        if _MEANS.fullmatch(document, end, end + date.start)
    ]
    return before + behind


def _unsaid(anchors: Mapping[str, Answer]) -> tuple[str, str] | None:
    """What a term is counted from when its clause doesn't say: the date from which the contract has effect."""
    known = _quoted(anchors, *_PAIR)
    return known and (f"not said from when; if from the {known[0]}", known[1])


def _quoted(anchors: Mapping[str, Answer], *names: str) -> tuple[str, str] | None:
    return next(((name, anchors[name].value) for name in names if name in anchors), None)
