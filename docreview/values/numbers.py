"""Numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docreview._dates import ONES, TENS

_SMALL: Final = {word: i for i, word in enumerate(ONES)} | {word: 20 + 10 * i for i, word in enumerate(TENS)}
LARGE: Final = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
WORD: Final = "|".join(sorted((*_SMALL, *LARGE), key=len, reverse=True))
"""One word of a number, for a pattern."""


def number_of(words: Sequence[str]) -> int | None:
    """The number that words say; None for words in an order that says none ("twenty thirty")."""
    total = part = 0
    for word in words:
        if word in LARGE:
            size = LARGE[word]
            if size == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * size, 0
        else:
            value = _SMALL[word]
            if part % 100 and (part % 10 or value >= 10 or part % 100 < 20):
                return None
            part += value
    return total + part
