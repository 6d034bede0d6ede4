"""The values that everything else passes around. An impossible value cannot be built.

Every offset is a Unicode code point into `Document.text`, end exclusive. Values are frozen; ids come from content.
Saved values forbid unknown keys (`docreview._json.load`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final, Literal, TypeVar, get_args, overload

from docreview._shown import Shown, Tabled

Verdict = Literal["verbatim", "normalised", "altered", "not_found"]
Status = Literal["found", "not_found", "not_read", "unsure", "failed"]
Level = Literal["info", "warning", "error"]
HALF_READ: Final = frozenset({"picture_page", "suspect_text"})
"""Codes of warnings that say that part of a page could not be read."""
STATUSES: Final[tuple[str, ...]] = get_args(Status)


class Value(Shown):
    """Base of all values: loading a saved one refuses unknown keys."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, order=True)
class Span(Value):
    """A piece of a document's text: `[start, end)` in code points; never empty, never negative."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Span):
            return self.start <= other.start and other.end <= self.end
        return isinstance(other, int) and self.start <= other < self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def shift(self, by: int) -> Span:
        """The same length, `by` characters further on."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Value):
    """One page. `span` is None when the page was not read (no text layer, say); `label` is the printed number."""

    number: int
    span: Span | None
    label: str = ""

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"pages count from 1, not {self.number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Value):
    """One person's turn in a transcript. `span` covers what was said, without the speaker's label.

    Times are seconds from the start, None when the source has none. `marks` are the times inside a turn that was made
    of several timed pieces (the cues of a subtitle file): `(offset, seconds)` where each piece begins, in order.
    """

    speaker: str
    span: Span
    start_s: float | None = None
    end_s: float | None = None
    marks: tuple[tuple[int, float], ...] = ()

    def time_at(self, offset: int) -> float | None:
        """When the timed piece that holds a character begins; the start of the turn when it has no pieces."""
        i = bisect_right(self.marks, offset, key=lambda mark: mark[0]) - 1
        return self.marks[i][1] if i >= 0 else self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Section(Value):
    """A heading and all that belongs to it, up to the next heading of the same or a higher level.

    `number` is as printed ("12.3", "ARTICLE IV", "Schedule 2"; may be empty), `level` counts from 1. `heading` is the
    heading line, the start of `span`.
    """

    number: str
    title: str
    level: int
    heading: Span
    span: Span

    def __post_init__(self) -> None:
        if self.heading not in self.span:
            raise ValueError("a section's heading lies inside it")


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedTerm(Value):
    """A term that the document defines. `span` covers the term itself where it is defined, without quotation marks;
    `definition` the sentence or entry that defines it.
    """

    term: str
    span: Span
    definition: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWarning(Value):
    """Something a reader of the document must know: a page without text, odd characters, tracked changes."""

    code: str
    message: str
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineEntry(Value):
    """A bookmark of the file itself; `page` counts from 1, None when it leads nowhere."""

    title: str
    level: int
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Value):
    """Where a document came from. `sha256` is of the file's bytes, in hexadecimal."""

    path: str
    media_type: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Document(Value, Tabled):
    """A document as read: its text never changes, and all later facts are spans into it.

    `document[span]` is the text of a span. `id` comes from the file's bytes and how they were read.
    """

    id: str
    source: Source
    text: str
    pages: tuple[Page, ...] = ()
    turns: tuple[Turn, ...] = ()
    sections: tuple[Section, ...] = ()
    terms: tuple[DefinedTerm, ...] = ()
    outline: tuple[OutlineEntry, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[ReadWarning, ...] = ()

    def __post_init__(self) -> None:
        size = len(self.text)
        for group in (self.pages, self.turns, self.sections, self.terms):
            for item in group:
                if item.span is not None and item.span.end > size:
                    raise ValueError(f"{item!r} lies outside the text ({size} characters)")

    @overload
    def __getitem__(self, where: Span) -> str: ...
    @overload
    def __getitem__(self, where: slice) -> str: ...
    def __getitem__(self, where: Span | slice) -> str:
        if isinstance(where, slice):
            return self.text[where]
        if where.end > len(self.text):
            raise ValueError(f"[{where.start}, {where.end}) lies outside the text ({len(self.text)} characters)")
        return self.text[where.start : where.end]

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return f"Document({self.source.path!r}, {len(self.text):,} characters, {len(self.pages)} pages)"

    @property
    def unread_pages(self) -> tuple[int, ...]:
        """Pages that were not read or not wholly (a picture, unreadable characters): not to be called "not found"."""
        half = {warning.page for warning in self.warnings if warning.code in HALF_READ}
        return tuple(page.number for page in self.pages if page.span is None or page.number in half)

    def page_at(self, offset: int) -> Page | None:
        """The page that holds a character; None between pages and in documents without pages."""
        return _at([page for page in self.pages if page.span is not None], offset)

    def turn_at(self, offset: int) -> Turn | None:
        """The turn that holds a character; None outside turns."""
        return _at(self.turns, offset)

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.span.start for section in self.sections]

    def section_at(self, offset: int) -> Section | None:
        """The innermost section that holds a character; None before the first heading."""
        for i in range(bisect_right(self._section_starts, offset) - 1, -1, -1):
            if offset in self.sections[i].span:
                return self.sections[i]
        return None


Placed = TypeVar("Placed", Page, Turn)


def _at(items: Sequence[Placed], offset: int) -> Placed | None:
    i = bisect_right(items, offset, key=lambda item: item.span.start if item.span else 0) - 1
    return items[i] if i >= 0 and (span := items[i].span) and offset in span else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Value):
    """A piece of a document made for searching: `text == document[span]`, always.

    `tokens` is None until a `TokenCounter` counted them. `section` is the printed number and title of the innermost
    section, `speakers` those who speak in it.
    """

    doc_id: str
    span: Span
    text: str
    tokens: int | None = None
    section: str = ""
    speakers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) != len(self.span):
            raise ValueError(f"the text has {len(self.text)} characters, its span {len(self.span)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Value):
    """A passage that search found. A higher score is better; ranks count from 1; `via` names what found it."""

    passage: Passage
    score: float
    rank: int
    via: tuple[str, ...] = ()
    doc: str = ""  # name of the document in its library
    before: str = ""  # what stands around the passage, for people
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation(Value):
    """A proven quote: the document's own characters at `span`. Made by `docreview.verify`, only there."""

    doc_id: str
    span: Span
    quote: str
    verdict: Verdict
    page: int | None = None
    speaker: str | None = None
    start_s: float | None = None

    def __post_init__(self) -> None:
        if self.verdict not in ("verbatim", "normalised"):
            raise ValueError(f"a citation proves its quote; {self.verdict!r} does not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Value):
    """One answer to one question of a checklist. A question may have several, one for each place.

    `found` and `unsure` have citations; `not_found` means that all of the document was read, `not_read` that some of
    it was not, `failed` that the reader broke down. `score` is 0..1, the reader's own.
    """

    name: str
    status: Status
    value: str | None = None
    citations: tuple[Citation, ...] = ()
    score: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"unknown status {self.status!r}")
        if self.status == "found" and not self.citations:
            raise ValueError("what is found has a citation")
        if self.status in ("not_found", "not_read") and self.citations:
            raise ValueError(f"a clause that is {self.status} has no citation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Value):
    """What a reader really saw: sorted spans that do not touch, and pages that nobody could read."""

    spans: tuple[Span, ...] = ()
    unread_pages: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(left.end >= right.start for left, right in zip(self.spans, self.spans[1:], strict=False)):
            raise ValueError("coverage spans are sorted and apart; build them with Coverage.of")

    @classmethod
    def of(cls, spans: Iterable[Span], unread_pages: Iterable[int] = ()) -> Coverage:
        """Coverage from any spans, merged."""
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and span.start <= merged[-1].end:
                merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
            else:
                merged.append(span)
        return cls(spans=tuple(merged), unread_pages=tuple(unread_pages))

    def __len__(self) -> int:
        return sum(map(len, self.spans))

    def complete(self, document: Document) -> bool:
        """Whether every character was seen and no page was left out: what "not found" needs."""
        whole = not document.text or self.spans == (Span(0, len(document.text)),)
        return whole and not self.unread_pages and not document.unread_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Value):
    """What a rule says about a document or its clauses, with the places that prove it."""

    rule: str
    severity: Level
    message: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall(Value):
    """What a reader wants to record: both readers speak in these. `raw` is the model's own text, if it wrote any."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage(Value):
    """What a reading cost: tokens, calls, seconds."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Value):
    """A person's word on a clause, never edited. "added": the reader missed it, "withdrawn": the last is void."""

    clause: str
    verdict: Literal["accepted", "rejected", "edited", "flagged", "unsure", "added", "withdrawn"]
    by: str
    at: str  # ISO 8601 in UTC
    value: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Value, Tabled):
    """One document, read with one checklist by one reader."""

    doc_id: str
    checklist: str
    clauses: tuple[Clause, ...] = field(repr=False)
    coverage: Coverage = field(repr=False)
    reader: str
    run_id: str
    doc_type: str = ""
    doc_type_score: float = 0.0
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    decisions: tuple[Decision, ...] = field(default=(), repr=False)
    usage: Usage = field(default_factory=Usage)
    prompt_sha256: str = ""
    policy_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Value):
    """In a batch: a document that could not be done. A row, not a crash. `error` is a code, `message` for people."""

    path: str
    error: str
    message: str
