"""Kernel ridge regression in closed form: it leaves each group of documents out at the price of one inversion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docreview.errors import MissingExtra


@dataclass(frozen=True, slots=True)
class Ridge:
    """Fitted on all rows. `dual` (rows, labels) weighs each row of the kernel; `left_out` (rows, labels) is what a
    fit without the row's group says of the row.
    """

    dual: Any
    left_out: Any


def fit(kernel: Any, labels: Any, groups: Any, *, strength: float) -> Ridge:
    """Fit all labels at once.

    Leaving a group out needs no new fit: with `inverse` of the kernel and `dual = inverse @ labels`, the residual of a
    group's rows is their block of the inverse, solved for their dual (Rasmussen and Williams, Gaussian Processes for
    Machine Learning, 2006, section 5.4.2, for blocks).

    Args:
        kernel: (rows, rows) float32, symmetric.
        labels: (rows, labels).
        groups: For each row the number of its group.
        strength: Added to the diagonal.

    Raises:
        MissingExtra: scipy is not installed.
    """
    import numpy as np

    inverse = _inverse(kernel, strength)
    dual = inverse @ labels
    left_out = np.empty_like(dual)
    for group in np.unique(groups):
        rows = groups == group
        left_out[rows] = labels[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], dual[rows])
    return Ridge(dual, left_out)


def _inverse(kernel: Any, strength: float) -> Any:
    import numpy as np

    try:
        from scipy.linalg import lapack
    except ImportError:
        raise MissingExtra("training", "train") from None
    matrix = kernel + strength * np.eye(len(kernel), dtype=kernel.dtype)
    factor, failed = lapack.spotrf(matrix, lower=1, overwrite_a=1)
    if failed:
        raise ValueError("the kernel is not positive definite")
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    return np.tril(inverse) + np.tril(inverse, -1).T
