"""A linear model over hashed features: one row of weights for each feature, one column for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from docreview.readers.features import Rows

_BLOCK: Final = 100_000


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights in 8 bits with one scale a column.

    `hashes` are the known features in ascending order, `weights` (features, labels) is int8, `scale` and `bias` have
    one number for
    each label. `idf` (features) weighs a feature before the row is brought to length 1.
    """

    labels: tuple[str, ...]
    hashes: Any
    idf: Any
    weights: Any
    scale: Any
    bias: Any

    def logits(self, rows: Rows) -> Any:
        """Log-odds of each label for each row, (rows, labels) float32; features that are not known count nothing."""
        import numpy as np

        at = np.searchsorted(self.hashes, rows.hashes)
        at[at == len(self.hashes)] = 0
        known = self.hashes[at] == rows.hashes
        at, owner = at[known], rows.rows[known]
        total = np.zeros((rows.count, len(self.labels)), np.float32)
        norm = np.bincount(owner, self.idf[at].astype(np.float64) ** 2, rows.count)
        for begin, end in _blocks(owner):
            cells = self.weights[at[begin:end]].astype(np.float32) * self.idf[at[begin:end], None]
            heads = np.flatnonzero(np.diff(owner[begin:end], prepend=-1))
            total[owner[begin:end][heads]] = np.add.reduceat(cells, heads, axis=0)
        return total * self.scale / np.sqrt(np.maximum(norm, 1e-6))[:, None].astype(np.float32) + self.bias

    def arrays(self) -> dict[str, Any]:
        """What `from_arrays` reads, ready for `weights.save`."""
        import numpy as np

        narrow = {"idf": self.idf.astype(np.float16), "scale": self.scale, "bias": self.bias}
        return {"hashes": self.hashes, "weights": self.weights, **narrow}

    @classmethod
    def from_arrays(cls, labels: Sequence[str], arrays: Mapping[str, Any]) -> Linear:
        """A model from saved arrays."""
        import numpy as np

        idf = arrays["idf"].astype(np.float32)
        return cls(tuple(labels), arrays["hashes"], idf, arrays["weights"], arrays["scale"], arrays["bias"])


def _blocks(owner: Any) -> list[tuple[int, int]]:
    """Pieces of about `_BLOCK` entries that do not cut through a row."""
    import numpy as np

    cuts = [0]
    while cuts[-1] < len(owner):
        target = min(cuts[-1] + _BLOCK, len(owner)) - 1
        cuts.append(int(np.searchsorted(owner, owner[target], side="right")))
    return list(pairwise(cuts))
