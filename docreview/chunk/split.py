"""Cutting a long piece of text at the best places: blank lines, sentences, lines, clauses, blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from docreview.chunk.sentences import sentence_spans

_NEAR: Final = 400  # sentence ends are looked for in so many characters before the limit, then in all that may be cut
_BLANKS: Final = re.compile(r"\s+")
_CLAUSE_MARK: Final = re.compile(r"[;:,)\]–—、，；：](?:\s+|(?<=[、，；：]))(?=\S)")


def cut(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """`text[start:end]` as pieces of at most `limit` characters and about equal size; between them only white space."""
    while end - start > limit:
        size = end - start
        share = size // -(-size // limit)  # of one piece, when all are equal
        high = start + max(1, min(limit, share + share // 6))
        at = _best(text, start + max(1, share // 2), high)
        yield start, at
        blanks = _BLANKS.match(text, at, end)
        start = blanks.end() if blanks else at
    yield start, end


def _best(text: str, low: int, high: int) -> int:
    """The best place to cut in `[low, high]`, the last one of its kind."""
    if (at := text.rfind("\n\n", low, high)) >= 0:
        return at + 2
    near = max(low, high - _NEAR)
    for left in (near, low) if near > low else (low,):
        spans = sentence_spans(text, left, high)
        if len(spans) > 1 and spans[-1][0] > left:
            return spans[-1][0]
    if (at := text.rfind("\n", low, high)) >= 0:
        return at + 1
    last = -1
    for match in _CLAUSE_MARK.finditer(text, low, high):
        last = match.end()
    if last > 0:
        return last
    if (at := max(text.rfind(" ", low, high), text.rfind("\t", low, high))) >= 0:
        return at + 1
    while high > low and high < len(text) and unicodedata.combining(text[high]):
        high -= 1
    return high
