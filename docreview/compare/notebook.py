"""A comparison in a notebook: what became of each piece, word by word."""

from __future__ import annotations

from collections.abc import Iterator

from docreview._html import Safe, tag
from docreview._shown import MOST_ROWS, html, table
from docreview.compare.effective import Effective
from docreview.compare.show import headline, unread
from docreview.compare.values import Comparison, Difference, Pair
from docreview.render.page import shorten
from docreview.types import Document, Span

_LONGEST, _AROUND, _WORDS = 280, 60, 8


@table(Comparison, "kind status clause old new old_page new_page old_start old_end new_start new_end moved")
def _rows(comparison: Comparison) -> Iterator[tuple[object, ...]]:
    """A row for each difference; a piece that only moved has one too."""
    for pair in comparison.pairs:
        piece = pair.new or pair.old
        name = piece.name if piece else ""
        for each in pair.differences:
            yield (each.kind, pair.status, name, *_sides(comparison, each), pair.moved)
        if pair.moved and not pair.differences:
            yield ("moved", pair.status, name, *(None,) * 8, True)


def _sides(comparison: Comparison, each: Difference) -> tuple[object, ...]:
    old, new = (
        (document[span] if span else None, page.number if (page := document.page_at(at)) else None)
        for document, span, at in _both(comparison, each)
    )
    spans = [at for span in (each.old, each.new) for at in ((span.start, span.end) if span else (None, None))]
    return (old[0], new[0], old[1], new[1], *spans)


def _both(comparison: Comparison, each: Difference) -> tuple[tuple[Document, Span | None, int], ...]:
    return (comparison.old, each.old, each.old_at), (comparison.new, each.new, each.new_at)


@table(Effective, "amendment clause applied old new reason page start end")
def _changes(terms: Effective) -> Iterator[tuple[object, ...]]:
    """A row for each change that was applied, then one for each passage that orders a change and could not be."""
    for each in terms.changes:
        old, new = "".join(terms.words(each.old)) or None, terms.documents[each.source][each.new] if each.new else None
        yield (each.source, each.number, True, old, new, "", *_at(terms.documents[each.source], each.span))
    for other in terms.unapplied:
        amendment = terms.documents[other.source]
        words = (None, amendment[other.span], other.reason)
        yield (other.source, None, False, *words, *_at(amendment, other.span))


def _at(document: Document, span: Span) -> tuple[object, ...]:
    page = document.page_at(span.start)
    return (page.number if page else None, span.start, span.end)


@html.register
def _(comparison: Comparison) -> str:
    counts = comparison.counts()
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) or "no differences"
    changed = [pair for pair in comparison.pairs if pair.status != "same" or pair.moved]
    more = tag("p", f"and {len(changed) - MOST_ROWS:,} more clauses") if len(changed) > MOST_ROWS else Safe("")
    return tag(
        "div",
        tag("p", tag("strong", told)),
        *(tag("p", line) for line in unread(comparison)),
        *(_pair(comparison, pair) for pair in changed[:MOST_ROWS]),
        more,
    )


def _pair(comparison: Comparison, pair: Pair) -> Safe:
    lines = [tag("li", tag("em", each.kind), ": ", *_words(comparison, each), dir="auto") for each in pair.differences]
    return tag("div", tag("strong", shorten(headline(pair), 160)), tag("ul", *lines))


def _words(comparison: Comparison, each: Difference) -> Iterator[str]:
    """What was taken out and put in, between the words that stand around it in the new document."""
    text, end = comparison.new.text, each.new.end if each.new else each.new_at
    yield " ".join(text[max(0, each.new_at - _AROUND) : each.new_at].split(" ")[-_WORDS:])
    if each.old:
        yield tag("del", shorten(comparison.old[each.old], _LONGEST))
    if each.old and (each.new or not text[end : end + 1].isspace()):
        yield " "
    if each.new:
        yield tag("ins", shorten(comparison.new[each.new], _LONGEST))
    yield " ".join(text[end : end + _AROUND].split(" ")[:_WORDS])
