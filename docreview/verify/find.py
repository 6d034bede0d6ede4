"""Where a quote stands in a text: every place, and whether it cuts a word or a number there."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from docreview._text import LINE_HYPHEN, Folded, joined

_EDGE: Final = re.compile(f"[-'\" {LINE_HYPHEN}]*")
_MARKS: Final = frozenset("'\"")
_INSIDE_NUMBER: Final = frozenset(".,:/'")
_OUTSIDE: Final = frozenset(" \n(")
_PREFIX: Final = re.compile(
    r"(?<!\w)(?:non|un|anti|dis|mis|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)$"
)  # "non-exclusive", "twenty-five"
_MULTIPLE: Final = re.compile(r" ?(?:hundred|thousand|million|billion|trillion)\b")


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end]` says what the quote says. `cut`: it begins or ends inside a word or number of the text."""

    start: int
    end: int
    exact: bool
    cut: bool


class Wanted:
    """A quote, made ready to be looked for. `solid` is empty when there is no letter or digit to look for."""

    __slots__ = ("core", "folded", "lead", "quote", "solid", "tail")

    def __init__(self, quote: str) -> None:
        self.quote = quote.strip()
        self.folded = Folded(self.quote)
        key = self.folded.key
        left = _EDGE.match(key).end()  # type: ignore[union-attr]  # matches everywhere
        right = len(key) - _EDGE.match(key[::-1]).end()  # type: ignore[union-attr]
        self.core = key[left:right]
        self.lead, self.tail = key[:left], key[max(left, right) :]
        has_word = any(char.isalnum() for char in self.core)
        self.solid = self.core.replace("-", "").replace(LINE_HYPHEN, "") if has_word else ""


def places(wanted: Wanted, text: str, folded: Folded) -> list[Place]:
    """Every place of a quote in a text, in order; overlapping ones too where they are exact."""
    if not wanted.solid:
        return []
    found = [Place(a, b, True, cuts(folded, a, b)) for a, b in _exact(wanted.quote, text)]
    starts = [place.start for place in found]
    for start, end in _loose(wanted, folded):
        i = bisect_left(starts, end)
        if i == 0 or found[i - 1].end <= start:
            found.append(Place(start, end, False, cuts(folded, start, end)))
    return sorted(found, key=lambda place: (place.start, place.end))


def _exact(quote: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(quote)
    while at >= 0:
        yield at, at + len(quote)
        at = text.find(quote, at + 1)


def _loose(wanted: Wanted, folded: Folded) -> Iterator[tuple[int, int]]:
    solid, size = wanted.solid, len(wanted.solid)
    at = folded.solid.find(solid)
    while at >= 0:
        start, end = folded.from_solid(at), folded.from_solid(at + size - 1) + 1
        said = same(folded.key[start:end], wanted.core)
        span = _with_edges(wanted, folded, start, end) if said else None
        if span is not None:
            yield span
        at = folded.solid.find(solid, at + 1)


def same(left: str, right: str) -> bool:
    """Whether two keys say the same: a hyphen at a line end may stand for a hyphen or for nothing."""
    if left == right:
        return True
    if LINE_HYPHEN not in left and LINE_HYPHEN not in right:
        return False
    i = j = 0
    while i < len(left) or j < len(right):
        a, b = left[i : i + 1], right[j : j + 1]
        if a == b:
            i, j = i + 1, j + 1
        elif a == LINE_HYPHEN:
            i, j = i + 1, j + (b == "-")
        elif b == LINE_HYPHEN:
            i, j = i + (a == "-"), j + 1
        else:
            return False
    return True


def _with_edges(wanted: Wanted, folded: Folded, start: int, end: int) -> tuple[int, int] | None:
    """The source span with the quote's outer marks. A pair of quotation marks around it may be the quoter's own;
    dashes, a single mark, and one after a number (5") must be there.
    """
    key = folded.key
    around = wanted.lead[-1:] in _MARKS and wanted.tail[:1] in _MARKS
    for char in reversed(wanted.lead):
        if start and (key[start - 1] == char or {key[start - 1], char} <= _MARKS):
            start -= 1
        elif not around or char not in _MARKS:
            return None
    strict = not around or wanted.core[-1].isdigit()
    for char in wanted.tail:
        if key[end : end + 1] == char or (not strict and {key[end : end + 1], char} <= _MARKS):
            end += 1
        elif strict or char not in _MARKS:
            return None
    return folded.source(start, end)


def cuts(folded: Folded, start: int, end: int) -> bool:
    """Whether a source span begins or ends inside a word, a number, an amount or a negated word."""
    return _cuts_start(folded, start) or _cuts_end(folded, end)


def _cuts_start(folded: Folded, start: int) -> bool:
    key, flat, at = folded.key, folded.flat, folded.to_key(start)
    if at == 0 or at >= len(key):
        return False
    left, here = key[at - 1], key[at]
    if LINE_HYPHEN in (left, here) or joined(left, here):
        return True
    near, far = flat[start - 1 : start], flat[max(0, start - 2) : max(0, start - 1)] or " "
    if here.isdigit():
        inside = left in _INSIDE_NUMBER and key[max(0, at - 2) : at - 1].isdigit()
        decimal = near == "." and far in _OUTSIDE
        return inside or decimal or (near in ("-", "–") and (far.isdigit() or far in _OUTSIDE))
    if unicodedata.category(here) == "Sc":
        return near.isalpha() or (near in ("-", "–") and far in _OUTSIDE)
    return left == "-" == near and here.isalpha() and _PREFIX.search(key[max(0, at - 10) : at - 1]) is not None


def _cuts_end(folded: Folded, end: int) -> bool:
    key, flat, at = folded.key, folded.flat, folded.to_key(end)
    if at == 0 or at >= len(key):
        return False
    last, right = key[at - 1], key[at]
    if LINE_HYPHEN in (last, right) or joined(last, right):
        return True
    near, far = flat[end : end + 1], flat[end + 1 : end + 2]
    if last.isdigit():
        inside = right in _INSIDE_NUMBER and near == right and key[at + 1 : at + 2].isdigit()
        amount = right in "%‰" or _MULTIPLE.match(key, at) is not None
        return inside or amount or (near in ("-", "–") and far.isdigit())
    return last.isalpha() and near == "'" and far == "t" and not joined("t", flat[end + 2 : end + 3] or " ")
