"""Places in a document that may answer a question: sentences and runs of sentences, with what speaks for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from docreview.readers.features import Rows, ngrams, tokens
from docreview.readers.linear import Linear
from docreview.readers.tokens import NOTHING, Pooled

_BLOCK: Final = 2000
_RUN: Final = 4  # sentences in one answer, at most
_ALONE, _TOGETHER = 0.004, 0.02  # probability of the linear model that a sentence needs, alone and in a run
_EDGE: Final = 6


@dataclass(frozen=True, slots=True)
class Places:
    """Candidates as arrays, one row each: `[start, end)` in the text, the label's number and the features of the
    second stage.
    """

    starts: Any
    ends: Any
    labels: Any
    features: Any

    def __len__(self) -> int:
        return len(self.starts)


def unit_rows(text: str, spans: list[tuple[int, int]]) -> Iterator[Rows]:
    """The linear model's features of a document's sentences, block by block, so that memory stays small."""
    import numpy as np

    for at in range(0, len(spans), _BLOCK):
        block = np.array(spans[at : at + _BLOCK], np.int64)
        base = int(block[0, 0])
        words = tokens(text[base : int(block[-1, 1])])
        units = np.searchsorted(block[:, 0] - base, words.starts, side="right") - 1
        yield ngrams(words, units, block[:, 1], len(text))


def unit_logits(text: str, spans: list[tuple[int, int]], model: Linear) -> tuple[Any, Any]:
    """A document's units as an array, (n, 2) offsets, and the log-odds of each label for each, (n, labels)."""
    import numpy as np

    rows = [model.logits(block) for block in unit_rows(text, spans)]
    logits = np.concatenate(rows) if rows else np.zeros((0, len(model.labels)), np.float32)
    return np.array(spans, np.int64).reshape(-1, 2), logits


def runs(text: str, spans: Any, views: Views, labels: Any) -> Places:
    """Single sentences and runs of up to four, for each of the given labels, where the models see anything at all.

    Args:
        spans: (sentences, 2) offsets.
        labels: The labels' numbers that are wanted.
    """
    import numpy as np

    if not len(spans):
        return Places(*(np.zeros(0, np.int64),) * 3, np.zeros((0, 0), np.float32))
    view = _View(text, spans, views)
    wanted = np.isin(np.arange(views.fused.shape[1]), labels)
    pieces = []
    for size in range(1, min(_RUN, len(spans)) + 1):
        open_ = np.ones((len(spans) - size + 1, len(wanted)), bool) & wanted
        for step in range(size):
            open_ &= view.chances[step : step + len(open_)] > (_ALONE if size == 1 else _TOGETHER)
        first, label = np.nonzero(open_)
        pieces.append((first, first + size - 1, label, view.features(first, first + size - 1, label)))
    first, last, label, features = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return Places(spans[first, 0], spans[last, 1], label, features)


@dataclass(frozen=True, slots=True)
class Views:
    """What the first models say of each sentence, (sentences, labels): the linear model's log-odds, the token model's,
    and `fused`, calibrated log-odds made of both.
    """

    linear: Any
    pooled: Pooled
    fused: Any


class _View:
    """What the features of a run are read from: everything that holds for the whole document is counted once."""

    def __init__(self, text: str, spans: Any, views: Views) -> None:
        import numpy as np

        logits = views.fused
        self.size, self.spans, self.logits, self.views = len(text), spans, logits, views
        self.chances = 1 / (1 + np.exp(-logits))
        self.padded = np.pad(logits, ((_EDGE, _EDGE), (0, 0)), constant_values=NOTHING)
        best = np.sort(logits, axis=0)[::-1][:3]
        self.best = np.concatenate([best, np.full((3 - len(best), logits.shape[1]), NOTHING)])
        order = np.argsort(-logits, axis=0, kind="stable")
        self.rank = np.empty(order.shape, np.int32)
        np.put_along_axis(self.rank, order, np.arange(len(order), dtype=np.int32)[:, None], axis=0)
        self.total = self.chances.sum(0)
        self.top = views.pooled.mean.max(0)
        self.lengths = spans[:, 1] - spans[:, 0]
        self.lower = np.array([text[a].islower() for a, _ in spans.tolist()])
        self.closed = np.array([text[b - 1] in ".;:" for _, b in spans.tolist()])

    def features(self, first: Any, last: Any, label: Any) -> Any:
        """(runs, features) float32; all runs have the same number of sentences."""
        import numpy as np

        size = int(last[0] - first[0]) + 1 if len(first) else 1
        own = np.stack([self.logits[first + i, label] for i in range(size)])
        around = {k: self.padded[first + _EDGE + k, label] for k in range(-_EDGE, 0)}
        around |= {k: self.padded[last + _EDGE + k, label] for k in range(1, _EDGE + 1)}
        before = np.stack([around[k] for k in range(-_EDGE, 0)]).max(0)
        after = np.stack([around[k] for k in range(1, _EDGE + 1)]).max(0)
        share = sum(self.chances[first + i, label] for i in range(size))
        columns = [label, own.mean(0), own.min(0), own.max(0), own[0], own[-1], np.full(len(first), size)]
        columns += [around[-1], around[-2], around[1], around[2], before, after]
        columns += [self.best[0, label], own.max(0) - self.best[0, label], self.best[1, label], self.best[2, label]]
        columns += [self.rank[first, label], self.rank[last, label], self.total[label], self.total[label] - share]
        columns += [*self._rivals(first, size, label), *self._layout(first, last), *self._models(first, last, label)]
        return np.stack(columns, axis=1).astype(np.float32)

    def _rivals(self, first: Any, size: int, label: Any) -> list[Any]:
        """The two other labels that the linear model likes best here, and how many it likes at all."""
        import numpy as np

        here = np.stack([self.logits[first + i] for i in range(size)]).max(0)
        rows = np.arange(len(first))
        liked = (here > -1.4).sum(1)
        most = here.max(1)
        here[rows, label] = -99
        top = np.argsort(-here, axis=1, kind="stable")[:, :2]
        return [here[rows, top[:, 0]], here[rows, top[:, 1]], top[:, 0], most, liked]

    def _models(self, first: Any, last: Any, label: Any) -> list[Any]:
        """What each model says for itself: of the run, of its edges, of the sentences beside it."""
        import numpy as np

        linear, pooled = self.views.linear, self.views.pooled
        rows = [first + i for i in range(int(last[0] - first[0]) + 1 if len(first) else 1)]
        mean = np.stack([pooled.mean[row, label] for row in rows])
        own = np.stack([linear[row, label] for row in rows])
        earlier, later = np.maximum(first - 1, 0), np.minimum(last + 1, len(linear) - 1)
        return [
            own.mean(0),
            own.max(0),
            mean.mean(0),
            mean.min(0),
            mean.max(0),
            np.stack([pooled.peak[row, label] for row in rows]).max(0),
            pooled.begin[first, label],
            pooled.end[last, label],
            pooled.begin[later, label],
            pooled.end[earlier, label],
            pooled.mean[earlier, label],
            pooled.mean[later, label],
            mean.max(0) - self.top[label],
        ]

    def _layout(self, first: Any, last: Any) -> list[Any]:
        import numpy as np

        starts, ends, lengths = self.spans[first, 0], self.spans[last, 1], self.lengths
        earlier, later = np.maximum(first - 1, 0), np.minimum(last + 1, len(lengths) - 1)
        return [
            ends - starts,
            lengths[first],
            lengths[last],
            starts / self.size,
            np.log1p(starts),
            np.log1p(self.size - ends),
            np.full(len(first), len(lengths)),
            self.lower[first],
            self.closed[last],
            np.where(first > 0, lengths[earlier], 0),
            np.where(last + 1 < len(lengths), lengths[later], 0),
            np.where(first > 0, self.closed[earlier], 1),
        ]
