"""Several rankings of the same things made into one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def by_rank(rankings: Iterable[Sequence[Key]], *, k: float = 60.0) -> list[tuple[Key, float]]:
    """Things with their fused scores, best first: the sum of `1 / (k + rank)` over the rankings that hold them.

    Reciprocal rank fusion (Cormack, Clarke, Buettcher, SIGIR 2009). Ties stay in order of first appearance.
    """
    scores: defaultdict[Key, float] = defaultdict(float)
    for ranking in rankings:
        for rank, key in enumerate(ranking, 1):
            scores[key] += 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
