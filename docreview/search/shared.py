"""The index over all documents of a library: passages for searching everywhere, names for finding a document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docreview._json import digest, write_atomic
from docreview.search import entry as entries
from docreview.search.lexical import Lexical
from docreview.search.resolve import Resolver, card
from docreview.search.store import Row, Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Shared:
    """What is needed of every document. Row i of `vectors` and of `lexical` is passage i; document d's passages are
    `starts[d]` up to but without `starts[d + 1]`. `facts` holds each document's media type, kind, title
    and speakers.
    """

    lexical: Lexical
    resolver: Resolver
    vectors: NDArray[np.float16]
    starts: NDArray[np.int64]
    folder: Path
    facts: tuple[dict[str, Any], ...]


def write_index(store: Store, rows: Sequence[Row]) -> str:
    """Make the index of these documents; returns the name of its folder."""
    import numpy as np

    documents = [row for row in rows if row.status == "done"]
    name = "index-" + digest([[row.name, row.key] for row in documents])[:16]
    vocabulary: dict[str, int] = {}
    ids: list[list[int]] = []
    cards, vectors, starts, facts = [], [], [0], []
    spread: Counter[str] = Counter()
    for row in documents:
        entry = entries.load(store.document(row.key))
        ids += passage_terms(entry, vocabulary)
        vectors.append(entry.vectors)
        starts.append(len(ids))
        cards.append(card(row.name, entry))
        spread.update({term for one in entry.word_terms for term in one} | set(cards[-1]))
        speakers = sorted({turn[2] for turn in entry.turns})
        facts.append({"media_type": entry.media_type, "kind": entry.kind, "title": entry.title, "speakers": speakers})
    folder = store.root / name
    Lexical.of(vocabulary, ids).save(folder / "passages")
    naming = {"cards": cards, "spread": {t: spread[t] for one in cards for t in one if t in spread}}
    write_atomic(folder / "names.json", json.dumps(naming, ensure_ascii=False))
    np.save(folder / "vectors.npy", np.concatenate(vectors) if vectors else np.zeros((0, 1), dtype=np.float16))
    np.save(folder / "starts.npy", np.array(starts, dtype=np.int64))
    write_atomic(folder / "facts.json", json.dumps(facts, ensure_ascii=False))
    return name


def passage_terms(entry: entries.Entry, vocabulary: dict[str, int]) -> list[list[int]]:
    """For each passage its terms as rows of `vocabulary`, which grows."""
    rows = [tuple(vocabulary.setdefault(t, len(vocabulary)) for t in one) for one in entry.word_terms]
    ids, edges = entry.ids.tolist(), entry.starts[entry.first_units].tolist()
    return [[t for word in ids[a:b] for t in rows[word]] for a, b in pairwise(edges)]


def read_index(folder: Path) -> Shared:
    """The index as saved; the large arrays stay on disk until they are needed."""
    import numpy as np

    return Shared(
        lexical=Lexical.load(folder / "passages"),
        resolver=Resolver(**json.loads((folder / "names.json").read_text(encoding="utf-8"))),
        vectors=np.load(folder / "vectors.npy", mmap_mode="r"),
        starts=np.load(folder / "starts.npy"),
        folder=folder,
        facts=tuple(json.loads((folder / "facts.json").read_text(encoding="utf-8"))),
    )
