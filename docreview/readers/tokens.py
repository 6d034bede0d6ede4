"""What a token model says of a text: log-odds for each token, and what they come to in each sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

CELL: Final = 224
"""A text is looked at in cells of so many tokens, each in a window with a little of its neighbours."""
MARGIN: Final = 15
NOTHING: Final = -9.0
"""The log-odds of tokens in cells that were not looked at, and beyond the ends of the document."""
PARTS: Final = 3  # a token is inside an answer, its first, its last
_EDGE: Final = 4  # tokens at the edge of a sentence in which an answer may begin or end


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document's tokens: offsets `starts` and `ends`, and `logits` (tokens, 3 x labels): inside, begin, end."""

    starts: Any
    ends: Any
    logits: Any

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return int(self.logits.shape[1]) // PARTS

    def part(self, number: int) -> Any:
        """(tokens, labels) of inside (0), begin (1) or end (2)."""
        return self.logits[:, number * self.labels : (number + 1) * self.labels]

    def between(self, starts: Any, ends: Any) -> tuple[Any, Any]:
        """For spans of characters the first token and the one after the last; at least one token each."""
        import numpy as np

        first = np.searchsorted(self.ends, starts, side="right")
        last = np.searchsorted(self.starts, ends, side="left")
        first = np.minimum(first, max(len(self.starts) - 1, 0))
        return first, np.maximum(last, first + 1)


@dataclass(frozen=True, slots=True)
class Pooled:
    """By sentence and label, (sentences, labels): the mean and the peak of the log-odds of being inside, and of
    beginning and ending at the sentence's edges.
    """

    mean: Any
    peak: Any
    begin: Any
    end: Any


def pool(tagged: Tagged, spans: Any) -> Pooled:
    """What the tokens of each sentence, (n, 2) offsets, come to."""
    import numpy as np

    if not len(tagged.starts):
        empty = np.full((len(spans), tagged.labels), NOTHING, np.float32)
        return Pooled(empty, empty, empty, empty)
    first, last = tagged.between(spans[:, 0], spans[:, 1])
    inside = tagged.part(0).astype(np.float32)
    sums = np.concatenate([np.zeros((1, tagged.labels)), np.cumsum(inside, axis=0, dtype=np.float64)])
    return Pooled(
        mean=((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32),
        peak=_most(inside, first, last),
        begin=_most(tagged.part(1), first, np.minimum(first + _EDGE, last)),
        end=_most(tagged.part(2), np.maximum(last - _EDGE, first), last),
    )


def _most(values: Any, first: Any, last: Any) -> Any:
    """The highest value of rows `first` to `last` (not included), column by column."""
    import numpy as np

    padded = np.concatenate([values, values[-1:]]).astype(np.float32)
    edges = np.stack([first, last], axis=1).ravel()
    return np.maximum.reduceat(padded, edges, axis=0)[::2]


def cells(wanted: Any) -> Iterator[tuple[int, int, int, int]]:
    """The cells that hold a wanted token: `(start, end, window's start, window's end)` in tokens.

    Args:
        wanted: (tokens) bool.
    """
    count = len(wanted)
    for start in range(0, count, CELL):
        end = min(start + CELL, count)
        if wanted[start:end].any():
            yield start, end, max(start - MARGIN, 0), min(end + MARGIN, count)


def fuse(weights: Any, linear: Any, pooled: Pooled) -> Any:
    """Log-odds by sentence and label made of both models'; `weights` (labels, 4): linear, mean, peak, offset."""
    return linear * weights[:, 0] + pooled.mean * weights[:, 1] + pooled.peak * weights[:, 2] + weights[:, 3]
