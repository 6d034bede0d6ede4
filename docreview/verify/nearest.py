"""The place in a document that is most like a quote, and the words in which they differ. Suggests; never verifies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from docreview._text import Folded
from docreview._words import Code, Words, codes
from docreview.verify.find import same

MIN_SHARE: Final = 0.5
"""The least share of a quote's words that the nearest place must have, in order."""
_MAX_PLACES: Final = 400
_ANCHORS: Final = 16
_SURE: Final = 0.99  # no second place is looked at


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
    steps = _tightened(_trimmed(codes(quote.words, window)), window)
    equal = sum(b - a for tag, a, b, _, _ in steps if tag == "equal")
    if not equal:
        return None
    differences = []
    for tag, a, b, c, d in steps:
        if tag == "equal" or (a == b and c == d):
            continue
        left, right = _span(quote, a, b), _span(words, low + c, low + d)
        if not same(quote_key[slice(*left)], key[slice(*right)]):
            differences.append(Difference(left, right))
    first, last = low + steps[0][3], low + steps[-1][4]
    return Nearest(_span(words, first, last), tuple(differences), equal / size)


def _trimmed(steps: Sequence[Code]) -> list[Code]:
    """Without the window's words before and after the quote's; at the edges a word is set against one word."""
    steps = list(steps)
    while steps and steps[0][0] == "insert":
        steps = steps[1:]
    while steps and steps[-1][0] == "insert":
        steps = steps[:-1]
    if steps and steps[0][0] == "replace":
        tag, a, b, c, d = steps[0]
        steps[0] = (tag, a, b, max(c, d - (b - a)), d)
    if steps and steps[-1][0] == "replace":
        tag, a, b, c, d = steps[-1]
        steps[-1] = (tag, a, b, c, min(d, c + (b - a)))
    return steps


def _tightened(steps: list[Code], window: list[str]) -> list[Code]:
    """With the first and the last common words as near to the rest as they occur: of two "the", the one beside it."""
    if len(steps) < 2:
        return steps
    steps = list(steps)
    (tag, a, b, c, d), (other, e, f, g, h) = steps[0], steps[1]
    if tag == "equal":
        at = _last(window[c:d], window, c, h)
        steps[:2] = [(tag, a, b, at, at + d - c), (other, e, f, max(g, at + d - c), h)]
    (other, e, f, g, h), (tag, a, b, c, d) = steps[-2], steps[-1]
    if tag == "equal":
        at = _first(window[c:d], window, g, c)
        steps[-2:] = [(other, e, f, g, min(h, at)), (tag, a, b, at, at + d - c)]
    return steps


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
