"""The reader in the package: small trained models on plain words, no download, no GPU, the same answer every time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from docreview._json import digest
from docreview.checklist import Checklist
from docreview.readers import Reading, token_model, weights
from docreview.readers.clauses import ClauseModel
from docreview.readers.doctype import TypeModel
from docreview.readers.nda import Evidence, NdaModel
from docreview.readers.nda_pairs import CUES
from docreview.readers.settle import Candidate
from docreview.readers.transcript import TranscriptReader
from docreview.readers.transcript_score import QUESTIONS
from docreview.types import Coverage, Document, Span, ToolCall, Usage
from docreview.values import ANCHORS, Answer, normalise

CLAUSES: Final = "clauses.npz"
NDA: Final = "clauses-nda.npz"
TYPES: Final = "clauses-types.npz"
GREY: Final = 0.25
"""Evidence in an NDA is shown from this probability on, of the evidence and of the document's speaking to the question
at all; it is sure from one half on of the latter.
"""


class EmbeddedReader:
    """Proposes places for the questions of the shipped checklists, and names the kind of document.

    Scores are probabilities, calibrated in cross-validation. `name` holds the hash of all weights and
    rules, so that a review can be made again.
    A question that no model knows gets no call: nothing is said to be absent that was not looked for.
    """

    languages = ("en",)
    """The models were trained on English documents alone."""

    def __init__(self) -> None:
        trained = [weights.shipped(name) for name in (CLAUSES, NDA, TYPES)]
        tokens = token_model.shipped()
        self._clauses = ClauseModel.load(trained[0], tokens)
        self._nda = NdaModel.load(trained[1])
        self._types = TypeModel.load(trained[2])
        self._talk = TranscriptReader()
        self.name = f"embedded-{digest([*(file.sha256 for file in trained), tokens.sha256, *_rules()])[:12]}"

    def read(self, document: Document, checklist: Checklist, *, min_score: float | None = None) -> Reading:
        """Tool calls for every question of the checklist that the models know, after one `record_type`.

        Calls of one question stand in document order. Other extents of a place are proposed only with `min_score`.
        """
        began = time.perf_counter()
        kind, score = self._types.kind(document)
        rows: list[tuple[str, dict[str, Any]]] = [("record_type", {"type": kind, "score": score})]
        names = set(checklist.names)
        if names & set(self._clauses.thresholds):
            rows += self._contract(document, checklist.names, min_score)
        if names & set(self._nda.names):
            rows += self._agreement(document, checklist.names, min_score)
        if names & set(QUESTIONS):
            talk = self._talk.read(document, checklist, min_score=min_score)
            rows += [(call.name, dict(call.arguments)) for call in talk.calls]
        calls = tuple(ToolCall(id=f"call-{i}", name=name, arguments=row) for i, (name, row) in enumerate(rows, 1))
        seen = Coverage.of([Span(0, len(document.text))] if document.text else [], document.unread_pages)
        return Reading(calls=calls, coverage=seen, usage=Usage(calls=len(calls), seconds=time.perf_counter() - began))

    def _contract(
        self, document: Document, names: Sequence[str], min_score: float | None
    ) -> list[tuple[str, dict[str, Any]]]:
        found = self._clauses.propose(document.text)
        anchors = self._anchors(document, found)
        rows = []
        for name in names:
            if name not in self._clauses.thresholds:
                continue
            sure, shown = self._clauses.thresholds[name]
            floor = shown if min_score is None else min_score
            places = [
                _place(document, name, c, c.score >= sure and not c.other, _value(document, c, anchors))
                for c in found
                if c.category == name and c.score >= floor and not (c.other and min_score is None)
            ]
            rows += _rows(name, places)
        return rows

    def _anchors(self, document: Document, found: Sequence[Candidate]) -> dict[str, Answer]:
        """The dates that a term can be counted from: each of the likeliest place, if that is sure enough."""
        anchors: dict[str, Answer] = {}
        for name in reversed(ANCHORS):
            sure = self._clauses.thresholds.get(name, (1.0, 1.0))[0]
            best = max((c for c in found if c.category == name and not c.other), key=lambda c: c.score, default=None)
            if best is not None and best.score >= sure and (answer := _answer(document, best, anchors)):
                anchors[name] = answer
        return anchors

    def _agreement(
        self, document: Document, names: Sequence[str], min_score: float | None
    ) -> list[tuple[str, dict[str, Any]]]:
        found, mentioned = self._nda.propose(document.text)
        rows = []
        for name in names:
            if name not in mentioned:
                continue
            evidence = [e for e in found if e.name == name]
            if min_score is None:
                floor = min(GREY, max((e.score for e in evidence), default=1.0))
                evidence = [e for e in evidence if e.score >= floor and mentioned[name] >= GREY]
            else:
                evidence = [e for e in evidence if e.score >= min_score]
            sure = self._nda.sure[name] if mentioned[name] >= 0.5 else 1.01
            places = [_place(document, name, e, e.score >= sure, e.value) for e in evidence]
            rows += _rows(name, places)
        return rows


def _rules() -> list[str]:
    written = (files(__package__).joinpath(name).read_bytes() for name in ("transcript_rules.toml", CUES))
    return [hashlib.sha256(data).hexdigest() for data in written]


def _answer(document: Document, place: Candidate, anchors: Mapping[str, Answer]) -> Answer | None:
    span = Span(place.start, place.end)
    return normalise(place.category, document[span], document=document.text, span=span, anchors=anchors)


def _value(document: Document, place: Candidate, anchors: Mapping[str, Answer]) -> str | None:
    answer = _answer(document, place, anchors)
    return str(answer) if answer else None


def _place(document: Document, name: str, place: Candidate | Evidence, sure: bool, value: Any) -> dict[str, Any]:
    return {
        "name": name,
        "start": place.start,
        "end": place.end,
        "quote": document.text[place.start : place.end],
        "score": round(place.score, 4),
        "sure": sure,
        "value": value,
    }


def _rows(name: str, places: Iterable[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    ordered = sorted(places, key=lambda row: (row["start"], row["end"]))
    return [("record_clause", row) for row in ordered] or [("record_absent", {"name": name})]
