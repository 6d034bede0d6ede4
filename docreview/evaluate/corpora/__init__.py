"""Documents made for this project, with known answers: the small corpora, and the generator for scale tests."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from docreview import checklist
from docreview._json import load as _load
from docreview.errors import ConfigError, DocreviewError
from docreview.read import read
from docreview.types import Document

_STRICT: Final = {"extra": "forbid"}
_LINE_NUMBER: Final = re.compile(r"^[ \f]*\d+(?= {3}|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A clause that stands in a contract: CUAD category, the document's words, and what they come to."""

    category: str
    quote: str
    value: str = ""
    __pydantic_config__: ClassVar[Any] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """A statement about an NDA. The quote is empty when the document does not mention it."""

    name: str
    label: Literal["entailed", "contradicted", "not mentioned"]
    quote: str = ""
    __pydantic_config__: ClassVar[Any] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What was decided, promised, asked or agreed in a transcript, and who said it."""

    kind: str
    speaker: str
    quote: str
    value: str = ""
    __pydantic_config__: ClassVar[Any] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A mistake made on purpose."""

    kind: str
    note: str
    quote: str
    __pydantic_config__: ClassVar[Any] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Pii:
    """Personal data of an invented person; `kind` is name, email or phone."""

    kind: Literal["name", "email", "phone"]
    quote: str
    __pydantic_config__: ClassVar[Any] = _STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document of the corpora. `file`, `source` and `twin` are paths inside the folder.

    `twin` holds the same words in another form: the text of a scan. `absent` are categories that are not in it.
    """

    file: str
    title: str
    format: str
    type: str
    language: str
    licence: str
    sha256: str
    source: str = ""
    note: str = ""
    pages: int | None = None
    scan: bool = False
    password: str | None = None
    twin: str | None = None
    absent: tuple[str, ...] = ()
    answer: tuple[Answer, ...] = ()
    hypothesis: tuple[Hypothesis, ...] = ()
    item: tuple[Item, ...] = ()
    flaw: tuple[Flaw, ...] = ()
    pii: tuple[Pii, ...] = ()
    __pydantic_config__: ClassVar[Any] = _STRICT

    @property
    def quotes(self) -> tuple[str, ...]:
        """Every planted quote."""
        groups: tuple[tuple[Answer | Hypothesis | Item | Flaw | Pii, ...], ...]
        groups = (self.answer, self.hypothesis, self.item, self.flaw, self.pii)
        return tuple(planted.quote for group in groups for planted in group if planted.quote)


def manifest(folder: str | Path) -> tuple[Entry, ...]:
    """What is in the corpora, and what must be found there.

    Raises:
        ConfigError: The folder has no `manifest.toml`, or the file does not fit.
    """
    file = Path(folder) / "manifest.toml"
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["document"]
        return tuple(_load(Entry, row) for row in rows)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(str(file), "(whole file)", f"not a manifest: {error}") from None


def check(folder: str | Path) -> Iterator[str]:
    """What is wrong with the corpora, a line for each problem; nothing when all is well.

    Every file is there with the bytes of the manifest, every quote stands in the text that `docreview.read` gives
    (up to white space and the line numbers of a deposition), every category is one of a checklist.
    """
    entries = manifest(folder)
    for entry in entries:
        yield from (f"{entry.file}: {problem}" for problem in _problems(Path(folder), entry))


def _problems(folder: Path, entry: Entry) -> Iterator[str]:
    file = folder / entry.file
    if not file.is_file():
        yield "the file is missing"
        return
    if hashlib.sha256(file.read_bytes()).hexdigest() != entry.sha256:
        yield "its bytes are not those of the manifest (sha256)"
    yield from _unknown_names(entry)
    try:
        document = read(folder / entry.twin if entry.scan and entry.twin else file, password=entry.password)
    except DocreviewError as error:
        yield f"it cannot be read: {error}"
        return
    yield from _unread(entry, document)


def _unknown_names(entry: Entry) -> Iterator[str]:
    used = (
        ("contract", {*entry.absent, *(one.category for one in entry.answer)}),
        ("nda", {one.name for one in entry.hypothesis}),
        ("transcript", {one.kind for one in entry.item}),
    )
    for name, names in used:
        for unknown in sorted(names - set(checklist.load(name).names)):
            yield f"{unknown!r} is not in the checklist {name!r}"
    for both in sorted({one.category for one in entry.answer} & set(entry.absent)):
        yield f"{both!r} is both planted and absent"


def _unread(entry: Entry, document: Document) -> Iterator[str]:
    lines = _LINE_NUMBER.sub("", document.text) if entry.format == "court" else document.text
    text = " ".join(lines.split())
    for quote in dict.fromkeys(entry.quotes):
        if quote not in text:
            yield f"the quote is not in its text: {quote!r}"
    if entry.pages is not None and not entry.scan and len(document.pages) != entry.pages:
        yield f"{len(document.pages)} pages were read, not {entry.pages}"
    for item in entry.item:
        if not any(turn.speaker == item.speaker for turn in document.turns):
            yield f"{item.speaker!r} does not speak in it"
