"""The shipped token-average embedder: no network of layers, so a document is embedded as fast as it is read.

Each piece of MiniLM's vocabulary has a row, distilled from all-MiniLM-L6-v2 and weighted by how rare the piece is; a
text is the sum of its pieces' rows at length 1. `docs/search.md` says how it was made and how good it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docreview.config import load
from docreview.search.embedder import unit_rows
from docreview.search.words import pieces, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

ASSET = "search-model.npz"


class Static:
    """The static embedder; an `Embedder`. Build it from a table of piece rows, or take `static()`."""

    name = "static"

    def __init__(self, table: Vectors) -> None:
        self._table, self.dim = table, int(table.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order."""
        import numpy as np

        rows: dict[str, int] = {}
        lists = [[rows.setdefault(word, len(rows)) for word in words(text)] for text in texts]
        starts = np.cumsum([0, *map(len, lists)])
        ids = np.fromiter((row for one in lists for row in one), dtype=np.int32, count=int(starts[-1]))
        return self.bags(tuple(rows), ids, starts)

    def words(self, vocabulary: Sequence[str]) -> Vectors:
        """One row for each word: the sum of its pieces, not at length 1."""
        return sums_of_pieces(self._table, vocabulary)

    def bags(self, vocabulary: Sequence[str], ids: NDArray[Any], starts: NDArray[Any]) -> Vectors:
        """One row of length 1 for each bag of words; bag i holds the words `ids[starts[i]:starts[i + 1]]`."""
        return unit_rows(sums(self.words(vocabulary), ids, starts))


def sums_of_pieces(table: Vectors, vocabulary: Sequence[str]) -> Vectors:
    """For each word the sum of its pieces' rows of a table."""
    import numpy as np

    lists = [pieces(word) for word in vocabulary]
    flat = np.fromiter((row for one in lists for row in one), dtype=np.int64)
    return sums(table, flat, np.cumsum([0, *map(len, lists)]))


def sums(rows: Vectors, ids: NDArray[Any], starts: NDArray[Any]) -> Vectors:
    """For each i the sum of `rows[ids[starts[i]:starts[i + 1]]]`; zeros where that is empty."""
    import numpy as np

    out = np.zeros((len(starts) - 1, rows.shape[1]), dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts) > 0)
    if filled.size:
        out[filled] = np.add.reduceat(rows[ids], starts[filled], axis=0, dtype=np.float32)
    return out


@lru_cache(maxsize=1)
def asset() -> dict[str, Any]:
    """The arrays of the search model: the shipped one, or the setting `search_model`."""
    import numpy as np

    with np.load(io.BytesIO(_file()), allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


@lru_cache(maxsize=1)
def model_hash() -> str:
    """SHA-256 of the search model: what a library was made with."""
    return hashlib.sha256(_file()).hexdigest()


def _file() -> bytes:
    chosen = load().search_model
    return Path(chosen).read_bytes() if chosen else files("docreview.assets").joinpath(ASSET).read_bytes()


@lru_cache(maxsize=1)
def static() -> Static:
    """The shipped embedder."""
    return Static(unpacked(asset(), "base"))


def unpacked(arrays: dict[str, Any], name: str) -> Vectors:
    """A table that was saved as whole numbers of one byte with one scale for each row."""
    import numpy as np

    table: Vectors = arrays[name].astype(np.float32) * arrays[f"{name}_scale"].astype(np.float32)[:, None]
    return table


def packed(table: Vectors, name: str) -> dict[str, Any]:
    """A table as whole numbers of one byte with one scale for each row; the opposite of `unpacked`."""
    import numpy as np

    scale = np.maximum(np.abs(table).max(axis=1), 1e-12) / 127.0
    return {name: np.rint(table / scale[:, None]).astype(np.int8), f"{name}_scale": scale.astype(np.float32)}
