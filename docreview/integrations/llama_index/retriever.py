"""Our search as LlamaIndex's retriever."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle

from docreview.integrations.llama_index.convert import plain_node
from docreview.search.alone import Alone
from docreview.search.library import Library
from docreview.types import Document, Hit, Passage

_OPEN: Final = 16  # documents of a library kept ready


class DocreviewRetriever(BaseRetriever):
    """The best places for a question, best first: sentences of contracts, turns of transcripts, never overlapping.

    Each node says where it stands (`start_char_idx`, `end_char_idx`, `page`) and in which document (`node.ref_doc_id`,
    `file_name` in the metadata). Scores compare within one answer, not between answers.

    Args:
        source: One document, a library, or the folder of a library.
        k: How many places.
        whole: Give the whole passages (about 1,000 characters) that the places lie in, each once: for a model to read.
        doc: Only in this document of a library. As `Library.search` has it, and so are the rest.
        type: Only in documents of this kind.
        speaker: Only what this person says.
        section: Only in sections whose number or title holds this.

    Raises:
        LibraryError: There is no library in the folder; when retrieving, no document is called `doc`.
        ValueError: `doc` or `type` with one document.
    """

    def __init__(
        self,
        source: Document | Library | str | os.PathLike[str],
        *,
        k: int = 10,
        whole: bool = False,
        doc: str | None = None,
        type: str | None = None,  # noqa: A002 - the word of `Library.search`
        speaker: str | None = None,
        section: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._k, self._whole = k, whole
        self._filters = {"speaker": speaker, "section": section}
        self._searched: Alone | Library
        if isinstance(source, Document):
            if doc is not None or type is not None:
                raise ValueError("doc and type choose among the documents of a library; this is one document")
            self._searched = Alone(source)
            self.document: Callable[[str], Document] = lambda _: source
            """The document of a name (`file_name`), as it was read."""
        else:
            self._searched = source if isinstance(source, Library) else Library.open(source)
            self._filters |= {"doc": doc, "type": type}
            self.document = lru_cache(maxsize=_OPEN)(self._searched.document)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found: dict[str, NodeWithScore] = {}
        for hit in self._searched.search(query_bundle.query_str, self._k, **self._filters):
            passage = self._around(hit) if self._whole else hit.passage
            page = self.document(hit.doc).page_at(passage.span.start)
            name = hit.doc if isinstance(self._searched, Library) else os.path.basename(hit.doc)
            node = plain_node(passage, metadata={"file_name": name} | ({"page": page.number} if page else {}))
            found.setdefault(node.node_id, NodeWithScore(node=node, score=hit.score))
        return list(found.values())

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)

    def _around(self, hit: Hit) -> Passage:
        span = hit.passage.span
        ranker = self._searched.ranker(hit.doc) if isinstance(self._searched, Library) else self._searched.ranker
        return ranker.entry.around(span.start, span.end)
