"""The clause model: where in a contract the 41 questions are answered, in two stages.

First a linear model gives each sentence log-odds for each category, and another each word at both ends of the
document. Then
boosted trees look at sentences, runs of sentences and runs of words together with what stands around them, and
give each a probability. Of candidates that overlap, the likeliest stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.chunk.sentences import sentence_spans
from docreview.readers.candidates import Places, runs, unit_logits
from docreview.readers.linear import Linear
from docreview.readers.trees import Trees
from docreview.readers.weights import Weights
from docreview.readers.words import tag, tag_labels, word_spans

FLOOR: Final = 0.001
WORDS_ONLY: Final = ("Document Name", "Agreement Date")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scored place: `[start, end)` in the document's text, `score` a probability."""

    category: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class ClauseModel:
    """`first` and `final` are (categories, 2): slope and offset that turn log-odds into honest ones.

    `thresholds` gives for each category the score that is sure enough, and the score from which a person should see it.
    """

    sentences: Linear
    words: Linear
    first: Any
    sentence_trees: Trees
    word_trees: Trees
    final: Any
    thresholds: Mapping[str, tuple[float, float]]

    @classmethod
    def load(cls, weights: Weights) -> ClauseModel:
        """The model from its weights file."""
        labels = tuple(weights.meta["labels"])
        limits = weights.arrays["thresholds"].tolist()
        return cls(
            sentences=Linear.from_arrays(labels, weights.group("sentences")),
            words=Linear.from_arrays(tag_labels(), weights.group("words")),
            first=weights.arrays["first"],
            sentence_trees=Trees.from_arrays(weights.group("sentence_trees")),
            word_trees=Trees.from_arrays(weights.group("word_trees")),
            final=weights.arrays["final"],
            thresholds=dict(zip(labels, map(tuple, limits), strict=True)),
        )

    def propose(self, text: str) -> list[Candidate]:
        """All candidates with a score of at least `FLOOR`, the best of each category first."""
        spans, logits = unit_logits(text, sentence_spans(text), self.sentences)
        if not len(spans):
            return []
        honest = logits * self.first[:, 0] + self.first[:, 1]
        by_sentence, by_word = stage_two(text, spans, honest, tag(text, self.words), self.sentences.labels)
        scored = [
            (by_sentence, self.sentence_trees.scores(by_sentence.features)),
            (by_word, self.word_trees.scores(by_word.features)),
        ]
        return settle(scored, self.final, self.sentences.labels)


def stage_two(text: str, spans: Any, logits: Any, tagged: Any, labels: Sequence[str]) -> tuple[Places, Places]:
    """Candidates made of sentences and candidates made of words, with their features; `logits` are calibrated."""
    wanted = [i for i, label in enumerate(labels) if label not in WORDS_ONLY]
    return runs(text, spans, logits, wanted), word_spans(text, tagged, spans, logits, labels)


def settle(scored: Sequence[tuple[Places, Any]], final: Any, labels: Sequence[str]) -> list[Candidate]:
    """Candidates with honest scores, from both kinds; those that overlap a likelier one of their category are
    left out.
    """
    import numpy as np

    starts, ends, numbers = (
        np.concatenate([getattr(places, key) for places, _ in scored]) for key in ("starts", "ends", "labels")
    )
    raw = np.clip(np.concatenate([scores for _, scores in scored]), 1e-6, 1 - 1e-6)
    odds = np.log(raw / (1 - raw)) * final[numbers, 0] + final[numbers, 1]
    scores = 1 / (1 + np.exp(-odds))
    order = np.lexsort((ends, starts, -scores, numbers))
    kept: list[Candidate] = []
    taken = _Taken()
    for i in order[scores[order] >= FLOOR].tolist():
        start, end, number = int(starts[i]), int(ends[i]), int(numbers[i])
        if taken.free(number, start, end):
            kept.append(Candidate(labels[number], start, end, float(scores[i])))
    return kept


class _Taken:
    """Spans already given away, category by category."""

    def __init__(self) -> None:
        self.number = -1
        self.starts: list[int] = []
        self.ends: list[int] = []

    def free(self, number: int, start: int, end: int) -> bool:
        """Take a span if nothing of it is taken."""
        from bisect import bisect_right

        if number != self.number:
            self.number, self.starts, self.ends = number, [], []
        at = bisect_right(self.starts, start)
        if at and self.ends[at - 1] > start:
            return False
        if at < len(self.starts) and self.starts[at] < end:
            return False
        self.starts.insert(at, start)
        self.ends.insert(at, end)
        return True
