"""The place in a document that is most like a quote, and the words in which they differ. Suggests; never verifies."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from docreview._text import LINE_HYPHEN, UNSPACED, Folded
from docreview.verify.find import same

MIN_SHARE: Final = 0.5
"""The least share of a quote's words that the nearest place must have, in order."""
_MAX_PLACES: Final = 400
_ANCHORS: Final = 16
_LONG: Final = 100  # words
_SURE: Final = 0.99  # no second place is looked at
_Code: TypeAlias = tuple[str, int, int, int, int]
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


@dataclass(frozen=True, slots=True)
class Difference:
    """`quote` and `text` are spans `(start, end)` of the two keys; an empty one says that nothing stands there."""

    quote: tuple[int, int]
    text: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest place as a span of the key, the differences in order, and the share of the quote's words there."""

    span: tuple[int, int]
    differences: tuple[Difference, ...]
    share: float


def nearest(key: str, folded: Folded, words: Words) -> Nearest | None:
    """The place most like a quote (given as its key); None when less than `MIN_SHARE` of its words are anywhere."""
    quote = Words(key)
    best: Nearest | None = None
    for at in _candidates(quote, words):
        found = _align(quote, key, words, folded.key, at)
        if found and (best is None or _rank(found) > _rank(best)):
            best = found
        if best and best.share > _SURE:
            break
    return best if best and best.share >= MIN_SHARE else None


def _rank(found: Nearest) -> float:
    """More of the quote's words, with fewer characters of the text between them."""
    return found.share - 0.0005 * (found.span[1] - found.span[0])


def _candidates(quote: Words, words: Words) -> list[int]:
    """Where a quote may begin, as word numbers: the diagonals that its rarest words vote for."""
    known = [(len(words.index[word]), i) for i, word in enumerate(quote.words) if word in words.index]
    votes: Counter[int] = Counter()
    for count, i in sorted(known)[:_ANCHORS]:
        for place in words.index[quote.words[i]][:_MAX_PLACES]:
            bucket = (place - i) >> 3
            votes[bucket] += 1000 + 1000 // count
            votes[bucket + 1] += 1
    top = [bucket for bucket, _ in votes.most_common(3)]
    return [bucket << 3 for bucket in top[:1]] + [bucket << 3 for bucket in top[1:] if abs(bucket - top[0]) > 1]


def _align(quote: Words, quote_key: str, words: Words, key: str, at: int) -> Nearest | None:
    size = len(quote.words)
    pad = 12 + size // 4
    low = max(0, at - pad)
    window = words.words[low : at + size + pad]
    codes = _tightened(_trimmed(_codes(quote.words, window)), window)
    equal = sum(b - a for tag, a, b, _, _ in codes if tag == "equal")
    if not equal:
        return None
    differences = []
    for tag, a, b, c, d in codes:
        if tag == "equal" or (a == b and c == d):
            continue
        left, right = _span(quote, a, b), _span(words, low + c, low + d)
        if not same(quote_key[slice(*left)], key[slice(*right)]):
            differences.append(Difference(left, right))
    first, last = low + codes[0][3], low + codes[-1][4]
    return Nearest(_span(words, first, last), tuple(differences), equal / size)


def _codes(quote: list[str], window: list[str]) -> list[_Code]:
    """What must be done to the quote's words to get the window's.

    Long ones are first set against each other at the words that both have once, in the order that most of them share
    (Bram Cohen's patience diff); what lies between is compared word by word.
    """
    codes: list[_Code] = []
    i = j = 0
    for a, b in [*(_once(quote, window) if len(quote) > _LONG else ()), (len(quote), len(window))]:
        if quote[i:a] != window[j:b]:
            for tag, *ends in SequenceMatcher(None, quote[i:a], window[j:b], autojunk=False).get_opcodes():
                _add(codes, (tag, ends[0] + i, ends[1] + i, ends[2] + j, ends[3] + j))
        elif i < a:
            _add(codes, ("equal", i, a, j, b))
        if a < len(quote):
            _add(codes, ("equal", a, a + 1, b, b + 1))
        i, j = a + 1, b + 1
    return codes


def _once(quote: list[str], window: list[str]) -> list[tuple[int, int]]:
    """Places of the words that both have exactly once: the longest run of them that keeps both orders."""
    there = {word: j for j, word in enumerate(window)}
    counts, here = Counter(window), Counter(quote)
    pairs = [(i, there[word]) for i, word in enumerate(quote) if here[word] == 1 and counts[word] == 1]
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


def _add(codes: list[_Code], code: _Code) -> None:
    """One more code; of equal kinds side by side it makes one."""
    if codes and codes[-1][0] == code[0]:
        tag, a, _, c, _ = codes[-1]
        codes[-1] = (tag, a, code[2], c, code[4])
    else:
        codes.append(code)


def _trimmed(codes: Sequence[_Code]) -> list[_Code]:
    """Without the window's words before and after the quote's; at the edges a word is set against one word."""
    codes = list(codes)
    while codes and codes[0][0] == "insert":
        codes = codes[1:]
    while codes and codes[-1][0] == "insert":
        codes = codes[:-1]
    if codes and codes[0][0] == "replace":
        tag, a, b, c, d = codes[0]
        codes[0] = (tag, a, b, max(c, d - (b - a)), d)
    if codes and codes[-1][0] == "replace":
        tag, a, b, c, d = codes[-1]
        codes[-1] = (tag, a, b, c, min(d, c + (b - a)))
    return codes


def _tightened(codes: list[_Code], window: list[str]) -> list[_Code]:
    """With the first and the last common words as near to the rest as they occur: of two "the", the one beside it."""
    if len(codes) < 2:
        return codes
    codes = list(codes)
    (tag, a, b, c, d), (other, e, f, g, h) = codes[0], codes[1]
    if tag == "equal":
        at = _last(window[c:d], window, c, h)
        codes[:2] = [(tag, a, b, at, at + d - c), (other, e, f, max(g, at + d - c), h)]
    (other, e, f, g, h), (tag, a, b, c, d) = codes[-2], codes[-1]
    if tag == "equal":
        at = _first(window[c:d], window, g, c)
        codes[-2:] = [(other, e, f, g, min(h, at)), (tag, a, b, at, at + d - c)]
    return codes


def _last(words: list[str], window: list[str], low: int, high: int) -> int:
    size = len(words)
    return next((at for at in range(high - size, low, -1) if window[at : at + size] == words), low)


def _first(words: list[str], window: list[str], low: int, high: int) -> int:
    size = len(words)
    return next((at for at in range(low, high) if window[at : at + size] == words), high)


def _span(words: Words, first: int, last: int) -> tuple[int, int]:
    if first >= last:
        at = words.starts[first] if first < len(words.starts) else (words.ends[-1] if words.ends else 0)
        return at, at
    return words.starts[first], words.ends[last - 1]
