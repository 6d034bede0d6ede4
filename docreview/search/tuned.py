"""The tuned embedder: the static one, turned towards questions about contracts and meetings.

Two towers of sums. A unit is the sum of its pieces' static rows through a matrix, plus a trained row for each piece and
for each pair of neighbouring pieces; a question likewise through a matrix of its own. Both end at length 1. Trained on
pairs of questions and gold places (`docs/search.md`), so it knows that "may a party end the contract" asks for
"terminate"; for questions unlike those it was trained on, `query` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from docreview.search.embedder import unit_rows
from docreview.search.static import asset, static, sums, sums_of_pieces, unpacked
from docreview.search.words import pieces, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from docreview.search.entry import Entry

    Floats = NDArray[np.float32]

PAIRS: Final = 1 << 15
"""Buckets for pairs of pieces."""


@dataclass(frozen=True)
class Tuned:
    """The trained tables. `questions` are the questions of the training set, embedded by the static embedder."""

    base: Floats
    unit_matrix: Floats
    query_matrix: Floats
    unit_rows: Floats
    pair_rows: Floats
    query_rows: Floats
    questions: Floats

    def units(self, entry: Entry, static_sums: Floats) -> Floats:
        """One row of length 1 for each unit, given the sum of each unit's static rows."""
        trained = sums(sums_of_pieces(self.unit_rows, entry.vocabulary), entry.ids, entry.starts)
        pairs, edges = pair_ids(*piece_ids(entry))
        return unit_rows(static_sums @ self.unit_matrix + trained + sums(self.pair_rows, pairs, edges))

    def query(self, question: str) -> tuple[float, Floats]:
        """How like a trained question it is (0 to 1), and its row of length 1."""
        import numpy as np

        rows = np.array([row for word in words(question) for row in pieces(word)], dtype=np.int64)
        vector = self.base[rows].sum(axis=0) @ self.query_matrix + self.query_rows[rows].sum(axis=0)
        return self.known(question), unit_rows(vector[None].astype(np.float32))[0]

    def known(self, question: str) -> float:
        """How like the nearest trained question it is, 0 to 1, by static embedding."""
        like = self.questions @ static().embed([question])[0]
        return float(min(max(like.max(initial=0.0), 0.0), 1.0))


def piece_ids(entry: Entry) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pieces of all units one after the other, and where each unit's begin."""
    import numpy as np

    lists = [pieces(word) for word in entry.vocabulary]
    sizes = np.array([len(one) for one in lists], dtype=np.int64)
    flat = np.fromiter((row for one in lists for row in one), dtype=np.int64, count=int(sizes.sum()))
    first = np.concatenate([[0], np.cumsum(sizes)])
    counts = sizes[entry.ids]
    edges = np.concatenate([[0], np.cumsum(counts)])
    inside = np.arange(edges[-1]) - np.repeat(edges[:-1], counts)
    return flat[np.repeat(first[entry.ids], counts) + inside], edges[entry.starts]


def pair_ids(ids: NDArray[Any], starts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Buckets of neighbouring pieces within each unit, and where each unit's begin."""
    import numpy as np

    buckets = (ids[:-1] * 1_000_003 + ids[1:] * 7_919) % PAIRS
    inner = np.ones(len(buckets), dtype=bool)
    borders = starts[1:-1] - 1
    inner[borders[(borders >= 0) & (borders < len(buckets))]] = False
    kept = np.concatenate([[0], np.cumsum(inner)])
    edges = kept[np.clip(starts, 0, len(buckets))]
    return buckets[inner], edges


@lru_cache(maxsize=1)
def tuned() -> Tuned:
    """The shipped tables."""
    arrays = asset()
    return Tuned(
        base=unpacked(arrays, "base"),
        unit_matrix=arrays["unit_matrix"],
        query_matrix=arrays["query_matrix"],
        unit_rows=unpacked(arrays, "unit_rows"),
        pair_rows=unpacked(arrays, "pair_rows"),
        query_rows=unpacked(arrays, "query_rows"),
        questions=arrays["questions"].astype("float32"),
    )
