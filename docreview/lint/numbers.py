"""Numbers that are given twice, in words and in digits, and differ: "thirty (60) days"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import Document, Span
from docreview.values.numbers import LARGE, WORD, number_of

_UNIT: Final = r"(?:\s+(?:percent|per\s+cent|(?:U\.?S\.?\s+|United\s+States\s+)?dollars|euros?|pounds))?"
_TWICE: Final = re.compile(
    rf"(?<![\w-])(?P<words>(?:{WORD})(?:(?:\s*[-–]\s*|,?\s+and\s+|,?\s+)(?:{WORD})){{0,12}}){_UNIT}\s*"
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
        words = re.findall(WORD, match["words"].lower())
        said = Decimal(match["digits"].replace(",", "") + (match["part"] or ""))
        if _FRACTION.search(text[max(0, match.start() - 30) : match.start()]):
            continue
        if words[0] in LARGE:  # "three (3) million dollars ($3,000,000)"
            continue
        scale = _SCALE.match(text, match.end())  # "Six (6,000,000) Million"
        if scale and number_of([*words, scale[1].lower()]) == said:
            continue
        if any(number_of(words[i:]) == said for i in range(len(words))):  # "the first two thirty (30) day periods"
            continue
        if number_of(words) is not None:
            span = Span(match.start(), match.end())
            message = f"in words {number_of(words):,}, in digits {said:,}"
            yield Fault(message, (span,), "error")
