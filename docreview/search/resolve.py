"""Which document does a question speak of? And what of the question is left once the document is named."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from docreview.search.words import terms, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from docreview.search.entry import Entry

HEAD: Final = 1500
"""Characters from the top of a document that say what it is and whose."""
RARE: Final = (0.03, 0.08)
"""A word that names documents is on at most this share of the cards, and in at most this share of the texts."""
WHOLE: Final = 0.75
"""A part of a question names a document that has this share of its weight on its card, if another part is left."""
LEAD: Final = 0.8
"""Documents whose naming words weigh at least this share of the best one's are named too."""
AGREED: Final = 0.5
"""Another document may stand for the named one when its card has this share of the weight."""
_PART: Final = re.compile(r"(?<=[;:?!\n])\s+|(?<=\.)\s+(?=[A-Z])")
_NAME: Final = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")


def query_terms(text: str) -> list[str]:
    """What BM25 looks for."""
    return [term for word in words(text) for term in terms(word)]


def card(name: str, entry: Entry) -> list[str]:
    """The terms that name a document, each once: its file name, its title, and the top of its text."""
    spoken = " ".join(_NAME.findall(name.rsplit(".", 1)[0]))
    text = f"{spoken} {name.rsplit('/', 1)[-1]} {entry.title} {entry.text[:HEAD]}"
    return list(dict.fromkeys(query_terms(text)))


@dataclass(frozen=True)
class Named:
    """The documents that a question names, best first, and what it asks about them."""

    documents: tuple[int, ...]
    question: str


class Resolver:
    """Finds the documents that a question names, by words that are on their cards and in few other documents.

    `spread` says for each term on a card how many documents have it anywhere in their text.
    """

    def __init__(self, cards: Sequence[Sequence[str]], spread: Mapping[str, int]) -> None:
        self._cards, self._spread = cards, spread

    @cached_property
    def _holders(self) -> dict[str, list[int]]:
        holders: dict[str, list[int]] = {}
        for document, card_terms in enumerate(self._cards):
            for term in card_terms:
                holders.setdefault(term, []).append(document)
        return holders

    def resolve(self, query: str) -> Named | None:
        """None when the question names no document: then all of them are searched."""
        weight, rare = self._weighed(query)
        chosen = self._chosen(weight, rare)
        if not chosen and len(self._cards) > 1 and self._names_wholly(query, best := int(weight.argmax())):
            chosen = (best,)
        return Named(chosen, self.question(query, chosen[0])) if chosen else None

    def question(self, query: str, document: int) -> str:
        """What a question asks of a document, without the words that name it."""
        return self._rest(query, set(self._cards[document]))

    def agrees(self, query: str, document: int, named: int) -> bool:
        """Whether the question's words are on the card of `document` nearly as much as on that of `named`."""
        weight, _ = self._weighed(query)
        return bool(weight[document] >= AGREED * weight[named])

    def _weighed(self, query: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """For each document the weight, and the number of naming words, of what it has on its card."""
        import numpy as np

        size = len(self._cards)
        weight, rare = np.zeros(size), np.zeros(size, dtype=np.int64)
        for term in dict.fromkeys(query_terms(query)):
            holders = self._holders.get(term, [])
            weight[holders] += self._weight(term)
            rare[holders] += self._few(term)
        return weight, rare

    def _chosen(self, weight: NDArray[np.float64], rare: NDArray[np.int64]) -> tuple[int, ...]:
        """Two naming words make a name, or one that leaves the next document far behind."""
        import numpy as np

        order = np.argsort(-weight, kind="stable")[:4].tolist()
        if not order or weight[order[0]] <= 0:
            return ()
        alone = len(order) == 1 or weight[order[1]] <= LEAD * weight[order[0]]
        if rare[order[0]] < (1 if alone else 2):
            return ()
        return tuple(d for d in order if weight[d] >= LEAD * weight[order[0]])

    def _names_wholly(self, query: str, document: int) -> bool:
        parts, named = _PART.split(query), set(self._cards[document])
        shares = [self._about(part, named) for part in parts if len(query_terms(part)) >= 3]
        return len(shares) > 1 and shares[0] >= WHOLE and min(shares) < WHOLE

    def _rest(self, query: str, named: set[str]) -> str:
        """A question without the part that names the document, or at least without the naming words."""
        parts = [part for part in _PART.split(query) if query_terms(part)]
        shares = [(self._naming(part, named), self._about(part, named)) for part in parts]
        kept = " ".join(part for part, share in zip(parts, shares, strict=True) if share < max(shares))
        if len(query_terms(kept)) >= 2:
            return kept
        few = [w for w in query.split() if not any(t in named and self._few(t) for t in query_terms(w))]
        return " ".join(few) if query_terms(" ".join(few)) else query

    def _naming(self, part: str, named: set[str]) -> float:
        """The weight of the words in a part that few documents have and this one has on its card."""
        return sum(self._weight(t) for t in dict.fromkeys(query_terms(part)) if t in named and self._few(t))

    def _few(self, term: str) -> bool:
        size, fewest = len(self._cards), min(3, len(self._cards) - 1)
        cards, texts = len(self._holders.get(term, ())), self._spread.get(term, size)
        return cards <= max(RARE[0] * size, fewest) and texts <= max(RARE[1] * size, fewest)

    def _weight(self, term: str) -> float:
        return math.log(1 + len(self._cards) / len(self._holders.get(term, (0,))))

    def _about(self, part: str, named: set[str]) -> float:
        """The share of a part's weight that is on the named document's card."""
        weights = {t: self._weight(t) for t in query_terms(part)}
        total = sum(weights.values())
        return sum(w for t, w in weights.items() if t in named) / total if total else 1.0
