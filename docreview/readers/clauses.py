"""The clause model: where in a contract the 41 questions are answered, in two stages.

First a linear model gives each sentence log-odds for each category, another each word at both ends of the document,
and a small transformer each token where the linear model suspects anything. Then boosted trees look at sentences, runs
of sentences and runs of words together with what stands around them, and give each a probability. Of candidates that
overlap, the likeliest stays; another may be added as another extent of that place, with the chance that it is right
where the likeliest is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.chunk.sentences import sentence_spans
from docreview.errors import ConfigError
from docreview.readers.candidates import Places, Views, runs, unit_logits
from docreview.readers.edges import tidied
from docreview.readers.extents import others
from docreview.readers.linear import Linear
from docreview.readers.settle import Candidate, settle
from docreview.readers.tagging import HEAD, TAIL
from docreview.readers.token_model import TokenModel
from docreview.readers.tokens import Pooled, Tagged, fuse, pool
from docreview.readers.trees import Trees
from docreview.readers.weights import Weights
from docreview.readers.words import tag, tag_labels, word_spans

SUSPECT: Final = -3.476  # log-odds of the linear model (a chance of 0.03) from which the token model looks
WORDS_ONLY: Final = ("Document Name", "Agreement Date")


@dataclass(frozen=True, slots=True)
class ClauseModel:
    """`first` and `final` are (categories, 2): slope and offset that turn log-odds into honest ones.

    `thresholds` gives for each category the score that is sure enough, and the score from which a person should see it.
    """

    sentences: Linear
    words: Linear
    tokens: TokenModel
    first: Any
    fusion: Any
    sentence_trees: Trees
    word_trees: Trees
    extents: Trees
    final: Any
    thresholds: Mapping[str, tuple[float, float]]

    @classmethod
    def load(cls, weights: Weights, tokens: TokenModel) -> ClauseModel:
        """The model from its two weights files.

        Raises:
            ConfigError: The files are not of the same labels.
        """
        labels = tuple(weights.meta["labels"])
        if tokens.labels != labels:
            raise ConfigError("clauses.npz", "labels", "are not those of the token model; train both again")
        limits = weights.arrays["thresholds"].tolist()
        return cls(
            sentences=Linear.from_arrays(labels, weights.group("sentences")),
            words=Linear.from_arrays(tag_labels(), weights.group("words")),
            tokens=tokens,
            first=weights.arrays["first"],
            fusion=weights.arrays["fusion"],
            sentence_trees=Trees.from_arrays(weights.group("sentence_trees")),
            word_trees=Trees.from_arrays(weights.group("word_trees")),
            extents=Trees.from_arrays(weights.group("extents")),
            final=weights.arrays["final"],
            thresholds=dict(zip(labels, map(tuple, limits), strict=True)),
        )

    def propose(self, text: str) -> list[Candidate]:
        """All candidates with a score of at least `FLOOR`, the best of each category first; then other extents."""
        spans, logits = unit_logits(text, sentence_spans(text), self.sentences)
        if not len(spans):
            return []
        honest = logits * self.first[:, 0] + self.first[:, 1]
        tokens = self.tokens.tagged(text, worth_a_look(spans, honest, len(text)))
        views = view(honest, pool(tokens, spans), self.fusion)
        by_sentence, by_word = stage_two(text, spans, views, tag(text, self.words), tokens, self.sentences.labels)
        scored = [
            (by_sentence, self.sentence_trees.scores(by_sentence.features)),
            (by_word, self.word_trees.scores(by_word.features)),
        ]
        kept = settle(scored, self.final, self.sentences.labels)
        return tidied(text, kept + others(scored, kept, self.extents, self.sentences.labels))


def worth_a_look(spans: Any, logits: Any, size: int) -> Any:
    """What the token model is to look at, (n, 2): where the linear model suspects anything, and both ends."""
    import numpy as np

    ends = np.array([[0, min(HEAD, size)], [max(size - TAIL, 0), size]], np.int64)
    return np.concatenate([ends, spans[logits.max(1) > SUSPECT]])


def view(linear: Any, pooled: Pooled, fusion: Any) -> Views:
    """What both models say of each sentence, and what they say together."""
    return Views(linear, pooled, fuse(fusion, linear, pooled))


def stage_two(
    text: str, spans: Any, views: Views, tagged: Any, tokens: Tagged, labels: Sequence[str]
) -> tuple[Places, Places]:
    """Candidates made of sentences and candidates made of words, with their features."""
    wanted = [i for i, label in enumerate(labels) if label not in WORDS_ONLY]
    return runs(text, spans, views, wanted), word_spans(text, tagged, spans, views.fused, tokens, labels)
