"""How well each unit of a document fits a question, as numbers: what the ranker says, which of the question's words
are there or meant, and whether the unit holds the kind of thing that is asked for.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from docreview.readers.answering.wants import holds, wanted
from docreview.search.embedder import unit_rows
from docreview.search.rank import Ranker
from docreview.search.static import static
from docreview.search.words import terms, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CANDIDATES: Final = 24
"""Units that are looked at closely: the ranker's best, and those that have most of the question's words."""
BY_WORDS: Final = 8
NAMES: Final = (
    "covered", "around", "headed", "weightiest", "missing", "behind", "rank", "likeness", "fits", "lacks", "asks",
    "answers", "length",
)  # fmt: skip
Group = tuple[int, ...]
"""Units that make one answer: a sentence, or in talk a question with what was said to it."""
_WORD: Final = re.compile(r"[^\W\d_]{2}|\d[^\W\d_]|[^\W\d_]\d|\d{3}")
_MEANT: Final = 0.35
"""Static likeness of two words below which they have nothing to do with each other."""
KIN: Final = 0.95
"""How far a word meets one that begins alike."""
_BEGIN: Final = 6  # letters
_SCAFFOLD: Final = frozenset(
    "many much long often early happen happens mean means may must shall can could should get gets there any anything "
    "say said think thought tell about some one please document contract agreement text".split()
)


@dataclass(frozen=True)
class Asked:
    """A question's words that carry it, each with its term and its weight in this document."""

    words: tuple[str, ...]
    terms: tuple[str, ...]
    weights: Floats


class Signals:
    """The signals of one document. Build once, ask often."""

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker
        self.entry = ranker.entry
        self._units: list[tuple[int, int]] = [(a, b) for a, b in self.entry.units.tolist()]

    def rows(self, question: str) -> tuple[list[Group], Floats]:
        """Places worth a close look, best ranked first, and one row of `NAMES` for each."""
        import numpy as np

        if not self._units:
            return [], np.zeros((0, len(NAMES)), dtype=np.float32)
        asked, scores = self._asked(question), self.ranker.scores(question)
        meant = self._meant(asked)
        weights = asked.weights / max(float(asked.weights.sum()), 1e-6)
        order = np.argsort(-scores, kind="stable")
        near = order[:CANDIDATES].tolist() + np.argsort(-(weights @ meant), kind="stable")[:BY_WORDS].tolist()
        groups = list(dict.fromkeys(group for unit in near if (group := self._group(unit))))
        if not groups:
            return [], np.zeros((0, len(NAMES)), dtype=np.float32)
        likeness = self.ranker.vectors @ static().embed([question])[0]
        rank = np.empty(len(scores))
        rank[order] = np.arange(len(scores))
        there = np.stack([meant[:, list(group)].max(axis=1, initial=0.0) for group in groups], axis=1)
        headed = np.maximum(there, self._headings(asked)[:, [self._section(group[-1]) for group in groups]])
        around = np.maximum(there, 0.7 * np.stack([self._nearby(meant, group) for group in groups], axis=1))
        best = [max(group, key=lambda unit: scores[unit]) for group in groups]
        columns: list[Any] = [
            weights @ there,
            weights @ around,
            weights @ headed,
            there[int(weights.argmax())] if len(weights) else np.zeros(len(groups)),
            np.full(len(groups), 1.0 - float(weights @ meant.max(axis=1)) if len(weights) else 1.0),
            (scores[best] - scores.max()) / (float(scores.std()) + 1e-6),
            np.log1p(rank[best]),
            np.array([max(likeness[unit] for unit in group) for group in groups]),
            *self._shape(question, groups),
        ]
        return groups, np.stack(columns, axis=1).astype(np.float32)

    def span(self, unit: int) -> tuple[int, int]:
        """Where a unit's own words stand: without the speaker's label in front."""
        start, end = self._units[unit]
        at = bisect_right(self._turns, start, key=lambda turn: turn[1])
        if self.entry.talk and at < len(self._turns) and start < self._turns[at][0] < end:
            return self._turns[at][0], end
        return start, end

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """A place widened to the unit that holds it; the place itself when none does."""
        at = bisect_right(self._units, start, key=lambda unit: unit[0]) - 1
        left, right = self.span(at) if at >= 0 else (start, end)
        return (left, right) if left <= start and end <= right else (start, end)

    def _group(self, unit: int) -> Group:
        """A unit with what it can't be understood without: in talk, the question that it answers or its answer."""
        if not self._speaks(unit):
            return ()
        if not self.entry.talk:
            return (unit,)
        after, before = self._neighbour(unit, 1), self._neighbour(unit, -1)
        if self._text(unit).endswith("?"):
            return (unit, after) if after is not None else (unit,)
        return (before, unit) if before is not None and self._text(before).endswith("?") else (unit,)

    def _neighbour(self, unit: int, step: int) -> int | None:
        """The next unit that says something."""
        at = unit + step
        while 0 <= at < len(self._units):
            if self._speaks(at):
                return at
            at += step
        return None

    def _speaks(self, unit: int) -> bool:
        return _WORD.search(self.entry.text, *self.span(unit)) is not None

    def _text(self, unit: int) -> str:
        return self.entry.text[slice(*self.span(unit))]

    def _nearby(self, meant: Floats, group: Group) -> Floats:
        sides = [unit for unit in (group[0] - 1, group[-1] + 1) if 0 <= unit < len(self._units)]
        out: Floats = meant[:, sides].max(axis=1, initial=0.0)
        return out

    @cached_property
    def _turns(self) -> list[tuple[int, int, str]]:
        return list(self.entry.turns)

    @cached_property
    def _vocabulary(self) -> Floats:
        return unit_rows(static().words(self.entry.vocabulary))

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """Rows of the vocabulary for each term."""
        rows: dict[str, list[int]] = {}
        for row, found in enumerate(self.entry.word_terms):
            for term in found:
                rows.setdefault(term, []).append(row)
        return rows

    def _kin(self, word: str) -> list[int]:
        """Rows of the vocabulary whose words begin alike: "bankrupt" and "bankruptcy"."""
        return [row for row in self._by_start.get(word[:_BEGIN], []) if _kin(word, self.entry.vocabulary[row])]

    @cached_property
    def _by_start(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, word in enumerate(self.entry.vocabulary):
            if len(word) >= _BEGIN:
                rows.setdefault(word[:_BEGIN], []).append(row)
        return rows

    def _asked(self, question: str) -> Asked:
        """The words of a question, weighed by how rare they are in this document."""
        import numpy as np

        found: dict[str, str] = {}
        for word in words(question):
            if word not in _SCAFFOLD:
                for term in terms(word):
                    found.setdefault(term, word)
        count = len(self._units)
        weights = [math.log(1 + count / (1 + self._often(term))) for term in found]
        return Asked(tuple(found.values()), tuple(found), np.array(weights, dtype=np.float32))

    def _often(self, term: str) -> int:
        import numpy as np

        rows = self._rows.get(term)
        return 0 if rows is None else int(np.isin(self.entry.ids, rows).sum())

    def _meant(self, asked: Asked) -> Floats:
        """(words of the question, units): 1 where a unit has the word, less where it has one of like meaning."""
        import numpy as np

        out = np.zeros((len(asked.words), len(self._units)), dtype=np.float32)
        if not len(self.entry.ids) or not asked.words:
            return out
        likeness = _likeness(asked, self._vocabulary)
        for row, (word, term) in enumerate(zip(asked.words, asked.terms, strict=True)):
            likeness[row, self._kin(word)] = KIN
            likeness[row, self._rows.get(term, [])] = 1.0
        starts = self.entry.starts
        filled = np.flatnonzero(np.diff(starts) > 0)
        out[:, filled] = np.maximum.reduceat(likeness[:, self.entry.ids], starts[filled], axis=1)
        return out

    def _headings(self, asked: Asked) -> Floats:
        """(words of the question, sections and none): how well each section's heading has the word."""
        import numpy as np

        out = np.zeros((len(asked.words), len(self.entry.sections) + 1), dtype=np.float32)
        for column, (_, _, label) in enumerate(self.entry.sections):
            there = words(label)
            if there and asked.words:
                likeness = _likeness(asked, unit_rows(static().words(there)))
                stems = [terms(word) for word in there]
                for row, term in enumerate(asked.terms):
                    likeness[row, [i for i, stem in enumerate(stems) if term in stem]] = 1.0
                out[:, column] = likeness.max(axis=1)
        return out

    def _section(self, unit: int) -> int:
        """The row of the innermost section that a unit lies in; the last row where there is none."""
        start = self._units[unit][0]
        for i in range(bisect_right(self.entry.sections, start, key=lambda s: s[0]) - 1, -1, -1):
            if start < self.entry.sections[i][1]:
                return i
        return len(self.entry.sections)

    def _shape(self, question: str, groups: list[Group]) -> list[Floats]:
        import numpy as np

        want = wanted(question)
        texts = [self._text(group[-1]) for group in groups]
        has = np.array([holds(want, text) for text in texts], dtype=np.float32)
        return [
            has,
            (1 - has) * bool(want),
            np.array([text.endswith("?") for text in texts], dtype=np.float32),
            np.array([len(group) > 1 for group in groups], dtype=np.float32),
            np.log(np.array([len(text) for text in texts])).astype(np.float32) / 5,
        ]


def _kin(one: str, other: str) -> bool:
    """Whether two words share all but the last letters of the shorter one."""
    short, long_ = sorted((one, other), key=len)
    return len(short) >= _BEGIN and long_.startswith(short[: max(_BEGIN, len(short) - 2)])


def _likeness(asked: Asked, rows: Floats) -> Floats:
    """How alike in meaning words of a question and other words are, 0 to 0.9."""
    import numpy as np

    likeness = unit_rows(static().words(asked.words)) @ rows.T
    out: Floats = np.clip((likeness - _MEANT) / (1 - _MEANT), 0, 0.9).astype(np.float32)
    return out
