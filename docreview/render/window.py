"""What a screen shows of a long text at once, and how its characters are counted there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from docreview._html import escape
from docreview.types import Span

SHEET: Final = 10_000
"""A sheet is about as long, in characters: some three printed pages."""
_ESCAPED: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u202a\u202b\u202d\u202e\u2066-\u2068]")


@lru_cache(maxsize=32)
def sheets(text: str, size: int = SHEET) -> tuple[Span, ...]:
    """The text in pieces of about `size` characters, cut at line ends; a line of more than that is cut too."""
    found, start = [], 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            line = text.rfind("\n", start, end) + 1
            end = line if line > start else end
        found.append(Span(start, end))
        start = end
    return tuple(found)


def sheet_at(cut: Sequence[Span], offset: int) -> int:
    """The number of the sheet that holds a character, from 0; the nearest one for an offset outside the text."""
    return max(0, min(bisect_right(cut, offset, key=lambda sheet: sheet.start), len(cut)) - 1)


def window(cut: Sequence[Span], number: int) -> Span | None:
    """A sheet with the one before and the one after; None for an empty text."""
    if not cut:
        return None
    number = max(0, min(number, len(cut) - 1))
    return Span(cut[max(0, number - 1)].start, cut[min(number + 1, len(cut) - 1)].end)


def codes(text: str) -> list[tuple[int, int]]:
    """Where `highlight` shows a code instead of a character: the character's offset, and the code's length."""
    return [(match.start(), len(escape(match[0]))) for match in _ESCAPED.finditer(text)]


def occurrences(text: str, words: str, most: int = 500) -> list[Span]:
    """Where words stand in a text, one after another, in any case of letters and with any white space between them; the
    first `most` places.
    """
    parts = words.split()
    if not parts:
        return []
    pattern = re.compile(r"\s+".join(map(re.escape, parts)), re.IGNORECASE)
    found: list[Span] = []
    for match in pattern.finditer(text):
        found.append(Span(*match.span()))
        if len(found) == most:
            break
    return found
