"""One reviewed document: its page with every clause marked in the text, and its row in the report's queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote as quote_url

from docreview._html import Safe, join, tag
from docreview.render.marks import highlight
from docreview.render.page import page, place, shorten
from docreview.types import Clause, Document, Review, Span

_WORDS: Final = {
    "found": "found",
    "unsure": "unsure",
    "failed": "failed",
    "not_read": "not read",
    "not_found": "not found",
}
_AROUND: Final = 140  # characters shown on both sides of a quote in the queue
_LONGEST: Final = 600  # a quote in the queue is shown up to here


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A reviewed document for people: its row in documents.jsonl, the questions' labels, the clauses worth showing."""

    row: Mapping[str, Any]
    labels: Mapping[str, str]
    clauses: tuple[Clause, ...]


def document_page(entry: Entry, document: Document, review: Review) -> str:
    """The document's own page; it links back to ../report.html."""
    row = entry.row
    placed = [clause for clause in entry.clauses if clause.citations]
    body, anchors = _text(document, placed, entry.labels)
    rest = [clause for clause in entry.clauses if not clause.citations]
    groups = [
        _group(status, [(c, a) for c, a in zip(placed, anchors, strict=True) if c.status == status], entry.labels)
        for status in ("found", "unsure", "failed")
    ]
    bare = [
        _bare(status, [c for c in rest if c.status == status], entry.labels)
        for status in ("failed", "unsure", "not_read", "not_found")
    ]
    head = tag(
        "header",
        tag("a", "← All documents", href="../report.html", class_="back"),
        tag("h1", tag("bdi", row["doc"])),
        tag("p", facts(row), class_="facts"),
        why(row),
        _notes(row, review),
    )
    keys = tag("p", Safe("<kbd>j</kbd> <kbd>k</kbd> next and previous clause"), class_="keys")
    aside = tag("nav", keys, *groups, *bare, aria_label="Clauses")
    return page(
        f"{row['doc']} · docreview", head, tag("div", aside, tag("main", *body), class_="split"), back="document"
    )


def facts(row: Mapping[str, Any]) -> Safe:
    """Type, size and language in one line."""
    kind = f"{row['type']} ({row['type_score']:.0%})" if row["type"] else ""
    pages = f"{row['pages']:,} page{'s' if row['pages'] != 1 else ''}" if row["pages"] else ""
    language = f"language: {row['language']}" if row["language"] not in ("en", "und") else ""
    checklist = f"checklist: {row['checklist']}"
    parts = [part for part in (kind, pages, f"{row['chars']:,} characters", language, checklist) if part]
    return join(" · ".join(parts))


def why(row: Mapping[str, Any], most: int = 12) -> Safe:
    """The reasons for the risk as a list, those about what was not read in another colour."""
    reasons = row["why"][:most]
    more = len(row["why"]) - len(reasons)
    items = [tag("li", reason, class_=_tone(reason)) for reason in reasons]
    if more:
        items.append(tag("li", f"{more} more", class_="quiet"))
    return tag("ul", *items, class_="why") if items else Safe("")


def _tone(reason: str) -> str | None:
    if reason.endswith(("not read", "unsure", "failed")) or reason.startswith(("not read", "unsure", "failed")):
        return "doubt"
    return "missing" if reason.startswith("no ") and reason.endswith(" found") else None


def _notes(row: Mapping[str, Any], review: Review) -> Safe:
    notes = [f"{w['message']}" + (f" (page {w['page']})" if w["page"] else "") for w in row["warnings"]]
    notes += [finding.message for finding in review.findings]
    if not notes:
        return Safe("")
    shown = [tag("li", note) for note in notes[:40]] + (
        [tag("li", f"{len(notes) - 40} more")] if len(notes) > 40 else []
    )
    return tag(
        "details",
        tag("summary", f"{len(notes)} note{'s' if len(notes) > 1 else ''} on reading"),
        tag("ul", *shown),
        class_="notes",
    )


def _group(status: str, clauses: list[tuple[Clause, str]], labels: Mapping[str, str]) -> Safe:
    if not clauses:
        return Safe("")
    links = [
        tag(
            "a",
            tag("strong", labels[clause.name]),
            tag("span", f"{clause.score:.2f}" if clause.score is not None else "", class_="score"),
            tag("span", _where(clause), class_="where"),
            tag("strong", shorten(clause.value, 110), class_="value", dir="auto") if clause.value else Safe(""),
            tag("q", shorten(clause.citations[0].quote, 110), dir="auto"),
            tag("em", clause.note) if clause.note else Safe(""),
            href=f"#{anchor}",
        )
        for clause, anchor in clauses
    ]
    heading = tag("h2", f"{_WORDS[status]} ", tag("span", str(len(clauses))))
    return tag("section", heading, *links, class_=status)


def _bare(status: str, clauses: list[Clause], labels: Mapping[str, str]) -> Safe:
    """Questions without a place, under one heading; a note that several share is said once."""
    if not clauses:
        return Safe("")
    notes: dict[str, list[str]] = {}
    for clause in clauses:
        notes.setdefault(clause.note, []).append(labels[clause.name])
    lines = [
        tag("p", tag("em", note), " " if note else "", ", ".join(dict.fromkeys(names))) for note, names in notes.items()
    ]
    heading = tag("h2", f"{_WORDS[status]} ", tag("span", str(len(clauses))))
    return tag("section", heading, *lines, class_=status)


def _where(clause: Clause) -> str:
    first = clause.citations[0]
    return place(first.page, first.speaker, first.start_s)


def _text(document: Document, clauses: list[Clause], labels: Mapping[str, str]) -> tuple[list[Safe], list[str]]:
    """The marked text, page by page, and the anchor of each clause."""
    anchors = [""] * len(clauses)
    parts: list[Safe] = []
    for number, (title, span) in enumerate(_sheets(document)):
        if title:
            parts.append(tag("h2", title, class_="sheet" if span else "sheet unread"))
        if span is None:
            continue
        inside = [i for i, c in enumerate(clauses) if c.citations[0].span.overlaps(span)]
        marks = []
        for at, i in enumerate(inside):
            where = clauses[i].citations[0].span
            start, end = max(where.start, span.start) - span.start, min(where.end, span.end) - span.start
            marks.append((start, end, labels[clauses[i].name]))
            anchors[i] = anchors[i] or f"s{number}-{at}"
        faint = {at for at, i in enumerate(inside) if clauses[i].status != "found"}
        parts.append(Safe(highlight(document[span], marks, prefix=f"s{number}-", faint=faint)))
    return parts, anchors


def _sheets(document: Document) -> Iterator[tuple[str, Span | None]]:
    """Pieces that together hold all of the text, with a title where a page starts."""
    at = 0
    for page_ in document.pages:
        label = f"Page {page_.number}" + (f" ({page_.label})" if page_.label not in ("", str(page_.number)) else "")
        if page_.span is None:
            yield f"{label}: not read", None
            continue
        if at < page_.span.start:
            yield "", Span(at, page_.span.start)
        yield label, page_.span
        at = page_.span.end
    if at < len(document):
        yield "", Span(at, len(document))


def queue_row(entry: Entry, document: Document, *, details: bool) -> Safe:
    """The document's row in report.html, with its clauses in their surroundings when `details`."""
    row = entry.row
    located = [clause for clause in entry.clauses if clause.citations]
    categories = dict.fromkeys(clause.name for clause in located)
    href = quote_url(row["report"])
    counts = [tag("li", f"{row['questions'][s]} {_WORDS[s]}", class_=s) for s in _WORDS if row["questions"][s]]
    content = [
        tag("div", tag("b", f"{row['risk']:g}"), tag("span", "risk"), class_="risk"),
        tag(
            "div",
            tag("h2", tag("a", tag("bdi", row["doc"]), href=href)),
            tag("p", facts(row)),
            why(row, 6),
            class_="what",
        ),
        tag("ul", *counts, class_="counts"),
    ]
    if details and located:
        quotes = [_in_context(clause, document, entry.labels) for clause in located]
        summary = tag("summary", f"{len(quotes)} place{'s' if len(quotes) > 1 else ''} in the text")
        content.append(tag("details", summary, *quotes))
    return tag(
        "article",
        *content,
        data_type=row["type"] or "unknown",
        data_status=" ".join(s for s in ("done", *_WORDS) if s == "done" or row["questions"][s]),
        data_categories="|" + "|".join(categories) + "|",
    )


def _in_context(clause: Clause, document: Document, labels: Mapping[str, str]) -> Safe:
    span = clause.citations[0].span
    left, right = max(0, span.start - _AROUND), min(len(document), span.end + _AROUND)
    text, end = document.text[left:right], span.end - left
    if len(span) > _LONGEST:
        end = span.start - left + _LONGEST
        text = text[:end] + "…"
    faint = () if clause.status == "found" else (0,)
    head = tag("p", tag("strong", labels[clause.name]), f" {_WORDS[clause.status]} ", tag("span", _where(clause)))
    marked = Safe(highlight(text, [(span.start - left, end, labels[clause.name])], prefix="q", faint=faint))
    return tag("div", head, Safe(marked.replace(' id="q0"', "", 1)), class_="place")
