"""Searching a folder of documents: BM25 and a static embedder at once, dense vectors afterwards if they are wanted."""

from docreview.search.dense import DenseReport, build_dense
from docreview.search.embedder import Embedder, HashEmbedder
from docreview.search.indexing import IndexReport, build, gather
from docreview.search.library import Library

__all__ = ["DenseReport", "Embedder", "HashEmbedder", "IndexReport", "Library", "build", "build_dense", "gather"]
