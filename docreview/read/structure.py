"""Sections and defined terms, with exact spans."""

from __future__ import annotations

from docreview.read.headings import find_marks
from docreview.read.outline import Entry, outline
from docreview.read.terms import find_terms
from docreview.read.titles import even_blanks
from docreview.types import Section, Span

__all__ = ["find_sections", "find_terms"]


def find_sections(text: str) -> tuple[Section, ...]:
    """Headings and what belongs to them, in document order; a section ends where one of its level or above begins.

    Numbers count only in sequence, so that "Section 4.2" inside a sentence, page numbers, tables of contents and short
    lists are no sections. Takes time linear in the length of the text.
    """
    text = even_blanks(text)
    entries = outline(text, find_marks(text))
    ends = _ends(entries, len(text))
    return tuple(_section(text, entry, end) for entry, end in zip(entries, ends, strict=True))


def _ends(entries: list[Entry], size: int) -> list[int]:
    """Where each section ends: at the next one of the same or a higher level."""
    ends = [size] * len(entries)
    open_: list[int] = []
    for i, entry in enumerate(entries):
        while open_ and entries[open_[-1]].level >= entry.level:
            ends[open_.pop()] = entry.mark.start
        open_.append(i)
    return ends


def _section(text: str, entry: Entry, end: int) -> Section:
    mark = entry.mark
    heading_end = min(max(entry.title_end, mark.end), end)
    heading = Span(mark.start, mark.start + len(text[mark.start : heading_end].rstrip()))
    return Section(
        number=mark.number, title=entry.title, level=entry.level, heading=heading, span=Span(mark.start, end)
    )
