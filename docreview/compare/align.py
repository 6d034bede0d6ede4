"""Which piece of one document became which piece of the other.

Pieces with the same words first, then the most alike: shared words count the more, the fewer pieces have them. What
stands in the same order in both documents keeps its place; the pieces that are out of order have moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log
from typing import Final

from docreview.compare.pieces import Part

Match = tuple[int, int]
Way = Callable[[Part], tuple[str, ...]]
_ALIKE: Final = 0.5
"""The least share of words, weighed, that two pieces must have in common."""
_SAME_NUMBER: Final = 0.35
_SAME_TITLE: Final = 0.2
_NAMED: Final = 0.15  # for the same title; half of it for the same number
_AWAY: Final = 0.1  # for pieces at opposite ends
_RARE: Final = 24  # pieces: words that more of them have do not lead from one piece to another
_LOOKED_AT: Final = 8


def align(left: Sequence[Part], right: Sequence[Part]) -> list[Match]:
    """Pairs of places in the two lists, each place at most once, sorted."""
    found = _equal(left, right)
    weights = _weights([*left, *right])
    found += _alike(left, right, found, weights)
    return sorted(found + _between(left, right, sorted(found), weights))


def in_place(matches: Sequence[Match], left: Sequence[Part]) -> set[Match]:
    """The matches that keep the order of both lists and hold the most words; the others have moved."""
    best: list[tuple[int, int, int]] = []  # (end on the right, words, number of the match), both rising
    before: dict[int, int] = {}
    for n, (i, j) in enumerate(matches):
        at = bisect_left(best, (j,))
        words = (best[at - 1][1] if at else 0) + left[i].size + 1
        before[n] = best[at - 1][2] if at else -1
        stop = at
        while stop < len(best) and best[stop][1] <= words:
            stop += 1
        best[at:stop] = [(j, words, n)]
    chain = set()
    n = best[-1][2] if best else -1
    while n >= 0:
        chain.add(matches[n])
        n = before[n]
    return chain


def _equal(left: Sequence[Part], right: Sequence[Part]) -> list[Match]:
    """Pieces with the same words, number and all, then those without; of several the first with the first when both
    documents have as many.
    """
    found: list[Match] = []
    ways: tuple[Way, ...] = (lambda part: part.whole, lambda part: part.body)
    for words in ways:
        lefts, rights = {i for i, _ in found}, {j for _, j in found}
        here, there = _by_words(left, lefts, words), _by_words(right, rights, words)
        for said, places in here.items():
            if len(places) == len(there.get(said, ())):
                found += zip(places, there[said], strict=True)
    return found


def _by_words(parts: Sequence[Part], taken: set[int], words: Way) -> dict[tuple[str, ...], list[int]]:
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, part in enumerate(parts):
        if i not in taken:
            places[words(part)].append(i)
    return places


def _alike(
    left: Sequence[Part], right: Sequence[Part], taken: Sequence[Match], weights: dict[str, float]
) -> list[Match]:
    """The rest, the most alike first."""
    lefts = set(range(len(left))) - {i for i, _ in taken}
    rights = set(range(len(right))) - {j for _, j in taken}
    scored = []
    for i, j in _candidates(left, right, lefts, rights):
        alike = _share(left[i], right[j], weights)
        title, number = _same_title(left[i], right[j]), _same_number(left[i], right[j])
        if alike >= (_SAME_TITLE if title else _SAME_NUMBER if number else _ALIKE):
            away = abs(i / len(left) - j / len(right))
            scored.append((alike + _NAMED * title + _NAMED / 2 * number - _AWAY * away, i, j))
    found = []
    for _, i, j in sorted(scored, key=lambda row: (-row[0], row[1], row[2])):
        if i in lefts and j in rights:
            found.append((i, j))
            lefts.discard(i)
            rights.discard(j)
    return found


def _weights(parts: Sequence[Part]) -> dict[str, float]:
    held = Counter(word for part in parts for word in part.counts)
    return {word: log(1 + len(parts) / count) for word, count in held.items()}


def _candidates(left: Sequence[Part], right: Sequence[Part], lefts: set[int], rights: set[int]) -> set[Match]:
    """Pairs worth a look: with rare words in common, or of one name."""
    holders: dict[str, list[int]] = defaultdict(list)
    for j in sorted(rights):
        for word in right[j].counts:
            holders[word].append(j)
    names: dict[str, list[int]] = defaultdict(list)
    for j in sorted(rights):
        for name in _names(right[j]):
            names[name].append(j)
    found: set[Match] = set()
    for i in lefts:
        votes: Counter[int] = Counter()
        for word in left[i].counts:
            if len(holders[word]) <= _RARE:
                votes.update(holders[word])
        found |= {(i, j) for j, _ in votes.most_common(_LOOKED_AT)}
        found |= {(i, j) for name in _names(left[i]) for j in names[name][:_LOOKED_AT]}
    return found


def _names(part: Part) -> list[str]:
    piece = part.piece
    return [f"title {piece.title.casefold()}"] * bool(piece.title) + [f"number {piece.number}"] * bool(piece.number)


def _share(left: Part, right: Part, weights: dict[str, float]) -> float:
    """Dice's coefficient of the two bags of words, weighed."""
    common = sum((left.counts & right.counts)[word] * weights[word] for word in left.counts if word in right.counts)
    total = sum(count * weights[word] for part in (left, right) for word, count in part.counts.items())
    return 2 * common / total if total else 0.0


def _same_title(left: Part, right: Part) -> bool:
    return bool(left.piece.title) and left.piece.title.casefold() == right.piece.title.casefold()


def _same_number(left: Part, right: Part) -> bool:
    return bool(left.piece.number) and left.piece.number == right.piece.number


def _between(
    left: Sequence[Part], right: Sequence[Part], matches: Sequence[Match], weights: dict[str, float]
) -> list[Match]:
    """Single pieces left over between the same neighbours, of one title or number, or somewhat alike."""
    fixed = sorted(in_place(matches, left))
    lefts, rights = {i for i, _ in matches}, {j for _, j in matches}
    found = []
    for (i, j), (k, m) in pairwise([(-1, -1), *fixed, (len(left), len(right))]):
        here = [n for n in range(i + 1, k) if n not in lefts]
        there = [n for n in range(j + 1, m) if n not in rights]
        if len(here) == len(there) == 1:
            a, b = left[here[0]], right[there[0]]
            if _same_title(a, b) or _same_number(a, b) or _share(a, b, weights) >= _SAME_NUMBER:
                found.append((here[0], there[0]))
    return found
