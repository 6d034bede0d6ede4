"""The lines of an export as JSON Lines: four kinds of record, with a version and a schema that allows no other key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from docreview.decisions import Entry, ItemStatus, Said
from docreview.export.filing import Filed, Filing, Row
from docreview.playbook import Judgement
from docreview.types import Citation, Level, Span, Status, Value, Verdict

VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord(Value):
    """A document of the folder; those that could not be read have an `error`, and no clauses follow.

    `characters_read` counts what a reader saw of `characters`; "not found" means all of it, without `unread_pages`.
    """

    record: Literal["document"]
    version: Literal[1]
    doc: str
    doc_id: str | None
    sha256: str | None
    status: Literal["done", "quarantined"]
    error: str | None
    message: str | None
    type: str | None
    checklist: str | None
    reader: str | None
    run_id: str | None
    characters: int | None
    characters_read: int | None
    pages: int | None
    unread_pages: tuple[int, ...]
    risk: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Value):
    """A proven quote: the document's characters `[start, end)`, in Unicode code points. `time` is in seconds."""

    start: int
    end: int
    quote: str
    verdict: Verdict
    page: int | None
    speaker: str | None
    time: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRecord(Value):
    """One place of a question, or a question without one, as it stands after what people decided.

    `weak`: a candidate that tables and memos leave out. A rejected one is still here: `decision` says so.
    """

    record: Literal["clause"]
    version: Literal[1]
    doc: str
    question: str
    label: str
    status: Status
    answer: str | None
    score: float | None
    note: str
    weak: bool
    citations: tuple[Place, ...]
    decision: ItemStatus
    decided_by: str | None
    decided_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord(Value):
    """What a playbook says of one of its clauses in one document."""

    record: Literal["verdict"]
    version: Literal[1]
    doc: str
    playbook: str
    clause: str
    title: str
    judgement: Judgement
    position: str
    severity: Level
    message: str
    fallback: str
    citations: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord(Value):
    """One thing that a person said, at `at` (ISO 8601, UTC). `span` is what it is about, `own_span` the person's place.

    Without `span` it is about the question as a whole, without `question` about the document.
    """

    record: Literal["entry"]
    version: Literal[1]
    seq: int
    doc: str
    kind: str
    by: str
    at: str
    question: str | None
    span: tuple[int, int] | None
    verdict: Said | None
    answer: str | None
    own_span: tuple[int, int] | None
    quote: str | None
    note: str
    assignee: str
    seconds: float | None


Record = DocumentRecord | ClauseRecord | VerdictRecord | EntryRecord


def records(filing: Filing) -> Iterator[Record]:
    """Each document with its clauses and the playbook's verdicts; those that were not read; all that people said."""
    for filed in filing:
        yield _document(filed)
        yield from (_clause(filed.doc, row) for row in filed.rows)
        yield from _verdicts(filed, filing.playbook)
    for row in filing.failures:
        yield DocumentRecord(
            record="document", version=VERSION, doc=row["doc"], doc_id=None, sha256=row["sha256"], status="quarantined",
            error=row["error"], message=row["message"], type=None, checklist=None, reader=None, run_id=None,
            characters=None, characters_read=None, pages=None, unread_pages=(), risk=None, notes=(),
        )  # fmt: skip
    yield from map(_entry, filing.entries)


def _document(filed: Filed) -> DocumentRecord:
    facts, review = filed.facts, filed.review
    return DocumentRecord(
        record="document",
        version=VERSION,
        doc=filed.doc,
        doc_id=filed.document.id,
        sha256=facts["sha256"],
        status="done",
        error=None,
        message=None,
        type=facts["type"] or None,
        checklist=review.checklist,
        reader=review.reader,
        run_id=review.run_id,
        characters=len(filed.document),
        characters_read=len(review.coverage),
        pages=facts["pages"],
        unread_pages=filed.unread_pages,
        risk=facts["risk"],
        notes=tuple(finding.message for finding in filed.notes),
    )


def _clause(doc: str, row: Row) -> ClauseRecord:
    clause = row.clause
    return ClauseRecord(
        record="clause",
        version=VERSION,
        doc=doc,
        question=clause.name,
        label=row.label,
        status=clause.status,
        answer=clause.value,
        score=clause.score,
        note=clause.note,
        weak=row.weak,
        citations=_places(clause.citations),
        decision=row.decision,
        decided_by=row.entry.by if row.entry else None,
        decided_at=row.entry.at if row.entry else None,
    )


def _entry(entry: Entry) -> EntryRecord:
    return EntryRecord(
        record="entry",
        version=VERSION,
        seq=entry.seq,
        doc=entry.doc,
        kind=entry.kind,
        by=entry.by,
        at=entry.at,
        question=entry.clause or None,
        span=_span(entry.span),
        verdict=entry.verdict,
        answer=entry.value,
        own_span=_span(entry.quote_span),
        quote=entry.quote or None,
        note=entry.note,
        assignee=entry.assignee,
        seconds=entry.seconds,
    )


def _span(span: Span | None) -> tuple[int, int] | None:
    return (span.start, span.end) if span else None


def _verdicts(filed: Filed, playbook: str) -> Iterator[VerdictRecord]:
    for each in filed.checked:
        yield VerdictRecord(
            record="verdict",
            version=VERSION,
            doc=filed.doc,
            playbook=playbook,
            clause=each.clause,
            title=each.title,
            judgement=each.judgement,
            position=each.position,
            severity=each.finding.severity,
            message=each.finding.message,
            fallback=each.fallback,
            citations=_places(each.finding.citations),
        )


def _places(citations: tuple[Citation, ...]) -> tuple[Place, ...]:
    return tuple(
        Place(
            start=each.span.start,
            end=each.span.end,
            quote=each.quote,
            verdict=each.verdict,
            page=each.page,
            speaker=each.speaker,
            time=each.start_s,
        )
        for each in citations
    )


def schema() -> str:
    """The JSON Schema (2020-12) of one line, as records.schema.json has it; a test compares them."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Record).json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"docreview export, version {VERSION}"}
    return json.dumps(head | made, indent=2) + "\n"
