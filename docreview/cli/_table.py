"""A review as a table for a terminal: one line a clause, no control characters, nothing that moves the cursor."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from docreview.checklist import Checklist
from docreview.render.page import place, shorten
from docreview.triage.rows import by_question, shown
from docreview.types import Clause, Document, Review


def table(document: Document, review: Review, checklist: Checklist) -> str:
    """Category, status, score, place and quote of each clause, then what was not found and what was not read."""
    width = max(80, shutil.get_terminal_size((120, 24)).columns)
    head = f"{document.source.path}: {len(document):,} characters"
    if document.pages:
        head += f", {len(document.pages)} pages"
    if review.doc_type:
        head += f", {review.doc_type} ({review.doc_type_score:.0%})"
    lines = [clean(head), ""]
    clauses = [c for group in by_question(review, checklist).values() for c in shown(group)]
    lines += _located([c for c in clauses if c.citations], checklist, width)
    for status in ("failed", "unsure", "not_read", "not_found"):
        lines += _bare(status, [c for c in clauses if c.status == status and not c.citations], checklist)
    lines += [f"{finding.severity}: {finding.message}" for finding in review.findings]
    lines += [f"warning: {clean(w.message)}" + (f" (page {w.page})" if w.page else "") for w in document.warnings]
    return "\n".join(lines)


def _located(clauses: list[Clause], checklist: Checklist, width: int) -> Iterator[str]:
    if not clauses:
        return
    names = [checklist[c.name].label for c in clauses]
    places = [clean(place(c.citations[0].page, c.citations[0].speaker, c.citations[0].start_s)) for c in clauses]
    wide = max(map(len, names))
    where = min(24, max(5, *map(len, places)))
    room = max(20, width - wide - where - 18)
    yield f"{'Clause':{wide}}  Status  Score  {'Place':{where}}  Answer | quote"
    for name, at, clause in zip(names, places, clauses, strict=True):
        score = f"{clause.score:.2f}" if clause.score is not None else ""
        quote = clause.citations[0].quote
        quote = shorten(clean(f"{clause.value} | {quote}" if clause.value else quote), room)
        yield f"{name:{wide}}  {clause.status:6}  {score:5}  {shorten(at, where):{where}}  {quote}"
    yield ""


def _bare(status: str, clauses: list[Clause], checklist: Checklist) -> Iterator[str]:
    notes: dict[str, list[str]] = {}
    for clause in clauses:
        notes.setdefault(clause.note, []).append(checklist[clause.name].label)
    for note, names in notes.items():
        title = status.replace("_", " ").capitalize() + (f" ({note})" if note else "")
        yield f"{title}: {', '.join(dict.fromkeys(names))}"


def clean(text: str) -> str:
    """Characters that a terminal would obey, or that turn the direction of what follows, become spaces."""
    bad = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"}
    return "".join(" " if c < " " or "\x7f" <= c < "\xa0" or c in bad else c for c in text)
