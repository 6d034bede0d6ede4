"""Tokenization overhead: what a text costs in tokens, by language and tokenizer.

The same words cost three times the tokens in one language of what they cost in another, and twice the tokens in one
Unicode form of what they cost in the other. Both decide whether a document fits a model's window.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from docreview._shown import Rows, table
from docreview._text import is_unspaced, is_word
from docreview.errors import ReadError
from docreview.models.cost import cache_cost, prefill_flop
from docreview.models.profiles import Profile, Published
from docreview.tokens import TokenCounter, Vocabulary
from docreview.types import Document, Failure, Value

_BETWEEN: Final = re.compile(r"\n[^\S\n]*\n\s*")
_NEVER_NAMES: Final = ("tokenizer.json", "tokenizer.model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Value):
    """A text to count: `name` and `language` (ISO 639-1, or "und") as they are to be shown."""

    name: str
    language: str
    text: str = field(repr=False)

    @property
    def paragraphs(self) -> list[str]:
        """Its pieces between empty lines. Each is counted by itself, as parallel texts are compared."""
        return [piece for piece in _BETWEEN.split(self.text.strip()) if piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead(Value):
    """What one text costs with one tokenizer.

    Characters, words, bytes and tokens are those of its paragraphs, without the empty lines between them.

    Attributes:
        vocabulary: Entries of the tokenizer; None of a server.
        form: Unicode form: "composed" (NFC), "decomposed" (NFD), "both" (nothing in it differs) or "mixed".
        words: Pieces between white space that hold a letter or digit; None in scripts written without spaces.
        bytes: In UTF-8.
        composed: Tokens of the same text in NFC.
        decomposed: Tokens of the same text in NFD.
        unknown: Of the tokens, those that stand for what the vocabulary can't write; None where nobody can tell. Counts
            with unknown tokens can't be compared: they are low because text was lost.
        whole: Tokens of the whole text, empty lines included: what a model reads.
        ratio: Tokens for one of the English text; None when there is no parallel one, or when text was lost.
    """

    name: str
    language: str
    tokenizer: str
    vocabulary: int | None
    form: str
    characters: int
    bytes: int
    words: int | None
    tokens: int
    composed: int
    decomposed: int
    unknown: int | None
    whole: int
    ratio: float | None = None

    @property
    def per_character(self) -> float:
        """Tokens for a character."""
        return self.tokens / self.characters

    @property
    def per_word(self) -> float | None:
        """Tokens for a word; None where words are not parted by spaces."""
        return self.tokens / self.words if self.words else None

    @property
    def per_byte(self) -> float:
        """Tokens for a byte of UTF-8."""
        return self.tokens / self.bytes


_COLUMNS: Final = (
    "name language tokenizer form characters bytes words tokens composed decomposed unknown per_character per_word "
    "per_byte ratio whole"
)


@table(Overhead, _COLUMNS)
def _cells(row: Overhead) -> Iterator[tuple[object, ...]]:
    yield tuple(getattr(row, name) for name in _COLUMNS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Value):
    """What reading a document takes of a model. `teraflop` is 10^12 floating-point operations; None when not known."""

    window: int
    share: float
    teraflop: float | None
    cache_mib: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain(Value):
    """How much more text a token holds with one tokenizer than with another, in percent; `published` by the vendor."""

    name: str
    language: str
    before: str
    after: str
    measured: float
    published: float | None


def measure(
    texts: Sequence[Text], counters: Mapping[str, TokenCounter], *, english: Text | None = None
) -> Rows[Overhead]:
    """One row for each text and tokenizer, texts first.

    Args:
        texts: Empty ones are left out.
        counters: Tokenizers by the name they are to have.
        english: The text that the others are translations of. By default the only English one. A text of another number
            of paragraphs is no translation and gets no ratio.
    """
    base = english or _english(texts)
    counted = {name: _known(counter, base.paragraphs) for name, counter in counters.items()} if base else {}
    rows = []
    for text in texts:
        parallel = base is not None and len(base.paragraphs) == len(text.paragraphs)
        for name, counter in counters.items():
            if text.paragraphs:
                rows.append(_row(text, name, counter, counted.get(name) if parallel else None))
    return Rows(Overhead, rows)


def parts_of(document: Document) -> list[Text]:
    """A document in the pieces that people see it in: its sections of the first level, else its pages, else as a whole.

    What stands before the first section is a piece too.
    """
    from docreview.readers.language import detect

    top = min((section.level for section in document.sections), default=1)
    marks = [(s.span.start, f"{s.number} {s.title}".strip()) for s in document.sections if s.level == top]
    marks = marks or [(page.span.start, f"page {page.number}") for page in document.pages if page.span]
    starts = [(0, "before the first"), *marks] if not marks or marks[0][0] else marks
    ends = [start for start, _ in starts[1:]] + [len(document)]
    texts = [(name, document.text[start:end]) for (start, name), end in zip(starts, ends, strict=True)]
    name = "the whole text" if len(texts) == 1 else ""
    return [Text(name=name or label, language=detect(text), text=text) for label, text in texts if text.strip()]


def load_of(profile: Profile, tokens: int) -> Load:
    """What a document of so many tokens takes of a model."""
    flop, cost = prefill_flop(profile.architecture, tokens), cache_cost(profile.architecture)
    return Load(
        window=profile.window,
        share=tokens / profile.window,
        teraflop=None if flop is None else flop / 1e12,
        cache_mib=None if cost is None else cost.at(tokens) / (1 << 20),
    )


def gains(rows: Sequence[Overhead], published: Sequence[Published] = ()) -> list[Gain]:
    """LFM2.5's tokenizer beside LFM2's, for every text counted with both; told from the tokenizers' names."""
    before = {row.name: row for row in rows if _generation(row.tokenizer) == "2"}
    said = {each.language: each.value for each in published if each.measure == "characters per token against LFM2"}
    return [
        Gain(
            name=row.name,
            language=row.language,
            before=before[row.name].tokenizer,
            after=row.tokenizer,
            measured=100 * (before[row.name].tokens / row.tokens - 1),
            published=said.get(row.language),
        )
        for row in rows
        if _generation(row.tokenizer) == "2.5" and row.name in before
    ]


def by_language(rows: Sequence[Overhead]) -> list[tuple[str, str, int, float]]:
    """Language, tokenizer, texts, and tokens per character over all texts of the language; in the order of rows."""
    groups: dict[tuple[str, str], list[Overhead]] = {}
    for row in rows:
        groups.setdefault((row.language, row.tokenizer), []).append(row)
    return [
        (*key, len(group), sum(row.tokens for row in group) / sum(row.characters for row in group))
        for key, group in groups.items()
    ]


def label_of(spec: str) -> tuple[str, str]:
    """Name and place of a tokenizer given as `PLACE` or `NAME=PLACE`; a file's own folder names a tokenizer.json."""
    name, equals, place = spec.partition("=")
    if equals and "/" not in name and ":" not in name:
        return name, place
    if spec.startswith("server:"):
        return spec, spec
    path = Path(spec)
    if path.name in _NEVER_NAMES:
        path = path.parent
    if path.parent.name == "snapshots":  # in the cache of Hugging Face: models--OWNER--NAME/snapshots/HASH
        path = Path(path.parent.parent.name.removeprefix("models--").rpartition("--")[2])
    return path.name.removesuffix(".gguf") or spec, spec


def read_texts(files: Sequence[Path]) -> Iterator[Text | Failure]:
    """Documents of any kind that docreview reads, with their language told from their words; in order, one each."""
    from docreview.read import read
    from docreview.readers.language import detect

    names = [file.name for file in files]
    for file in files:
        name = file.name if names.count(file.name) == 1 else str(file)
        try:
            text = read(file).text
        except ReadError as error:
            yield Failure(path=str(file), error=error.code, message=str(error))
            continue
        yield Text(name=name, language=detect(text), text=text)


def _english(texts: Sequence[Text]) -> Text | None:
    english = [text for text in texts if text.language == "en"]
    return english[0] if len(english) == 1 and len(texts) > 1 else None


def _known(counter: TokenCounter, pieces: Sequence[str]) -> int | None:
    """Tokens of all pieces; None when some of them stand for what the vocabulary can't write."""
    lost = isinstance(counter, Vocabulary) and counter.unknown(pieces)
    return None if lost else sum(counter.count(pieces))


def _row(text: Text, name: str, counter: TokenCounter, english: int | None) -> Overhead:
    pieces = text.paragraphs
    tokens = sum(counter.count(pieces))
    vocabulary = counter if isinstance(counter, Vocabulary) else None
    unknown = vocabulary.unknown(pieces) if vocabulary else None
    return Overhead(
        name=text.name,
        language=text.language,
        tokenizer=name,
        vocabulary=vocabulary.size if vocabulary else None,
        form=form_of(text.text),
        characters=sum(map(len, pieces)),
        bytes=sum(len(piece.encode("utf-8", "surrogatepass")) for piece in pieces),
        words=_words("\n".join(pieces)),
        tokens=tokens,
        composed=_in_form("NFC", pieces, counter, tokens),
        decomposed=_in_form("NFD", pieces, counter, tokens),
        unknown=unknown,
        whole=counter.count([text.text])[0],
        ratio=tokens / english if english and not unknown else None,
    )


def _in_form(form: str, pieces: Sequence[str], counter: TokenCounter, tokens: int) -> int:
    changed = [unicodedata.normalize(form, piece) for piece in pieces]  # type: ignore[arg-type]
    return tokens if changed == list(pieces) else sum(counter.count(changed))


def form_of(text: str) -> str:
    """Unicode form of a text: "composed", "decomposed", "both" or "mixed"."""
    composed, decomposed = (unicodedata.is_normalized(form, text) for form in ("NFC", "NFD"))
    if composed:
        return "both" if decomposed else "composed"
    return "decomposed" if decomposed else "mixed"


def _words(text: str) -> int | None:
    letters = [char for char in text if is_word(char)]
    if 2 * sum(map(is_unspaced, letters)) > len(letters):
        return None
    return sum(any(map(is_word, piece)) for piece in text.split())


def _generation(name: str) -> str:
    found = re.search(r"lfm[-_ ]?(2(?:[._]5)?)(?!\d)", name.lower())
    return found.group(1).replace("_", ".") if found else ""
