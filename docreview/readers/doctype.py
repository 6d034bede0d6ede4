"""What kind of document this is: one of 25 kinds of contract, an NDA, a transcript, or something else."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any, Final

from docreview.readers.features import Rows, collect, fold, tokens
from docreview.readers.linear import Linear
from docreview.readers.weights import Weights
from docreview.types import Document

OTHER: Final = "other"
TRANSCRIPT: Final = "transcript"
NDA: Final = "nda"
_KNOWN: Final = 0.3  # below this probability the best kind is not believed
_READ: Final = 60_000  # characters looked at
_TOP: Final = 3000
_SECRETS: Final = re.compile(r"confiden|non-?\s*disclos|secre|proprietary", re.IGNORECASE)
_HEADWORDS: Final = tuple(zlib.crc32(word) for word in (b"agreement", b"contract", b"amendment"))
_PLACES, _BEFORE, _FIRST = 4, 5, 20


def document_rows(text: str) -> Rows:
    """One row: the five words before each of the first four "agreement", "contract" or "amendment", and the first 20
    words.

    More of the text made it worse: titles name the kind, and bodies resemble each other.
    """
    import numpy as np

    h = tokens(text[:_READ]).hashes
    values = [h[:1], fold(h[:_FIRST], 703)]
    for place in np.flatnonzero(np.isin(h, _HEADWORDS))[:_PLACES].tolist():
        before = h[max(0, place - _BEFORE) : place]
        values += [before, fold(fold(before[:-1], before[1:]), 701), fold(before[-1:], 702)]
    flat = np.concatenate(values)
    return collect([(np.zeros(len(flat), np.int64), flat)], 1)


@dataclass(frozen=True, slots=True)
class TypeModel:
    """A linear model with one label for each kind; `slope` and `offset` make the winner's share honest."""

    linear: Linear
    slope: float

    @classmethod
    def load(cls, weights: Weights) -> TypeModel:
        """The model from its weights file."""
        linear = Linear.from_arrays(weights.meta["labels"], weights.group("linear"))
        return cls(linear, float(weights.arrays["slope"][0]))

    def kind(self, document: Document) -> tuple[str, float]:
        """The likeliest kind and its probability; a document that is mostly turns is a transcript."""
        if 2 * sum(len(turn.span) for turn in document.turns) > len(document.text):
            return TRANSCRIPT, 1.0
        if not document.text.strip():
            return OTHER, 1.0
        shares = softmax(self.linear.logits(document_rows(document.text)) * self.slope)[0]
        shares = shares * [_borne_out(label, document.text) for label in self.linear.labels]
        best = int(shares.argmax())
        if shares[best] < _KNOWN:
            return OTHER, round(1 - float(shares[best]), 4)
        return self.linear.labels[best], round(float(shares[best]), 4)


def _borne_out(label: str, text: str) -> bool:
    """Talk is told by its turns alone, and an NDA speaks of secrets early on: titles of kinds that the model never saw
    look most like these two.
    """
    return label != TRANSCRIPT and (label != NDA or _SECRETS.search(text, 0, _TOP) is not None)


def softmax(odds: Any) -> Any:
    """Shares that add up to 1 in each row."""
    import numpy as np

    grown = np.exp(odds - odds.max(1, keepdims=True))
    return grown / grown.sum(1, keepdims=True)
