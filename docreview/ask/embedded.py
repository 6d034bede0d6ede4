"""Answers without a language model: the documents' own sentences, or why there are none."""

from __future__ import annotations

import re
import time
from typing import Final

from docreview._json import digest
from docreview.ask.answer import Answer, Cited, Sentence, cited
from docreview.ask.material import Material
from docreview.read.transcripts.court import without_margins
from docreview.readers import language
from docreview.readers.answering import Finder, Findings, Found
from docreview.readers.embedded import EmbeddedReader
from docreview.types import Coverage, Document, Span, Usage
from docreview.verify import cite

MOST: Final = 8
"""Sentences that an answer has at most."""
FEW: Final = 3
"""Closest places that an abstention shows."""
READER: Final = "the embedded reader"
_SHORTEST: Final = 12  # characters of a question that is left
_NAMING: Final = re.compile(
    r"\s+(?:(?:of|in|under|for|from|by|to|with|does|do)\s+)?(?:the|our|this|that)\s+(?:[\w'&.,-]+\s+){0,6}?"
    r"(?:agreement|contract|lease|nda|licen[cs]e|amendment|transcript|call|meeting|deposition)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
"""The end of a question that names its document: "... in the Acme supply agreement?"."""


def ask_embedded(material: Material, question: str) -> Answer:
    """The sentences that answer: those of the one document that is meant, or the best one of each of several."""
    began = time.perf_counter()
    names, rest = material.aim(question)
    found = [(name, _find(material.finder(name), question, rest)) for name in names]
    seen = {name: _judged(material.document(name)) for name in names}
    each = 1 if len(names) > 1 else MOST
    places = [(place, name) for name, one in found for place in one.places[:each]]
    places.sort(key=lambda pair: -pair[0].score)
    sentences = tuple(_sentence(place, material.document(name), name) for place, name in places[:MOST])
    near = [(place, name) for name, one in found for place in one.closest]
    near.sort(key=lambda pair: -pair[0].score)
    return Answer(
        question=question,
        sentences=sentences,
        reason="" if sentences else _reason([one for _, one in found]),
        closest=() if sentences else tuple(_cited(p, material.document(n), n)[-1] for p, n in near[:FEW]),
        note=_note(found, {name for _, name in places[:MOST]}, seen),
        via=_via(found, {name for _, name in places[:MOST]}),
        reader=READER,
        extractive=True,
        searched=material.searched(
            names,
            places=sum(material.finder(name).units for name in names),
            coverage={n: c for n, (c, _) in seen.items()},
        ),
        usage=Usage(calls=0, seconds=time.perf_counter() - began),
        run_id=digest([[material.document(name).id for name in names], question, READER])[:16],
    )


def _find(finder: Finder, question: str, rest: str) -> Findings:
    """What answers; a question whose last words name its document is asked without them too."""
    found = finder.find(rest)
    for shorter in dict.fromkeys(_NAMING.sub("?", text) for text in (rest, question)):
        if found.places or rest == question:
            break
        found = finder.find(shorter) if len(shorter) > _SHORTEST else found
    return found


def _sentence(place: Found, document: Document, name: str) -> Sentence:
    """A place as a sentence: its own words, without the line numbers of a court transcript."""
    plain = without_margins(document)
    said = [plain[span.start : span.end].replace("\0", " ") for span in place.spans]
    text = " ".join(" ".join(said).split())
    return Sentence(text=text, cited=_cited(place, document, name), score=place.score)


def _cited(place: Found, document: Document, name: str) -> tuple[Cited, ...]:
    proven = (cite(document[span], document, span) for span in place.spans)
    return tuple(cited(citation, document, name) for citation in proven if citation is not None)


def _reason(found: list[Findings]) -> str:
    reasons = list(dict.fromkeys(one.reason for one in found if one.reason))
    if not reasons:
        return "there is no document to look into"
    return reasons[0] if len(reasons) == 1 else f"none of {len(found)} documents has a sentence that is likely enough"


def _judged(document: Document) -> tuple[Coverage, float]:
    """What the embedded reader can judge of a document, and the share of the text that is in other languages."""
    foreign = language.foreign(document.text, EmbeddedReader.languages)
    whole = Coverage.of([Span(0, len(document))] if document.text else [], document.unread_pages)
    return language.without(whole, foreign), sum(map(len, foreign)) / max(1, len(document))


def _note(found: list[tuple[str, Findings]], used: set[str], seen: dict[str, tuple[Coverage, float]]) -> str:
    notes = dict.fromkeys(one.note for name, one in found if name in used and one.note)
    for name, (_, share) in seen.items():
        if share:
            notes[f"{share:.0%} of the text of {name} is in a language that this reader was not made for"] = None
    return "; ".join(notes)


def _via(found: list[tuple[str, Findings]], used: set[str]) -> str:
    ways = dict.fromkeys(one.via for name, one in found if name in used or not used)
    return " and ".join(ways) or "sentence search"
