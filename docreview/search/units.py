"""What search ranks and returns: sentences and short groups of them, as exact spans that never overlap."""

from __future__ import annotations

import re
from typing import Final

from docreview.chunk.sentences import sentence_spans
from docreview.types import Document

SHORT: Final = 60
"""A sentence below this many characters is joined with its neighbour."""
LONG: Final = 500
"""A sentence above this many characters is cut at a semicolon, a comma or a space."""
_CUT: Final = (re.compile(r";\s+|\n\s*"), re.compile(r",\s+"), re.compile(r"\s+"))


def units(document: Document) -> list[tuple[int, int]]:
    """Spans of `document.text` in order, apart, without outer white space; together they hold every word."""
    if not document.turns:
        return _prose(document.text, 0, len(document.text))
    out: list[tuple[int, int]] = []
    at = 0
    for turn in document.turns:
        line = document.text.rfind("\n", at, turn.span.start) + 1
        start = max(line, at) if line else at
        if document.text[at:start].strip():
            out += _prose(document.text, at, start)
        out += _prose(document.text, start, turn.span.end)
        at = turn.span.end
    if document.text[at:].strip():
        out += _prose(document.text, at, len(document.text))
    return out


def _prose(text: str, start: int, end: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for left, right in sentence_spans(text, start, end):
        for piece in _cut(text, left, right):
            if (
                out
                and out[-1][1] - out[-1][0] < SHORT
                and piece[1] - out[-1][0] <= LONG
                and "\n\n" not in text[out[-1][1] : piece[0]]
            ):
                out[-1] = (out[-1][0], piece[1])
            else:
                out.append(piece)
    return out


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    out = []
    while end - start > LONG:
        cut = _best_cut(text, start)
        out.append((start, cut[0]))
        start = cut[1]
    return [*out, (start, end)]


def _best_cut(text: str, start: int) -> tuple[int, int]:
    for pattern in _CUT:
        found = list(pattern.finditer(text, start + LONG // 3, start + LONG))
        if found:
            mark = text[found[-1].start()]
            left = found[-1].start() + (0 if mark.isspace() else 1)
            return left, found[-1].end()
    return start + LONG, start + LONG
