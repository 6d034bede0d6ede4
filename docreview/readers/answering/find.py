"""Answers that are the document's own sentences: no language model, the same answer every time.

Three ways, in this order: a definition, when the question asks what a defined term means; the clause model's places,
when the question is one that it was trained on; else the best sentences, where they are likely enough to answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from docreview.checklist import load
from docreview.readers.answering.chance import chances, limits
from docreview.readers.answering.known import Known, known
from docreview.readers.answering.signals import Signals
from docreview.readers.doctype import NDA
from docreview.readers.embedded import EmbeddedReader
from docreview.search.entry import prepare
from docreview.search.rank import Ranker
from docreview.search.words import terms, words
from docreview.types import Document, Span, ToolCall, Value

Via = Literal["definition", "clause model", "sentence search"]
MOST: Final = 3
"""Places that answer one question, at most, from one document."""
_DEFINED: Final = re.compile(
    r"\s*(?:(?P<sure>what does (?P<a>.+?) mean|what is meant by (?P<b>.+?)|how is (?P<c>.+?) defined|define (?P<d>.+?)|"
    r"what is the (?:definition|meaning) of (?P<e>.+?))|(?:what|who) (?:is|are|were|was) (?P<f>.+?))\s*[?.]*\s*",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(r"(?:an?|the)\s+|[\"“”'‘’]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Value):
    """A place that answers. `spans` are one piece, or in talk a question and what was said to it.

    `score` is the chance (0..1) that it answers, by the way it was found; `value` a short answer where one can be read
    off.
    """

    spans: tuple[Span, ...]
    score: float
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings(Value):
    """What was found for a question. Without `places` nothing answers; `closest` came nearest and is no answer.

    `question` is the trained question that it was taken for; `reason` says why nothing answers.
    """

    via: Via
    places: tuple[Found, ...] = ()
    closest: tuple[Found, ...] = ()
    question: str = ""
    reason: str = ""


class Finder:
    """One document, ready for questions.

    Args:
        document: What to look in.
        ranker: The document prepared for search, where that was done before.
    """

    def __init__(self, document: Document, ranker: Ranker | None = None) -> None:
        self.document = document
        self._given = ranker

    def find(self, question: str) -> Findings:
        """The places that answer a question, best first, or why none does."""
        if not self.document.text.strip() or not words(question):
            return Findings(via="sentence search", reason="there is nothing to look for or in")
        if definition := self._definition(question, sure=True):
            return definition
        matched = known(question, self.checklists)
        if matched:
            return self._by_model(question, matched[0])
        return self._definition(question, sure=False) or self._by_sentence(question)

    @cached_property
    def checklists(self) -> tuple[str, ...]:
        """The checklists whose questions fit this kind of document."""
        if self._signals.entry.talk:
            return ("transcript",)
        return ("contract", "nda") if self._doc_type == NDA else ("contract",)

    @cached_property
    def _signals(self) -> Signals:
        return Signals(self._given or Ranker(prepare(self.document)))

    @cached_property
    def _doc_type(self) -> str:
        return next((str(call.arguments["type"]) for call in self._calls("contract") if call.name == "record_type"), "")

    def _calls(self, checklist: str) -> tuple[ToolCall, ...]:
        if checklist not in self._read:
            self._read[checklist] = _reader().read(self.document, load(checklist)).calls
        return self._read[checklist]

    @cached_property
    def _read(self) -> dict[str, tuple[ToolCall, ...]]:
        return {}

    def _by_model(self, question: str, asked: Known) -> Findings:
        """The trained model's places that are sure; unsure ones only where the sentence search says the same."""
        calls = [call for call in self._calls(asked.checklist) if call.arguments.get("name") == asked.question.name]
        places = sorted(
            (_place(call.arguments) for call in calls if call.name == "record_clause"), key=lambda p: -p[0].score
        )
        chosen = [place for place, sure in places if sure]
        if not chosen:
            agreed = [span for found in self._by_sentence(question).places for span in found.spans]
            chosen = [place for place, _ in places if any(place.spans[0].overlaps(span) for span in agreed)]
        label = asked.question.label
        if chosen:
            return Findings(via="clause model", places=tuple(chosen[:MOST]), question=label)
        reason = f"the clause model for {label!r} " + ("is not sure of any place" if places else "found nothing")
        return Findings(via="clause model", closest=tuple(p for p, _ in places[:MOST]), question=label, reason=reason)

    def _definition(self, question: str, *, sure: bool) -> Findings | None:
        form = _DEFINED.fullmatch(question)
        if form is None or (sure and not form["sure"]):
            return None
        wanted = _stems(next(filter(None, form.group("a", "b", "c", "d", "e", "f"))))
        found = [term for term in self.document.terms if _stems(term.term) == wanted]
        if not wanted or not found:
            return None
        spans = dict.fromkeys(term.definition for term in found)
        return Findings(via="definition", places=tuple(Found(spans=(span,), score=1.0) for span in spans)[:MOST])

    def _by_sentence(self, question: str) -> Findings:
        groups, rows = self._signals.rows(question)
        scores = chances(rows, "talk" if self._signals.entry.talk else "prose")
        order = sorted(range(len(groups)), key=lambda i: (-scores[i], groups[i]))
        least = limits().answer
        taken: list[tuple[Found, float]] = []
        for i in order[: 2 * MOST]:
            spans = tuple(Span(*self._signals.span(unit)) for unit in groups[i])
            if len(taken) < MOST and not any(
                span.overlaps(other) for f, _ in taken for other in f.spans for span in spans
            ):
                taken.append((Found(spans=spans, score=round(scores[i], 4)), scores[i]))
        places = tuple(found for found, score in taken if score >= least)
        if places:
            return Findings(via="sentence search", places=places)
        best = max(scores, default=0.0)
        reason = f"no sentence is likely enough to answer (best {best:.2f}, needed {least:.2f})"
        return Findings(via="sentence search", closest=tuple(found for found, _ in taken), reason=reason)


def _place(arguments: Mapping[str, object]) -> tuple[Found, bool]:
    start, end, score = arguments["start"], arguments["end"], arguments["score"]
    assert isinstance(start, int) and isinstance(end, int) and isinstance(score, (int, float))  # noqa: PT018
    value = arguments.get("value")
    found = Found(spans=(Span(start, end),), score=float(score), value=value if isinstance(value, str) else None)
    return found, bool(arguments["sure"])


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem for word in words(_LEAD.sub("", text)) for stem in (terms(word) or (word,)))


@lru_cache(maxsize=1)
def _reader() -> EmbeddedReader:
    return EmbeddedReader()
