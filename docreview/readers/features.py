"""Words and n-grams of a document as numbers, the same when a model is trained and when it reads.

A feature is a 32-bit hash: CRC-32 of the lower-cased word, folded together for n-grams, and a salt for where it
stands (in
the unit itself, at its beginning, in the unit before or after, in the heading above). Nothing is looked up in a
vocabulary, so that any
text has features and none can make the table grow.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint32]

_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_+")
_A, _B, _C = 2654435761, 2246822519, 3266489917  # odd constants of Knuth and xxHash


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words, numbers and marks of a text: offsets and hashes, one row each. A number counts by its length alone."""

    starts: Ints
    ends: Ints
    hashes: Hashes


def tokens(text: str) -> Tokens:
    """All tokens of a text, in order."""
    import numpy as np

    spans = [match.span() for match in _TOKEN.finditer(text)]
    known: dict[str, int] = {}
    hashes = np.empty(len(spans), np.uint32)
    for i, (start, end) in enumerate(spans):
        word = text[start:end]
        value = known.get(word)
        if value is None:
            value = known[word] = _hash(word)
        hashes[i] = value
    flat = np.array(spans, np.int64).reshape(-1, 2)
    return Tokens(flat[:, 0], flat[:, 1], hashes)


def _hash(word: str) -> int:
    if word.isdecimal():
        word = "9" * min(len(word), 5)
    elif word[0] == "_":
        word = "_"
    return zlib.crc32(word.lower().encode("utf-8", "surrogatepass"))


def fold(left: Any, right: Any) -> Any:
    """One hash from two, elementwise; the order counts."""
    import numpy as np

    mixed = (left.astype(np.uint32) * np.uint32(_A)) ^ (np.asarray(right, np.uint32) * np.uint32(_B))
    mixed ^= mixed >> np.uint32(15)
    return mixed * np.uint32(_C)


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows: `hashes[i]` belongs to `rows[i]`; sorted by row, no pair twice."""

    rows: Ints
    hashes: Hashes
    count: int


def collect(parts: list[tuple[Any, Any]], count: int) -> Rows:
    """Rows from `(row numbers, hashes)` pieces; what occurs twice in a row counts once."""
    import numpy as np

    keys = np.concatenate([(rows.astype(np.int64) << 32) | hashes.astype(np.int64) for rows, hashes in parts])
    keys = np.unique(keys)
    return Rows(keys >> 32, (keys & 0xFFFFFFFF).astype(np.uint32), count)


def ngrams(words: Tokens, units: Ints, ends: Ints, size: int) -> Rows:
    """What the linear model sees of each unit (sentence) of a document, or of a run of its units.

    Words, pairs and triples; pairs with one word left out; the first four words; the words of the units before and
    after; the nearest short unit above (the heading); place in the document and length, in steps.

    Args:
        words: The words of these units.
        units: For each word its unit, counted from 0 without gaps.
        ends: For each unit where it ends in the document, in characters.
        size: Characters in the document.
    """
    import numpy as np

    h, count = words.hashes, len(ends)
    parts: list[tuple[Any, Any]] = [(units, h)]
    for gap, salt in ((1, 1), (2, 2)):
        same = units[gap:] == units[:-gap]
        parts.append((units[gap:][same], fold(fold(h[:-gap], h[gap:]), salt)[same]))
    same = units[2:] == units[:-2]
    parts.append((units[2:][same], fold(fold(fold(h[:-2], h[1:-1]), 1), h[2:])[same]))
    first = np.searchsorted(units, np.arange(count))
    place = np.arange(len(h)) - first[units]
    early = place < 4
    parts.append((units[early], fold(h, place + 16)[early]))
    for step, salt in ((1, 5), (-1, 6)):
        near = (units + step >= 0) & (units + step < count)
        parts.append((units[near] + step, fold(h, salt)[near]))
    parts.append(_heading(h, units, count))
    parts.append(_shape(np.diff(np.append(first, len(h))), ends, size))
    return collect(parts, count)


def _heading(h: Hashes, units: Ints, count: int) -> tuple[Any, Any]:
    """Words of the nearest unit above that has at most eight tokens, if it is within six units."""
    import numpy as np

    lengths = np.bincount(units, minlength=count)
    short = np.where(lengths <= 8, np.arange(count), -1)
    above = np.concatenate([[-1], np.maximum.accumulate(short)[:-1]])
    above[np.arange(count) - above > 6] = -1
    rows = np.flatnonzero(above >= 0)
    sizes = lengths[above[rows]]
    offset = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    begins = np.searchsorted(units, above[rows])
    return np.repeat(rows, sizes), fold(h[np.repeat(begins, sizes) + offset], 7)


def _shape(lengths: Ints, ends: Ints, size: int) -> tuple[Any, Any]:
    """Place (from the beginning, to the end, share of the document) and length in words, each as one feature."""
    import numpy as np

    rows = np.arange(len(ends))
    steps = [
        np.log2(ends // 8 + 1).astype(np.int64) + 32,
        np.log2((size - ends) // 8 + 1).astype(np.int64) + 64,
        ends * 10 // max(size, 1) + 96,
        np.log2(lengths * lengths + 1).astype(np.int64) + 128,
    ]
    return np.concatenate([rows] * 4), fold(np.concatenate(steps), 8)
