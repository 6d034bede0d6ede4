"""One document, from its file to its review and all that is shown of it."""

from __future__ import annotations

import importlib
import os
from collections import Counter
from functools import lru_cache
from typing import Any

from docreview.checklist import Checklist, load
from docreview.config import Settings
from docreview.errors import ConfigError
from docreview.governance.audit import AuditLog
from docreview.governance.pii.gates import Gates, RedactionPolicy, audit_gate
from docreview.readers import Reader, load_reader
from docreview.readers.language import detect
from docreview.render.document import Entry
from docreview.review import question_status, review
from docreview.triage import rows
from docreview.triage.risk import assess
from docreview.types import Document, Review


def admitted(document: Document) -> Document:
    """The document as all that is exported may show it: redacted where the policy closes the gate `export`."""
    return Gates(RedactionPolicy.load()).document("export", document)[0]


def audit_log(folder: str | os.PathLike[str]) -> AuditLog:
    """The log in a folder; its payloads are redacted where the policy closes the gate `audit`."""
    return AuditLog(folder, gate=audit_gate())


def fitting(document: Document, checklist: str | None) -> Checklist:
    """The checklist by its name; without one, `transcript` for a document with speakers' turns, else `contract`."""
    return load(checklist or ("transcript" if document.turns else "contract"))


@lru_cache(maxsize=4)
def reader_of(name: str) -> Reader:
    """A reader by its name, or "package.module:factory" for one's own.

    Raises:
        ConfigError: There is no such reader.
    """
    module, colon, factory = name.partition(":")
    if not colon:
        return load_reader(name)
    try:
        make = getattr(importlib.import_module(module), factory)
    except (ImportError, AttributeError) as error:
        raise ConfigError("reader", name, str(error)) from None
    reader: Reader = make()
    return reader


def examine(
    document: Document, checklist: Checklist, reader: Reader, settings: Settings, *, log: AuditLog | None = None
) -> Review:
    """The review; a `min_score` of 0 leaves the choice to the reader."""
    return review(document, checklist, reader=reader, min_score=settings.min_score or None, log=log)


def entry(doc: str, name: str, document: Document, outcome: Review, checklist: Checklist) -> Entry:
    """What people and documents.jsonl are told of a reviewed document; its results are in files named `name`."""
    questions = rows.by_question(outcome, checklist)
    row = _row(doc, document, outcome, checklist)
    files = {"text": f"text/{name}.txt", "review": f"reviews/{name}.json", "report": f"report/{name}.html"}
    seen = tuple(clause for clauses in questions.values() for clause in rows.shown(clauses))
    return Entry(row=row | files, labels={q.name: q.label for q in checklist.questions}, clauses=seen)


def _row(doc: str, document: Document, outcome: Review, checklist: Checklist) -> dict[str, Any]:
    questions = rows.by_question(outcome, checklist)
    statuses = {name: question_status(clauses) for name, clauses in questions.items()}
    places = {name: sum(c.status == "found" for c in clauses) for name, clauses in questions.items()}
    unread = sorted({*document.unread_pages, *outcome.coverage.unread_pages})
    risk = assess(checklist, statuses, places, unread)
    count = Counter(statuses.values())
    return {
        "doc": doc,
        "sha256": document.source.sha256,
        "status": "done",
        "error": None,
        "message": None,
        "type": outcome.doc_type,
        "type_score": outcome.doc_type_score,
        "pages": len(document.pages),
        "unread_pages": unread,
        "chars": len(document.text),
        "language": detect(document.text),
        "checklist": checklist.name,
        "reader": outcome.reader,
        "run_id": outcome.run_id,
        "risk": risk.points,
        "why": list(risk.why),
        "questions": {s: count[s] for s in ("found", "not_found", "not_read", "unsure", "failed")},
        "warnings": [{"code": w.code, "message": w.message, "page": w.page} for w in document.warnings],
    }
