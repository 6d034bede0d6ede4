"""Amounts of money, percentages and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from docreview.types import Span
from docreview.values.answer import Answer
from docreview.values.numbers import LARGE, WORD, number_of

_SIGNS: Final = {
    "us$": "USD", "u.s.$": "USD", "u.s. $": "USD", "c$": "CAD", "cdn$": "CAD", "can$": "CAD", "a$": "AUD",
    "hk$": "HKD", "s$": "SGD", "nt$": "TWD", "€": "EUR", "£": "GBP", "¥": "JPY", "rmb": "CNY",
}  # fmt: skip
_CODES: Final = "USD|EUR|GBP|CAD|AUD|CHF|JPY|CNY|HKD|SGD|INR|NZD|SEK|NOK|DKK"
_NAMES: Final = (
    (r"(?:u\.?\s?s\.?|united\s+states|american)\s+dollars?", "USD"),
    (r"canadian\s+dollars?", "CAD"),
    (r"australian\s+dollars?", "AUD"),
    (r"euros?", "EUR"),
    (r"pounds?(?:\s+sterling)?|sterling", "GBP"),
    (r"swiss\s+francs?", "CHF"),
    (r"(?:japanese\s+)?yen", "JPY"),
    (r"renminbi|yuan", "CNY"),
    (r"dollars?", "$"),
)
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE: Final = r"(?:\s*(?P<scale>thousand|million|billion)\b)?"
_SIGN: Final = "|".join(re.escape(sign).replace(r"\ ", r"\s*") for sign in sorted(_SIGNS, key=len, reverse=True))
_NAME: Final = "|".join(pattern for pattern, _ in _NAMES)
_WORDS: Final = rf"(?<![\w-])(?:{WORD})(?:(?:\s*-\s*|,?\s+and\s+|\s+)(?:{WORD})){{0,12}}"
_MONEY: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w])(?P<sign>{_SIGN}|(?:{_CODES})\s?\$?|\$)\s?(?P<number>{_NUMBER})(?![\d%]|,\d){_SCALE}(?:\s+(?P<code>{_CODES})\b)?",
        rf"(?<![\w.,$€£])(?P<number>{_NUMBER}){_SCALE}\s+(?:(?P<code>{_CODES})\b|(?P<name>{_NAME})\b)",
        rf"(?P<words>{_WORDS})\s+(?P<name>{_NAME})\b",
    )
)
_PERCENT: Final = re.compile(
    rf"(?<![\w.,])(?P<number>\d{{1,3}}(?:\.\d+)?)\s*(?:%|per\s?cent\b|percent\b|percentage\s+points?\b)"
    rf"|(?P<words>{_WORDS})\s+per\s?cent\b(?!\s*\(\s*\d)",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(
    r"(?<![\w.,$€£/-])(?P<number>\d{1,3}(?:,\d{3})+|\d{1,9})(?![\w.,/%-]*\w|%)\)?\s+(?P<what>[a-z][a-z-]+)"
)


def money(text: str) -> tuple[Answer, ...]:
    """Amounts of money in their order, "USD 5,000,000"; "$" alone stays "$": whose dollar it is the clause doesn't say.

    An amount given twice, in words and in digits, counts once when both agree; words and digits that differ give both.
    """
    found: list[Answer] = []
    for pattern in _MONEY:
        for match in pattern.finditer(text):
            mark = Span(*match.span())
            value = _amount(match)
            if value and all(mark.end <= one.marks[0].start or mark.start >= one.marks[0].end for one in found):
                found.append(Answer(kind="money", value=value, marks=(mark,)))
    found.sort(key=lambda one: one.marks[0].start)
    return tuple(one for i, one in enumerate(found) if not (i and _same(text, found[i - 1], one)))


def percent(text: str) -> tuple[Answer, ...]:
    """Percentages in their order, "12.5%"."""
    return tuple(Answer(kind="percent", value=f"{value}%", marks=(mark,)) for value, mark in _percents(text))


def counts(text: str) -> tuple[Answer, ...]:
    """Whole numbers with the word that they count, "500 units"; lengths of time, money and percentages are none."""
    rows = (
        m
        for m in _COUNT.finditer(text)
        if not re.match(r"(?:calendar|business|day|week|month|year|dollar|euro|percent|of|and|or|the)", m["what"])
    )
    return tuple(
        Answer(kind="count", value=f"{m['number'].replace(',', '')} {m['what']}", marks=(Span(*m.span()),))
        for m in rows
    )


def _percents(text: str) -> Iterator[tuple[str, Span]]:
    for match in _PERCENT.finditer(text):
        value = match["number"] or _spelled(match["words"])
        if value is not None:
            yield str(value), Span(*match.span())


def _spelled(words: str) -> int | None:
    return number_of(re.findall(WORD, words.lower()))


def _amount(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    number = Decimal(parts["number"].replace(",", "")) if parts.get("number") else None
    if number is None:
        spelled = _spelled(parts["words"])
        if not spelled:
            return None
        number = Decimal(spelled)
    if parts.get("scale"):
        number *= LARGE[parts["scale"].lower()]
    return f"{_currency(parts)} {number.normalize():,f}"


def _currency(parts: dict[str, str | None]) -> str:
    if code := parts.get("code"):
        return code.upper()
    if name := parts.get("name"):
        return next(code for pattern, code in _NAMES if re.fullmatch(pattern, name, re.IGNORECASE))
    sign = " ".join((parts["sign"] or "").lower().split())
    return _SIGNS.get(sign) or _SIGNS.get(sign.replace(" ", "")) or (sign.rstrip(" $").upper() or "$")


def _same(text: str, before: Answer, after: Answer) -> bool:
    """Whether an amount in brackets repeats the one before it."""
    between = text[before.marks[0].end : after.marks[0].start]
    same = before.value.split()[1] == after.value.split()[1]
    return same and re.fullmatch(r"\s*[(\[]\s*", between) is not None
