"""Trains what gives other extents of a place their chance; see `docreview.readers.extents`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docreview.evaluate.boost import fit_trees
from docreview.evaluate.clauses import Second, places_of
from docreview.evaluate.data import Contract
from docreview.evaluate.score import iou
from docreview.readers.candidates import Places
from docreview.readers.extents import chosen, pairs
from docreview.readers.settle import Candidate
from docreview.readers.trees import Trees

Found = Sequence[Sequence[Candidate]]


def second_extents(contracts: Sequence[Contract], names: Sequence[str], scored: Sequence[Any], found: Found) -> Second:
    """Other extents of the candidates of each contract, true where they are right and no candidate is.

    Args:
        scored: All places of each contract, by kind, with scores from trees that did not see its fold.
        found: What was left of them.
    """
    places = [pairs(each, kept, names) for each, kept in zip(scored, found, strict=True)]
    rows = zip(contracts, places, found, strict=True)
    return Second(places, [_only_right(contract, each, kept, names) for contract, each, kept in rows])


def extent_trees(second: Second, among: Any, seed: int) -> Trees:
    """Trees from the contracts where `among` holds."""
    features, truth = second.joined(among)
    return fit_trees(features, truth, rounds=150, settings={"max_leaf_nodes": 12, "min_samples_leaf": 60}, seed=seed)


def extents_out_of_fold(second: Second, fold: Any, names: Sequence[str], seed: int) -> list[list[Candidate]]:
    """Other extents in each contract, from trees that did not see its fold."""
    import numpy as np

    found: list[list[Candidate]] = [[] for _ in second.places]
    for number in np.unique(fold).tolist():
        trees = extent_trees(second, fold != number, seed)
        for i in np.flatnonzero(fold == number).tolist():
            places = second.places[i]
            found[i] = chosen(places, trees.scores(places.features), names) if len(places) else []
    return found


def _only_right(contract: Contract, places: Places, kept: Sequence[Candidate], names: Sequence[str]) -> Any:
    """For each place whether it is at an annotation of its category at which no kept candidate is."""
    import numpy as np

    missed: list[list[tuple[int, int]]] = []
    for name in names:
        own = [c for c in kept if c.category == name]
        open_ = [
            options
            for options in places_of(contract, name)
            if not any(max(iou(c.start, c.end, options)) >= 0.5 for c in own)
        ]
        missed.append([place for options in open_ for place in options])
    rows = zip(places.starts.tolist(), places.ends.tolist(), places.labels.tolist(), strict=True)
    return np.array([max(iou(a, b, missed[label]), default=0) >= 0.5 for a, b, label in rows], np.float32)
