"""The best passages of a document for some questions, with their headings and the definitions they lean on."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from docreview.context.view import joined
from docreview.types import Document, Span

if TYPE_CHECKING:
    from docreview.search.entry import Entry
    from docreview.search.rank import Ranker

TOP: Final = 4
"""Passages that are looked for, for each question."""


@dataclass(frozen=True)
class Passages:
    """A document's passages, ready to be chosen from."""

    document: Document

    @cached_property
    def _entry(self) -> Entry:
        from docreview.search.entry import prepare

        return prepare(self.document)

    @cached_property
    def _ranker(self) -> Ranker:
        from docreview.search.rank import Ranker

        return Ranker(self._entry)

    @cached_property
    def spans(self) -> list[Span]:
        """All of them, in document order."""
        return [Span(int(start), int(end)) for start, end in self._entry.passages]

    @cached_property
    def _terms(self) -> list[tuple[re.Pattern[str], Span]]:
        return [(re.compile(rf"(?<!\w){re.escape(term.term)}(?!\w)"), term.definition) for term in self.document.terms]

    def ranked(self, question: str) -> list[int]:
        """The rows of all passages, the best first: each is as good as its best sentence."""
        import numpy as np

        if not self.spans:
            return []
        scores = self._ranker.scores(question)
        firsts = self._entry.first_units
        best = [scores[a:b].max() if a < b else -np.inf for a, b in pairwise(firsts)]
        order: list[int] = np.argsort(-np.asarray(best), kind="stable").tolist()
        return order

    def holding(self, span: Span) -> list[int]:
        """The rows of the passages that hold a piece of the document."""
        row = max(0, bisect_right([s.start for s in self.spans], span.start) - 1)
        found = []
        while row < len(self.spans) and self.spans[row].start < span.end:
            if self.spans[row].overlaps(span):
                found.append(row)
            row += 1
        return found

    def with_context(self, row: int) -> tuple[Span, ...]:
        """A passage, the headings of its sections, and the sentences that define the terms it uses."""
        passage = self.spans[row]
        text = self.document[passage]
        headings = [s.heading for s in self.document.sections if passage.start in s.span]
        return (passage, *headings, *(definition for term, definition in self._terms if term.search(text)))


def select(
    passages: Passages, questions: Sequence[str], candidates: Iterable[Span], *, fits: Callable[[Sequence[Span]], bool]
) -> tuple[Span, ...]:
    """Spans to show, in document order: as much as fits of what is wanted, the most wanted first.

    A passage is taken with its context or not at all; one that does not fit leaves its room to the next ones.

    Args:
        passages: Of the document.
        questions: What to look for.
        candidates: Places that another reader proposes; their passages come first.
        fits: Whether a prompt that shows these spans can be sent.
    """
    chosen: tuple[Span, ...] = ()
    for row in _wanted(passages, questions, candidates):
        wider = joined(passages.document, (*chosen, *passages.with_context(row)))
        if wider != chosen and fits(wider):
            chosen = wider
    return chosen


def _wanted(passages: Passages, questions: Sequence[str], candidates: Iterable[Span]) -> Iterator[int]:
    """Rows of passages, each once: those of candidates, then every question's best, every question's second, ..."""
    rows = [row for span in candidates for row in passages.holding(span)]
    ranked = [passages.ranked(question) for question in questions]
    rows += [order[rank] for rank in range(TOP) for order in ranked if rank < len(order)]
    return iter(dict.fromkeys(rows))
