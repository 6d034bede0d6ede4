"""Lengths of time in their roles: how long, how early a notice, how long each renewal."""

from __future__ import annotations

import re
from typing import Final

from docreview._dates import Length, lengths_in
from docreview.types import Span
from docreview.values.answer import Answer

_NOTICE_AFTER: Final = re.compile(
    r"(?i)\W*(?:(?:day|period|calendar|advance|prior|previous|written|to|in)\b\W*){0,4}(?:notice|notif\w+|before|advance|prior|preceding)\b"
)
_NOTICE_BEFORE: Final = re.compile(
    r"(?i)(?:notice|notif\w+|inform\w*|advis\w*|cancel\w*|non-?\s*renew\w*|terminat\w+)\b[^.;]{0,120}$"
)
_NOTICE_NEAR: Final = re.compile(
    r"(?i)\b(?:notice|notif\w+)\b[^.;]{0,60}(?:at\s+least|less\s+than|later\s+than|of|within)\W*$"
)
_RENEW: Final = re.compile(
    r"(?i)\b(?:re-?new\w*|exten\w+|successive|consecutive|additional|subsequent|further|successor|thereafter)\b"
)
_CALENDAR: Final = re.compile(
    r"(?i)\b(?:(?P<year>(?:from\s+)?year[\s-]+to[\s-]+year|annually|(?:each|every)\s+year|annual\s+(?:periods?|terms?|basis|renewals?))"
    r"|(?P<month>month[\s-]+(?:to|by)[\s-]+month|monthly))\b"
)
_AGAIN: Final = re.compile(
    r"(?i)\b(?:successive|consecutive|one\s+\(1\)\s+or\s+more|each|every|subsequent|additional\s+(?:extended\s+)?(?:terms|periods))\b|\ball\s+renewal"
)
_PLURAL: Final = re.compile(
    r"(?i)[\s-]*(?:\w+[\s-]+){0,2}?(?:terms|periods|extensions|renewals|years\s+each|each)\b|\s*\W{0,2}each\b"
)
_ANY: Final = re.compile(
    r"(?i)\b(?:any|each|(?:then|the)[\s-]+current)\s+(?:renewal|extension|extended|renewed)\s+(?:term|period)"
)
_ONCE: Final = re.compile(
    r"(?i)\b(?:one|single|an?|one\s+time)\s*(?:\(1\)\s*)?(?:additional|further|successive|extension|renewal|term|more|extended)\b"
)
_OPEN: Final = re.compile(
    r"(?i)\b(?:indefinite(?:ly)?|unlimited\s+(?:\w+\s+)?(?:period|term)|perpetu\w+)\b"
    r"|\b(?:continue|remain)\w*\s+in\s+(?:full\s+force\s+and\s+)?effect\s+(?:thereafter\s+)?until\s+(?:terminated|either)"
    r"|\bthereafter\b[^.;]{0,40}\bcontinue\s+until\s+terminated"
)
_RENEWED: Final = re.compile(r"(?i)[\s-]*(?:term\s+)?(?:extension|renewal)")
_AGREED: Final = re.compile(
    r"(?i)\b(?:negotiate\s+for|(?:upon|by|on)\s+(?:the\s+)?(?:\w+['’]?s?['’]?\s+){0,2}mutual(?:ly)?\s+(?:written\s+)?(?:agree\w*|consent))"
)
_LONE: Final = re.compile(r"(?i)\b(?:(?P<half>half\s+a\s+year)|additional\s+(?P<unit>month|year))\b")
_LETTER: Final = {"day": "D", "week": "W", "month": "M", "year": "Y"}
_BEFORE: Final = 140


def words(length: Length) -> str:
    """A length in words, "30 days", "10 business days"."""
    kind = "business " if length.business else ""
    return f"{length.count} {kind}{length.unit}{'s' * (length.count != 1)}"


def iso(length: Length) -> str:
    """A length as ISO 8601, "P30D"; empty for business days, which have none."""
    return "" if length.business else f"P{length.count}{_LETTER[length.unit]}"


def duration(text: str) -> Answer | None:
    """The first length of time of a clause; None without one, or when its words and digits differ."""
    return next((plain(one) for one in lengths_in(text) if one.count is not None), None)


def notice(text: str) -> Answer | None:
    """How early a notice must be given: the length that stands with "notice", "prior" or "before".

    A clause that asks for two different ones gives both, joined by "; ".
    """
    found = [one for one in lengths_in(text) if one.count is not None and _is_notice(text, one)]
    if not found:
        return None
    texts = list(dict.fromkeys(words(one) for one in found))
    marks = tuple(Span(one.start, one.end) for one in found)
    return Answer(kind="duration", value="; ".join(texts), iso=iso(found[0]) if len(texts) == 1 else "", marks=marks)


def renewal(text: str) -> Answer | None:
    """How long each renewal lasts, "successive" when there may be more than one, or "perpetual".

    None when a clause only says that the parties may agree on one.
    """
    cue = _RENEW.search(text)
    if cue is None or (_AGREED.search(text) and "automatic" not in text.lower()):
        return _calendar(text) or _perpetual(text)
    for length in lengths_in(text):
        if length.start < cue.start() - 40 or length.count is None or _is_notice(text, length):
            continue
        before = _RENEW.search(text[max(0, length.start - _BEFORE) : length.start])
        if not (before or _RENEWED.match(text, length.end)) or _is_initial(text, length):
            continue
        again = _repeats(text, length)
        shown = f"successive {words(length)}" if again else words(length)
        return Answer(
            kind="renewal",
            value=shown,
            iso=("R/" if again else "") + iso(length),
            marks=(Span(length.start, length.end),),
        )
    return _lone(text) or _calendar(text) or _perpetual(text)


def plain(length: Length) -> Answer:
    """A length as a value."""
    return Answer(kind="duration", value=words(length), iso=iso(length), marks=(Span(length.start, length.end),))


def _is_notice(text: str, length: Length) -> bool:
    if _NOTICE_AFTER.match(text, length.end):
        return True
    before = text[max(0, length.start - _BEFORE) : length.start]
    late = re.search(r"(?i)(?:at\s+least|less\s+than|later\s+than|minimum\s+of|upon|within)\W*$", before)
    return bool(_NOTICE_NEAR.search(before) or (late and _NOTICE_BEFORE.search(before)))


def _is_initial(text: str, length: Length) -> bool:
    """Whether a length is that of the first term, not of a renewal."""
    before = text[max(0, length.start - 60) : length.start]
    first = re.search(r"(?i)\b(?:initial|original|current)\b[^,;.]*$", before)
    return bool(first) and not _RENEW.search(before[first.end() - 20 if first else 0 :])


def _repeats(text: str, length: Length) -> bool:
    if _ANY.search(text):
        return True
    near = text[max(0, length.start - 60) : length.end]
    if _ONCE.search(near):
        return False
    return bool(_AGAIN.search(near) or _PLURAL.match(text, length.end))


def _lone(text: str) -> Answer | None:
    """A renewal whose length has no number, "half a year", "an additional month"."""
    match = _LONE.search(text)
    if match is None:
        return None
    value, iso = ("6 months", "P6M") if match["half"] else (f"1 {match['unit']}", f"P1{match['unit'][0].upper()}")
    return Answer(kind="renewal", value=value, iso=iso, marks=(Span(*match.span()),))


def _calendar(text: str) -> Answer | None:
    """Renewals told by the calendar, "from year to year"."""
    match = _CALENDAR.search(text)
    if match is None or _AGREED.search(text):
        return None
    unit = "year" if match["year"] else "month"
    return Answer(
        kind="renewal", value=f"successive 1 {unit}", iso=f"R/P1{unit[0].upper()}", marks=(Span(*match.span()),)
    )


def _perpetual(text: str) -> Answer | None:
    match = _OPEN.search(text)
    return match and Answer(kind="renewal", value="perpetual", marks=(Span(*match.span()),))
