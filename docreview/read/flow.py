"""Blocks of a flowing document (DOCX, ODT, HTML, RTF) joined into one text, with its headings as sections.

Blocks are paragraphs, tables and the like; a blank line stands between two of them. In a table each row is a line and
its cells are set apart by tabs, unless a cell holds more than two blocks (a table that only arranges a page): then
the cells follow each other as blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from docreview.types import Section, Span

_NUMBERED: Final = re.compile(
    r"((?:article|section|clause|schedule|exhibit|annex|appendix|part|chapter)\s+[\dIVXLCA-Z]+(?:[.\-]\d+)*\b"
    r"|\d+(?:\.\d+)*(?=[.)\s])|\([a-z\d]{1,4}\)|[A-Z](?=[.)]\s))[.):]?[\s\-\u2013\u2014:]*",
    re.I,
)
_LONGEST_TITLE: Final = 120
_SENTENCE_END: Final = re.compile(r"[.:;](?=\s|$)")
_SPACE: Final = re.compile(r"\s+")
_MOST_CELL_BLOCKS: Final = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading (`level` from 1) with the `number` its style gives it, or rows of a table."""

    text: str
    level: int | None = None
    number: str = ""
    is_table: bool = False


def joined(blocks: Iterable[Block]) -> tuple[str, tuple[Section, ...]]:
    """The text of the blocks that have any, and a section for each heading among them."""
    kept = [block for block in blocks if block.text.strip()]
    headings = []
    size = 0
    for block in kept:
        if block.level is not None:
            headings.append(_heading(block, size))
        size += len(block.text) + 2
    text = "\n\n".join(block.text for block in kept)
    return text, tuple(_sections(headings, len(text)))


@dataclass(frozen=True, slots=True)
class _Heading:
    span: Span
    level: int
    number: str
    title: str


def _heading(block: Block, start: int) -> _Heading:
    """Where a heading lies; of a whole clause styled as a heading, only its first words."""
    match = _NUMBERED.match(block.text)
    number = block.number or (match[1] if match else "")
    begin = match.end() if match else len(block.number)
    end = len(block.text)
    if end - begin > _LONGEST_TITLE:
        stop = _SENTENCE_END.search(block.text, begin, begin + _LONGEST_TITLE)
        end = stop.end() if stop else block.text.rfind(" ", begin, begin + _LONGEST_TITLE)
        end = end if end > begin else begin + _LONGEST_TITLE
    title = _SPACE.sub(" ", block.text[begin:end]).strip().rstrip(".:;")
    return _Heading(Span(start, start + end), block.level or 1, number.rstrip(".:) "), title)


def _sections(headings: Sequence[_Heading], size: int) -> list[Section]:
    """Each heading reaches to the next one of its level or above."""
    ends = [size] * len(headings)
    open_: list[int] = []
    for i, heading in enumerate(headings):
        while open_ and headings[open_[-1]].level >= heading.level:
            ends[open_.pop()] = heading.span.start - 2
        open_.append(i)
    return [
        Section(number=h.number, title=h.title, level=h.level, heading=h.span, span=Span(h.span.start, end))
        for h, end in zip(headings, ends, strict=True)
    ]


def table(rows: Iterable[Sequence[Sequence[Block]]]) -> list[Block]:
    """A table of rows of cells of blocks, as blocks."""
    blocks: list[Block] = []
    lines: list[str] = []
    for cells in rows:
        if len(cells) > 1 and all(_fits_line(cell) for cell in cells):
            line = "\t".join(_flat(cell) for cell in cells).rstrip("\t")
            lines += [line] if line else []
            continue
        if lines:
            blocks.append(Block("\n".join(lines), is_table=True))
            lines = []
        blocks += [block for cell in cells for block in cell]
    if lines:
        blocks.append(Block("\n".join(lines), is_table=True))
    return blocks


def _fits_line(cell: Sequence[Block]) -> bool:
    full = [block for block in cell if block.text.strip()]
    return len(full) <= _MOST_CELL_BLOCKS and not any(block.is_table for block in full)


def _flat(cell: Sequence[Block]) -> str:
    return _SPACE.sub(" ", " ".join(block.text for block in cell)).strip()
