"""Periods, money, percentages and places in a clause, as ranges that can be compared. What is not certain is not read.

This is the one file that knows how a clause writes its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from docreview._dates import period_of
from docreview.readers.values import single_place
from docreview.types import Span

_DAYS: Final = {
    "hour": (Decimal(1) / 24, Decimal(1) / 24),
    "day": (Decimal(1), Decimal(1)),
    "week": (Decimal(7), Decimal(7)),
    "month": (Decimal(28), Decimal(31)),
    "year": (Decimal(365), Decimal(366)),
}
_BUSINESS: Final = (Decimal(1), Decimal(3))
"""Days that a business day takes, at the least and at the most."""
_PERIOD: Final = re.compile(
    r"(?i)(?:\b(?:an?\s+)?[a-z]+(?:[-\s](?:one|two|three|four|five|six|seven|eight|nine|hundred|and))*\s*\(\s*\d{1,4}\s*\)|\b\d{1,4}"
    r"|\b(?:an?\s+|one\s+)?hundred(?:\s+and\s+\w+)?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?))"
    r"[\s-]*(?P<kind>calendar\s+|business\s+|working\s+|banking\s+)?(?P<unit>hour|day|week|month|year)s?\b"
)
_CURRENCY: Final = {
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "£": "GBP",
    "gbp": "GBP",
    "€": "EUR",
    "eur": "EUR",
    "dollars": "USD",
}
_MONEY: Final = re.compile(
    r"(?i)(?P<currency>us\$|usd|gbp|eur|[$£€])\s?(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s+(?P<times>million|billion))?\b"
)
_PERCENT: Final = re.compile(r"(?i)(?<![\d.,])(?P<amount>\d{1,4}(?:\.\d+)?)\s?\)?\s?(?:%|per\s?cent\b)")


@dataclass(frozen=True, slots=True)
class Amount:
    """A value that a clause gives: between `low` and `high` of its `unit` (days, a currency, percent)."""

    low: Decimal
    high: Decimal
    unit: str
    span: Span


def periods(text: str, within: Span) -> list[Amount]:
    """The periods of a clause, in days; None of them where words and digits differ."""
    found = []
    for match in _PERIOD.finditer(text, within.start, within.end):
        count = _count(match)
        if count is None:
            continue
        low, high = _DAYS[match["unit"].lower()]
        if match["kind"] and match["kind"].strip().lower() != "calendar":
            low, high = _BUSINESS
        found.append(Amount(count * low, count * high, "days", Span(*match.span())))
    return found


def _count(match: re.Match[str]) -> int | None:
    unit = match["unit"].lower()
    words = " ".join(match.group().split())
    if unit == "hour":
        words = re.sub(r"(?i)hour", "day", words)
    if match["kind"]:
        words = words.replace(match["kind"].strip() + " ", "")
    period = period_of(f"{words} after it")
    return None if isinstance(period, str) else period.count


def money(text: str, within: Span) -> list[Amount]:
    """The sums of money of a clause whose currency is written with them."""
    found = []
    for match in _MONEY.finditer(text, within.start, within.end):
        amount = Decimal(match["amount"].replace(",", ""))
        amount *= {"million": 10**6, "billion": 10**9}.get((match["times"] or "").lower(), 1)
        found.append(Amount(amount, amount, _CURRENCY[match["currency"].lower()], Span(*match.span())))
    return found


def percentages(text: str, within: Span) -> list[Amount]:
    """The percentages of a clause."""
    found = _PERCENT.finditer(text, within.start, within.end)
    return [Amount(Decimal(m["amount"]), Decimal(m["amount"]), "percent", Span(*m.span())) for m in found]


def place_of_law(text: str, within: Span) -> str | None:
    """The one place whose law a clause names; None when there is none, or more than one."""
    return single_place(text[within.start : within.end])


READINGS: Final[dict[str, Callable[[str, Span], list[Amount]]]] = {
    "period": periods,
    "money": money,
    "percent": percentages,
}


def limit_of(kind: str, words: object) -> Amount:
    """A playbook's limit, "30 days", "USD 1,000,000" or 5 (percent).

    Raises:
        ValueError: It is not exactly one value of this kind.
    """
    text = f"{words}%" if kind == "percent" else str(words)
    found = READINGS[kind](text, Span(0, len(text)))
    if len(found) != 1:
        raise ValueError(f"{words!r} is not one {kind}")
    return found[0]
