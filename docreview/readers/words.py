"""Answers of a few words: party names, titles and dates, put together from words that look like their beginning
and end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from docreview.readers.candidates import Places
from docreview.readers.linear import Linear
from docreview.readers.tagging import Zone, zones
from docreview.readers.tokens import NOTHING, Tagged

TAGGED: Final = {"Parties": 40, "Document Name": 25, "Agreement Date": 20, "Effective Date": 20}
"""Categories whose answers are looked for word by word, with the most words that an answer may have."""
PARTS: Final = ("begin", "end", "inside")
_LEAST: Final = -5.5  # log-odds that a first and a last word need
_PER_BEGIN, _PER_LABEL, _MOST_CHARS = 6, 60, 600
_NEVER_AT_EDGE: Final = (11,)  # an answer neither begins nor ends with a comma
_COUNTED: Final = 300_000  # characters in which the repetitions of an answer are counted
COMPANY: Final = re.compile(
    r"(?i)\b(inc|llc|ltd|corp|corporation|company|l\.p|gmbh|limited|plc|s\.a|n\.a|ag|lp|co)\b\.?$"
)
"""How the name of a company ends."""


def tag_labels() -> tuple[str, ...]:
    """Labels of the tagger: three for each category."""
    return tuple(f"{name}/{part}" for name in TAGGED for part in PARTS)


def tag(text: str, model: Linear) -> list[tuple[Zone, Any]]:
    """Both ends of a document with the tagger's log-odds, (words, labels)."""
    return [(zone, model.logits(zone.rows)) for zone in zones(text)]


def word_spans(
    text: str, tagged: Sequence[tuple[Zone, Any]], spans: Any, logits: Any, tokens: Tagged, names: Sequence[str]
) -> Places:
    """Candidates of the tagged categories; `labels` are numbers in `names`.

    Args:
        tagged: From `tag`.
        spans: The document's sentences, (n, 2).
        logits: Their calibrated log-odds, (n, labels).
        tokens: What the token model says.
        names: All categories, in the order of the columns of `logits`.
    """
    import numpy as np

    lowered = text[:_COUNTED].lower()
    found: list[tuple[int, int, int, list[float]]] = []
    for number, (name, most) in enumerate(TAGGED.items()):
        label = names.index(name)
        groups = [_Group(zone, scores[:, 3 * number : 3 * number + 3], most) for zone, scores in tagged]
        best = max((group.best for group in groups), default=0.0)
        strong = sum(group.strong for group in groups)
        for group in groups:
            for pair in group.pairs:
                start, end, row = group.features(text, lowered, pair)
                sentence = max(0, int(np.searchsorted(spans[:, 0], start, side="right")) - 1)
                row += [number, pair[2] - best, strong, logits[sentence, label], len(text)]
                row += _token_features(tokens, start, end, label)
                found.append((start, end, label, row))
    if not found:
        return Places(*(np.zeros(0, np.int64),) * 3, np.zeros((0, 0), np.float32))
    starts, ends, labels = (np.array([f[i] for f in found], np.int64) for i in range(3))
    return Places(starts, ends, labels, np.array([f[3] for f in found], np.float32))


class _Group:
    """The candidates of one category at one end of the document."""

    def __init__(self, zone: Zone, scores: Any, most: int) -> None:
        import numpy as np

        self.zone = zone
        self.scores = np.pad(scores, ((1, 1), (0, 0)), constant_values=-9.0)
        self.sums = np.concatenate([[0.0], np.cumsum(scores[:, 2], dtype=np.float64)])
        self.pairs = self._pairs(scores, most)
        self.best = self.pairs[0][2] if self.pairs else 0.0
        self.strong = int((scores[:, 0] > 0).sum())
        self.names = int((scores[:, 2] > 0).sum())

    def _pairs(self, scores: Any, most: int) -> list[tuple[int, int, float]]:
        """`(first word, last word, strength)`, the strongest first."""
        import numpy as np

        fit = ~np.isin(self.zone.shapes, _NEVER_AT_EDGE)
        begins = np.flatnonzero((scores[:, 0] > _LEAST) & fit)
        lasts = begins[:, None] + np.arange(most)
        valid = lasts < len(scores)
        lasts = np.minimum(lasts, len(scores) - 1)
        valid &= fit[lasts]
        valid &= (scores[lasts, 1] > _LEAST) & (
            self.zone.ends[lasts] - self.zone.starts[begins][:, None] <= _MOST_CHARS
        )
        inside = (self.sums[lasts + 1] - self.sums[begins][:, None]) / (lasts - begins[:, None] + 1)
        strength = scores[begins, 0][:, None] + scores[lasts, 1] + 0.5 * np.minimum(inside, 3)
        strength = np.where(valid, strength, -np.inf)
        keep = np.argsort(-strength, axis=1, kind="stable")[:, :_PER_BEGIN]
        rows = np.repeat(np.arange(len(begins)), keep.shape[1])
        value, last = strength[rows, keep.ravel()], lasts[rows, keep.ravel()]
        order = [i for i in np.argsort(-value, kind="stable")[:_PER_LABEL].tolist() if np.isfinite(value[i])]
        return [(int(begins[rows[i]]), int(last[i]), float(value[i])) for i in order]

    def features(self, text: str, lowered: str, pair: tuple[int, int, float]) -> tuple[int, int, list[float]]:
        """Offsets of a candidate and its features."""
        first, last, strength = pair
        zone, around = self.zone, self.scores[first : last + 3]
        inside = around[1:-1]
        start, end = int(zone.starts[first]), int(zone.ends[last])
        others = [p[2] for p in self.pairs if p[:2] != pair[:2] and p[0] <= last and p[1] >= first]
        row = [inside[0, 0], inside[-1, 1], inside[:, 2].mean(), inside[:, 2].min(), inside[:, 2].max()]
        row += [around[0, 2], around[-1, 2], around[0, 0], around[-1, 1]]
        row += [inside[1:, 0].max(initial=-12.0), inside[:-1, 1].max(initial=-12.0)]
        row += [strength, strength - max(others, default=-20.0), self.pairs.index(pair), last - first + 1, self.names]
        row += self._looks(first, last)
        return start, end, row + _text_features(text, lowered, start, end)

    def _looks(self, first: int, last: int) -> list[float]:
        zone = self.zone
        before = zone.shapes[first - 1] if first else 0
        after = last + 1 < len(zone.shapes)
        following = [zone.shapes[last + 1], zone.breaks[last + 1]] if after else [0, 3]
        capitals = (zone.shapes[first : last + 1] >= 2).mean()
        return [zone.shapes[first], zone.shapes[last], zone.breaks[first], before, *following, capitals]


def _token_features(tokens: Tagged, start: int, end: int, label: int) -> list[float]:
    """The token model on the first and last token of a span, on its inside and on its neighbours."""
    import numpy as np

    if not len(tokens.starts):
        return [NOTHING] * 7
    first, last = (int(at[0]) for at in tokens.between(np.array([start]), np.array([end])))
    inside, begin, finish = (tokens.part(i)[:, label] for i in range(3))
    own = inside[first:last].astype(np.float32)
    before = float(inside[first - 1]) if first else NOTHING
    after = float(inside[last]) if last < len(inside) else NOTHING
    edges = [float(begin[first]), float(finish[last - 1]), before, after]
    return [*edges, float(own.mean()), float(own.min()), float(own.max())]


def _text_features(text: str, lowered: str, start: int, end: int) -> list[float]:
    import math

    piece = text[start:end]
    marks = [sum(map(piece.count, group)) for group in ("\n", '"“”', ",")]
    places = [math.log1p(start), math.log1p(len(text) - end)]
    digits = sum(map(str.isdigit, piece))
    often = min(lowered.count(piece.lower()), 50)
    flags = [text.find(piece, 0, end) == start, COMPANY.search(piece) is not None, piece.isupper()]
    return [end - start, *marks, *places, digits, often, *map(float, flags)]
