"""What comes of a question: sentences with their proof, or why there are none. See docs/ask.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from docreview._shown import Tabled, table
from docreview.types import Citation, Coverage, Document, Usage, Value

Status = Literal["answered", "abstained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(Value):
    """A proven quote and where it stands: the document's name, the section's number and title."""

    citation: Citation
    document: str
    section: str = ""

    @property
    def where(self) -> str:
        """The place, for people: document, page, section, or who said it and when."""
        return ", ".join(filter(None, [self.document, self.place]))

    @property
    def place(self) -> str:
        """The same without the document."""
        citation = self.citation
        said = [citation.speaker or "", "" if citation.start_s is None else f"at {clock(citation.start_s)}"]
        parts = [
            f"page {citation.page}" if citation.page is not None else "",
            self.section,
            " ".join(filter(None, said)),
        ]
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Value):
    """One sentence of an answer with the places that prove it. `score` is the chance that it answers, where known."""

    text: str
    cited: tuple[Cited, ...]
    score: float | None = None

    def __post_init__(self) -> None:
        if not self.cited:
            raise ValueError("a sentence of an answer has a citation")

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The proven quotes."""
        return tuple(each.citation for each in self.cited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproven(Value):
    """What a model said without proof: no answer. `problem` says what is wrong with its quote, `closest` what the
    document has instead.
    """

    text: str
    quote: str = ""
    problem: str = ""
    closest: Cited | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Value):
    """What was looked at. `documents` are those looked into, `of` how many there are; `coverage` is by document.

    `complete`: every character of them was seen, and no page was left out. `places` counts the sentences or passages
    that were compared.
    """

    documents: tuple[str, ...]
    of: int
    places: int
    characters: int
    complete: bool
    coverage: Mapping[str, Coverage] = field(default_factory=dict)

    def __str__(self) -> str:
        looked = f"{len(self.documents)} of {self.of} documents" if self.of > 1 else "1 document"
        seen = "all of their text" if len(self.documents) > 1 else "all of its text"
        unread = sum(len(coverage.unread_pages) for coverage in self.coverage.values())
        seen += f" ({unread} page{'s' * (unread != 1)} not read)" if unread else ""
        passages = f"{self.places:,} passage{'s' * (self.places != 1)}"
        return f"{looked}, {passages}, {self.characters:,} characters: {'' if self.complete else 'not '}{seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Value, Tabled):
    """The answer to one question about a document or a library.

    Attributes:
        sentences: What is proven; empty when there is no answer.
        reason: Why there is none.
        closest: Places that came nearest to an answer, and are none.
        unproven: What a model said without proof.
        note: What a reader of the answer should know.
        via: How it was found.
        reader: Who answered.
        extractive: The sentences are the document's own; no language model wrote them.
        searched: What was looked at.
    """

    question: str
    sentences: tuple[Sentence, ...] = ()
    reason: str = ""
    closest: tuple[Cited, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    note: str = ""
    via: str
    reader: str
    extractive: bool
    searched: Searched
    usage: Usage = field(default_factory=Usage)
    run_id: str = ""

    def __post_init__(self) -> None:
        if not self.sentences and not self.reason:
            raise ValueError("an answer without sentences says why")

    @property
    def status(self) -> Status:
        """Whether there is an answer."""
        return "answered" if self.sentences else "abstained"

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All proven quotes, in order."""
        return tuple(citation for sentence in self.sentences for citation in sentence.citations)

    def __str__(self) -> str:
        from docreview.ask.show import text

        return text(self)

    def _repr_html_(self) -> str:
        from docreview.ask.show import html

        return html(self)


@table(Answer, "question status sentence score document place page start end quote")
def _rows(answer: Answer) -> Iterator[tuple[object, ...]]:
    """A row for each place that proves a sentence; an answer without sentences has one too."""
    for sentence in answer.sentences:
        for each in sentence.cited:
            span, page = each.citation.span, each.citation.page
            where = (each.document, each.place, page, span.start, span.end, each.citation.quote)
            yield (answer.question, answer.status, sentence.text, sentence.score, *where)
    if not answer.sentences:
        yield (answer.question, answer.status, *(None,) * 8)


def cited(citation: Citation, document: Document, name: str) -> Cited:
    """A citation with the place it has in its document."""
    section = document.section_at(citation.span.start)
    label = " ".join(filter(None, [section.number, section.title])) if section else ""
    return Cited(citation=citation, document=name, section=label)


def clock(seconds: float) -> str:
    """Seconds as 1:02:03, or 2:03."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"
