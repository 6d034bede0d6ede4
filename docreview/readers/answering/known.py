"""Whether a question asks what one of the trained questions asks: then its own model answers far better."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from docreview.checklist import Question, load
from docreview.search.embedder import unit_rows
from docreview.search.static import static
from docreview.search.words import terms, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST: Final = 0.80
"""A question is a known one when it and one of its wordings meet this far; see `_met`."""
_IDLE: Final = frozenset(
    "a an the any there here which document documents contract contracts agreement agreements party parties other "
    "one each own this that its it they he she under made make say says said provide provides clause clauses "
    "provision term terms have has get gets give given s some does may can could must shall should will would be "
    "been also".split()
)
_ROLES: Final = frozenset(
    "tenant landlord lease lessee lessor customer client supplier vendor seller buyer purchaser employee employer "
    "company consultant contractor licensor licensee distributor manufacturer franchisee franchisor recipient "
    "discloser receiving disclosing meeting call nda lender borrower partner".split()
)
"""Words that may be missing on either side: who the parties are makes no other question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A trained question, and how nearly it is the one that was asked (0 to 1)."""

    checklist: str
    question: Question
    likeness: float


@dataclass(frozen=True)
class _Wording:
    checklist: str
    question: Question
    words: tuple[str, ...]
    rows: NDArray[np.float32]


def known(question: str, checklists: Iterable[str]) -> tuple[Known, ...]:
    """The trained questions that this one may be, the likeliest first; none when it is another question.

    Args:
        question: As a person puts it.
        checklists: Names of shipped checklists that fit the document.
    """
    asked = _content(question)
    if not asked:
        return ()
    rows = unit_rows(static().words(asked))
    best: dict[str, Known] = {}
    for wording in (w for name in checklists for w in _wordings(name)):
        likeness = _met(asked, rows, wording)
        found = best.get(wording.question.name)
        if likeness >= LEAST and (found is None or likeness > found.likeness):
            best[wording.question.name] = Known(
                checklist=wording.checklist, question=wording.question, likeness=round(likeness, 4)
            )
    return tuple(sorted(best.values(), key=lambda one: -one.likeness))


def _met(asked: Sequence[str], rows: NDArray[np.float32], wording: _Wording) -> float:
    """How far every word of one is met by a word of the other: the mean of both ways, each held down by its worst."""
    import numpy as np

    likeness = rows @ wording.rows.T
    stems = [terms(word) for word in wording.words]
    for i, word in enumerate(asked):
        for j, stem in enumerate(stems):
            if terms(word) and terms(word) == stem:
                likeness[i, j] = 1.0
    there, back = likeness.max(axis=1), likeness.max(axis=0)
    weigh = [np.array([0.4 if w in _ROLES else 1.0 for w in side]) for side in (asked, wording.words)]
    sides = [float((side * w).sum() / w.sum()) for side, w in zip((there, back), weigh, strict=True)]
    worst = min((float(m) for m, w in zip(there, asked, strict=True) if w not in _ROLES), default=1.0)
    return min(sum(sides) / 2, (1 + 2 * worst) / 2 if worst < 0.5 else 1.0)


def _content(text: str) -> tuple[str, ...]:
    found = dict.fromkeys(word for word in words(text) if word not in _IDLE and (terms(word) or word in _ASKING))
    return tuple(found)


_ASKING: Final = frozenset(("who", "when"))


@lru_cache
def _wordings(checklist: str) -> tuple[_Wording, ...]:
    table = tomllib.loads(files(__package__).joinpath("wordings.toml").read_text(encoding="utf-8"))[checklist]
    found = []
    for question in load(checklist).questions:
        for text in (question.text, question.label, *table.get(question.name, ())):
            content = _content(text)
            found += [_Wording(checklist, question, content, unit_rows(static().words(content)))] if content else []
    return tuple(found)
