"""What there is to decide about a review, and how each of it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from docreview.decisions.entry import Entry, Key
from docreview.types import Clause, Review, Span

ItemStatus = Literal["unreviewed", "verified", "edited", "rejected", "flagged", "unsure"]
ITEM_STATUSES: Final[tuple[ItemStatus, ...]] = get_args(ItemStatus)
_STATUS: Final[dict[str | None, ItemStatus]] = {
    None: "unreviewed",
    "accepted": "verified",
    "edited": "edited",
    "added": "edited",
    "rejected": "rejected",
    "flagged": "flagged",
    "unsure": "unsure",
    "withdrawn": "unreviewed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to decide: a proposed clause, a question without one, or a clause that a person added.

    `proposal` is the reader's own clause, None for an added one. `entry` is the verdict that stands, None before there
    is one and after it was withdrawn. `entries` holds all that was said about it, in order.
    """

    clause: str
    span: Span | None
    proposal: Clause | None
    entry: Entry | None
    entries: tuple[Entry, ...] = ()

    @property
    def status(self) -> ItemStatus:
        """How it stands; an added clause is `edited`."""
        return _STATUS[self.entry.verdict if self.entry else None]

    @property
    def place(self) -> Span | None:
        """Where it is now: the person's place if there is one."""
        return self.entry.quote_span or self.span if self.entry else self.span

    @property
    def value(self) -> str | None:
        """Its answer now: the person's if there is one."""
        if self.entry is not None and self.entry.value is not None:
            return self.entry.value
        return self.proposal.value if self.proposal else None


def status(entries: Iterable[Entry]) -> dict[Key, ItemStatus]:
    """How each thing stands that a verdict was given on; all else is `unreviewed`."""
    return {entry.key: _STATUS[entry.verdict] for entry in entries if entry.kind == "verdict"}


def items(review: Review, entries: Iterable[Entry]) -> list[Item]:
    """All that there is to decide about a review, in the order of its clauses; added clauses follow their question's.

    A verdict on a question as a whole holds for each of its places that has no later one of its own. An edit of a
    question as a whole holds for its first place.

    Args:
        entries: Those of the review's document.
    """
    said: dict[tuple[str, Span | None], list[Entry]] = defaultdict(list)
    for entry in entries:
        said[entry.clause, entry.key[2]].append(entry)
    made: dict[str, list[Item]] = {}
    for clause in review.clauses:
        group = made.setdefault(clause.name, [])
        group.append(_item(clause.name, place_of(clause), clause, said, first=not group))
    proposed = {(clause.name, place_of(clause)) for clause in review.clauses}
    for name, span in said:
        if (name, span) not in proposed and any(e.verdict == "added" for e in said[name, span]):
            added = _item(name, span, None, said, first=False)
            made.setdefault(name, []).extend([added] if added.entry is not None else [])
    return [item for group in made.values() for item in group]


def place_of(clause: Clause) -> Span | None:
    """The place by which a clause is known: its first citation's."""
    return clause.citations[0].span if clause.citations else None


def _item(
    name: str,
    span: Span | None,
    clause: Clause | None,
    said: dict[tuple[str, Span | None], list[Entry]],
    *,
    first: bool,
) -> Item:
    own = said.get((name, span), [])
    whole = said.get((name, None), []) if span is not None else []
    verdicts = [e for e in own if e.verdict is not None]
    verdicts += [e for e in whole if e.verdict not in (None, "edited") or (e.verdict == "edited" and first)]
    last = max(verdicts, key=lambda entry: entry.seq, default=None)
    standing = None if last is None or last.verdict == "withdrawn" else last
    return Item(clause=name, span=span, proposal=clause, entry=standing, entries=tuple(own))
