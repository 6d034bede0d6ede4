"""Documents, reviews, hits and citations in a notebook: short, escaped, in the document's own characters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from docreview._html import Safe, tag
from docreview._shown import html, table, table_html
from docreview.render.page import clock, place, shorten
from docreview.types import Citation, Clause, Coverage, Document, Finding, Hit, Passage, Review, Turn

_LONGEST: Final = 280
"""Characters of a quote that are shown; the citation has all of it."""
_MOST: Final = 40
"""Lines of an outline that are shown."""
_WORDS: Final = {
    "found": "found",
    "unsure": "unsure",
    "failed": "failed",
    "not_read": "not read",
    "not_found": "not found",
}
_CLAUSE: Final = "clause status value quote page speaker start_s start end score note"


@table(Clause, _CLAUSE)
def _clause(clause: Clause) -> Iterator[tuple[object, ...]]:
    """A row for the best place of a clause; one without a place has a row too."""
    first = clause.citations[0] if clause.citations else None
    where = (first.quote, first.page, first.speaker, first.start_s, first.span.start, first.span.end) if first else ()
    yield (clause.name, clause.status, clause.value, *(where or (None,) * 6), clause.score, clause.note)


@table(Review, f"{_CLAUSE} decision")
def _review(review: Review) -> Iterator[tuple[object, ...]]:
    verdicts = {each.clause: each.verdict for each in review.decisions}
    for clause in review.clauses:
        for row in _clause(clause):
            yield (*row, verdicts.get(clause.name))


@table(Finding, "rule severity message quote page start end")
def _finding(finding: Finding) -> Iterator[tuple[object, ...]]:
    first = finding.citations[0] if finding.citations else None
    where = (first.quote, first.page, first.span.start, first.span.end) if first else (None,) * 4
    yield (finding.rule, finding.severity, finding.message, *where)


@table(Hit, "rank score doc section speakers start end text")
def _hit(hit: Hit) -> Iterator[tuple[object, ...]]:
    found = hit.passage
    speakers, span = ", ".join(found.speakers), found.span
    yield (hit.rank, hit.score, hit.doc, found.section, speakers, span.start, span.end, found.text)


@table(Document, "number title level speaker start_s end_s page start end text")
def _pieces(document: Document) -> Iterator[tuple[object, ...]]:
    """The turns of a transcript, else the sections, each with its own text."""
    for each in document.turns or document.sections:
        about = (
            (None, None, None, each.speaker, each.start_s, each.end_s)
            if isinstance(each, Turn)
            else (each.number, each.title, each.level, None, None, None)
        )
        page = document.page_at(each.span.start)
        yield (*about, page.number if page else None, each.span.start, each.span.end, document[each.span])


@html.register
def _(document: Document) -> str:
    """What a document is, what a reader of it must know, and its outline."""
    warnings = [
        tag("li", f"{each.message}" + (f" (page {each.page})" if each.page else "")) for each in document.warnings
    ]
    parts = [
        tag("p", tag("strong", os.path.basename(document.source.path)), " · ", _facts(document)),
        tag("ul", *_few(warnings)) if warnings else Safe(""),
        _outline(document),
    ]
    return tag("div", *parts, class_="docreview-document")


def _facts(document: Document) -> str:
    told = [f"{len(document):,} characters"]
    for name, items in (("page", document.pages), ("section", document.sections), ("turn", document.turns)):
        if items:
            told.append(f"{len(items):,} {name}{'s' * (len(items) > 1)}")
    if document.turns:
        speakers = dict.fromkeys(turn.speaker for turn in document.turns)
        told.append("speakers: " + shorten(", ".join(speakers), _LONGEST))
    if unread := document.unread_pages:
        told.append(f"not wholly read: page{'s' * (len(unread) > 1)} {', '.join(map(str, unread))}")
    return " · ".join(told)


def _outline(document: Document) -> Safe:
    """The sections with a title, else the first turns, else the text's beginning."""
    titled = [section for section in document.sections if section.title]
    if titled:
        lines = [
            tag(
                "div",
                shorten(f"{each.number} {each.title}".strip(), 100),
                _page_of(document, each.span.start),
                style=f"padding-left: {1.5 * (each.level - 1):.1f}em",
                dir="auto",
            )
            for each in titled
        ]
    elif document.turns:
        lines = [
            tag("div", tag("strong", each.speaker), _at(each), ": ", shorten(document[each.span], 100), dir="auto")
            for each in document.turns[:_MOST]
        ]
    else:
        lines = [tag("div", shorten(document[: 2 * _LONGEST], _LONGEST), dir="auto")]
    count = len(titled) or len(document.turns)
    more = [tag("div", f"and {count - _MOST:,} more")] if count > _MOST else []
    return tag("div", *lines[:_MOST], *more)


def _page_of(document: Document, offset: int) -> Safe:
    page = document.page_at(offset)
    return tag("small", f" p. {page.number}") if page else Safe("")


def _at(turn: Turn) -> str:
    return f" ({clock(turn.start_s)})" if turn.start_s is not None else ""


def _few(items: list[Safe]) -> list[Safe]:
    more = len(items) - 12
    return [*items[:12], *([tag("li", f"and {more:,} more")] if more > 0 else [])]


@html.register
def _(review: Review) -> str:
    """The places found, then what was not found and what nobody read."""
    decided = {each.clause: each.verdict for each in review.decisions}
    located = [clause for clause in review.clauses if clause.citations]
    head = ("Clause", "Status", "Answer", "Quote", "Place", "Score", *(("Decision",) if decided else ()))
    rows = [
        (
            tag("strong", clause.name),
            _WORDS[clause.status],
            shorten(clause.value or "", _LONGEST),
            _marked(clause.citations[0]),
            _where(clause.citations[0]),
            clause.score,
            *((decided.get(clause.name, ""),) if decided else ()),
        )
        for clause in located
    ]
    kind = f" · {review.doc_type} ({review.doc_type_score:.0%})" if review.doc_type else ""
    title = tag("p", f"{review.checklist} checklist, read by {review.reader}{kind}")
    return tag("div", title, table_html(head, rows), *_placeless(review), _seen(review.coverage), *_notes(review))


def _placeless(review: Review) -> Iterator[Safe]:
    """The clauses without a place, by status and note, so that a note that several share is said once."""
    groups: dict[tuple[str, str], list[str]] = {}
    for clause in review.clauses:
        if not clause.citations:
            groups.setdefault((clause.status, clause.note), []).append(clause.name)
    for (status, note), names in sorted(groups.items(), key=lambda item: list(_WORDS).index(item[0][0])):
        title = _WORDS[status].capitalize() + (f" ({note})" if note else "")
        yield tag("p", tag("strong", f"{title}: "), ", ".join(dict.fromkeys(names)))


def _seen(coverage: Coverage) -> Safe:
    unread = coverage.unread_pages
    pages = f"; not read: page{'s' * (len(unread) > 1)} {', '.join(map(str, unread))}" if unread else ""
    return tag("p", tag("small", f"{len(coverage):,} characters were read{pages}"))


def _notes(review: Review) -> list[Safe]:
    return _few([tag("p", tag("em", finding.message)) for finding in review.findings])


@html.register
def _(hit: Hit) -> str:
    """The passage, marked, in what stands around it."""
    found = hit.passage
    about = " · ".join(filter(None, [hit.doc, found.section, ", ".join(found.speakers)]))
    head = tag("p", tag("strong", f"{hit.rank}. "), about, tag("small", f" · {hit.score:.3g} · {_span(found)}"))
    body = tag("p", _even(hit.before), " ", tag("mark", _even(found.text)), " ", _even(hit.after), dir="auto")
    return tag("div", head, body)


@html.register
def _(passage: Passage) -> str:
    about = " · ".join(filter(None, [passage.section, ", ".join(passage.speakers), _span(passage)]))
    return tag("div", tag("p", tag("small", about)), tag("p", _even(passage.text), dir="auto"))


@html.register
def _(citation: Citation) -> str:
    where = " · ".join(filter(None, [_where(citation), f"characters {citation.span.start:,} to {citation.span.end:,}"]))
    return tag("p", _marked(citation), " ", tag("small", f"{where} · {citation.verdict}"), dir="auto")


def _even(text: str) -> str:
    return " ".join(text.split())


def _span(passage: Passage) -> str:
    return f"characters {passage.span.start:,} to {passage.span.end:,}"


def _marked(citation: Citation) -> Safe:
    return tag("mark", shorten(citation.quote, _LONGEST))


def _where(citation: Citation) -> str:
    return place(citation.page, citation.speaker, citation.start_s)
