"""A library, open for searching."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docreview._shown import Rows
from docreview.errors import LibraryError
from docreview.search import entry as entries
from docreview.search.dense import Dense, default_embedder
from docreview.search.embed import available
from docreview.search.embedder import Embedder
from docreview.search.fuse import by_rank
from docreview.search.rank import Ranker
from docreview.search.resolve import query_terms
from docreview.search.shared import Shared, read_index
from docreview.search.static import static
from docreview.search.store import Row, Store
from docreview.types import Document, Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TALK: Final = 300
_OPEN: Final = 64  # documents kept ready
_CANDIDATES: Final = 200  # passages taken from each ranking when no document is named
FAR_AHEAD: Final = 1.4
"""BM25's best document is the named one without further signs when its best passage scores so many times the next's."""
_DOCUMENTS: Final = 8  # documents then looked into


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a hit must be. Each is matched without regard to case; None lets everything through.

    `doc` is a document's name in the library, or its last part if only one document has it; `type` its kind
    ("nda"), or the ending of its file ("pdf"); `speaker` who speaks; `section` part of a section's number or title.
    """

    doc: str | None = None
    type: str | None = None
    speaker: str | None = None
    section: str | None = None


class Library:
    """Documents that were indexed before. Cheap to open; safe to share between threads for reading."""

    def __init__(self, store: Store, rows: Sequence[Row], shared: Shared, dense: Dense | None = None) -> None:
        self._store, self._rows, self._shared, self._dense = store, tuple(rows), shared, dense
        self._ranker = lru_cache(maxsize=_OPEN)(self._load)
        self._vectors = lru_cache(maxsize=_OPEN)(self._dense_vectors)

    @classmethod
    def open(
        cls, path: str | os.PathLike[str], *, dense: bool | None = None, embedder: Embedder | None = None
    ) -> Library:
        """The library in a folder.

        Args:
            dense: Whether to use dense vectors; by default, where the library has them and the `dense` extra is there.
            embedder: What made the dense vectors; MiniLM by default.

        Raises:
            LibraryError: There is none, it is damaged, or another version of docreview made it; or it has no dense
                vectors though they are asked for.
            MissingExtra: Dense vectors are asked for, and the `dense` extra is not installed.
        """
        store = Store(Path(path))
        manifest = store.read()
        try:
            shared = read_index(store.root / manifest.index)
        except (OSError, ValueError, KeyError) as error:
            raise LibraryError(path, f"is damaged ({type(error).__name__}); index the folder again") from None
        return cls(store, manifest.documents, shared, _dense(store, shared.folder, dense, embedder))

    @property
    def dense(self) -> bool:
        """Whether dense vectors are used."""
        return self._dense is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The documents that can be searched: paths relative to the folder that was indexed."""
        return tuple(row.name for row in self._rows)

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        doc: str | None = None,
        type: str | None = None,  # noqa: A002 - the word users know
        speaker: str | None = None,
        section: str | None = None,
    ) -> Rows[Hit]:
        """The `k` best places for a question, best first; places do not overlap.

        When the question names a document, or `doc` does, only that document is searched. Scores compare within one
        answer, not between answers. An empty question finds nothing.

        Raises:
            LibraryError: No document, or more than one, is called `doc`; or the library is damaged.
        """
        filters = Filters(doc=doc, type=type, speaker=speaker, section=section)
        documents = self._allowed(filters)
        if not query.strip() or not documents:
            return Rows(Hit)
        if doc is None:
            documents, query = self._aimed(query, documents)
        found = [item for d in documents for item in self._inside(d, query, filters)]
        found.sort(key=lambda item: -item[0])
        return Rows(
            Hit,
            (
                self._ranker(d).entry.hit(start, end, score=score, rank=rank, via=self._via, doc=self._rows[d].name)
                for rank, (score, d, start, end) in enumerate(found[:k], 1)
            ),
        )

    def aim(self, question: str, *, doc: str | None = None) -> tuple[tuple[str, ...], str]:
        """The documents that a question is about, likeliest first, and the question without the words that name them.

        When it names one (or `doc` does), that one; else the few whose passages fit best.

        Raises:
            LibraryError: No document, or more than one, is called `doc`.
        """
        if doc is not None:
            return (self.names[self._named(doc)],), question
        documents, rest = self._aimed(question, list(range(len(self._rows)))) if self._rows else ([], question)
        return tuple(self.names[d] for d in documents), rest

    def document(self, name: str) -> Document:
        """A document as it was read when it was indexed: pages, turns and sections included.

        Raises:
            LibraryError: No document, or more than one, is called so; or the library is damaged.
        """
        return entries.load_document(self._store.document(self._rows[self._named(name)].key))

    def ranker(self, name: str) -> Ranker:
        """A document ready to be asked. Errors as for `document`."""
        return self._ranker(self._named(name))

    @property
    def _via(self) -> tuple[str, ...]:
        return ("bm25", "static", "dense") if self._dense else ("bm25", "static")

    def _dense_vectors(self, document: int) -> NDArray[np.float32]:
        assert self._dense is not None
        return self._dense.vectors(*self._shared.starts[document : document + 2].tolist())

    def _load(self, document: int) -> Ranker:
        return Ranker(entries.load(self._store.document(self._rows[document].key)))

    def _allowed(self, filters: Filters) -> list[int]:
        """Rows of the documents that the filters let through."""
        chosen = range(len(self._rows)) if filters.doc is None else [self._named(filters.doc)]
        return [d for d in chosen if self._fits(d, filters)]

    def _named(self, doc: str) -> int:
        names = [name.casefold() for name in self.names]
        wanted = doc.casefold()
        for full in (True, False):
            found = [i for i, name in enumerate(names) if wanted == (name if full else name.rsplit("/", 1)[-1])]
            if len(found) == 1:
                return found[0]
            if found:
                raise LibraryError(self._store.root, f"{len(found)} documents are called {doc!r}; give the whole name")
        raise LibraryError(self._store.root, f"no document is called {doc!r}")

    def _fits(self, document: int, filters: Filters) -> bool:
        facts = self._shared.facts[document]
        if filters.type is not None:
            kinds = {facts["kind"].casefold(), self._rows[document].name.rsplit(".", 1)[-1].casefold()}
            if filters.type.casefold() not in kinds | {facts["media_type"]}:
                return False
        speaker = filters.speaker
        return speaker is None or any(speaker.casefold() == s.casefold() for s in facts["speakers"])

    def _aimed(self, query: str, documents: list[int]) -> tuple[list[int], str]:
        """The documents to look into, and what to ask them.

        The document whose passages have the question's words is the one it names, if its card bears that out, or if
        it leaves all others far behind. Else the one whose card has the naming words.
        """
        resolver, named = self._shared.resolver, self._shared.resolver.resolve(query)
        allowed = [d for d in named.documents if d in set(documents)] if named else []
        foremost, lead = self._foremost(query, documents) if len(documents) > 1 else (-1, 0.0)
        if foremost >= 0 and (resolver.agrees(query, foremost, allowed[0]) if allowed else lead >= FAR_AHEAD):
            return [foremost], resolver.question(query, foremost)
        if allowed:
            return allowed[:1], resolver.question(query, allowed[0])
        return (self._likely(query, documents) if len(documents) > 1 else documents), query

    def _foremost(self, query: str, documents: list[int]) -> tuple[int, float]:
        """The document with BM25's best passage, and how many times its score is the next document's."""
        import numpy as np

        best = np.zeros(len(self._rows), dtype=np.float32)
        np.maximum.at(best, self._owners, self._shared.lexical.scores(query_terms(query)))
        first, second = sorted(documents, key=lambda d: -best[d])[:2]
        return (first, float(best[first] / max(best[second], 1e-9))) if best[first] > 0 else (-1, 0.0)

    @cached_property
    def _owners(self) -> NDArray[np.int64]:
        """For each passage its document."""
        import numpy as np

        return np.repeat(np.arange(len(self._rows)), np.diff(self._shared.starts))

    def _likely(self, query: str, documents: list[int]) -> list[int]:
        """The documents most likely to answer, by their passages."""
        import numpy as np

        allowed = np.zeros(len(self._rows), dtype=bool)
        allowed[documents] = True
        owners = self._owners
        if not len(owners):
            return []
        rankings = []
        for scores in self._passage_scores(query):
            scores = np.where(allowed[owners] & (scores > 0), scores, -np.inf)
            best = np.argsort(-scores, kind="stable")[:_CANDIDATES]
            rankings.append([int(i) for i in best if np.isfinite(scores[i])])
        if self._dense is not None:
            near = self._dense.nearest(self._dense.vector(query), _CANDIDATES)
            rankings.append([i for i in near if allowed[owners[i]]])
        ordered = dict.fromkeys(int(owners[passage]) for passage, _ in by_rank(rankings))
        return list(ordered)[:_DOCUMENTS]

    def _passage_scores(self, query: str) -> list[NDArray[np.float32]]:
        vector = static().embed([query])[0]
        return [self._shared.lexical.scores(query_terms(query)), self._shared.vectors @ vector]

    def _inside(self, document: int, query: str, filters: Filters) -> list[tuple[float, int, int, int]]:
        """Score, document, start and end of every place in a document that the filters let through."""
        dense = None if self._dense is None else self._vectors(document) @ self._dense.vector(query)
        found = inside(self._ranker(document), query, filters, dense)
        return [(score, document, start, end) for score, start, end in found]


def inside(
    ranker: Ranker, query: str, filters: Filters, dense: NDArray[np.float32] | None = None
) -> list[tuple[float, int, int]]:
    """Score, start and end of every place in one document that the filters let through, in no order."""
    scores = ranker.scores(query, dense).tolist()
    allowed = [_unit_fits(ranker.entry, unit, filters) for unit in range(len(scores))]
    spans = ranker.entry.units.tolist()
    groups = places(scores, spans, allowed) if ranker.entry.talk else [[i] for i, ok in enumerate(allowed) if ok]
    return [(max(scores[i] for i in g), spans[g[0]][0], spans[g[-1]][1]) for g in groups]


def places(scores: Sequence[float], spans: Sequence[Sequence[int]], allowed: Sequence[bool]) -> list[list[int]]:
    """Units of talk joined with neighbours to about `TALK` characters, from the best on: a turn alone says little."""
    free, out = list(allowed), []
    for best in sorted(range(len(scores)), key=lambda i: -scores[i]):
        if not free[best]:
            continue
        left = right = best
        free[best] = False
        while spans[right][1] - spans[left][0] < TALK:
            sides = [i for i in (left - 1, right + 1) if 0 <= i < len(free) and free[i]]
            if not sides:
                break
            side = max(sides, key=lambda i: scores[i])
            free[side] = False
            left, right = min(left, side), max(right, side)
        out.append(list(range(left, right + 1)))
    return out


def _dense(store: Store, index: Path, wanted: bool | None, embedder: Embedder | None) -> Dense | None:
    if wanted is False:
        return None
    if not Dense.made(index):
        if wanted:
            raise LibraryError(store.root, "has no dense vectors. Run: docreview index FOLDER -o LIBRARY --dense")
        return None
    if wanted is None and embedder is None and not available():
        return None
    return Dense(store, index, embedder or default_embedder())


def _unit_fits(entry: entries.Entry, unit: int, filters: Filters) -> bool:
    if filters.section is None and filters.speaker is None:
        return True
    start, end = entry.units[unit].tolist()
    if filters.section is not None and filters.section.casefold() not in entry.section_of(start).casefold():
        return False
    wanted = filters.speaker
    return wanted is None or any(wanted.casefold() == s.casefold() for s in entry.speakers_of(start, end))
