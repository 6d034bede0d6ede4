"""What a word looks like from where it stands: features for finding names, dates and titles of a few words.

Only the beginning and the end of a document are looked at: titles, parties and dates stand there.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from docreview.readers.features import Rows, collect, fold, tokens

HEAD: Final = 6000
TAIL: Final = 4000
_KEYWORDS: Final = (
    "between by agreement dated date name party parties and whereas signature title exhibit".split()
)  # the distance back to each of these is a feature
_QUOTES: Final = '"“”'
_FAR: Final = 4095


@dataclass(frozen=True, slots=True)
class Zone:
    """One end of a document. One row of `starts` and `ends` (characters of the document), `shapes` and `breaks`
    for each word.
    """

    starts: Any
    ends: Any
    shapes: Any
    breaks: Any
    rows: Rows


def zones(text: str) -> list[Zone]:
    """The beginning and the end of a text (once, when it is short), as rows for the tagger."""
    size = len(text)
    pieces = [(0, size)] if size <= HEAD + TAIL else [(0, HEAD), (size - TAIL, size)]
    found = (_zone(text, start, end) for start, end in pieces)
    return [zone for zone in found if zone is not None]


def shape(word: str) -> int:
    """Lower case, one letter, capitals, Capitalised, short or long number, year, quotation mark, bracket, and so
    on: 1 to 13.
    """
    first = word[0]
    if first.isalpha():
        return 1 if word.islower() else 2 if len(word) == 1 else 3 if word.isupper() else 4
    if first.isdigit():
        return 5 if len(word) < 3 else 6 if len(word) == 4 else 7
    for code, marks in ((8, _QUOTES), (9, "'’‘"), (10, "()"), (11, ","), (12, ".")):
        if first in marks:
            return code
    return 13


def gap(between: str) -> int:
    """What stands between two words: nothing (4), a blank (0), a wide gap (1), a line break (2), a blank line (3)."""
    lines = between.count("\n")
    if lines:
        return 3 if lines > 1 else 2
    return 4 if not between else 1 if len(between) > 3 else 0


def _zone(text: str, start: int, end: int) -> Zone | None:
    import numpy as np

    words = tokens(text[start:end])
    if not len(words.starts):
        return None
    starts, ends = words.starts + start, words.ends + start
    pairs = list(zip(starts.tolist(), ends.tolist(), strict=True))
    shapes = np.array([shape(text[a:b]) for a, b in pairs], np.uint32)
    after = [3, *(gap(text[left[1] : right[0]]) for left, right in pairwise(pairs))]
    breaks = np.array(after, np.uint32)
    parts = _window(words.hashes, shapes * 8 + breaks)
    parts += _place(words.hashes, shapes, starts, len(text) - ends, tail=start > 0)
    return Zone(starts, ends, shapes, breaks, collect(parts, len(starts)))


def _window(hashes: Any, looks: Any) -> list[tuple[Any, Any]]:
    """Words within six places, pairs within four, their looks alone and in threes and fives."""
    pairs, look_pairs = fold(hashes[:-1], hashes[1:]), fold(looks[:-1], looks[1:])
    threes = fold(look_pairs[:-1], looks[2:])
    fives = fold(threes[:-2], threes[2:])
    plan = [
        (hashes, range(-6, 7), 200),
        (looks, range(-4, 5), 300),
        (pairs, range(-4, 4), 400),
        (threes, range(-3, 2), 500),
        (fives, (-4, -2, 0), 520),
    ]
    count = len(hashes)
    return [_shifted(values, offset, salt + offset, count) for values, offsets, salt in plan for offset in offsets]


def _shifted(values: Any, offset: int, salt: int, count: int) -> tuple[Any, Any]:
    """For each row the value `offset` places on, where there is one."""
    import numpy as np

    rows = np.arange(max(0, -offset), min(count, len(values) - offset))
    return rows, fold(values[rows + offset], salt)


def _place(hashes: Any, shapes: Any, starts: Any, to_end: Any, *, tail: bool) -> list[tuple[Any, Any]]:
    import numpy as np

    rows = np.arange(len(hashes))
    near, far = (np.log2(d // 16 + 1).astype(np.uint32) for d in (starts, to_end))
    quoted = np.cumsum(shapes == 8) % 2
    _, first, inverse, counts = np.unique(hashes, return_index=True, return_inverse=True, return_counts=True)
    often = np.minimum(np.log2(counts[inverse]), 6).astype(np.uint32)
    new = np.isin(rows, first)
    values = [
        near,
        far,
        shapes * 32 + near,
        rows * 0 + tail,
        quoted * 16 + shapes,
        often * 16 + shapes,
        new * 16 + shapes,
    ]
    parts = [(rows, fold(value, 600 + i)) for i, value in enumerate(values)]
    for i, keyword in enumerate(_KEYWORDS):
        since = np.minimum(rows - _last(hashes, zlib.crc32(keyword.encode())), _FAR)
        step = np.log2(since + 1).astype(np.uint32) * 64 + i
        parts += [(rows, fold(step, 620)), (rows, fold(step * 16 + shapes, 621))]
    return parts


def _last(hashes: Any, wanted: int) -> Any:
    """For each row the nearest row up to it with this hash, or one very far back."""
    import numpy as np

    return np.maximum.accumulate(np.where(hashes == wanted, np.arange(len(hashes)), -_FAR - 1))
