"""Headers and footers that stand on page after page: no part of the sentences around them."""

from __future__ import annotations

import re
from collections import Counter

from docreview.types import Document, Span

_NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_STRAY = re.compile(r"\d{1,4}[^\S\n]*\n\s*(?=[a-z])")  # a page number within a sentence that goes on
_EDGE = 2  # lines at each end of a page that may be running ones


class Running:
    """The running lines of a document: those that come back, with other numbers, at the ends of its pages."""

    def __init__(self, document: Document) -> None:
        self._text = document.text
        counts: Counter[str] = Counter()
        for page in document.pages:
            lines = [line for line in document[page.span].splitlines() if line.strip()] if page.span else []
            edges = lines if len(lines) <= 2 * _EDGE else lines[:_EDGE] + lines[-_EDGE:]
            counts.update({_even(line) for line in edges})
        self._lines = {line for line, times in counts.items() if times > 1 and times > 0.3 * len(document.pages)}

    def without(self, span: Span) -> Span:
        """The span without running lines at its ends; the span itself when nothing would be left."""
        start, end = span.start, span.end
        if number := _STRAY.match(self._text, start, end):
            start = number.end()
        while self._lines:
            first = self._text.find("\n", start, end)
            last = self._text.rfind("\n", start, end)
            if first > 0 and _even(self._text[start:first]) in self._lines:
                start = end - len(self._text[first:end].lstrip())
            elif last > 0 and _even(self._text[last:end]) in self._lines:
                end = start + len(self._text[start:last].rstrip())
            else:
                break
        return Span(start, end) if start < end else span


def _even(line: str) -> str:
    return " ".join(_NUMBERS.sub("#", line).split())
