"""One prompt's worth of a document: which characters of it a model is shown, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from docreview.types import Coverage, Document, Span, Value

GAP: Final = "[...]"
"""Stands, on a line of its own, where text of the document is left out."""
Render = Callable[[str], str]
"""A document's text -> the beginning of the prompt that holds it (`docreview.prompts.prefix`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View(Value):
    """What one prompt shows: spans of the document in order, apart, and the tokens of the prompt's beginning."""

    spans: tuple[Span, ...]
    tokens: int

    def __contains__(self, span: Span) -> bool:
        return any(span in shown for shown in self.spans)

    def text(self, document: Document) -> str:
        """The document's own characters, with `GAP` wherever something is left out."""
        return shown(document, self.spans)


def shown(document: Document, spans: Iterable[Span]) -> str:
    """The text of sorted spans, with `GAP` where text of the document is left out before, between or behind them."""
    spans = tuple(spans)
    if not spans:
        return ""
    pieces = [GAP + "\n\n"] if spans[0].start > 0 else []
    pieces.append(document[spans[0]])
    for span in spans[1:]:
        pieces += [f"\n\n{GAP}\n\n", document[span]]
    if spans[-1].end < len(document):
        pieces.append("\n\n" + GAP)
    return "".join(pieces)


def joined(document: Document, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, merged where they overlap or have nothing but white space between them."""
    merged: list[Span] = []
    for span in Coverage.of(spans).spans:
        if merged and not document.text[merged[-1].end : span.start].strip():
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)
