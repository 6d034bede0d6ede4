"""Two documents side by side: `compare(old, new)` says what became of every clause, word by word.

Nothing is decided by a model, and nothing is left out: every character of both documents is in exactly one pair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from docreview.compare import notebook as _notebook  # noqa: F401 - how a comparison looks in one
from docreview.compare.align import Match, align, in_place
from docreview.compare.differ import differences
from docreview.compare.pieces import By, Part, Text, parts
from docreview.compare.values import Comparison, Difference, Kind, Pair, Piece, layout, ordered
from docreview.types import Document

__all__ = ["Comparison", "Difference", "Kind", "Pair", "Piece", "compare", "layout"]
_REFERENCE: Final = 16  # characters before a number that say that it is a clause's
_REFERS: Final = re.compile(r"(?:sections?|clauses?|articles?|paragraphs?|§)\s*\S+$", re.IGNORECASE)
_BYS: tuple[By, By] = ("sections", "paragraphs")


def compare(old: Document, new: Document) -> Comparison:
    """What became of each clause of a document in another one.

    Clauses are set side by side by what they say, then by title and number, so one that was moved or renumbered is
    known again. A document without headings is compared turn by turn, or else paragraph by paragraph. Only words
    count: line breaks, white space, the shape of quotation marks and hyphens at line ends make no difference, capitals
    do. Tables are part of the text, a row a line. `compare(a, b)` is `compare(b, a)` mirrored.
    """
    if (new.text, new.id) < (old.text, old.id):
        return compare(new, old).mirrored()
    left, right = Text(old), Text(new)
    here, there, matches = min((_aligned(left, right, by) for by in _BYS), key=_alone)
    fixed = in_place(matches, here)
    pairs = [_pair(here[i], there[j], (i, j) not in fixed) for i, j in matches]
    lefts, rights = {i for i, _ in matches}, {j for _, j in matches}
    pairs += [Pair(old=part.piece, new=None) for i, part in enumerate(here) if i not in lefts]
    pairs += [Pair(old=None, new=part.piece) for j, part in enumerate(there) if j not in rights]
    return Comparison(old=old, new=new, pairs=ordered(_referred(old, new, list(_placed(pairs)))))


Aligned = tuple[list[Part], list[Part], list[Match]]


def _aligned(left: Text, right: Text, by: By) -> Aligned:
    here, there = parts(left, right, by)
    return here, there, align(here, there)


def _alone(aligned: Aligned) -> int:
    """Words without a partner, when they are many: only one of the documents may show its headings."""
    here, there, matches = aligned
    paired = sum(here[i].size + there[j].size for i, j in matches)
    alone = sum(part.size for part in (*here, *there)) - paired
    return alone if 5 * alone > paired else 0


def _pair(old: Part, new: Part, moved: bool) -> Pair:
    return Pair(old=old.piece, new=new.piece, moved=moved, differences=differences(old, new))


def _placed(pairs: list[Pair]) -> Iterator[Pair]:
    """The pairs, those with one side with the difference that they are: it says where the other side would stand."""
    old_at = new_at = 0
    for pair, side in layout(pairs):
        old, new = pair.old, pair.new
        if old and new:
            if side == "both":
                old_at, new_at = old.span.end, new.span.end
            if side != "old":
                yield pair
        elif old:
            gone = Difference(kind="removed", old=old.span, new=None, old_at=old.span.start, new_at=new_at)
            yield replace(pair, differences=(gone,))
        elif new:
            added = Difference(kind="added", old=None, new=new.span, old_at=old_at, new_at=new.span.start)
            yield replace(pair, differences=(added,))


def _referred(old: Document, new: Document, pairs: list[Pair]) -> Iterator[Pair]:
    """The pairs, with a reference that follows its renumbered clause told from a number that was changed."""
    moves = {
        (_digits(pair.old.number), _digits(pair.new.number))
        for pair in pairs
        if pair.old and pair.new and pair.renumbered
    }
    for pair in pairs:
        kinds = tuple(
            replace(d, kind="numbering") if d.kind == "number" and _follows(old, new, d, moves) else d
            for d in pair.differences
        )
        yield replace(pair, differences=kinds)


def _digits(number: str) -> str:
    return number.rpartition(" ")[2]


def _follows(old: Document, new: Document, difference: Difference, moves: set[tuple[str, str]]) -> bool:
    if difference.old is None or difference.new is None:
        return False
    before = old.text[max(0, difference.old_at - _REFERENCE) : difference.old_at]
    said = (_digits(old[difference.old]), _digits(new[difference.new]))
    return said in moves and _REFERS.search(before + old[difference.old]) is not None
