"""By when, and upon what: the words of a deadline, and the date where the document settles it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from docreview._dates import moved, period_of, single_date
from docreview.obligations.values import Deadline
from docreview.types import Citation, Document, Span
from docreview.verify import cite

_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE: Final = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\s*,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:day\s+of\s+)?{_MONTH}\s*,?\s+\d{{4}}"
    r"|\d{4}-\d{2}-\d{2})"
)
_PERIOD: Final = (
    r"(?:[A-Za-z-]+\s+){0,4}?(?:\(?\d{1,4}\)?\s*)?(?:(?:calendar|business|working|banking)\s+)?"
    r"(?:[Dd]ays?|[Ww]eeks?|[Mm]onths?|[Yy]ears?|[Hh]ours?|(?:Business|Working)\s+Days?)['’]?"
)
_SINCE: Final = (
    r"(?:\s+(?:(?:prior\s+)?written\s+|prior\s+)?(?:notice\s+)?"
    r"(?:of|after|following|from|before|prior\s+to|in\s+advance\s+of)\s+[^,;:.()]{3,90}?(?=[,;:.()]|\s+(?:and|or|in|with|to|shall|if|unless)\b|$))"
)
_DEADLINES: Final = (
    re.compile(rf"(?i:on\s+or\s+before|no\s+later\s+than|not\s+later\s+than|by|before|on|until)\s+(?:the\s+)?{_DATE}"),
    re.compile(rf"(?i:within|(?:no|not)\s+later\s+than)\s+{_PERIOD}{_SINCE}?"),
    re.compile(
        rf"(?i:at\s+least|(?:no|not)\s+(?:more|less|fewer)\s+than|upon|on)\s+{_PERIOD}"
        rf"(?:{_SINCE}|\s+(?:prior\s+|advance\s+|written\s+)*notice\b|\s+in\s+advance\b)"
    ),
    re.compile(
        r"(?i)\b(?:by|before|at|no\s+later\s+than)\s+the\s+(?:end|beginning|close|expiration|expiry)\s+of\s+[^,;:.()]{3,60}"
    ),
    re.compile(
        r"(?i)\b(?:promptly|immediately|forthwith|without\s+(?:undue\s+|unreasonable\s+)?delay|at\s+once"
        r"|as\s+soon\s+as\s+(?:is\s+)?(?:reasonably\s+)?(?:practicable|possible)|in\s+a\s+timely\s+(?:manner|fashion))\b"
    ),
    re.compile(
        r"(?i)\b(?:(?:each|every)\s+(?:calendar\s+|contract\s+|fiscal\s+)?(?:day|week|month|quarter|year)\b|monthly|quarterly|annually"
        r"|on\s+an?\s+(?:daily|weekly|monthly|quarterly|annual|yearly)\s+basis)\b"
    ),
)
_COUNTED: Final = 4
"""The first so many name a day or count one; they may stand before the party."""
_TRIGGER: Final = re.compile(
    r"(?i)\b(?<!as )(?<!agreed )(?<!based )(?<!relied )(?<!relies )(?<!the )"
    r"(?:upon|if(?!\s+(?:any|applicable|possible|necessary|so)\b)|"
    r"in\s+the\s+event(?:\s+(?:of|that))?|following|after|when|whenever|as\s+soon\s+as|on\s+request|at\s+the\s+request)"
    r"\s+[^,;:.]{3,160}(?=[,;:.]|$)"
)
_ANCHOR: Final = re.compile(
    r"(?:after|following|from|of|before|prior\s+to)\s+the\s+(?P<term>[A-Z][\w-]*(?:\s+[A-Z][\w-]*){0,3}\s+Date)\s*$"
)
_VALUE: Final = 300
"""Characters behind a defined date in which its value stands."""


def deadline_in(document: Document, duty: Span, context: Span) -> Deadline | None:
    """The deadline of a duty: in what follows the verb, else in what leads up to it ("Within 30 days, X shall ...")."""
    before = Span(context.start, duty.start) if context.start < duty.start else None
    for where, patterns in ((duty, _DEADLINES), (before, _DEADLINES[:_COUNTED])):
        found = where and _first(document, where, patterns)
        if found and (quoted := cite(document[found], document, found)):
            return _dated(document, quoted)
    return None


def trigger_in(document: Document, context: Span) -> Citation | None:
    """Upon what a duty falls due."""
    match = _TRIGGER.search(document.text, context.start, context.end)
    return cite(match.group(), document, Span(*match.span())) if match else None


def _first(document: Document, where: Span, patterns: Iterable[re.Pattern[str]]) -> Span | None:
    """The deadline that says most: a date, then a period, then "promptly", then "each month"."""
    for pattern in patterns:
        if match := pattern.search(document.text, where.start, where.end):
            return Span(match.start(), match.start() + len(match.group().rstrip()))
    return None


def _dated(document: Document, quoted: Citation) -> Deadline:
    iso = single_date(quoted.quote)
    period = period_of(quoted.quote)
    if iso and not re.search(r"(?i)\b(?:within|least|days?\s+(?:after|before|prior|from|of))\b", quoted.quote):
        return Deadline(citation=quoted, date=iso)
    if isinstance(period, str):
        return Deadline(citation=quoted, note=f"no date: {period}")
    anchor = _anchor(document, " ".join(quoted.quote.split()))
    start = single_date(anchor.quote) if anchor else None
    if anchor is None or start is None:
        return Deadline(citation=quoted, note="no date: the document does not say when it begins to count")
    try:
        end, remark = moved(date.fromisoformat(start), period)
    except OverflowError:
        return Deadline(citation=quoted, note="no date: there is no such year")
    arithmetic = f"{start} {period} = {end.isoformat()}" + (f" ({remark})" if remark else "")
    return Deadline(citation=quoted, date=end.isoformat(), anchor=anchor, arithmetic=arithmetic)


def _anchor(document: Document, quote: str) -> Citation | None:
    """The place that says which day a period is counted from: the one definition of the date that it names."""
    named = _ANCHOR.search(quote)
    if named is None:
        return None
    term = " ".join(named["term"].split())
    terms = [each for each in document.terms if each.term == term]
    if len(terms) != 1:
        return None
    where = terms[0].definition
    if len(where) > _VALUE:
        near = Span(
            max(where.start, terms[0].span.start - _VALUE // 2), min(where.end, terms[0].span.end + _VALUE // 2)
        )
        where = near
    return cite(document[where], document, where) if single_date(document[where]) else None
