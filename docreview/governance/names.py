"""Names in running text, by a trained model: the only home of spaCy and of Presidio. Everything runs on this machine.

Rules find names beside labels ("Attn:", "Dear ..."); what stands in the middle of a sentence needs a `Recogniser`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from docreview._text import UNSPACED
from docreview.errors import ConfigError, MissingExtra
from docreview.governance.pii.find import Recogniser
from docreview.governance.pii.span import PiiSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

LABELS: Final = ("PERSON", "LOCATION", "ADDRESS", "ORG")
"""What the shipped model tells apart."""
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\W\d_{UNSPACED}]+|\d+|[^\w\s]|_")
_KNOWN: Final = {
    **dict.fromkeys(("PERSON", "PER", "PS", "persName"), "PERSON"),
    **dict.fromkeys(("LOCATION", "LOC", "GPE", "placeName", "geogName"), "LOCATION"),
    **dict.fromkeys(("ADDRESS", "FAC"), "ADDRESS"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "orgName"), "ORG"),
}
"""What other pipelines call them."""
_LONE: Final = re.compile("[\ud800-\udfff]")
_WIDTH: Final = 96
_PIECE: Final = 20_000


def _words(text: str) -> tuple[list[str], list[bool]]:
    """Words, and whether a space follows each. White space beyond one space is a word of its own."""
    words: list[str] = []
    spaces: list[bool] = []
    at = 0
    for match in _WORD.finditer(text):
        gap = text[at : match.start()]
        if gap == " " and words:
            spaces[-1] = True
        elif gap:
            words.append(gap)
            spaces.append(False)
        words.append(match.group())
        spaces.append(False)
        at = match.end()
    return words, spaces


def to_doc(nlp: Language, text: str) -> Doc:
    """The text as the model sees it: Chinese, Japanese and Thai by character, all else by word."""
    from spacy.tokens import Doc

    words, spaces = _words(text)
    return Doc(nlp.vocab, words=words, spaces=spaces)


def blank(*, seed: int = 0) -> Language:
    """An untrained pipeline."""
    try:
        import spacy
    except ImportError:
        raise MissingExtra("a model that finds names", "pii") from None
    from thinc.api import fix_random_seed

    fix_random_seed(seed)
    nlp = spacy.blank("xx")
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": _WIDTH,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
        "rows": [6000, 2000, 4000, 1000],
        "include_static_vectors": False,
    }
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", "width": _WIDTH, "window_size": 1, "maxout_pieces": 3}
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": {**encode, "depth": 4}},
    }
    ner: Any = nlp.add_pipe("ner", config={"model": model})
    for label in LABELS:
        ner.add_label(label)
    return nlp


def examples(nlp: Language, pieces: Iterable[tuple[str, list[tuple[int, int, str]]]]) -> list[Any]:
    """Training examples; spans that begin or end inside a word are left out."""
    from spacy.training import Example

    made = []
    for text, spans in pieces:
        doc, gold = to_doc(nlp, text), to_doc(nlp, text)
        if len(doc):
            gold.ents = [s for a, b, label in spans if (s := gold.char_span(a, b, label=label)) is not None]
            made.append(Example(doc, gold))
    return made


class LocalNames:
    """A recogniser made of a spaCy pipeline.

    Args:
        nlp: The pipeline. `own`: it is docreview's, which reads words as `to_doc` makes them.
    """

    def __init__(self, nlp: Language, *, own: bool = True) -> None:
        self._nlp, self._own = nlp, own

    def __call__(self, text: str, language: str | None = None) -> list[PiiSpan]:  # noqa: ARG002  (the protocol's)
        """See `Recogniser`; the language does not matter."""
        found = []
        for offset, piece in _cut(_LONE.sub("\ufffd", text)):
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


def recogniser(name: str) -> Recogniser | None:
    """What finds names in running text, by the word for it; None for "rules", which need none.

    Args:
        name: "rules", "small" (the model that ships with docreview), "spacy:NAME" (an installed pipeline or a folder of
            one), "presidio". Nothing is downloaded.

    Raises:
        MissingExtra: spaCy or Presidio is not installed.
        ConfigError: There is no such recogniser, or the pipeline is not on this machine.
    """
    if name == "rules":
        return None
    if name == "small":
        return LocalNames(_loaded(str(files("docreview.assets").joinpath("ner"))))
    if name.startswith("spacy:"):
        return LocalNames(_loaded(name.removeprefix("spacy:")), own=False)
    if name == "presidio":
        return PresidioNames()
    raise ConfigError("--names", name, "no such recogniser; there are rules, small, spacy:NAME and presidio")


def _loaded(place: str) -> Language:
    try:
        import spacy
    except ImportError:
        raise MissingExtra("a model that finds names", "pii") from None
    try:
        return spacy.load(place)
    except OSError:
        raise ConfigError(
            "--names", place, "no such pipeline on this machine; it is never downloaded unasked"
        ) from None


class PresidioNames:
    """Names by an installed Presidio analyzer with an installed spaCy pipeline ("en_core_web_lg" by default).

    Only its recogniser of names is used: others of its recognisers open connections.
    """

    def __init__(self, analyzer: Any = None) -> None:
        if analyzer is None:
            try:
                from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
                from presidio_analyzer.nlp_engine import NlpEngineProvider
                from presidio_analyzer.predefined_recognizers import SpacyRecognizer
            except ImportError:
                raise MissingExtra("Presidio", "presidio") from None
            registry = RecognizerRegistry(recognizers=[SpacyRecognizer()])
            analyzer = AnalyzerEngine(registry=registry, nlp_engine=NlpEngineProvider().create_engine())
        self._analyzer = analyzer

    def __call__(self, text: str, language: str | None = None) -> list[PiiSpan]:
        """See `Recogniser`."""
        found = []
        for result in self._analyzer.analyze(text=text, language=language or "en"):
            label = _KNOWN.get(result.entity_type)
            if label and result.start < result.end:
                found.append(PiiSpan(result.start, result.end, label, min(max(result.score, 0.0), 0.55)))  # type: ignore[arg-type]
        return found
