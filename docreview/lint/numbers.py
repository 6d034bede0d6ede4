"""Numbers that are given twice, in words and in digits, and differ: "thirty (60) days"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from docreview.lint.fault import Fault
from docreview.read.numerals import ONES, TENS
from docreview.types import Document, Span

_SMALL: Final = {word: i for i, word in enumerate(ONES)} | {word: 20 + 10 * i for i, word in enumerate(TENS)}
_LARGE: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_WORD: Final = "|".join(sorted((*_SMALL, *_LARGE), key=len, reverse=True))
_UNIT: Final = r"(?:\s+(?:percent|per\s+cent|(?:U\.?S\.?\s+|United\s+States\s+)?dollars|euros?|pounds))?"
_TWICE: Final = re.compile(
    rf"(?<![\w-])(?P<words>(?:{_WORD})(?:(?:\s*[-–]\s*|,?\s+and\s+|,?\s+)(?:{_WORD})){{0,12}}){_UNIT}\s*"
    r"\(\s*(?:US\s?|U\.S\.\s?)?[$€£]?\s?(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?\s*(?P<unit>%|percent|days?|months?|years?|hours?)?\s*\)",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(
    r"(?:half|quarter|third|tenths?|point|hundredths?|thousandths?|fractions?)\W*(?:of\s*)?$", re.IGNORECASE
)
_SCALE: Final = re.compile(r"\s*(hundred|thousand|million|billion)\b", re.IGNORECASE)


def contradicting_numbers(document: Document) -> Iterator[Fault]:
    """Words and digits side by side that are not the same number."""
    text = document.text
    for match in _TWICE.finditer(text):
        words = re.findall(_WORD, match["words"].lower())
        said = Decimal(match["digits"].replace(",", "") + (match["part"] or ""))
        if _FRACTION.search(text[max(0, match.start() - 30) : match.start()]):
            continue
        if words[0] in _LARGE:  # "three (3) million dollars ($3,000,000)"
            continue
        scale = _SCALE.match(text, match.end())  # "Six (6,000,000) Million"
        if scale and _value([*words, scale[1].lower()]) == said:
            continue
        if any(_value(words[i:]) == said for i in range(len(words))):  # "the first two thirty (30) day periods"
            continue
        if _value(words) is not None:
            span = Span(match.start(), match.end())
            message = f"in words {_value(words):,}, in digits {said:,}"
            yield Fault(message, (span,), "error")


def _value(words: list[str]) -> int | None:
    """The number that words say; None for words in an order that says none ("twenty thirty")."""
    total, part, last = 0, 0, 10**12
    for word in words:
        if word in _LARGE:
            size = _LARGE[word]
            if size == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * size, 0
            last = size
        else:
            value = _SMALL[word]
            if part % 100 and (part % 10 or value >= 10 or part % 100 < 20):
                return None
            part, last = part + value, value
    return total + part if last else None
