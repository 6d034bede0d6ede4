"""Searching one document that is in no library."""

from __future__ import annotations

from functools import cached_property

from docreview._shown import Rows
from docreview.search.entry import prepare
from docreview.search.library import Filters, inside
from docreview.search.rank import Ranker
from docreview.types import Document, Hit


class Alone:
    """One document, ready to be searched. Safe to share between threads.

    Args:
        document: What to search. Nothing is written to disk.
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def ranker(self) -> Ranker:
        """The document ready to be asked."""
        return Ranker(prepare(self.document))

    def search(self, query: str, k: int = 10, *, speaker: str | None = None, section: str | None = None) -> Rows[Hit]:
        """The `k` best places for a question, best first, as `Library.search` gives them; `Hit.doc` is the path."""
        if not query.strip():
            return Rows(Hit)
        found = inside(self.ranker, query, Filters(speaker=speaker, section=section))
        found.sort(key=lambda item: -item[0])
        path, entry = self.document.source.path, self.ranker.entry
        return Rows(
            Hit,
            (
                entry.hit(start, end, score=score, rank=rank, via=("bm25", "static"), doc=path)
                for rank, (score, start, end) in enumerate(found[:k], 1)
            ),
        )
