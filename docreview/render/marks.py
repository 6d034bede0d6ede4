"""A document's text with marked places, as HTML made of div, mark and span alone; everything else is escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from docreview._html import Safe, escape, join, tag

BLOCK: Final = 8_000
"""A long text is cut into blocks of about this many characters, at line ends: a browser lays out what it shows."""

Mark = tuple[int, int, str]


def highlight(text: str, spans: Iterable[Mark], *, prefix: str = "m", faint: Collection[int] = ()) -> str:
    """A text with places marked.

    Every character of the text appears once, in order; control characters and direction overrides are shown as their
    codes. Where marks overlap, the shared piece carries the labels of all of them. The first piece of mark number `i`
    (in the order given, from 0) has the id `<prefix><i>`. Each line is a div of its own, so that it runs in the
    direction of its own script, and keeps its line end and blanks: show it with `white-space: pre-wrap`.

    Args:
        spans: (start, end, label): offsets into `text`, end exclusive.
        prefix: Start of the ids: letters, digits, hyphens.
        faint: Numbers of marks to draw as unsure.

    Raises:
        ValueError: A span is empty, reversed or outside the text, or the prefix could leave its attribute.
    """
    marks = list(spans)
    for start, end, _ in marks:
        if not 0 <= start < end <= len(text):
            raise ValueError(f"[{start}, {end}) is no place in a text of {len(text)} characters")
    if not prefix.replace("-", "").isalnum():
        raise ValueError("a prefix has letters, digits and hyphens")
    starts = _starts(text)
    cuts = sorted({*starts, len(text), *(at for mark in marks for at in mark[:2])})
    lines: dict[int, list[Safe]] = {start: [] for start in starts}
    cover, line = _Cover(marks, prefix, faint), 0
    for start, end in pairwise(cuts):
        line = start if start in lines else line
        lines[line].append(cover.piece(text[start:end], start, end))
    return join(*(tag("div", *block) for block in _blocks(lines)))


def _starts(text: str) -> list[int]:
    """Where lines start."""
    starts = [0]
    while (at := text.find("\n", starts[-1]) + 1) and at < len(text):
        starts.append(at)
    return starts


def _blocks(lines: dict[int, list[Safe]]) -> Iterator[list[Safe]]:
    """The lines as divs, in groups."""
    block: list[Safe] = []
    first = 0
    for start, pieces in lines.items():
        if start - first >= BLOCK:
            yield block
            block, first = [], start
        block.append(tag("div", *pieces, dir="auto"))
    yield block


class _Cover:
    """Goes over the pieces of a text from the start and knows which marks cover each."""

    def __init__(self, marks: Sequence[Mark], prefix: str, faint: Collection[int]) -> None:
        self._marks, self._prefix, self._faint = marks, prefix, faint
        self._waiting = sorted(range(len(marks)), key=lambda i: marks[i][0], reverse=True)
        self._open: list[int] = []

    def piece(self, text: str, start: int, end: int) -> Safe:
        self._open = [i for i in self._open if self._marks[i][1] > start]
        fresh = []
        while self._waiting and self._marks[self._waiting[-1]][0] < end:
            fresh.append(self._waiting.pop())
        self._open += fresh
        content = _text(text)
        if not self._open:
            return content
        labels = dict.fromkeys(self._marks[i][2] for i in self._open)
        anchors = [tag("span", id=f"{self._prefix}{i}") for i in fresh[1:]]
        first = f"{self._prefix}{fresh[0]}" if fresh else None
        drawn = "faint" if all(i in self._faint for i in self._open) else "many" if len(labels) > 1 else None
        return tag("mark", *anchors, content, id=first, title=" · ".join(labels), class_=drawn)


def _text(text: str) -> Safe:
    return Safe(escape(text).replace("\r", "&#13;"))
