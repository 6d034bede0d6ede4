"""The terms in force: a contract with its amendments applied, and where each word of it comes from.

Only what is certain is applied. Every other passage of an amendment is listed, so that nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from docreview._shown import Tabled
from docreview.compare.orders import Order, orders
from docreview.compare.pieces import pieces
from docreview.read.structure import find_sections
from docreview.types import Document, Span, Value

_SAYS_CHANGE: Final = re.compile(
    r"\b(?:replac|delet|amend|restat|substitut|insert|strik|chang|extend|waiv|suspend)\w*|\badd(?:s|ed|ing|ition)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Value):
    """A stretch of the terms in force: `span` of the master (`source` 0) or of amendment number `source`."""

    source: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Value):
    """An order of amendment number `source` that was applied: what it took away (`old`, stretches of earlier
    documents) and gave (`new`, a span of the amendment). `span` is the order itself.
    """

    source: int
    number: str
    span: Span
    old: tuple[Held, ...]
    new: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Value):
    """A passage of amendment number `source` that changed nothing here; `reason` is empty where it orders no change."""

    source: int
    span: Span
    reason: str


@dataclass(frozen=True, kw_only=True)
class Effective(Value, Tabled):
    """The terms in force. `documents` are the master and its amendments in order."""

    documents: tuple[Document, ...]
    held: tuple[Held, ...] = field(repr=False)
    changes: tuple[Change, ...] = field(repr=False)
    others: tuple[Passage, ...] = field(repr=False)

    @property
    def text(self) -> str:
        """The terms in force as one text."""
        return "".join(self.words(self.held))

    @property
    def unapplied(self) -> tuple[Passage, ...]:
        """Passages that order a change which could not be applied: a person must."""
        return tuple(passage for passage in self.others if passage.reason)

    def words(self, held: Iterable[Held]) -> list[str]:
        """The words of some stretches."""
        return [self.documents[part.source][part.span] for part in held]


class _Unclear(Exception):
    """An order that can't be applied; the message says why."""


def effective(master: Document, amendments: Sequence[Document]) -> Effective:
    """The terms of a contract after its amendments, applied in the order given.

    Applied is what these forms say: "In clause N, "X" is replaced by "Y"", "Section N is amended by deleting "X" and
    inserting "Y"", "Section N is amended (and restated) to read", "Section N is deleted", "The following is added as
    Section N". The clause must be there once, the words once in it, and the sentence must say no more (a condition, a
    later date). `others` are all other passages of the amendments.
    """
    documents = (master, *amendments)
    held = [Held(source=0, span=Span(0, len(master)))] if master.text else []
    changes: list[Change] = []
    others: list[Passage] = []
    for source, amendment in enumerate(amendments, 1):
        done: list[Span] = []
        for order in orders(amendment):
            try:
                held, change = _applied(documents, held, source, order)
            except _Unclear as reason:
                others.append(Passage(source=source, span=order.span, reason=str(reason)))
            else:
                changes.append(change)
            done.append(order.span)
        others += _rest(amendment, source, done)
    others.sort(key=lambda passage: (passage.source, passage.span))
    return Effective(documents=documents, held=tuple(held), changes=tuple(changes), others=tuple(others))


def _applied(documents: Sequence[Document], held: list[Held], source: int, order: Order) -> tuple[list[Held], Change]:
    if not order.bare:
        raise _Unclear("its sentence says more (a condition, a date?), or where its text ends is not clear")
    text = "".join(documents[part.source][part.span] for part in held)
    sections = _sections(documents[0], held, text)
    amendment = documents[source]
    if order.act == "added":
        start = end = _place_for(sections, order.number, text)
    else:
        clause = _clause(sections, order.number)
        start, end = clause.start, clause.start + len(text[clause.start : clause.end].rstrip())
    if order.words is not None:
        start, end = _words(text, start, end, amendment[order.words])
    if order.act in ("added", "restated") and order.new is None:
        raise _Unclear("it gives no text")
    new = [Held(source=source, span=order.new)] if order.new else []
    old = tuple(_cut(held, start, end))
    if order.act == "added":
        new = _set_apart(held, text, start, new)
    parts = [*_cut(held, 0, start), *new, *_cut(held, end, len(text))]
    return parts, Change(source=source, number=order.number, span=order.span, old=old, new=order.new)


def _sections(master: Document, held: list[Held], text: str) -> list[tuple[str, Span]]:
    """Every clause by its number, with what is below it."""
    if not (len(held) == 1 and held[0].source == 0):
        master = replace(master, text=text, sections=find_sections(text), pages=(), turns=(), terms=())
    ends = {section.span.start: section.span.end for section in master.sections}
    found: list[tuple[str, Span]] = []
    parts = pieces(master)
    for i, piece in enumerate(parts):
        number = piece.number.rpartition(" ")[2].rstrip(".")
        if not number:
            continue
        below = i + 1
        while below < len(parts) and parts[below].number.rpartition(" ")[2].startswith(f"{number}."):
            below += 1
        start = piece.span.start
        found.append((number, Span(start, max(parts[below - 1].span.end, ends.get(start, 0)))))
    return found


def _clause(sections: list[tuple[str, Span]], number: str) -> Span:
    found = [span for name, span in sections if name == number]
    if len(found) != 1:
        raise _Unclear(f"{len(found) or 'no'} clauses have the number {number}")
    return found[0]


def _words(text: str, start: int, end: int, words: str) -> tuple[int, int]:
    pattern = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)")
    found = [match.span() for match in pattern.finditer(text, start, end)]
    if len(found) != 1:
        raise _Unclear(
            f"the words stand {len(found)} times in the clause" if found else "the words are not in the clause"
        )
    return found[0]


def _place_for(sections: list[tuple[str, Span]], number: str, text: str) -> int:
    """Where a new clause belongs: after the one before it."""
    if any(name == number for name, _ in sections):
        raise _Unclear(f"there is a clause {number} already")
    head, _, last = number.rpartition(".")
    before = f"{head}.{int(last) - 1}" if head and last.isdigit() else str(int(last) - 1) if last.isdigit() else ""
    span = _clause(sections, before)
    return span.start + len(text[span.start : span.end].rstrip())


def _set_apart(held: list[Held], text: str, at: int, new: list[Held]) -> list[Held]:
    """A new clause after a blank line: the one that stands between clauses here, so that it has a source too."""
    blank = re.search(r"\n\n", text[:at]) or re.search(r"\n", text[:at])
    if blank is None:
        return new
    return [*_cut(held, *blank.span()), *new]


def _cut(held: Iterable[Held], start: int, end: int) -> list[Held]:
    """The stretches between two places of the text that they make."""
    found, at = [], 0
    for part in held:
        low, high = max(start - at, 0), min(end - at, len(part.span))
        if low < high:
            found.append(Held(source=part.source, span=Span(part.span.start + low, part.span.start + high)))
        at += len(part.span)
    return found


def _rest(amendment: Document, source: int, done: list[Span]) -> list[Passage]:
    """What no order covers, paragraph by paragraph."""
    found = []
    for piece in pieces(amendment):
        bounds = [piece.span.start]
        for span in sorted(done):
            if span.overlaps(piece.span):
                bounds += [max(span.start, piece.span.start), min(span.end, piece.span.end)]
        bounds.append(piece.span.end)
        for start, end in zip(bounds[::2], bounds[1::2], strict=True):
            said = amendment.text[start:end]
            if not any(char.isalpha() for char in said):
                continue
            lead = len(said) - len(said.lstrip(" .;\n\t"))
            changes = _SAYS_CHANGE.search(said) is not None
            reason = "it may change something, in a form that no rule applies" if changes else ""
            found.append(Passage(source=source, span=Span(start + lead, start + len(said.rstrip())), reason=reason))
    return found
