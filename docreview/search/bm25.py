"""BM25 over the units of one document, straight from its words.

Only the question's words are looked up, so nothing is built beforehand: for one document that is quicker than an index.
The same formula and numbers as `lexical.py` (a test compares them).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from docreview.search.entry import Entry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1: Final = 1.5
B: Final = 0.75


class Bm25:
    """Lucene's variant: `log(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * length / mean))`."""

    def __init__(self, entry: Entry) -> None:
        import numpy as np

        self._ids, self._size = entry.ids, len(entry.units)
        self._unit = np.repeat(np.arange(self._size), np.diff(entry.starts))
        self._words: dict[str, list[int]] = {}
        for row, found in enumerate(entry.word_terms):
            for term in found:
                self._words.setdefault(term, []).append(row)
        per_word = np.array([len(found) for found in entry.word_terms], dtype=np.int64)
        lengths = np.bincount(self._unit, weights=per_word[self._ids], minlength=self._size)
        self._norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-9)) if self._size else lengths

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """The score of each unit, in order; 0 when no term occurs in it. Terms are counted once."""
        import numpy as np

        out = np.zeros(self._size, dtype=np.float64)
        for term in dict.fromkeys(terms):
            if term not in self._words:
                continue
            places = self._unit[np.isin(self._ids, self._words[term])]
            often = np.bincount(places, minlength=self._size)
            df = np.count_nonzero(often)
            out += np.log(1 + (self._size - df + 0.5) / (df + 0.5)) * often / (often + self._norm + 1e-12)
        return out.astype(np.float32)
