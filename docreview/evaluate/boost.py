"""Trains boosted trees with scikit-learn and keeps them as plain arrays; honest log-odds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from docreview.errors import MissingExtra
from docreview.readers.trees import Trees

_SETTINGS: Final = {
    "learning_rate": 0.05,
    "max_leaf_nodes": 24,
    "min_samples_leaf": 50,
    "l2_regularization": 10.0,
    "early_stopping": False,
}


def fit_trees(
    features: Any, truth: Any, *, rounds: int = 200, seed: int = 7, settings: Mapping[str, Any] | None = None
) -> Trees:
    """Boosted trees (Friedman 2001, histogram form) for one yes/no question.

    Args:
        features: (rows, features) float32.
        truth: (rows,) of 0 and 1.
        settings: Of HistGradientBoostingClassifier, in place of ours.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
    except ImportError:
        raise MissingExtra("training", "train") from None
    model = HistGradientBoostingClassifier(max_iter=rounds, random_state=seed, **{**_SETTINGS, **(settings or {})})
    model.fit(features, truth)
    return _plain(model)


def _plain(model: Any) -> Trees:
    import numpy as np

    trees = [step[0].nodes for step in model._predictors]
    roots = np.cumsum([0, *(len(nodes) for nodes in trees)])[:-1]
    nodes = np.concatenate(trees)
    shift = np.repeat(roots, [len(tree) for tree in trees])
    leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    return Trees(
        feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int16),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        left=np.where(leaf, own, nodes["left"] + shift).astype(np.int32),
        right=np.where(leaf, own, nodes["right"] + shift).astype(np.int32),
        values=np.where(leaf, nodes["value"], 0.0).astype(np.float32),
        roots=roots.astype(np.int32),
        depth=int(nodes["depth"].max()),
        base=float(np.ravel(model._baseline_prediction)[0]),
    )


def honest(odds: Any, truth: Any, *, strength: float = 1.0, steps: int = 30) -> tuple[float, float]:
    """Slope and offset that turn log-odds into calibrated ones (Platt 1999), drawn towards 1 and 0; Newton's method,
    a step
    halved until the loss falls.

    Args:
        strength: How many doubts the pull towards "leave it as it is" is worth; a category with few examples stays
            near it.
    """
    import numpy as np

    x = np.stack([odds, np.ones_like(odds)], axis=1).astype(np.float64)
    start = np.array([1.0, 0.0])

    def loss(at: Any) -> float:
        signed = np.where(truth > 0, -1.0, 1.0) * (x @ at)
        return float(np.logaddexp(0, signed).sum() + strength / 2 * ((at - start) ** 2).sum())

    at = start.copy()
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(x @ at, -30, 30)))
        slope = x.T @ (chance - truth) + strength * (at - start)
        bend = (x * (chance * (1 - chance))[:, None]).T @ x + strength * np.eye(2)
        step = np.linalg.solve(bend, slope)
        share = next((s for s in 0.5 ** np.arange(20) if loss(at - s * step) < loss(at)), 0.0)
        at = at - share * step
    return float(at[0]), float(at[1])


def operating_point(scores: Any, truth: Any, *, precision: float, least: int = 5) -> float:
    """The lowest score from which on the share of right ones reaches `precision`; above 1 when there is none.

    Args:
        least: Below this many proposals no share is believed.
    """
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    share = np.cumsum(truth[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero((share >= precision) & (np.arange(len(order)) + 1 >= least))
    return float(scores[order[good[-1]]]) if len(good) else 1.01
