"""Court transcripts as plain text: numbered lines, pages, questions and answers. The text stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from docreview.types import Document, Page, Section, Span, Turn

_LINES: Final = re.compile(r"[^\n]+")
_NUMBERED: Final = re.compile(r"\f?[ \t]{0,12}(\d{1,2})(?:[ \t]+|$)")
_MARGIN: Final = re.compile(r"^\f?[ \t]{0,12}(\d{1,2})(?=[ \t]{2,}\S|[ \t]*$)", re.MULTILINE)
_PAGE: Final = re.compile(
    r"\f?[ \t]*(?:(?:[^\n]{0,80}\s)?Page:?[ \t]+)?(\d{1,5})(?:[ \t]+of[ \t]+\d{1,5})?[ \t]*$", re.I
)
_QUESTION: Final = re.compile(r"Q(?:[.:][ \t]+|[ \t]{2,})(?=\S)")
_ANSWER: Final = re.compile(r"A(?:[.:][ \t]+|[ \t]{2,})(?=\S)")
_TITLED: Final = r"(?:MR|MS|MRS|DR|JUDGE|HON|ATTORNEY)\.?[ \t]+[A-Z][A-Z'’. -]{1,40}"
_SPEAKER: Final = re.compile(rf"(THE[ \t]+[A-Z][A-Z' -]{{2,30}}|{_TITLED})(?:[ \t]*\([^()\n]{{0,40}}\))?:(?:[ \t]+|$)")
_EXAMINER: Final = re.compile(rf"(?:EXAMINATION[ \t]+)?(?:BY|\(BY)[ \t]+({_TITLED}?)[):]*[ \t]*(?:$|(?=Q))")
_HEADING: Final = re.compile(
    r"(?:(?:FURTHER|DIRECT|CROSS|RE-?DIRECT|RE-?CROSS|VOIR DIRE)[ -]*)*EXAMINATION\b[^a-z]{0,60}$"
)
_LAST_LINE: Final = 40
_ENOUGH: Final = 3
WITNESS: Final = "THE WITNESS"


@dataclass(frozen=True, slots=True)
class Court:
    """Pages (with printed labels), turns, and examinations as sections."""

    pages: tuple[Page, ...]
    turns: tuple[Turn, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    number: int | None  # as printed; None for page numbers, headers and texts without line numbers
    body: int  # where the words begin; `end` when there are none


def read_court(text: str) -> Court | None:
    """Pages and turns of a court transcript; None when the text doesn't look like one.

    It does when it has at least three lines that begin with "Q." and three with "A.", at least one line in eight
    together, or when most lines are numbered in order and three of them begin with a speaker in capitals. Questions
    are put down to the examiner named by the last "BY MR. X:" line ("Q" before there is one), answers to
    "THE WITNESS".
    """
    lines = list(_lines(text, _is_numbered(text)))
    bodies = [text[line.body : line.end] for line in lines if line.body < line.end]
    questions, answers = (sum(1 for body in bodies if p.match(body)) for p in (_QUESTION, _ANSWER))
    numbered = any(line.number is not None for line in lines)
    asked = questions >= _ENOUGH and answers >= _ENOUGH and 8 * (questions + answers) >= len(bodies)
    if not asked and not (numbered and sum(1 for body in bodies if _SPEAKER.match(body)) >= _ENOUGH):
        return None
    turns, sections = _talk(text, lines, numbered)
    return Court(_pages(text, lines) if numbered else (), turns, sections)


def _is_numbered(text: str) -> bool:
    """Whether at least 60 % of the lines begin with numbers that count up and start again at 1."""
    lines = [match for _, match in zip(range(400), _LINES.finditer(text), strict=False)]
    numbers = [int(match[1]) for line in lines if (match := _NUMBERED.match(line[0]))]
    steps = sum(1 for a, b in pairwise(numbers) if b in (1, a + 1))
    return len(numbers) >= max(5, 0.6 * len(lines)) and steps >= 0.9 * (len(numbers) - 1) - 1


def _lines(text: str, numbered: bool) -> Iterator[_Line]:
    """All lines with characters; in a numbered text, a number that is out of order is not a line number."""
    last = 0
    for match in _LINES.finditer(text):
        line, number = match[0], None
        found = _NUMBERED.match(line) if numbered else None
        if found and int(found[1]) in (1, last + 1) and int(found[1]) <= _LAST_LINE:
            last = number = int(found[1])
        body = found.end() if found and number is not None else len(line) - len(line.lstrip())
        yield _Line(match.start(), match.end(), number, match.start() + body)


def _talk(text: str, lines: list[_Line], numbered: bool) -> tuple[tuple[Turn, ...], tuple[Section, ...]]:
    """Turns, and examinations as sections up to the next one."""
    turns: list[Turn] = []
    headings: list[Span] = []
    speaker, examiner, start, end = "", "Q", -1, -1
    for line in lines:
        body = text[line.body : line.end].rstrip()
        if not body or (numbered and line.number is None):
            continue
        label = _label(body, examiner)
        if label is None:
            end = line.body + len(body)
            continue
        if 0 <= start < end:
            turns.append(Turn(speaker=speaker, span=Span(start, end)))
        speaker, skip = label
        start, end = (line.body + skip, line.body + len(body)) if speaker else (-1, -1)
        if named := _EXAMINER.match(body):
            examiner = " ".join(named[1].split())
        if _HEADING.match(body):
            headings.append(Span(line.body, line.body + len(body)))
    if 0 <= start < end:
        turns.append(Turn(speaker=speaker, span=Span(start, end)))
    return tuple(turns), _examinations(text, headings)


def _examinations(text: str, headings: list[Span]) -> tuple[Section, ...]:
    ends = [*(heading.start for heading in headings[1:]), len(text)]
    return tuple(
        Section(number="", title=" ".join(text[h.start : h.end].split()), level=1, heading=h, span=Span(h.start, end))
        for h, end in zip(headings, ends, strict=False)
    )


def _label(body: str, examiner: str) -> tuple[str, int] | None:
    """Speaker and length of the label; an empty speaker where nobody speaks; None when the line goes on."""
    if match := _QUESTION.match(body):
        return examiner, match.end()
    if match := _ANSWER.match(body):
        return WITNESS, match.end()
    if _EXAMINER.match(body) or _HEADING.match(body):
        return "", 0
    if match := _SPEAKER.match(body):
        return " ".join(match[1].split()), match.end()
    return None


def _pages(text: str, lines: list[_Line]) -> tuple[Page, ...]:
    """A page begins at each line 1; its printed number stands above that line, or below the last one."""
    firsts = [i for i, line in enumerate(lines) if line.number == 1]
    marks = [_printed(text, lines, first) for first in firsts]
    above = marks[0] is not None
    starts = [0]
    for first, mark in zip(firsts[1:], marks[1:], strict=True):
        line = lines[first] if mark is None else lines[mark] if above else lines[mark + 1]
        starts.append(line.start)
    owners = marks if above else [*marks[1:], _printed(text, lines, len(lines))]
    labels = [_page_number(text, lines[i]) if i is not None else "" for i in owners]
    ends = [*starts[1:], len(text)]
    return tuple(
        Page(number=n, span=Span(start, end), label=label)
        for n, (start, end, label) in enumerate(zip(starts, ends, labels, strict=True), 1)
    )


def _page_number(text: str, line: _Line) -> str:
    match = _PAGE.match(text, line.start, line.end)
    return match[1] if match else ""


def _printed(text: str, lines: list[_Line], before: int) -> int | None:
    """Index of the page-number line among the unnumbered lines right before a line."""
    at = before - 1
    while at >= 0 and lines[at].number is None:
        if _PAGE.match(text, lines[at].start, lines[at].end):
            return at
        at -= 1
    return None


def page_line_at(document: Document, offset: int) -> str | None:
    """Printed page and line of a character ("12:5"); None where no numbered line is."""
    page = document.page_at(offset)
    start = document.text.rfind("\n", 0, offset) + 1
    found = _NUMBERED.match(document.text, start)
    return f"{page.label or page.number}:{found[1]}" if page and found else None


def span_of(document: Document, page_line: str) -> Span | None:
    """The words at "12:5" or "12:5-9" or "12:5-13:2" (printed page and line numbers); None when they are not there.

    Raises:
        ValueError: Not such a reference.
    """
    match = re.fullmatch(r"(\w+):(\d+)(?:\s*[-–]\s*(?:(\w+):)?(\d+))?", page_line.strip())
    if match is None:
        raise ValueError(f"{page_line!r} is not a page and line like 12:5 or 12:5-13:2")
    first = _line_span(document, match[1], int(match[2]))
    last = _line_span(document, match[3] or match[1], int(match[4])) if match[4] else first
    return Span(first.start, last.end) if first and last and first.start < last.end else None


def _line_span(document: Document, label: str, number: int) -> Span | None:
    for page in document.pages:
        if page.span is None or (page.label or str(page.number)) != label:
            continue
        for line in _lines(document.text[page.span.start : page.span.end], numbered=True):
            if line.number == number and line.body < line.end:
                return Span(line.body, line.end).shift(page.span.start)
    return None


def without_margins(document: Document) -> str:
    """The text with line numbers and page heads of a court transcript as NULs, character for character.

    What was said runs on over them, as a person quotes it. Other documents come back as they are.
    """
    text = document.text
    if not (document.pages and document.turns and _is_numbered(text)):
        return text
    spans = [match.span(1) for match in _MARGIN.finditer(text)]
    for start in (page.span.start for page in document.pages if page.span):
        line = _LINES.search(text, start)
        head = _PAGE.match(text, line.start(), line.end()) if line else None
        spans += [head.span()] if head else []
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start >= at:
            pieces += [text[at:start], "\0" * (end - start)]
            at = end
    return "".join([*pieces, text[at:]])
