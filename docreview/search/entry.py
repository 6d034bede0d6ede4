"""One document prepared for searching, and its file in a library."""

from __future__ import annotations

import io
import json
import zipfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview._json import write_atomic
from docreview.chunk import chunk
from docreview.errors import LibraryError
from docreview.read.saved import rebuilt, structure
from docreview.search.static import Static, static
from docreview.search.units import units
from docreview.search.words import terms, words
from docreview.types import Document, Hit, Passage, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Vectors = NDArray[np.float32]

BESIDE: Final = 160


@dataclass(frozen=True)
class Entry:
    """A document's text with everything that search needs to know about it.

    `units` and `passages` are spans, one a row. `ids` are the words of all units, one after the other, as rows of
    `vocabulary`; those of unit i are `ids[starts[i]:starts[i + 1]]`. `vectors` are the passages' static embeddings.
    `sections` are `(start, end, label)`, `turns` are `(start, end, speaker)`.
    """

    doc_id: str
    text: str = field(repr=False)
    media_type: str
    kind: str
    title: str
    pages: int
    units: Ints
    passages: Ints
    vocabulary: tuple[str, ...]
    ids: Ints
    starts: Ints
    vectors: NDArray[np.float16]
    sections: tuple[tuple[int, int, str], ...] = ()
    turns: tuple[tuple[int, int, str], ...] = ()

    @cached_property
    def first_units(self) -> Ints:
        """For each passage the row of its first unit, and at the end the number of units."""
        import numpy as np

        middles = self.units.sum(axis=1) // 2
        inner = np.searchsorted(middles, self.passages[1:, 0]) if len(self.passages) else np.zeros(0, dtype=np.int64)
        return np.concatenate([[0], inner, [len(self.units)]]).astype(np.int32)

    @cached_property
    def word_terms(self) -> list[tuple[str, ...]]:
        """What BM25 counts for each word of the vocabulary."""
        return [terms(word) for word in self.vocabulary]

    @cached_property
    def talk(self) -> bool:
        """Whether it is a transcript: at least two people with three turns each, who say most of the text.

        A contract with "By:" and "Title:" lines at its end is none.
        """
        often = [n for n in Counter(turn[2] for turn in self.turns).values() if n >= 3]
        return len(often) >= 2 and sum(turn[1] - turn[0] for turn in self.turns) > 0.5 * len(self.text)

    def section_of(self, start: int) -> str:
        """The label of the innermost section at a character."""
        for i in range(bisect_right(self.sections, start, key=lambda s: s[0]) - 1, -1, -1):
            if start < self.sections[i][1]:
                return self.sections[i][2]
        return ""

    def speakers_of(self, start: int, end: int) -> tuple[str, ...]:
        """Who speaks between two characters, in order, each once."""
        first = bisect_right(self.turns, start, key=lambda t: t[1])
        last = bisect_right(self.turns, end - 1, key=lambda t: t[0])
        return tuple(dict.fromkeys(turn[2] for turn in self.turns[first:last]))

    def passage(self, start: int, end: int) -> Passage:
        """A piece of the text as a value."""
        return Passage(
            doc_id=self.doc_id,
            span=Span(start, end),
            text=self.text[start:end],
            section=self.section_of(start),
            speakers=self.speakers_of(start, end),
        )

    def hit(self, start: int, end: int, *, score: float, rank: int, via: tuple[str, ...], doc: str) -> Hit:
        """A piece of the text that was found."""
        before, after = self.beside(start, end)
        found = self.passage(start, end)
        return Hit(passage=found, score=score, rank=rank, via=via, doc=doc, before=before, after=after)

    def beside(self, start: int, end: int) -> tuple[str, str]:
        """What stands before and after a piece of the text: up to `BESIDE` characters, whole words."""
        before, after = self.text[max(0, start - BESIDE) : start], self.text[end : end + BESIDE]
        if start > BESIDE:
            before = before.partition(" ")[2]
        if end + BESIDE < len(self.text):
            after = after.rpartition(" ")[0]
        return before, after

    def around(self, start: int, end: int) -> Passage:
        """The whole passages that a piece of the text lies in, as one."""
        edges = self.passages.tolist()
        inside = [(left, right) for left, right in edges if left < end and start < right] or [(start, end)]
        return self.passage(min(start, inside[0][0]), max(end, inside[-1][1]))


def prepare(document: Document, *, max_tokens: int = 256, model: Static | None = None) -> Entry:
    """A document prepared for searching: units, passages, words, and the passages' static vectors."""
    import numpy as np

    model = model or static()
    spans = units(document)
    rows: dict[str, int] = {}
    lists = [[rows.setdefault(word, len(rows)) for word in words(document.text[a:b])] for a, b in spans]
    starts = np.cumsum([0, *map(len, lists)]).astype(np.int32)
    ids = np.fromiter((row for one in lists for row in one), dtype=np.int32, count=int(starts[-1]))
    passages = [(p.span.start, p.span.end) for p in chunk(document, max_tokens=max_tokens)]
    entry = Entry(
        doc_id=document.id,
        text=document.text,
        media_type=document.source.media_type,
        kind=document.metadata.get("type", ""),
        title=document.metadata.get("title", ""),
        pages=len(document.pages),
        units=np.array(spans, dtype=np.int32).reshape(-1, 2),
        passages=np.array(passages, dtype=np.int32).reshape(-1, 2),
        vocabulary=tuple(rows),
        ids=ids,
        starts=starts,
        vectors=np.zeros((0, model.dim), dtype=np.float16),
        sections=tuple((s.span.start, s.span.end, f"{s.number} {s.title}".strip()) for s in document.sections),
        turns=tuple((t.span.start, t.span.end, t.speaker) for t in document.turns),
    )
    vectors = model.bags(entry.vocabulary, ids, starts[entry.first_units]).astype(np.float16)
    object.__setattr__(entry, "vectors", vectors)
    return entry


_ARRAYS = ("units", "passages", "ids", "starts", "vectors")
_PLAIN = ("doc_id", "media_type", "kind", "title", "pages", "sections", "turns")


def save(entry: Entry, document: Document, path: Path) -> None:
    """Write an entry, and the document that it was made of, as one file, whole or not at all."""
    import numpy as np

    buffer = io.BytesIO()
    arrays: dict[str, Any] = {name: getattr(entry, name) for name in _ARRAYS}
    for name, text in (*_texts(entry), ("document", structure(document))):
        arrays[name] = np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    np.savez(buffer, **arrays)
    write_atomic(path, buffer.getvalue())


def _texts(entry: Entry) -> Iterable[tuple[str, str]]:
    yield "text", entry.text
    yield "vocabulary", "\n".join(entry.vocabulary)
    yield "plain", json.dumps({name: getattr(entry, name) for name in _PLAIN})


def load_document(path: Path) -> Document:
    """The document of an entry, as it was read.

    Raises:
        LibraryError: The file is missing or damaged.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as data:
            values = json.loads(data["document"].tobytes())
            text = data["text"].tobytes().decode("utf-8", "surrogatepass")
        return rebuilt(values, text)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise LibraryError(path, f"is damaged ({type(error).__name__}); index the folder again") from None


def load(path: Path, *, only: Sequence[str] = ()) -> Entry:
    """An entry as saved. `only` names the arrays to load; the text is then left out too.

    Raises:
        LibraryError: The file is missing or damaged.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as data:
            arrays: dict[str, Any] = {
                name: data[name] if not only or name in only else np.zeros((0, 2), dtype=np.int32) for name in _ARRAYS
            }
            facts = json.loads(data["plain"].tobytes())
            text = "" if only else data["text"].tobytes().decode("utf-8", "surrogatepass")
            vocabulary = tuple(data["vocabulary"].tobytes().decode("utf-8", "surrogatepass").split("\n"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise LibraryError(path, f"is damaged ({type(error).__name__}); index the folder again") from None
    for name in ("sections", "turns"):
        facts[name] = tuple(tuple(row) for row in facts[name])
    return Entry(text=text, vocabulary=vocabulary if vocabulary != ("",) else (), **facts, **arrays)
