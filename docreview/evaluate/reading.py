"""How fast documents are read and cut into passages, and how much of their structure is found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from docreview.chunk import chunk
from docreview.config import load
from docreview.errors import ReadError
from docreview.read import read
from docreview.tokens import load_counter
from docreview.types import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFigures:
    """What one run over a folder gave. Speeds are wall clock; `jobs` documents were read at once."""

    documents: int
    not_readable: int
    pages: int
    characters: int
    jobs: int
    read_seconds: float
    pages_per_second: float
    passages: int
    chunk_mb_per_second: float
    chunk_counted_mb_per_second: float
    with_sections: int
    with_terms: int


def measure(folder: Path, *, jobs: int = 2) -> ReadingFigures:
    """Read every file of a folder, then cut all texts into passages, without and with counting tokens.

    A document without pages counts as one page for each 3,000 characters. Megabytes are of UTF-8.
    """
    files = sorted(f for f in folder.iterdir() if f.is_file())
    began = time.perf_counter()
    documents = _read_all(files, jobs)
    seconds = time.perf_counter() - began
    pages = sum(len(d.pages) or -(-len(d.text) // 3000) for d in documents)
    size = sum(len(d.text.encode("utf-8", "surrogatepass")) for d in documents) / 1e6
    plain, passages = _chunked(documents, counted=False)
    counted, _ = _chunked(documents, counted=True)
    return ReadingFigures(
        documents=len(documents),
        not_readable=len(files) - len(documents),
        pages=pages,
        characters=sum(map(len, documents)),
        jobs=jobs,
        read_seconds=round(seconds, 2),
        pages_per_second=round(pages / seconds, 1),
        passages=passages,
        chunk_mb_per_second=round(size / plain, 1),
        chunk_counted_mb_per_second=round(size / counted, 2),
        with_sections=sum(len(d.sections) >= 5 for d in documents),
        with_terms=sum(bool(d.terms) for d in documents),
    )


def report(figures: ReadingFigures) -> str:
    """One figure a line."""
    return "\n".join(f"{name.replace('_', ' '):28} {value:,}" for name, value in asdict(figures).items())


def _read_all(files: Sequence[Path], jobs: int) -> list[Document]:
    settings = load()

    def one(file: Path) -> Document | None:
        try:
            return read(file, settings=settings)
        except ReadError:
            return None

    with ThreadPoolExecutor(jobs) as pool:
        return [document for document in pool.map(one, files) if document is not None]


def _chunked(documents: Sequence[Document], *, counted: bool) -> tuple[float, int]:
    counter = load_counter("minilm") if counted else None
    began = time.process_time()
    passages = sum(len(chunk(document, counter=counter)) for document in documents)
    return max(time.process_time() - began, 1e-9), passages
