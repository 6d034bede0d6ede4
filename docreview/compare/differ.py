"""The differences between two pieces, word by word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docreview._words import Code, codes
from docreview.compare.kinds import kind_of
from docreview.compare.pieces import Part
from docreview.compare.values import Difference, Kind
from docreview.types import Span
from docreview.verify.find import same

_BRACKETS: Final = frozenset("()[],-–/'\"%$€£")
_SMALL: Final = frozenset("the of and to in a an or by for on at as is be it its with that this".split())
_FEW: Final = 2
"""So many marks, or small words between longer changes, are taken into the changes beside them: "thirty (30" is one."""


def differences(old: Part, new: Part) -> tuple[Difference, ...]:
    """What was changed in a piece, in order."""
    left, right = old.text.keys[old.first : old.last], new.text.keys[new.first : new.last]
    found = []
    for run in _joined(codes(left, right), left):
        a, b, c, d = _closed(run, left, right)
        before, after = _stretch(old, a, b), _stretch(new, c, d)
        if not _alike(old, before, new, after):
            found.append(_difference(old, before, new, after))
    return tuple(found)


def _joined(steps: list[Code], left: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """The changed runs of words; those with next to nothing in between are one."""
    run: tuple[int, int, int, int] | None = None
    for tag, a, b, c, d in steps:
        if tag == "equal":
            continue
        if run and _belongs(run, left[run[1] : a], (a, b, c, d)):
            run = (run[0], b, run[2], d)
            continue
        if run:
            yield run
        run = (a, b, c, d)
    if run:
        yield run


def _belongs(run: tuple[int, int, int, int], between: list[str], following: tuple[int, int, int, int]) -> bool:
    if len(between) > _FEW:
        return False
    if all(word in _BRACKETS for word in between):
        return True
    long = all(min(b - a, d - c) >= _FEW for a, b, c, d in (run, following))
    return long and all(word in _SMALL for word in between)


def _closed(run: tuple[int, int, int, int], left: list[str], right: list[str]) -> tuple[int, int, int, int]:
    """A run with the bracket that closes one opened in it."""
    a, b, c, d = run
    opened = all("(" in words and ")" not in words for words in (left[a:b], right[c:d]))
    return (a, b + 1, c, d + 1) if opened and left[b : b + 1] == right[d : d + 1] == [")"] else run


def _stretch(part: Part, first: int, last: int) -> tuple[int, int]:
    """The characters of some words of a piece; an empty stretch lies after the word before it."""
    spans, first, last = part.text.spans, part.first + first, part.first + last
    if first < last:
        return max(spans[first][0], part.piece.span.start), min(spans[last - 1][1], part.piece.span.end)
    at = spans[first - 1][1] if first > part.first else part.piece.span.start
    at = min(at, part.piece.span.end)  # marks beside each other are one word, even across a blank line
    return at, at


def _alike(old: Part, before: tuple[int, int], new: Part, after: tuple[int, int]) -> bool:
    """Whether two stretches say the same, only set otherwise: a hyphen at a line end, say."""
    here, there = old.text.document.text[slice(*before)], new.text.document.text[slice(*after)]
    if not here or not there or not same(old.text.key(before), new.text.key(after)):
        return False
    return _solid(here) == _solid(there)


def _solid(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _difference(old: Part, before: tuple[int, int], new: Part, after: tuple[int, int]) -> Difference:
    kind: Kind
    if before[1] <= old.number_end and after[1] <= new.number_end and (old.piece.number or new.piece.number):
        kind = "numbering"
    else:
        kind = kind_of(old.text.document, before, new.text.document, after)
    return Difference(
        kind=kind,
        old=Span(*before) if before[0] < before[1] else None,
        new=Span(*after) if after[0] < after[1] else None,
        old_at=before[0],
        new_at=after[0],
    )
