"""A document cut into pieces to compare, and each piece as words."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal

from docreview._text import Folded
from docreview._words import Words
from docreview.compare.values import Piece
from docreview.types import Document, Span

By = Literal["sections", "paragraphs"]
Cuts = dict[int, dict[str, str]]  # where a piece begins: its number and title
RUN: Final = 8  # words
_NUMBERED: Final = re.compile(
    r"^[^\S\n]*(?P<number>(?:(?:ARTICLE|Article|SECTION|Section|CLAUSE|Clause|§)\s?(?:\d+(?:\.\d+)*|[IVXLC]+)"
    r"|\d+(?:\.\d+)+|\d+(?=[.)])))(?=[.):]?\s)",
    re.MULTILINE,
)
_BEFORE: Final = re.compile(r"(?:\A|\n)[^\S\n]*\n\Z")
_LOOK_BACK: Final = 100  # characters
_BLANK: Final = re.compile(r"\n[^\S\n]*\n\s*")


class Text:
    """A document as words that forgive how it was set: line breaks, white space, the shape of quotation marks.

    Capitals count, as contracts tell a Term from a term by them.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.folded = Folded(document.text)
        words = Words(self.folded.key)
        self.keys: list[str] = []
        self.spans: list[tuple[int, int]] = []
        for word, first, last in zip(words.words, words.starts, words.ends, strict=True):
            start, end = self._source(first, last)
            if not self.spans or start >= self.spans[-1][1]:
                self.keys.append(word + _capitals(document.text[start:end]))
                self.spans.append((start, end))
        self._starts = [start for start, _ in self.spans]

    def _source(self, first: int, last: int) -> tuple[int, int]:
        """Where a word stands; one that shares a character with its neighbour (a ligature) is widened to all of it."""
        size = len(self.folded.key)
        while (found := self.folded.source(first, last)) is None:
            first, last = max(0, first - 1), min(size, last + 1)
        return found

    @cached_property
    def runs(self) -> dict[tuple[str, ...], int]:
        """The number of the first word of each run of `RUN` words that stands once."""
        found: dict[tuple[str, ...], int] = {}
        for i in range(len(self.keys) - RUN + 1):
            run = tuple(self.keys[i : i + RUN])
            found[run] = -1 if run in found else i
        return {run: i for run, i in found.items() if i >= 0}

    def key(self, stretch: tuple[int, int]) -> str:
        """A stretch of the text in its forgiving form."""
        return self.folded.key[self.folded.to_key(stretch[0]) : self.folded.to_key(stretch[1])]

    def words(self, start: int, end: int) -> tuple[int, int]:
        """The numbers of the first word of a stretch and of the first one after it."""
        return bisect_left(self._starts, start), bisect_left(self._starts, end)


def _capitals(word: str) -> str:
    """How a word is capitalised, as a mark that lower case and numbers go without."""
    if word == word.lower():
        return ""
    return "\x02" if word == word.upper() and len(word) > 1 else "\x01"


class Part:
    """A piece with its words; `body` is without the printed number of its heading."""

    def __init__(self, piece: Piece, text: Text) -> None:
        self.piece, self.text = piece, text
        self.first, self.last = text.words(piece.span.start, piece.span.end)
        self.size = self.last - self.first

    @cached_property
    def number_end(self) -> int:
        """Where the number at the head of the piece ends; its start when it has none there."""
        head = self.text.document.text.find(self.piece.number, self.piece.span.start, self.piece.span.end)
        lead = self.text.document.text[self.piece.span.start : max(head, self.piece.span.start)]
        found = bool(self.piece.number) and head >= 0 and not lead.strip("# \t\n")
        return head + len(self.piece.number) if found else self.piece.span.start

    @cached_property
    def body(self) -> tuple[str, ...]:
        """The words that say what the piece says."""
        first, _ = self.text.words(self.number_end, self.piece.span.end)
        if first < self.last and self.number_end > self.piece.span.start and self.text.keys[first] in (".", ")", ":"):
            first += 1
        return tuple(self.text.keys[first : self.last])

    @cached_property
    def whole(self) -> tuple[str, ...]:
        """All its words."""
        return tuple(self.text.keys[self.first : self.last])

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word stands in it."""
        return Counter(self.body)


def parts(left: Text, right: Text, by: By) -> tuple[list[Part], list[Part]]:
    """All of two documents in pieces: at headings and numbered paragraphs, or else at turns or blank lines.

    Where one document begins a piece, the other begins one too if the same words stand there: a heading that only one
    of two files shows as such is none the less one in both.
    """
    here, there = _cuts(left.document, by), _cuts(right.document, by)
    return _at(left, _shared(there, right, left) | here), _at(right, _shared(here, left, right) | there)


def _at(text: Text, cuts: Cuts) -> list[Part]:
    return [Part(piece, text) for piece in _pieces(text.document, cuts)]


def pieces(document: Document) -> list[Piece]:
    """All of one document in pieces: at headings and numbered paragraphs, or else at turns or blank lines."""
    return _pieces(document, _cuts(document, "sections"))


def _pieces(document: Document, cuts: Cuts) -> list[Piece]:
    if not document.text:
        return []
    blank = len(document.text) - len(document.text.lstrip())
    heads = sorted({blank, *cuts} - {len(document.text)}) or [0]
    bounds = [0, *heads[1:], len(document.text)]  # blanks before the first head belong to it
    return [Piece(span=Span(a, b), **cuts.get(head, {})) for head, (a, b) in zip(heads, pairwise(bounds), strict=True)]


def _cuts(document: Document, by: By) -> Cuts:
    found = _named(document)
    if by == "paragraphs" or not found:
        plain = _turns(document) or {match.end() for match in _BLANK.finditer(document.text)}
        found = {at: {} for at in plain} | found
    return found


def _shared(cuts: Cuts, of: Text, to: Text) -> Cuts:
    """The cuts of one text where they lie in the other: their first words stand once in each."""
    here, there = of.runs, to.runs
    found: Cuts = {}
    for at, names in cuts.items():
        first, _ = of.words(at, at)
        run = tuple(of.keys[first : first + RUN])
        if here.get(run) == first and (place := there.get(run)) is not None:
            found[to.spans[place][0]] = names
    return found


def _named(document: Document) -> Cuts:
    """Number and title by where they stand: of the sections, and of paragraphs that begin with a number and were not
    taken for sections, as their number does not follow the one before.
    """
    found = {
        match.start("number"): {"number": match["number"], "title": ""}
        for match in (() if document.turns else _NUMBERED.finditer(document.text))
        if not match.start() or _BEFORE.search(document.text[max(0, match.start() - _LOOK_BACK) : match.start()])
    }
    return found | {s.span.start: {"number": s.number, "title": s.title} for s in document.sections}


def _turns(document: Document) -> set[int]:
    """Where the lines begin in which turns begin."""
    return {document.text.rfind("\n", 0, turn.span.start) + 1 for turn in document.turns}
