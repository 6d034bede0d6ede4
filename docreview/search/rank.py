"""Which units of one document answer a question: several weak signals, weighed by a small trained model.

Signals for each unit: BM25 within the document, the static embedder and the tuned embedder (`tuned.py`). Each is also
seen smoothed over neighbours, because an answer seldom stands alone. The weights are in the shipped search model; prose
and talk have their own. Where a library has dense vectors, MiniLM's likeness is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from docreview.search.bm25 import Bm25
from docreview.search.embedder import unit_rows
from docreview.search.entry import Entry
from docreview.search.resolve import query_terms
from docreview.search.static import asset, static, sums
from docreview.search.talk import Talk
from docreview.search.tuned import tuned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WINDOWS: Final = (1, 3, 8, 20)
"""Half widths, in units, of the neighbourhoods that signals are smoothed over."""
DENSE: Final = {"prose": (0.0, 0.5), "talk": (0.5, 0.0)}
"""Weight of MiniLM's likeness beside the trained score: the least, and what is added for a wholly new question."""


@dataclass(frozen=True)
class Ranker:
    """One document, ready to be asked. Building it costs about ten milliseconds, asking it one."""

    entry: Entry

    @cached_property
    def lexical(self) -> Bm25:
        """BM25 over the units."""
        return Bm25(self.entry)

    @cached_property
    def sums(self) -> Floats:
        """For each unit the sum of its words' static rows."""
        return sums(static().words(self.entry.vocabulary), self.entry.ids, self.entry.starts)

    @cached_property
    def vectors(self) -> Floats:
        """Static embeddings of the units."""
        return unit_rows(self.sums)

    @cached_property
    def tuned(self) -> Floats:
        """Tuned embeddings of the units."""
        return tuned().units(self.entry, self.sums)

    @cached_property
    def shape(self) -> Floats:
        """What does not depend on the question, one row for each unit: see `shape_of`."""
        return shape_of(self.entry)

    @cached_property
    def talk(self) -> Talk:
        """The units of a meeting on an axis of words."""
        return Talk(self.entry)

    def scores(self, question: str, dense: Floats | None = None) -> Floats:
        """One score for each unit; higher is better. `dense` is the likeness of each passage, where that is known."""
        import numpy as np

        if not len(self.entry.units):
            return np.zeros(0, dtype=np.float32)
        known, vector = tuned().query(question)
        signals = [
            self.lexical.scores(query_terms(question)),
            self.vectors @ static().embed([question])[0],
            self.tuned @ vector,
        ]
        kind = "talk" if self.entry.talk else "prose"
        scores: Floats = weights(kind)(self.features(signals, question, known))
        if dense is not None:
            scores += dense_share(kind, known) * self.dense_signal(dense)
        return scores

    def features(self, signals: Sequence[Floats], question: str, known: float) -> Floats:
        """What the weights see, one row for each unit; of a meeting other things than of prose."""
        if self.entry.talk:
            return self.talk.features(signals, question)
        return features(signals, self.shape, known)

    def dense_signal(self, dense: Floats) -> Floats:
        """The likeness of the passage that each unit lies in, with mean 0 and spread 1."""
        import numpy as np

        per_unit: Floats = np.repeat(dense, np.diff(self.entry.first_units))
        out: Floats = _even(per_unit)
        return out


def dense_share(kind: str, known: float) -> float:
    """How much MiniLM counts: less, the better the trained model knows the question (measured, see docs/search.md)."""
    return DENSE[kind][0] + DENSE[kind][1] * (1.0 - known)


def shape_of(entry: Entry) -> Floats:
    """Facts of each unit alone: length, place in the document, share of digits and capitals, whether it ends like a
    sentence.
    """
    import numpy as np

    codes = np.frombuffer(entry.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    left, right = entry.units[:, 0], entry.units[:, 1]
    size = (right - left).astype(np.float32)

    def share(low: str, high: str) -> Floats:
        counted = np.concatenate([[0], np.cumsum((codes >= ord(low)) & (codes <= ord(high)))])
        out: Floats = ((counted[right] - counted[left]) / size).astype(np.float32)
        return out

    ends = np.isin(codes[right - 1], [ord(c) for c in ".;:?!"])
    place = np.arange(len(size)) / max(len(size), 1)
    columns: list[Any] = [np.log(size) / 5, place, share("0", "9"), share("A", "Z"), ends]
    out: Floats = np.stack(columns, axis=1).astype(np.float32)
    return out


def features(signals: Sequence[Floats], shape: Floats, known: float) -> Floats:
    """One row for each unit: each signal alone and smoothed, the unit's shape, how well known the question is.

    Args:
        signals: One value for each unit and signal, on any scale.
        shape: From `shape_of`.
        known: 0 to 1, from `Tuned.query`.
    """
    import numpy as np

    n, columns = len(shape), []
    for signal in signals:
        spread = float(signal.std()) + 1e-6
        even = _even(signal)
        top = (signal - signal.max()) / spread
        columns += [even, top, _shifted(even, 1), _shifted(even, -1), *(_smooth(even, w) for w in WINDOWS)]
    columns += list(shape.T)
    columns += [np.full(n, known), *(known * columns[i * (4 + len(WINDOWS))] for i in range(len(signals)))]
    columns += [np.full(n, np.log(n) / 5)]
    return np.stack(columns, axis=1).astype(np.float32)


def _even(signal: Floats) -> Floats:
    out: Floats = (signal - signal.mean()) / (signal.std() + 1e-6)
    return out


def _shifted(signal: Floats, by: int) -> Floats:
    import numpy as np

    out: Floats = np.roll(signal, by)
    if by > 0:
        out[:by] = 0.0
    else:
        out[by:] = 0.0
    return out


def _smooth(signal: Floats, half: int) -> Floats:
    """The mean over the neighbourhood, taken twice, so that near units weigh more."""
    import numpy as np

    for _ in range(2):
        total = np.concatenate([[0.0], np.cumsum(signal, dtype=np.float64)])
        left = np.maximum(np.arange(len(signal)) - half, 0)
        right = np.minimum(np.arange(len(signal)) + half + 1, len(signal))
        signal = ((total[right] - total[left]) / (right - left)).astype(np.float32)
    return signal


@dataclass(frozen=True)
class Weights:
    """A network with one hidden layer: `(x - mean) / spread -> tanh -> score`."""

    mean: Floats
    spread: Floats
    first: Floats
    bias: Floats
    second: Floats

    def __call__(self, rows: Floats) -> Floats:
        """One score for each row."""
        import numpy as np

        hidden = np.tanh((rows - self.mean) / self.spread @ self.first + self.bias)
        out: Floats = hidden @ self.second
        return out


@lru_cache
def weights(kind: str) -> Weights:
    """The shipped weights: "prose" or "talk"."""
    names = ("mean", "spread", "first", "bias", "second")
    return Weights(*(asset()[f"{kind}_{name}"] for name in names))
