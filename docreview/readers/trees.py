"""Boosted trees as plain arrays: what scikit-learn's HistGradientBoostingClassifier learnt, without scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_BLOCK: Final = 20_000


@dataclass(frozen=True, slots=True)
class Trees:
    """All nodes of all trees in one row of arrays; `roots` says where each tree begins.

    A leaf has `left` = its own index. `values` are log-odds, added up over the trees from `base`.
    """

    feature: Any
    threshold: Any
    left: Any
    right: Any
    values: Any
    roots: Any
    depth: int
    base: float

    def scores(self, rows: Any) -> Any:
        """Probability for each row of (rows, features) float32. A value at the threshold goes left."""
        import numpy as np

        total = np.full(len(rows), self.base, np.float64)
        for at in range(0, len(rows), _BLOCK):
            block = rows[at : at + _BLOCK]
            for root in self.roots:
                total[at : at + _BLOCK] += self.values[self._leaf(block, int(root))]
        return 1 / (1 + np.exp(-total))

    def _leaf(self, rows: Any, root: int) -> Any:
        import numpy as np

        node, every = np.full(len(rows), root, np.int32), np.arange(len(rows))
        for _ in range(self.depth):
            onward = rows[every, self.feature[node]] <= self.threshold[node]
            step = np.where(onward, self.left[node], self.right[node])
            if np.array_equal(step, node):
                break
            node = step
        return node

    @classmethod
    def mean(cls, models: Sequence[Trees]) -> Trees:
        """One model that gives the mean of the log-odds of several."""
        import numpy as np

        counts = [len(each.feature) for each in models]
        shifts = np.cumsum([0, *counts])[:-1]

        def joined(name: str, *, shifted: bool = False) -> Any:
            parts = [getattr(each, name) + shift * shifted for each, shift in zip(models, shifts, strict=True)]
            return np.concatenate(parts).astype(getattr(models[0], name).dtype)

        return cls(
            feature=joined("feature"),
            threshold=joined("threshold"),
            left=joined("left", shifted=True),
            right=joined("right", shifted=True),
            values=joined("values") / np.float32(len(models)),
            roots=joined("roots", shifted=True),
            depth=max(each.depth for each in models),
            base=sum(each.base for each in models) / len(models),
        )

    def arrays(self) -> dict[str, Any]:
        """What `from_arrays` reads, ready for `weights.save`."""
        import numpy as np

        names = ("feature", "threshold", "left", "right", "values", "roots")
        return {**{name: getattr(self, name) for name in names}, "shape": np.array([self.depth, self.base])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Trees:
        """A model from saved arrays."""
        plain = {k: v for k, v in arrays.items() if k != "shape"}
        depth, base = arrays["shape"].tolist()
        return cls(**plain, depth=int(depth), base=base)
