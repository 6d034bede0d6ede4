"""The 17 questions of the NDA checklist: evidence sentences, and whether they say yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from docreview.chunk.sentences import sentence_spans
from docreview.readers.candidates import unit_logits
from docreview.readers.linear import Linear
from docreview.readers.weights import Weights

FLOOR: Final = 0.001
SIDES: Final = ("entailed", "contradicted")
_CUT: Final = re.compile(r"\n\s*+|(?<=[\s;,:.])(?=\((?:[a-z]{1,4}|\d{1,2})\)\s)")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence, or a part of one, that speaks to a question. `value` says which way the document answers it."""

    name: str
    start: int
    end: int
    score: float
    value: str


@dataclass(frozen=True, slots=True)
class NdaModel:
    """One linear model with two labels for each question, "entailed" and "contradicted" evidence.

    `evidence`, `mentioned` and `against` are (questions, 2): slope and offset for the chance that a sentence is
    evidence, that the
    document speaks to the question at all, and that it answers no.
    """

    linear: Linear
    names: tuple[str, ...]
    evidence: Any
    mentioned: Any
    against: Any
    sure: Mapping[str, float]

    @classmethod
    def load(cls, weights: Weights) -> NdaModel:
        """The model from its weights file."""
        names, arrays = tuple(weights.meta["labels"]), weights.arrays
        linear = Linear.from_arrays(side_labels(names), weights.group("linear"))
        sure = dict(zip(names, arrays["sure"].tolist(), strict=True))
        return cls(linear, names, arrays["evidence"], arrays["mentioned"], arrays["against"], sure)

    def propose(self, text: str) -> tuple[list[Evidence], dict[str, float]]:
        """Evidence with a score of at least `FLOOR`, and for each question the chance that the document speaks to
        it.
        """
        import numpy as np

        spans, logits = unit_logits(text, units(text), self.linear)
        if not len(spans):
            return [], dict.fromkeys(self.names, 0.0)
        either, side = combine(logits)
        chance = sigmoid(either * self.evidence[:, 0] + self.evidence[:, 1])
        mentioned = sigmoid(either.max(0) * self.mentioned[:, 0] + self.mentioned[:, 1])
        against = sigmoid(side * self.against[:, 0] + self.against[:, 1]) > 0.5
        spots: list[tuple[int, int]] = [(a, b) for a, b in spans.tolist()]
        found = [
            Evidence(self.names[q], *spots[row], float(chance[row, q]), SIDES[int(against[q])])
            for row, q in np.argwhere(chance >= FLOOR).tolist()
        ]
        return found, dict(zip(self.names, mentioned.tolist(), strict=True))


def units(text: str) -> list[tuple[int, int]]:
    """Sentences, cut further at line breaks and before "(a)": evidence in NDAs is often one item of a list."""
    found = []
    for start, end in sentence_spans(text):
        cuts = [(match.start(), match.end()) for match in _CUT.finditer(text, start, end)]
        for (_, left), (right, _) in pairwise([(start, start), *cuts, (end, end)]):
            if piece := text[left:right].strip():
                at = right - len(text[left:right].lstrip())
                found.append((at, at + len(piece)))
    return found


def side_labels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Labels of the linear model: all questions entailed, then all contradicted."""
    return tuple(f"{name}/{side}" for side in SIDES for name in names)


def combine(logits: Any) -> tuple[Any, Any]:
    """For each sentence and question the log-odds of being evidence either way, (n, questions); for each question how
    much more
    the best sentence against weighs than the best one for it, (questions,).
    """
    import numpy as np

    for_, against = np.split(logits, 2, axis=1)
    return np.logaddexp(for_, against), against.max(0) - for_.max(0)


def sigmoid(odds: Any) -> Any:
    """Probability from log-odds."""
    import numpy as np

    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
