"""Other extents of a place: an answer may end a sentence earlier or later than the likeliest candidate says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from docreview.readers.candidates import Places
from docreview.readers.settle import Candidate, Taken
from docreview.readers.trees import Trees

_LEAST: Final = 0.01
"""Candidates that the second stage thinks less likely are not looked at."""
_SHOWN: Final = 0.02


def others(
    scored: Sequence[tuple[Places, Any]], kept: Sequence[Candidate], trees: Trees, labels: Sequence[str]
) -> list[Candidate]:
    """Candidates that overlap a kept one of their category, with the chance that they are right where all of those are
    wrong; of those that overlap each other the likeliest.

    Args:
        scored: All candidates, by kind, with the second stage's scores.
        kept: What `settle` left of them.
    """
    places = pairs(scored, kept, labels)
    return chosen(places, trees.scores(places.features), labels) if len(places) else []


def chosen(places: Places, scores: Any, labels: Sequence[str]) -> list[Candidate]:
    """The likeliest of these places, none overlapping another of its category."""
    import numpy as np

    taken, found = Taken(), []
    for i in np.lexsort((places.ends, places.starts, -scores, places.labels)).tolist():
        start, end, label = int(places.starts[i]), int(places.ends[i]), int(places.labels[i])
        if scores[i] >= _SHOWN and taken.free(label, start, end):
            found.append(Candidate(labels[label], start, end, float(scores[i]), other=True))
    return found


def pairs(scored: Sequence[tuple[Places, Any]], kept: Sequence[Candidate], labels: Sequence[str]) -> Places:
    """Candidates that overlap a kept one of their category, with what both are like as features."""
    import numpy as np

    by_label: dict[int, list[Candidate]] = {number: [] for number in range(len(labels))}
    for candidate in kept:
        by_label[labels.index(candidate.category)].append(candidate)
    rows: list[tuple[int, int, int, list[float]]] = []
    for kind, (places, scores) in enumerate(scored):
        for i in np.flatnonzero(scores >= _LEAST).tolist():
            start, end, label = int(places.starts[i]), int(places.ends[i]), int(places.labels[i])
            over = [c for c in by_label[label] if c.start < end and c.end > start]
            if over and not any((c.start, c.end) == (start, end) for c in over):
                rows.append((start, end, label, _features(start, end, float(scores[i]), over, label, kind)))
    starts, ends, numbers = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    return Places(starts, ends, numbers, np.array([row[3] for row in rows], np.float32))


def _features(start: int, end: int, score: float, over: Sequence[Candidate], label: int, kind: int) -> list[float]:
    """What a candidate and the kept ones that it overlaps are like."""
    best = max(over, key=lambda c: c.score)
    return [
        _odds(score),
        _odds(best.score),
        max(_shared(start, end, c) for c in over),
        (end - start) / (best.end - best.start),
        len(over),
        label,
        kind,
        end - start,
        start <= best.start and end >= best.end,
        start >= best.start and end <= best.end,
        min(c.score for c in over),
    ]


def _odds(chance: float) -> float:
    """Log-odds."""
    from math import log

    return log(max(chance, 1e-6) / max(1 - chance, 1e-6))


def _shared(start: int, end: int, other: Candidate) -> float:
    """Overlap as a share of the union."""
    return (min(end, other.end) - max(start, other.start)) / (max(end, other.end) - min(start, other.start))
