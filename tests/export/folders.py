"""Folders as `docreview triage` writes them, made of any text without reading a file."""

from __future__ import annotations

import hashlib

from docreview._json import dumps
from docreview.decisions import Decisions, Entry
from docreview.types import Citation, Clause, Coverage, Document, Review, Source, Span

CHECKLIST = "contract"


def make_document(text, name="lease.txt"):
    sha = hashlib.sha256(text.encode()).hexdigest()
    return Document(id=sha[:16], source=Source(path=name, media_type="text/plain", sha256=sha), text=text)


def cited(document, start, end, page=None):
    span = Span(start, end)
    return Citation(doc_id=document.id, span=span, quote=document[span], verdict="verbatim", page=page)


def found(document, name, *places, value=None, status="found", score=0.9, note=""):
    citations = tuple(cited(document, *place) for place in places)
    return Clause(name=name, status=status, value=value, citations=citations, score=score, note=note)


def make_review(document, *clauses, seen=None, unread=()):
    return Review(
        doc_id=document.id,
        checklist=CHECKLIST,
        clauses=clauses,
        coverage=Coverage.of([Span(0, seen or len(document))], unread),
        reader="planted",
        run_id="run-1",
        doc_type="lease",
        doc_type_score=0.8,
    )


def facts(doc, document, review):
    return {
        "doc": doc, "source": doc, "sha256": document.source.sha256, "status": "done", "error": None, "message": None,
        "type": review.doc_type, "type_score": review.doc_type_score, "pages": 0,
        "unread_pages": list(review.coverage.unread_pages), "chars": len(document), "language": "en", "seconds": 0.1,
        "checklist": review.checklist, "reader": review.reader, "run_id": review.run_id, "risk": 3.0,
        "why": ["a reason"],
        "questions": {}, "warnings": [], "text": f"text/{doc}.txt", "review": f"reviews/{doc}.json",
        "report": f"report/{doc}.html",
    }  # fmt: skip


FAILED = {"doc": "scan.pdf", "status": "quarantined", "error": "empty", "message": "no text layer", "sha256": "0" * 64}


def make_folder(out, *documents, failed=()):
    """`documents` are (name, document, review)."""
    rows = [facts(*each) for each in documents]
    blank = dict.fromkeys(rows[0]) if rows else {}
    for name in ("text", "reviews"):
        (out / name).mkdir(parents=True, exist_ok=True)
    for row, (_, document, review) in zip(rows, documents, strict=True):
        (out / row["text"]).write_bytes(document.text.encode())
        (out / row["review"]).write_text(dumps(review), encoding="utf-8")
    lines = [*rows, *({**blank, **each} for each in failed)]
    (out / "documents.jsonl").write_text("".join(dumps(row) + "\n" for row in lines), encoding="utf-8")
    return out


TEXT = (
    "LEASE of 1 May 2024.\n\nThe laws of Delaware govern this lease.\n\nThe tenant pays USD 400.\n\n"
    "It ends after 30 days' notice.\n"
)


def place(words, text=TEXT):
    at = text.index(words)
    return at, at + len(words)


def lease(out):
    """One lease: two places of one question, one of two others, a question that is absent, and a scan."""
    document = make_document(TEXT)
    review = make_review(
        document,
        found(document, "Governing Law", place("The laws of Delaware govern this lease."), value="Delaware"),
        found(document, "Parties", place("The tenant")),
        found(document, "Parties", place("this lease"), status="unsure", score=0.3),
        found(document, "Renewal Term", place("30 days"), place("USD 400")),
        Clause(name="Cap on Liability", status="not_found"),
    )
    return make_folder(out, ("lease.txt", document, review), failed=[FAILED])


def decide(out, clause, words=None, verdict="accepted", *, by="Ann", **more):
    """One person's decision on a place, or on a question as a whole."""
    decisions = Decisions(out)
    at = Span(*place(words)) if words else None
    places = {"quote_span": at} if verdict == "added" else {"span": at}
    entry = Entry(doc="lease.txt", by=by, clause=clause, verdict=verdict, **places, **more)
    return decisions.add(entry, seen=len(decisions.entries()))
