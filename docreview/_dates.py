"""Full dates and periods as contracts write them, and the arithmetic between them. What is not certain is not read."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, cast

Unit = Literal["day", "week", "month", "year"]

_MONTHS: Final = tuple(name.lower() for name in calendar.month_name[1:])
_MONTH: Final = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_NTH: Final = r"(?:\s?(?:s\s?t|n\s?d|r\s?d|t\s?h))?"  # "1s t": a raised ending that text recognition tore off
_WEEKDAY: Final = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s+)?"
_DATES: Final = (
    re.compile(rf"(?i)\b(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}}){_NTH}(?:\s*[.,]\s*|\s+)(?P<y>\d{{4}})\b"),
    re.compile(
        rf"(?i)\b(?P<d>\d{{1,2}}){_NTH}\)?\s+(?:(?:day\s+)?of\s+)?{_WEEKDAY}(?P<m>{_MONTH})(?:\s*[.,]\s*|\s+)(?P<y>\d{{4}})\b"
    ),
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
)


def single_date(text: str) -> str | None:
    """The one full date of a text as YYYY-MM-DD; None when there is none, or more than one. Dates in numbers alone
    ("3/4/2020") are left: which is the month is a guess.
    """
    found = {iso for _, _, iso in dates_in(text)}
    return found.pop() if len(found) == 1 else None


def dates_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and YYYY-MM-DD of every full date whose month is told from its day, pattern by pattern."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if iso := _iso(match):
                yield match.start(), match.end(), iso


def date_spans(text: str) -> list[tuple[int, int]]:
    """Where full dates stand in a text, whether or not there is such a day; those in numbers alone are left."""
    return sorted(match.span() for pattern in _DATES for match in pattern.finditer(text))


def _iso(match: re.Match[str]) -> str | None:
    month = match["m"]
    number = int(month) if month.isdigit() else 1 + [name[:3] for name in _MONTHS].index(month[:3].lower())
    try:
        return date(int(match["y"]), number, int(match["d"])).isoformat()
    except ValueError:
        return None


ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_VALUES: Final = {word: i for i, word in enumerate(ONES)} | {word: 10 * i for i, word in enumerate(TENS, 2)}
_WORD: Final = rf"(?:{'|'.join(TENS)})(?:[-\s]+(?:{'|'.join(ONES[1:10])})\b)?|{'|'.join(reversed(ONES))}"
_PERIOD: Final = re.compile(
    rf"(?i)\b(?:(?P<hundreds>an?|{'|'.join(ONES[1:10])})\s+hundred\b(?:\s+and\b)?\s*)?(?:(?P<word>{_WORD})\b\s*)?"
    r"(?:\(?\s*(?P<digits>\d{1,4})\s*\)?)?[\s-]*"
    r"(?:(?:full|complete|consecutive)\s+)?(?P<kind>calendar|business|working|banking|trading)?\s*\b(?P<unit>day|week|month|year)s?\b['’]?"
)
_ANNIVERSARY: Final = re.compile(
    rf"(?i)\b(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th))\s+anniversary\b"
)
_WAY: Final = re.compile(
    r"(?i)(?:[\s,]+(?!after|following|from|before|prior|preceding)[\w'’]+){0,4}?[\s,]+"
    r"(?:(?P<after>after|following|from|since)|(?P<of>of)|(?P<before>before|prior\s+to|preceding|in\s+advance\s+of))\b"
)
_COMPOUND: Final = re.compile(
    r"(?i)\b(?:first|last|next)\s+(?:\w+\s+)?(?:day|month|quarter|year)\b|\bday\s+(?:immediately\s+)?(?:before|prior|preceding)"
)


@dataclass(frozen=True, slots=True)
class Period:
    """So many units after (1) or before (-1) something."""

    count: int
    unit: Unit
    sign: Literal[1, -1]

    def __str__(self) -> str:
        return f"{'+' if self.sign > 0 else '-'} {self.count} {self.unit}{'s' * (self.count != 1)}"


def period_of(text: str) -> Period | str:
    """The one period of a text, "thirty (30) days after ...", or why it can't be told, in words.

    Business days are not counted: which days they are doesn't stand in the document.
    """
    text = " ".join(text.split())
    found = [match for match in _PERIOD.finditer(text) if match["word"] or match["digits"] or match["hundreds"]]
    anniversaries = list(_ANNIVERSARY.finditer(text))
    if len(found) + len(anniversaries) != 1:
        return f"{len(found) + len(anniversaries) or 'no'} periods are in it, not one"
    if _COMPOUND.search(text):
        return "it names a further day (the first, the last, the day before)"
    match = (found or anniversaries)[0]
    way = _WAY.match(text, match.end())
    if way is None or (way["of"] and found and "within" not in text[: match.start()].lower()):
        return "it does not say after or before what"
    sign: Literal[1, -1] = -1 if way["before"] else 1
    if anniversaries:
        return Period(int(match["digits"] or 0) or 1 + _ORDINALS.index(match["word"].lower()), "year", sign)
    if (match["kind"] or "calendar").lower() != "calendar":
        return f"{match['kind'].lower()} days can't be counted without a calendar of holidays"
    count = _count(match)
    unit = cast(Unit, match["unit"].lower())
    return "its number in words and in digits differ" if count is None else Period(count, unit, sign)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time as a text has it at `[start, end)`; `count` is None when its words and digits differ.

    `business`: days that only a calendar of holidays can count.
    """

    start: int
    end: int
    count: int | None
    unit: Unit
    business: bool


def lengths_in(text: str) -> Iterator[Length]:
    """Every length of time of a text, "thirty (30) days", in its order."""
    for match in _PERIOD.finditer(text):
        if match["word"] or match["digits"] or match["hundreds"]:
            business = (match["kind"] or "calendar").lower() != "calendar"
            yield Length(match.start(), match.end(), _count(match), cast(Unit, match["unit"].lower()), business)


def _count(match: re.Match[str]) -> int | None:
    """The number of a period; None when its words and its digits differ."""
    words = 100 * _VALUES.get((match["hundreds"] or "").lower(), 1) if match["hundreds"] else 0
    words += sum(_VALUES[part] for part in re.split(r"[-\s]+", (match["word"] or "").lower()) if part)
    digits = int(match["digits"]) if match["digits"] else None
    if digits is None:
        return words
    return digits if digits == words or not (match["word"] or match["hundreds"]) else None


def moved(start: date, period: Period) -> tuple[date, str]:
    """A date moved by a period, and a remark where a month had no such day ("" otherwise). The start isn't counted.

    Raises:
        OverflowError: There is no such year.
    """
    amount = period.sign * period.count
    if period.unit in ("day", "week"):
        return start + timedelta(days=amount * (7 if period.unit == "week" else 1)), ""
    months = 12 * start.year + start.month - 1 + amount * (12 if period.unit == "year" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("there is no such year")
    last = calendar.monthrange(year, month + 1)[1]
    remark = f"the month has no day {start.day}, so its last day counts" if start.day > last else ""
    return date(year, month + 1, min(start.day, last)), remark
