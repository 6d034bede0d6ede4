"""What an embedder is, and a double for tests that needs no model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from docreview.search.words import words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]


@runtime_checkable
class Embedder(Protocol):
    """texts -> `(n, dim)` float32, each row of length 1 (a text without any word gets the same fixed row)."""

    name: str
    dim: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order; the same text always gets the same row."""
        ...


class HashEmbedder:
    """Words thrown into `dim` buckets by a hash: no meaning, but equal words meet. For tests."""

    def __init__(self, dim: int = 64) -> None:
        self.name, self.dim = f"hash-{dim}", dim

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order."""
        import numpy as np

        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in words(text):
                bucket = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
                row[bucket % self.dim] += 1.0 if bucket >> 63 else -1.0
        return unit_rows(rows)


def unit_rows(rows: Vectors) -> Vectors:
    """The rows at length 1; a row of zeros becomes the first axis."""
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    out: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9)
    if rows.shape[1]:
        out[lengths[:, 0] <= 1e-9, 0] = 1.0
    return out
