"""What is on a reviewer's desk: one document, what there is to decide about it, in the order and choice they want."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import streamlit as st

from apps.review import state
from apps.review.draw import plain
from docreview._json import read_jsonl
from docreview.decisions import Entry, Item, SecondReview, second_reviews
from docreview.decisions.clock import Clock
from docreview.decisions.entry import Key
from docreview.render.page import shorten
from docreview.triage.queue import worklist
from docreview.triage.results import Result
from docreview.types import Span

_OPEN: Final = ("unreviewed", "flagged", "unsure")
_BADGES: Final = {
    "unreviewed": ":gray-badge[unreviewed]",
    "verified": ":green-badge[verified]",
    "edited": ":blue-badge[edited]",
    "rejected": ":red-badge[rejected]",
    "flagged": ":orange-badge[flagged]",
    "unsure": ":violet-badge[unsure]",
}
SHOWN: Final = {
    "Everything": "",
    "Undecided": "open",
    "Found or unsure": "placed",
    "Not found (all of it was read)": "not_found",
    "Not read": "not_read",
    "Flagged or unsure by a person": "doubt",
    "Decided": "done",
    "Second review wanted": "second",
}
ORDERS: Final = ("Undecided first", "As in the checklist", "As in the text")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A document and its items by id, in the checklist's order; `shown` are those that fit the filters, in the order
    chosen. `seen` is the last entry of the folder that is on the screen.
    """

    doc: str
    result: Result
    row: Mapping[str, Any]
    items: Mapping[str, Item]
    entries: tuple[Entry, ...]
    second: Mapping[Key, SecondReview]
    seen: int
    shown: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The document's text."""
        return self.result.document.text

    @property
    def names(self) -> list[str]:
        """The question of each item."""
        return [item.clause for item in self.items.values()]

    @property
    def pages(self) -> int:
        """Pages that can be shown as they are printed."""
        return int(self.row.get("pages") or 0) if str(self.row.get("source", "")).lower().endswith(".pdf") else 0

    @property
    def decided(self) -> int:
        """How many items are decided."""
        return sum(not self.open(i) for i in self.items)

    def label(self, question: str) -> str:
        """A question's short name."""
        return self.labels.get(question, question)

    def own_last(self) -> str | None:
        """The item that the person at the screen decided last, of those whose verdict still stands."""
        own = {name: i.entry.seq for name, i in self.items.items() if i.entry and i.entry.by == state.reviewer()}
        return max(own, key=own.__getitem__, default=None)

    def wanted(self, item: Item) -> SecondReview | None:
        """The second review that the person at the screen may give."""
        found = self.second.get((self.doc, item.clause, item.span))
        if found is None or found.second is not None:
            return None
        return found if state.reviewer() != (found.first or found.asked).by else None

    def hidden(self, item: Item) -> bool:
        """Whether the first verdict is kept from this person, who shall decide without it."""
        found = self.wanted(item)
        return found is not None and found.first is not None

    def open(self, item_id: str) -> bool:
        """Whether the person at the screen has something to decide here."""
        item = self.items[item_id]
        return item.status in _OPEN or self.wanted(item) is not None

    def faint(self, item: Item) -> bool:
        """Whether a place is not sure: the reader's doubt, until a person decided."""
        doubt = item.proposal is not None and item.proposal.status != "found"
        return item.status in ("rejected", "unsure") or (item.status == "unreviewed" and doubt)

    def line(self, item_id: str) -> str:
        """An item in the list, as Markdown. It never changes: the browser names the chosen item by these words."""
        return f"{plain(self.label(self.items[item_id].clause))}{self.numbers[item_id]}"

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """Which of its question's places each item is, when there are several."""
        all_of, so_far = Counter(self.names), Counter[str]()
        found = {}
        for name, item in self.items.items():
            so_far[item.clause] += 1
            found[name] = f" {so_far[item.clause]} of {all_of[item.clause]}" if all_of[item.clause] > 1 else ""
        return found

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The questions' short names."""
        return {each.name: each.label for each in self.result.checklist.questions}

    def caption(self, item_id: str) -> str:
        """What stands under it, as Markdown: its status, and the answer, the words, or why there is none."""
        item = self.items[item_id]
        badge = ":gray-badge[second review]" if self.hidden(item) else _BADGES[item.status]
        return f"{badge} {plain(shorten(said(item, self), 110))}"

    def words(self, span: Span | None) -> str:
        """The document's characters at a place."""
        return self.result.document[span] if span else ""

    def trimmed(self, ends: tuple[int, int]) -> Span | None:
        """A selection without white space at its ends; None when nothing is left."""
        start, end = ends
        piece = self.text[start:end]
        left = len(piece) - len(piece.lstrip())
        kept = len(piece.strip())
        return Span(start + left, start + left + kept) if kept else None

    def item_at(self, offset: int) -> str | None:
        """The item with the shortest place that holds a character."""
        here = [(len(i.place), name) for name, i in self.items.items() if i.place is not None and offset in i.place]
        return min(here)[1] if here else None

    def entry(self, item: Item, **more: Any) -> Entry:
        """A person's entry about an item."""
        return Entry(doc=self.doc, by=state.reviewer() or "?", clause=item.clause, span=item.span, **more)

    def saved(self, entry: Entry, *, seconds: float | None) -> Entry:
        """Save an entry, as made by somebody who has seen what is on the screen."""
        return state.decisions().add(replace(entry, seconds=seconds), seen=self.seen)


def said(item: Item, desk: Desk) -> str:
    """An item in few words: the answer, else the words, else why there is neither."""
    if item.value and item.place is not None:
        return item.value
    if item.place is not None:
        return desk.words(item.place)
    return unplaced(item)


def unplaced(item: Item) -> str:
    """What the reader says of a question without a place."""
    proposal = item.proposal
    if proposal is None:
        return ""
    words = {
        "not_found": "not found: all of the text was read",
        "not_read": "not read",
        "failed": "the reader failed",
        "unsure": "unsure",
    }
    return ": ".join(filter(None, (words.get(proposal.status, proposal.status), proposal.note)))


def opened(doc: str, result: Result) -> Desk:
    """The desk of a document, as it stands now."""
    everything = state.decisions().entries()
    entries = tuple(entry for entry in everything if entry.doc == doc)
    items: dict[str, Item] = {}
    for item in worklist(result.review, entries, result.checklist):
        name = f"{item.clause}|{item.span.start}-{item.span.end}" if item.span else f"{item.clause}|"
        while name in items:
            name += "+"
        items[name] = item
    folder = state.out()
    rows = _rows(str(folder), state.stamp(folder / "documents.jsonl"))
    return Desk(
        doc=doc,
        result=result,
        row=rows.get(doc, {}),
        items=items,
        entries=entries,
        second=second_reviews(entries),
        seen=everything[-1].seq if everything else 0,
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _rows(folder: str, changed: state.Stamp) -> dict[str, dict[str, Any]]:  # noqa: ARG001  (what the value is kept by)
    return {row["doc"]: row for row in read_jsonl(Path(folder) / "documents.jsonl")}


def ordered(desk: Desk) -> Desk:
    """The desk with what the filters leave, in the order chosen."""
    show = SHOWN.get(st.session_state.get("review-show", ""), "")
    question = st.session_state.get("review-question", "")
    kept = [
        i for i, item in desk.items.items() if (not question or item.clause == question) and _fits(desk, i, item, show)
    ]
    order = st.session_state.get("review-order", ORDERS[0])
    if order == ORDERS[0]:
        kept.sort(key=lambda i: (not desk.open(i), desk.items[i].place is None))
    elif order == ORDERS[2]:
        end = len(desk.text)
        kept.sort(key=lambda i: place.start if (place := desk.items[i].place) else end)
    return replace(desk, shown=tuple(kept))


def _fits(desk: Desk, item_id: str, item: Item, show: str) -> bool:
    status = item.proposal.status if item.proposal else "found"
    return {
        "": True,
        "open": desk.open(item_id),
        "done": not desk.open(item_id),
        "placed": item.place is not None,
        "not_found": status == "not_found",
        "not_read": status in ("not_read", "failed"),
        "doubt": item.status in ("flagged", "unsure"),
        "second": desk.wanted(item) is not None,
    }[show]


def clock() -> Clock:
    """The clock of this session."""
    found: Clock = st.session_state.setdefault("clock", Clock())
    return found


def selection(doc: str) -> Span | None:
    """The words selected in the document's text."""
    found = st.session_state.get("selection")
    return found[1] if found and found[0] == doc else None


def select(doc: str, span: Span | None) -> bool:
    """Note which words are selected; whether that is new."""
    before = selection(doc)
    st.session_state["selection"] = (doc, span) if span else None
    return before != span
