"""From what a model recorded to an answer: only what is proven becomes one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from docreview.ask.answer import Answer, Cited, Sentence, Unproven, cited
from docreview.ask.context import Shown
from docreview.ask.material import Material
from docreview.dialogue import Outcome
from docreview.models import ChatModel
from docreview.readers.asking import STOPPED
from docreview.tools import Recorded
from docreview.types import Coverage, Document, Span, Usage
from docreview.verify import cite

MOST_PLACES: Final = 3
"""Of a quote that stands in more places than this, the first ones are cited."""
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,:/][0-9]+)*")
_SCALES: Final = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "lakh": 100_000, "crore": 10**7}
_SCALED: Final = re.compile(rf"([0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?)\s+({'|'.join(_SCALES)})\b", re.IGNORECASE)
_NO_QUOTE: Final = "the model gave no quote for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One question as it was put to a model, and what came of it in each of the prompts."""

    question: str
    names: tuple[str, ...]
    views: tuple[Shown, ...]
    outcomes: tuple[Outcome, ...]
    run_id: str


def written(material: Material, model: ChatModel, told: Told, records: Iterable[Recorded], usage: Usage) -> Answer:
    """The answer: a sentence for each quote that is proven; all else is unproven or the reason for an abstention."""
    documents = {material.document(name).id: (material.document(name), name) for name in _named(material, told)}
    sentences, unproven, gave_up = dict[Sentence, None](), dict[Unproven, None](), list[str]()
    for record in records:
        if record.kind == "abstention":
            gave_up.append(record.reason)
        elif record.kind == "sentence":
            taken = _taken(record, documents)
            if isinstance(taken, Sentence):
                sentences[taken] = None
            else:
                unproven[taken] = None
    if not sentences:
        unproven |= {Unproven(text=each.text, problem=_NO_QUOTE): None for each in told.outcomes if each.text}
    cited_spans = {citation.span for sentence in sentences for citation in sentence.citations}
    left = tuple(each for each in unproven if not _cited_since(each, cited_spans))
    coverage = _coverage(material, told)
    return Answer(
        question=told.question,
        sentences=tuple(sentences),
        reason="" if sentences else _reason(gave_up, left, told.outcomes),
        unproven=left,
        note=_note(told.outcomes) if sentences else "",
        via=told.views[0].how,
        reader=model.name,
        extractive="extractive" in model.facts,
        searched=material.searched(told.names, places=sum(view.passages for view in told.views), coverage=coverage),
        usage=usage,
        run_id=told.run_id,
    )


def _cited_since(item: Unproven, spans: set[Span]) -> bool:
    """Whether a place like the one that was misquoted is cited rightly by now."""
    return item.closest is not None and any(item.closest.citation.span.overlaps(span) for span in spans)


def _named(material: Material, told: Told) -> Iterator[str]:
    """The documents that were shown, and those of the library that the model named in its calls."""
    yield from told.names
    if material.library is not None:
        calls = (call for outcome in told.outcomes for call, _ in outcome.results if call.name == "cite")
        wanted = {doc for call in calls if isinstance(doc := call.arguments.get("doc"), str)}
        yield from (name for name in material.library.names if name in wanted and name not in told.names)


def _coverage(material: Material, told: Told) -> dict[str, Coverage]:
    merged: dict[str, list[Span]] = {name: [] for name in told.names}
    for view in told.views:
        for name, seen in view.coverage.items():
            merged[name] += seen.spans
    return {name: Coverage.of(spans, material.document(name).unread_pages) for name, spans in merged.items()}


def _taken(record: Recorded, documents: Mapping[str, tuple[Document, str]]) -> Sentence | Unproven:
    """A record as a sentence, if its quote is proven and holds the numbers that the sentence names."""
    if not record.citations:
        closest = _closest(record, documents)
        return Unproven(text=record.name, quote=record.quote, problem=record.problem, closest=closest)
    places = tuple(cited(each, *documents[each.doc_id]) for each in record.citations[:MOST_PLACES])
    missing = numbers(record.name) - numbers(" ; ".join([record.quote, *(place.where for place in places)]))
    if missing:
        problem = f"it names {', '.join(sorted(missing))}, and its quote does not"
        return Unproven(text=record.name, quote=record.quote, problem=problem, closest=places[0])
    return Sentence(text=record.name, cited=places)


def _closest(record: Recorded, documents: Mapping[str, tuple[Document, str]]) -> Cited | None:
    """Where the document has something like the quote; of several documents nobody knows which one was meant."""
    if record.closest is None or len(documents) != 1:
        return None
    ((document, name),) = documents.values()
    citation = cite(document[record.closest], document, record.closest)
    return cited(citation, document, name) if citation else None


def _reason(gave_up: Sequence[str], unproven: Sequence[Unproven], outcomes: Sequence[Outcome]) -> str:
    finish = outcomes[-1].finish
    if finish == "cancelled":
        return "it was stopped"
    if gave_up:
        return f"the model abstained: {gave_up[-1].rstrip('.')}"
    if unproven:
        return "nothing that the model said is proven"
    return STOPPED.get(finish, "the model gave no answer")


def _note(outcomes: Sequence[Outcome]) -> str:
    finish = outcomes[-1].finish
    return "it was stopped before its end" if finish == "cancelled" else STOPPED.get(finish, "")


def numbers(text: str) -> set[str]:
    """The numbers that a text writes in figures, evenly: "1,000,000", "1.0 million" and "1 million" are the same."""
    found: set[str] = set()
    for scaled in _SCALED.finditer(text):
        found.add(_even(Decimal(scaled[1].replace(",", "")) * _SCALES[scaled[2].lower()]))
    for plain in _NUMBER.findall(_SCALED.sub(" ", text)):
        digits = plain.replace(",", "")
        found.add(_even(Decimal(digits)) if digits.count(".") < 2 and digits.replace(".", "").isdecimal() else plain)
    return found


def _even(number: Decimal) -> str:
    return format(number.normalize(), "f")
