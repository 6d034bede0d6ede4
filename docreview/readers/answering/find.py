"""Answers that are the document's own sentences: no language model, the same answer every time.

Three ways, in this order: a definition, when the question asks what a defined term means; the clause model's places,
when the question is one that it was trained on; else the best sentences, where they are likely enough to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from docreview.checklist import load
from docreview.readers.answering.chance import chances, limits
from docreview.readers.answering.known import Known, known
from docreview.readers.answering.running import Running
from docreview.readers.answering.signals import Signals
from docreview.readers.doctype import NDA
from docreview.readers.embedded import EmbeddedReader
from docreview.search.entry import prepare
from docreview.search.rank import Ranker
from docreview.search.words import terms, words
from docreview.types import Document, Span, ToolCall, Value

SENTENCES: Final = "sentence search"
LIKELY: Final = 0.6
"""A trained model's place counts from this probability on, or from its own operating point where that is lower."""
NEAR: Final = 0.1
"""A sentence that is less likely to answer is not worth showing."""
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

    `note` says what a person should know of the answer, `reason` why there is none.
    """

    via: str
    places: tuple[Found, ...] = ()
    closest: tuple[Found, ...] = ()
    note: str = ""
    reason: str = ""


class Finder:
    """One document, ready for questions. It keeps what it computed; threads may share it.

    Args:
        document: What to look in.
        ranker: The document prepared for search, where that was done before.
    """

    def __init__(self, document: Document, ranker: Ranker | None = None) -> None:
        self.document = document
        self._signals = Signals(ranker or Ranker(prepare(document)))
        self._running = Running(document)
        self._read: dict[str, tuple[ToolCall, ...]] = {}

    @property
    def units(self) -> int:
        """How many sentences and short pieces there are to compare."""
        return len(self._signals.entry.units)

    def find(self, question: str) -> Findings:
        """The places that answer a question, best first, or why none does."""
        if not self.document.text.strip() or not words(question):
            return Findings(via=SENTENCES, reason="there is nothing to look for or in")
        if definition := self._definition(question, sure=True):
            return definition
        matched = known(question, ("transcript",) if self._signals.entry.talk else ("contract", "nda"))
        asked = next((each for each in matched if each.checklist != "nda" or self._is_nda), None)
        if asked:
            return self._by_model(question, asked)
        return self._definition(question, sure=False) or self._by_sentence(question)

    def proposed(self, checklist: str, name: str) -> tuple[Found, ...] | None:
        """The trained model's places for a checklist's question, sure or not, in document order; None when no model
        knows the question.
        """
        calls = [call for call in self._calls(checklist) if call.arguments.get("name") == name]
        if not calls:
            return None
        return tuple(self._exact(call.arguments) for call in calls if call.name == "record_clause")

    def sentence(self, span: Span) -> Span:
        """The sentence that a place lies in; the place itself when it is longer."""
        return self._running.without(Span(*self._signals.sentence(span.start, span.end)))

    @property
    def _is_nda(self) -> bool:
        calls = self._calls("contract")
        return any(call.name == "record_type" and call.arguments["type"] == NDA for call in calls)

    def _calls(self, checklist: str) -> tuple[ToolCall, ...]:
        if checklist not in self._read:
            self._read[checklist] = _reader().read(self.document, load(checklist)).calls
        return self._read[checklist]

    def _by_model(self, question: str, asked: Known) -> Findings:
        """The trained model's likely places; others where the sentence search says the same; else what
        the sentence search says.
        """
        calls = [call for call in self._calls(asked.checklist) if call.arguments.get("name") == asked.question.name]
        places = sorted(
            (self._place(call.arguments) for call in calls if call.name == "record_clause"), key=lambda p: -p[0].score
        )
        chosen = _apart(place for place, likely in places if likely)
        label = asked.question.label
        if chosen:
            return self._modelled(chosen, asked)
        searched = self._by_sentence(question)
        agreed = [span for found in searched.places for span in found.spans]
        chosen = _apart(place for place, _ in places if any(place.spans[0].overlaps(span) for span in agreed))
        if chosen:
            return self._modelled(chosen, asked)
        outcome = f"the clause model for {label!r} " + ("is not sure of any place" if places else "found nothing")
        if searched.places and (places or searched.places[0].score >= LIKELY):
            return replace(searched, note=f"{outcome}; this is what the sentence search found")
        closest = tuple(_apart(place for place, _ in places)[:MOST]) or searched.closest or searched.places
        return Findings(
            via=f"clause model, {label}", closest=closest, reason="; ".join(filter(None, [outcome, searched.reason]))
        )

    def _modelled(self, chosen: list[Found], asked: Known) -> Findings:
        side = {"entailed": "yes", "contradicted": "no"}.get(chosen[0].value or "")
        note = f'the clause model takes this as {side} to "{asked.question.text}"' if side else ""
        return Findings(via=f"clause model, {asked.question.label}", places=tuple(chosen[:MOST]), note=note)

    def _place(self, arguments: Mapping[str, Any]) -> tuple[Found, bool]:
        """A place that the trained model proposes, widened to its sentence, and whether it is likely."""
        exact = self._exact(arguments)
        likely = bool(arguments["sure"]) or exact.score >= LIKELY
        return replace(exact, spans=(self.sentence(exact.spans[0]),)), likely

    def _span(self, unit: int) -> Span:
        return self._running.without(Span(*self._signals.span(unit)))

    def _exact(self, arguments: Mapping[str, Any]) -> Found:
        span = Span(arguments["start"], arguments["end"])
        return Found(spans=(span,), score=float(arguments["score"]), value=arguments.get("value"))

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
        taken = _apart(
            Found(spans=tuple(self._span(unit) for unit in groups[i]), score=round(scores[i], 4))
            for i in order[: 2 * MOST]
        )[:MOST]
        places = tuple(found for found in taken if found.score >= least)
        if places:
            return Findings(via=SENTENCES, places=places)
        best = max(scores, default=0.0)
        reason = f"no sentence is likely enough to answer (best {best:.2f}, needed {least:.2f})"
        return Findings(via=SENTENCES, closest=tuple(found for found in taken if found.score >= NEAR), reason=reason)


def _apart(places: Iterable[Found]) -> list[Found]:
    """The places without those that overlap an earlier one."""
    kept: list[Found] = []
    for place in places:
        taken = [span for other in kept for span in other.spans]
        if not any(span.overlaps(other) for span in place.spans for other in taken):
            kept.append(place)
    return kept


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem for word in words(_LEAD.sub("", text)) for stem in (terms(word) or (word,)))


@lru_cache(maxsize=1)
def _reader() -> EmbeddedReader:
    return EmbeddedReader()
