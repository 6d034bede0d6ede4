"""docreview's parts as LlamaIndex's: take one or all of them. docs/llama-index.md shows each at work.

Only `llama-index-core` is needed (extra `llama-index`). Nothing here asks LlamaIndex's `Settings` for a model, so
nothing falls back to a cloud service.
"""

from __future__ import annotations

from docreview.errors import MissingExtra

try:
    import llama_index.core  # noqa: F401 - to say how to install it
except ImportError:
    raise MissingExtra("docreview.integrations.llama_index", "llama-index") from None

from docreview.integrations.llama_index.convert import NodePassage, from_llama_index, to_llama_index
from docreview.integrations.llama_index.embedding import DocreviewEmbedding
from docreview.integrations.llama_index.engine import DocreviewQueryEngine
from docreview.integrations.llama_index.llm import DocreviewLLM
from docreview.integrations.llama_index.parser import DocreviewNodeParser
from docreview.integrations.llama_index.proof import verify_response
from docreview.integrations.llama_index.reader import DocreviewReader
from docreview.integrations.llama_index.retriever import DocreviewRetriever
from docreview.integrations.llama_index.synthesizer import DocreviewSynthesizer

__all__ = [
    "DocreviewEmbedding",
    "DocreviewLLM",
    "DocreviewNodeParser",
    "DocreviewQueryEngine",
    "DocreviewReader",
    "DocreviewRetriever",
    "DocreviewSynthesizer",
    "NodePassage",
    "from_llama_index",
    "to_llama_index",
    "verify_response",
]
