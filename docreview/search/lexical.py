"""BM25 over lists of words, by bm25s (the only file that imports it)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docreview._json import write_atomic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Lexical:
    """A BM25 index (Lucene's variant, k1 1.5, b 0.75) over texts that were cut into terms before."""

    def __init__(self, index: Any, vocabulary: dict[str, int], size: int) -> None:
        self._index, self._vocabulary, self.size = index, vocabulary, size

    @classmethod
    def of(cls, vocabulary: dict[str, int], ids: Sequence[Sequence[int]]) -> Lexical:
        """An index of texts given as rows of `vocabulary`; an empty text is allowed and never found."""
        import bm25s

        if not vocabulary:
            return cls(None, {}, len(ids))
        index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        index.index((list(ids), dict(vocabulary)), show_progress=False)
        return cls(index, vocabulary, len(ids))

    @classmethod
    def of_terms(cls, texts: Sequence[Sequence[str]]) -> Lexical:
        """An index of texts given as terms."""
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in text] for text in texts]
        return cls.of(vocabulary, ids)

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """The score of each text, in order; 0 when no term occurs in it. Terms are counted once."""
        import numpy as np

        known = [self._vocabulary[term] for term in dict.fromkeys(terms) if term in self._vocabulary]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        scores: NDArray[np.float32] = self._index.get_scores_from_ids(known)
        return scores

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._index is not None:
            self._index.save(str(folder), show_progress=False)
        write_atomic(folder / "terms.json", json.dumps({"size": self.size, "terms": list(self._vocabulary)}))

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """An index as saved; its numbers stay on disk until they are needed."""
        import bm25s

        data = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        vocabulary = {term: row for row, term in enumerate(data["terms"])}
        index = bm25s.BM25.load(str(folder), mmap=True) if vocabulary else None
        return cls(index, vocabulary, data["size"])
