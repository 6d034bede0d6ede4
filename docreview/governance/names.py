"""Names in running text, by a trained model: the only home of spaCy and of Presidio. Everything runs on this machine.

Rules find names beside labels ("Attn:", "Dear ..."); what stands in the middle of a sentence needs a `Recogniser`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from docreview._text import UNSPACED
from docreview.errors import MissingExtra
from docreview.governance.pii.span import PiiSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LABELS: Final = ("PERSON", "LOCATION", "ADDRESS", "ORG")
"""What the shipped model tells apart."""
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}]+|\d+|[^\w\s]|_")
_KNOWN: Final = {
    "PERSON": "PERSON", "PER": "PERSON", "PS": "PERSON", "persName": "PERSON", "LOC": "LOCATION", "GPE": "LOCATION", "LOCATION": "LOCATION",
    "FAC": "ADDRESS", "ADDRESS": "ADDRESS", "ORG": "ORG", "ORGANIZATION": "ORG", "placeName": "LOCATION", "geogName": "LOCATION", "orgName": "ORG",
}  # fmt: skip
_PIECE: Final = 20_000


class Recogniser(Protocol):
    """What finds names in running text: text -> spans. It runs on this machine and opens no connection."""

    def __call__(self, text: str, language: str | None = None) -> Iterable[PiiSpan]:
        """Spans in any order; they may overlap."""
        ...


def _words(text: str) -> tuple[list[str], list[bool], list[int]]:
    """Words with whether a space follows, and where each begins. White space beyond one space is a word of its own."""
    words, spaces, starts = [], [], []
    at = 0
    for match in _WORD.finditer(text):
        gap = text[at : match.start()]
        if gap == " " and words:
            spaces[-1] = True
        elif gap:
            words.append(gap)
            spaces.append(False)
            starts.append(at)
        words.append(match.group())
        spaces.append(False)
        starts.append(match.start())
        at = match.end()
    return words, spaces, starts


def to_doc(nlp: Language, text: str) -> Doc:
    """The text as the model sees it: Chinese, Japanese and Thai by character, all else by word."""
    from spacy.tokens import Doc

    words, spaces, _ = _words(text)
    return Doc(nlp.vocab, words=words, spaces=spaces)


def blank(*, seed: int = 0) -> Language:
    """An untrained pipeline."""
    try:
        import spacy
    except ImportError:
        raise MissingExtra("a model that finds names", "pii") from None
    spacy.util.fix_random_seed(seed)
    nlp = spacy.blank("xx")
    config = {
        "model": {
            "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False, "hidden_width": 64,
            "maxout_pieces": 2, "use_upper": True,
            "tok2vec": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.MultiHashEmbed.v2", "width": 96, "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                    "rows": [6000, 2000, 4000, 1000], "include_static_vectors": False,
                },
                "encode": {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 96, "window_size": 1, "maxout_pieces": 3, "depth": 4},
            },
        }
    }  # fmt: skip
    ner = nlp.add_pipe("ner", config=config)
    for label in LABELS:
        ner.add_label(label)  # type: ignore[attr-defined]
    return nlp


def examples(nlp: Language, pieces: Iterable[tuple[str, list[tuple[int, int, str]]]]) -> list[Any]:
    """Training examples; spans that begin or end inside a word are left out."""
    from spacy.training import Example

    made = []
    for text, spans in pieces:
        doc, gold = to_doc(nlp, text), to_doc(nlp, text)
        if len(doc):
            gold.ents = [s for a, b, label in spans if (s := gold.char_span(a, b, label=label)) is not None]  # type: ignore[assignment]
            made.append(Example(doc, gold))
    return made


class LocalNames:
    """A recogniser made of a spaCy pipeline.

    Args:
        nlp: The pipeline. `own`: it is docreview's, which reads words as `to_doc` makes them.
    """

    def __init__(self, nlp: Language, *, own: bool = True) -> None:
        self._nlp, self._own = nlp, own

    def __call__(self, text: str, language: str | None = None) -> list[PiiSpan]:
        """See `Recogniser`."""
        found = []
        for offset, piece in _cut(text):
            doc = self._nlp(to_doc(self._nlp, piece)) if self._own else self._nlp(piece)
            for entity in doc.ents:
                label = _KNOWN.get(entity.label_)
                if label and any(c.isalnum() for c in entity.text):
                    found.append(PiiSpan(offset + entity.start_char, offset + entity.end_char, label, 0.55))  # type: ignore[arg-type]
        return found


def _cut(text: str) -> Sequence[tuple[int, str]]:
    """Pieces that end with a line where possible, so that memory does not grow with the text."""
    pieces = []
    start = 0
    while start < len(text):
        end = min(start + _PIECE, len(text))
        if end < len(text):
            end = max(text.rfind("\n", start, end), start + _PIECE // 2) + 1
        pieces.append((start, text[start:end]))
        start = end
    return pieces
