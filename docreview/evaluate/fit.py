"""Fits the linear model: one logistic regression for each label, all in one pass over sparse rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.errors import MissingExtra
from docreview.readers.features import Rows
from docreview.readers.linear import Linear

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train. `pull` draws weights towards 0 at each step; `least` is in how many documents a feature must
    occur.
    """

    epochs: int = 10
    rate: float = 0.1
    batch: int = 4096
    pull: float = 0.003
    least: int = 3


SENTENCES: Final = Plan()
WORDS: Final = Plan(epochs=5, pull=0.0)
FEW: Final = Plan(batch=256, least=2)
"""For some thousand rows."""
TITLES: Final = Plan(epochs=15, batch=64, least=2)
"""For some hundred rows."""


def vocabulary(rows: Rows, documents: Any, *, least: int) -> tuple[Any, Any]:
    """Features seen in at least `least` documents, ascending, and in how many each.

    Args:
        documents: The document number of each row.
    """
    import numpy as np

    pairs = np.unique((rows.hashes.astype(np.int64) << 24) | documents[rows.rows])
    hashes, counts = np.unique(pairs >> 24, return_counts=True)
    keep = counts >= least
    return hashes[keep].astype(np.uint32), counts[keep]


def fit(
    rows: Rows,
    labels: Any,
    documents: Any,
    names: Sequence[str],
    *,
    plan: Plan = SENTENCES,
    seed: int = 7,
    progress: Progress | None = None,
) -> Linear:
    """Train by AdaGrad (Duchi, Hazan, Singer 2011; one step size for each feature) on the log loss.

    Args:
        labels: (rows, labels), 0 or 1; -1 where it does not matter.
        documents: The document number of each row.

    Raises:
        MissingExtra: scipy is not installed.
    """
    import numpy as np

    hashes, counts = vocabulary(rows, documents, least=plan.least)
    idf = rarity(counts, documents)
    matrix = weighted(rows, hashes, idf)
    weights, bias = _adagrad(matrix, labels, plan, np.random.default_rng(seed), progress)
    return narrowed(names, hashes, idf, weights, bias)


def rarity(counts: Any, documents: Any) -> Any:
    """The weight of features that occur in so many documents each."""
    import numpy as np

    share = max(int(documents.max()) + 1, 2) / counts
    return np.sqrt(np.log(share)).astype(np.float16).astype(np.float32)


def narrowed(names: Sequence[str], hashes: Any, idf: Any, weights: Any, bias: Any) -> Linear:
    """A model with weights of 8 bits, without the features that then weigh nothing."""
    import numpy as np

    scale = np.maximum(np.abs(weights).max(0), 1e-6) / 127
    narrow = np.round(weights / scale).astype(np.int8)
    used = narrow.any(1)
    return Linear(tuple(names), hashes[used], idf[used], narrow[used], scale.astype(np.float32), bias)


def weighted(rows: Rows, hashes: Any, idf: Any) -> Any:
    """Rows of length 1 as a sparse matrix, one column for each of `hashes`, each feature weighed by its `idf`.

    Raises:
        MissingExtra: scipy is not installed.
    """
    import numpy as np

    try:
        from scipy.sparse import csr_matrix, diags
    except ImportError:
        raise MissingExtra("training", "train") from None
    at = np.searchsorted(hashes, rows.hashes)
    at[at == len(hashes)] = 0
    known = hashes[at] == rows.hashes
    cells = (idf[at[known]], (rows.rows[known], at[known]))
    matrix = csr_matrix(cells, shape=(rows.count, len(hashes)), dtype=np.float32)
    lengths = np.sqrt(np.maximum(np.asarray(matrix.multiply(matrix).sum(1)).ravel(), 1e-6))
    return diags(1 / lengths).dot(matrix).tocsr().astype(np.float32)


def _adagrad(matrix: Any, labels: Any, plan: Plan, rng: Any, progress: Progress | None) -> tuple[Any, Any]:
    import numpy as np

    weights = np.zeros((matrix.shape[1], labels.shape[1]), np.float32)
    bias = np.full(labels.shape[1], -5.0, np.float32)
    seen, seen_bias = np.full((len(weights), 1), 1e-8, np.float32), np.full_like(bias, 1e-8)
    order = rng.permutation(matrix.shape[0])
    chosen = [order[at : at + plan.batch] for at in range(0, len(order), plan.batch)]
    batches = [(rows, *_compact(matrix[rows])) for rows in chosen]
    for epoch in range(plan.epochs):
        for i in rng.permutation(len(batches)):
            rows, columns, small = batches[i]
            truth, mine = labels[rows], weights[columns]
            error = np.where(truth < 0, 0, 1 / (1 + np.exp(-(small @ mine + bias))) - truth).astype(np.float32)
            slope = small.T @ error + plan.pull * mine
            seen[columns] += (slope**2).mean(1, keepdims=True)
            weights[columns] = mine - plan.rate * slope / np.sqrt(seen[columns])
            seen_bias += error.sum(0) ** 2
            bias -= plan.rate * error.sum(0) / np.sqrt(seen_bias)
        if progress:
            progress(f"epoch {epoch + 1} of {plan.epochs}")
    return weights, bias


def _compact(matrix: Any) -> tuple[Any, Any]:
    """The columns that a batch uses, and the batch on those columns alone."""
    import numpy as np
    from scipy.sparse import csr_matrix

    columns, inverse = np.unique(matrix.indices, return_inverse=True)
    parts = (matrix.data, inverse.astype(np.int32), matrix.indptr)
    return columns, csr_matrix(parts, shape=(matrix.shape[0], len(columns)))


def prune(model: Linear, most: int) -> Linear:
    """The model with only the `most` features that can move a log-odds furthest."""
    import numpy as np

    reach = np.abs(model.weights * model.scale).max(1) * model.idf
    keep = np.sort(np.argsort(-reach, kind="stable")[:most])
    return Linear(model.labels, model.hashes[keep], model.idf[keep], model.weights[keep], model.scale, model.bias)
