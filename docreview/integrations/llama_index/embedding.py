"""Our embedders as LlamaIndex's."""

from __future__ import annotations

import asyncio
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from docreview.search.embedder import Embedder


class DocreviewEmbedding(BaseEmbedding):
    """An embedder that runs in this process and downloads nothing.

    Args:
        embedder: "static" (shipped with docreview, thousands of passages a second), "minilm" (better, needs the `dense`
            extra), or an `Embedder` of your own.

    Raises:
        MissingExtra: "minilm" without the `dense` extra.
        ValueError: No embedder has this name.
    """

    _embedder: Embedder = PrivateAttr()
    _given: str | Embedder = PrivateAttr()

    def __init__(self, embedder: str | Embedder = "static", **options: Any) -> None:
        made = _named(embedder) if isinstance(embedder, str) else embedder
        super().__init__(**{"model_name": made.name, **options})
        self._embedder, self._given = made, embedder

    def __reduce__(self) -> tuple[Any, ...]:
        """For pipelines with several processes; LlamaIndex's own way would forget which embedder it is."""
        options = {"model_name": self.model_name, "embed_batch_size": self.embed_batch_size}
        return _again, (self._given, {**options, "num_workers": self.num_workers})

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex saves it."""
        return "DocreviewEmbedding"

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in self._embedder.embed(texts)]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)


def _again(embedder: str | Embedder, options: dict[str, Any]) -> DocreviewEmbedding:
    return DocreviewEmbedding(embedder, **options)


def _named(name: str) -> Embedder:
    if name == "static":
        from docreview.search.static import static

        return static()
    if name == "minilm":
        from docreview.search.embed import minilm

        return minilm()
    raise ValueError(f'no embedder is called {name!r}: "static" or "minilm", or give an Embedder')
