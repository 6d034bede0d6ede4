"""A text as words, and what must be done to one run of words to get another."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from docreview._text import LINE_HYPHEN, UNSPACED

Code: TypeAlias = tuple[str, int, int, int, int]
_LONG: Final = 100  # words
_MOST: Final = 4_000_000  # pairs of words; beyond, words that come often lead nowhere, or hostile texts take hours
_TOKEN: Final = re.compile(
    f"\\d+(?:[.,:/]\\d+)*|[{UNSPACED}]|(?:[^\\W\\d_{UNSPACED}]|[\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0900-\u0dff])"
    f"(?:[^\\W_{UNSPACED}]|[{LINE_HYPHEN}\u0300-\u036f\u0591-\u05c7\u064b-\u0655\u0900-\u0dff]|'(?=[^\\W\\d_]))*|([^\\w\\s]|_)\\1*+"
)


class Words:
    """A key cut into words, numbers and marks, with the places of each."""

    __slots__ = ("ends", "index", "starts", "words")

    def __init__(self, key: str) -> None:
        found = list(_TOKEN.finditer(key))
        self.starts = [m.start() for m in found]
        self.ends = [m.end() for m in found]
        self.words = [m.group().replace(LINE_HYPHEN, "") for m in found]
        self.index: dict[str, list[int]] = {}
        for i, word in enumerate(self.words):
            self.index.setdefault(word, []).append(i)


def codes(left: Sequence[str], right: Sequence[str]) -> list[Code]:
    """What must be done to the left words to get the right ones: difflib's opcodes.

    Long ones are first set against each other at the words that both have once, in the order that most of them share
    (Bram Cohen's patience diff); what lies between is compared word by word.
    """
    steps: list[Code] = []
    i = j = 0
    for a, b in [*(_once(left, right) if len(left) > _LONG else ()), (len(left), len(right))]:
        if left[i:a] != right[j:b]:
            many = (a - i) * (b - j) > _MOST
            for tag, *ends in SequenceMatcher(None, left[i:a], right[j:b], autojunk=many).get_opcodes():
                _add(steps, (tag, ends[0] + i, ends[1] + i, ends[2] + j, ends[3] + j))
        elif i < a:
            _add(steps, ("equal", i, a, j, b))
        if a < len(left):
            _add(steps, ("equal", a, a + 1, b, b + 1))
        i, j = a + 1, b + 1
    return steps


def _once(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the words that both have exactly once: the longest run of them that keeps both orders."""
    there = {word: j for j, word in enumerate(right)}
    counts, here = Counter(right), Counter(left)
    pairs = [(i, there[word]) for i, word in enumerate(left) if here[word] == 1 and counts[word] == 1]
    ends: list[int] = []  # ends[n]: the smallest last place of a run of n + 1
    last: list[int] = []  # the pair that ends it
    before: list[int] = []
    for n, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1], last[at : at + 1] = [j], [n]
    run = []
    n = last[-1] if last else -1
    while n >= 0:
        run.append(pairs[n])
        n = before[n]
    return run[::-1]


def _add(steps: list[Code], code: Code) -> None:
    """One more code; of equal kinds side by side it makes one."""
    if steps and steps[-1][0] == code[0]:
        tag, a, _, c, _ = steps[-1]
        steps[-1] = (tag, a, code[2], c, code[4])
    else:
        steps.append(code)
