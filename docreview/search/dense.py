"""Dense vectors of all passages in a Chroma collection inside the library (the only file that imports chromadb).

The instant index does not need them. They are made afterwards, in pieces: what is there is never made again, and the
same passage in two documents is embedded once. Chroma runs in this process; it has no server, no telemetry, and no
embedding function of its own here.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview._json import digest
from docreview.errors import LibraryError, MissingExtra
from docreview.search import entry as entries
from docreview.search.embedder import Embedder
from docreview.search.entry import Entry
from docreview.search.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BATCH: Final = 512  # passages between two saves; Chroma takes at most 5,461
_ROWS: Final = "dense.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseReport:
    """What a run did: `passages` in the library, `embedded` of them anew, `seconds` of wall time."""

    passages: int
    embedded: int
    seconds: float


def build_dense(
    library: str | os.PathLike[str],
    *,
    embedder: Embedder | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DenseReport:
    """Embed the passages of a library that have no dense vector yet, and forget those of passages that are gone.

    A run that is stopped goes on where it was. Searches use the vectors once a run has ended.

    Args:
        embedder: MiniLM by default.
        progress: Called with passages done and passages to do in this run.

    Raises:
        MissingExtra: The `dense` extra is not installed.
        LibraryError: There is no usable library.
    """
    import numpy as np

    began, store = time.perf_counter(), Store(Path(library))
    manifest = store.read()
    embedder = embedder or default_embedder()
    collection = _collection(store.dense, embedder.name)
    texts: dict[str, tuple[str, int]] = {}
    names: list[str] = []
    for row in manifest.documents:
        entry = entries.load(store.document(row.key))
        for i, name in enumerate(passage_names(entry)):
            names.append(name)
            texts.setdefault(name, (row.key, i))
    there = set(collection.get(include=[])["ids"])
    missing = [name for name in texts if name not in there]
    for done, (ids, batch) in enumerate(_batches(store, texts, missing), 1):
        collection.add(ids=ids, embeddings=embedder.embed(batch))
        if progress is not None:
            progress(min(done * _BATCH, len(missing)), len(missing))
    _forget(collection, sorted(there - texts.keys()))
    np.savez(store.root / manifest.index / _ROWS, names=np.array(names, dtype="S32"), embedder=embedder.name)
    return DenseReport(passages=len(names), embedded=len(missing), seconds=time.perf_counter() - began)


def default_embedder() -> Embedder:
    """MiniLM, loaded once."""
    from docreview.search.embed import minilm

    return minilm()


def passage_names(entry: Entry) -> list[str]:
    """A name for each passage that comes from its text alone."""
    spans = entry.passages.tolist()
    return [hashlib.sha256(entry.text[a:b].encode("utf-8", "surrogatepass")).hexdigest()[:32] for a, b in spans]


def _batches(
    store: Store, texts: dict[str, tuple[str, int]], missing: Sequence[str]
) -> Iterator[tuple[list[str], list[str]]]:
    """Names and texts of the missing passages, those of one document together."""
    for at in range(0, len(missing), _BATCH):
        names, batch, key, entry = missing[at : at + _BATCH], [], "", None
        for name in names:
            if entry is None or texts[name][0] != key:
                key = texts[name][0]
                entry = entries.load(store.document(key))
            start, end = entry.passages[texts[name][1]].tolist()
            batch.append(entry.text[start:end])
        yield list(names), batch


def _collection(folder: Path, embedder: str) -> Any:
    try:
        import chromadb
        from chromadb.config import Settings
    except ImportError:
        raise MissingExtra("dense search", "dense") from None
    folder.mkdir(parents=True, exist_ok=True)
    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    return client.get_or_create_collection(
        f"passages-{digest(embedder)[:16]}", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )


def _forget(collection: Any, gone: Sequence[str]) -> None:
    for at in range(0, len(gone), _BATCH):
        collection.delete(ids=list(gone[at : at + _BATCH]))


class Dense:
    """The dense vectors of a library, open for questions.

    Raises:
        LibraryError: They were made with another embedder.
    """

    def __init__(self, store: Store, index: Path, embedder: Embedder) -> None:
        import numpy as np

        with np.load(index / _ROWS) as data:
            made, self._names = str(data["embedder"]), [name.decode() for name in data["names"].tolist()]
        if made != embedder.name:
            raise LibraryError(store.root, f"has dense vectors of {made!r}, not of {embedder.name!r}; index it again")
        self._collection, self._embedder = _collection(store.dense, embedder.name), embedder
        self._last: tuple[str, Floats] | None = None
        self._rows: dict[str, list[int]] = {}
        for row, name in enumerate(self._names):
            self._rows.setdefault(name, []).append(row)

    @staticmethod
    def made(index: Path) -> bool:
        """Whether this index has dense vectors."""
        return (index / _ROWS).exists()

    def vector(self, question: str) -> Floats:
        """The question's own vector."""
        if self._last is None or self._last[0] != question:
            self._last = (question, self._embedder.embed([question])[0])
        return self._last[1]

    def nearest(self, vector: Floats, count: int) -> list[int]:
        """Rows of the passages nearest to a vector, nearest first, of the whole library."""
        size = min(count, len(self._rows))
        found = self._collection.query(query_embeddings=[vector], n_results=size, include=[])["ids"][0] if size else []
        return [row for name in found for row in self._rows.get(name, ())][:count]

    def vectors(self, first: int, last: int) -> Floats:
        """The vectors of passages `first` up to but without `last`."""
        import numpy as np

        names = self._names[first:last]
        found = self._collection.get(ids=list(set(names)), include=["embeddings"])
        by_name = dict(zip(found["ids"], found["embeddings"], strict=True))
        return np.array([by_name[name] for name in names], dtype=np.float32).reshape(len(names), -1)
