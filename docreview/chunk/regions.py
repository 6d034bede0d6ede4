"""The parts of a document that passages are made from: pieces of sections, and turns of talk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from docreview.types import Document, Section, Turn

_TINY: Final = 8  # a section shorter than this share of the limit goes with what follows in it or beside it
_QUESTION_LABEL: Final = re.compile(r"\bQ[.:]?\s*\Z")


@dataclass(slots=True)
class Region:
    """`text[start:end]` belongs together; `section` is the innermost one for most of it."""

    start: int
    end: int
    section: Section | None


def section_regions(document: Document, limit: int) -> list[Region]:
    """The text between section borders, in order; tiny pieces go with their first child or next sibling."""
    merged: list[Region] = []
    widest = 0  # characters of the last region's main section
    for region in _between_borders(document):
        size = region.end - region.start
        last = merged[-1] if merged else None
        if last is None or not _goes_with(last, region, limit):
            merged.append(region)
            widest = size
            continue
        last.end = region.end
        if size > widest:
            last.section, widest = region.section, size
    return merged


def _goes_with(last: Region, region: Region, limit: int) -> bool:
    if (last.end - last.start) * _TINY >= limit or last.section is None or region.section is None:
        return False
    if region.section.level > last.section.level:
        return True
    return region.section.level == last.section.level and region.end - last.start <= limit


def _between_borders(document: Document) -> Iterator[Region]:
    sections = document.sections
    borders = sorted({0, len(document.text), *(p for s in sections for p in (s.span.start, s.span.end))})
    open_: list[Section] = []
    coming = 0
    for start, end in pairwise(borders):
        while open_ and open_[-1].span.end <= start:
            open_.pop()
        while coming < len(sections) and sections[coming].span.start <= start:
            if sections[coming].span.end > start:
                open_.append(sections[coming])
            coming += 1
        yield Region(start, end, open_[-1] if open_ else None)


def turn_regions(document: Document, limit: int) -> Iterator[Region]:
    """Turns with their labels, packed up to the limit; a question stays with its answer when both fit."""
    begin, question, at = 0, -1, 0  # of the open region; where its last turn begins if that is a question; of the turn
    for turn in (*document.turns, None):
        end = turn.span.end if turn else len(document.text)
        if end - begin > limit and at > begin:
            keep = question > begin and end - question <= limit
            stop = question if keep else at
            yield Region(begin, stop, document.section_at(begin) if document.sections else None)
            begin = stop
        question = at if turn and _asks(document.text, at, turn) else -1
        at = end
    if begin < at:
        yield Region(begin, at, document.section_at(begin) if document.sections else None)


def _asks(text: str, start: int, turn: Turn) -> bool:
    """Whether a turn is a question: it ends in a question mark, or its label is "Q."."""
    said = text[max(turn.span.start, turn.span.end - 8) : turn.span.end].rstrip(" \"'”’)")
    return said.endswith(("?", "？", "؟")) or bool(
        _QUESTION_LABEL.search(text, max(start, turn.span.start - 12), turn.span.start)
    )
