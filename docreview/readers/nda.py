"""The 17 questions of the NDA checklist: evidence (sentences, items of lists), and whether it says yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from docreview.chunk.sentences import sentence_spans
from docreview.readers.candidates import unit_logits
from docreview.readers.linear import Linear
from docreview.readers.nda_pairs import Pairs, pairs
from docreview.readers.trees import Trees
from docreview.readers.weights import Weights

FLOOR: Final = 0.001
SIDES: Final = ("entailed", "contradicted")
_UNLIKELY: Final = -12.0
_STEEP: Final = 10.0
"""Brings differences of first-stage scores, mostly below one, to the size of log-odds."""
_ITEM: Final = r"(?<=[\s;,:.])(?=\((?:[a-z]{1,4}|\d{1,2})\)\s)"
_FLOWING: Final = re.compile(rf"\n\s*+|{_ITEM}")
_WRAPPED: Final = re.compile(rf"\n[^\S\n]*\n\s*+|{_ITEM}")
_LINE: Final = 200
"""Characters. In a text with hardly a longer line, a line ends where the page did, and that cuts nothing."""


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
    """Two stages. A linear model gives each unit of text a score for each question and side; boosted trees over (unit,
    question) pairs make log-odds of these, of what stands around the unit, and of written cues.

    `evidence`, `mentioned` and `against` are (questions, 2): slope and offset for the chance that a unit is evidence,
    that the document speaks to the question at all, and that it answers no.
    """

    linear: Linear
    trees: Trees
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
        trees = Trees.from_arrays(weights.group("trees"))
        sure = dict(zip(names, arrays["sure"].tolist(), strict=True))
        return cls(linear, trees, names, arrays["evidence"], arrays["mentioned"], arrays["against"], sure)

    def propose(self, text: str) -> tuple[list[Evidence], dict[str, float]]:
        """Evidence with a score of at least `FLOOR`, and for each question the chance that the document speaks to
        it.
        """
        import numpy as np

        spans, scores = unit_logits(text, units(text), self.linear)
        if not len(spans):
            return [], dict.fromkeys(self.names, 0.0)
        spots: list[tuple[int, int]] = [(a, b) for a, b in spans.tolist()]
        for_, against = np.split(scores, 2, axis=1)
        odds = evidence_odds(pairs([text[a:b] for a, b in spots], for_, against, self.names), self.trees)
        chance = _chance(odds, self.evidence)
        mentioned = _chance(odds.max(0), self.mentioned)
        denied = _chance(side(for_, against, odds), self.against) > 0.5
        found = [
            Evidence(self.names[q], *spots[row], float(chance[row, q]), SIDES[int(denied[q])])
            for row, q in np.argwhere(chance >= FLOOR).tolist()
        ]
        return found, dict(zip(self.names, mentioned.tolist(), strict=True))


def _chance(odds: Any, line: Any) -> Any:
    return sigmoid(odds * line[:, 0] + line[:, 1])


def units(text: str) -> list[tuple[int, int]]:
    """Sentences, cut further at line breaks and before "(a)": evidence in NDAs is often one item of a list.

    In a text whose lines are those of a page, only blank lines cut.
    """
    cut = _WRAPPED if _wrapped(text) else _FLOWING
    found = []
    for start, end in sentence_spans(text):
        cuts = [(match.start(), match.end()) for match in cut.finditer(text, start, end)]
        for (_, left), (right, _) in pairwise([(start, start), *cuts, (end, end)]):
            if piece := text[left:right].strip():
                at = right - len(text[left:right].lstrip())
                found.append((at, at + len(piece)))
    return found


def _wrapped(text: str) -> bool:
    """Whether lines longer than `_LINE` hold less than a twentieth of the text."""
    return sum(len(line) for line in text.splitlines() if len(line) > _LINE) < len(text) / 20


def side_labels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Labels of the linear model: all questions entailed, then all contradicted."""
    return tuple(f"{name}/{side}" for side in SIDES for name in names)


def evidence_odds(found: Pairs, trees: Trees) -> Any:
    """Log-odds that a unit is evidence on a question, (units, questions), not yet calibrated; very low for the pairs
    that were not looked at closely.
    """
    import numpy as np

    odds = _UNLIKELY + found.first
    chance = np.clip(trees.scores(found.features[found.chosen]), 1e-6, 1 - 1e-6)
    odds[found.chosen] = np.log(chance / (1 - chance))
    return odds


def side(for_: Any, against: Any, odds: Any) -> Any:
    """For each question how much more the likeliest evidence speaks against than for it, (questions,)."""
    import numpy as np

    likeliest = odds.argmax(0)[None]
    return _STEEP * np.take_along_axis(against - for_, likeliest, axis=0)[0]


def sigmoid(odds: Any) -> Any:
    """Probability from log-odds."""
    import numpy as np

    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
