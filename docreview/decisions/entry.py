"""One line of decisions.jsonl."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from docreview._json import load
from docreview.types import Decision, Span, Value

Kind = Literal["verdict", "comment", "assignment", "second_review", "date"]
"""date: a person's word on the day of a date or an obligation, as `value`; None takes an earlier word back."""
Said = Literal["accepted", "rejected", "edited", "flagged", "unsure", "added", "withdrawn"]
Key = tuple[str, str, Span | None]
"""What an entry is about: document, question, place. Without a place: the question as a whole; without both: the
document as a whole."""
_OLD: Final = ("doc", "clause", "verdict", "by", "at", "value", "note", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Value):
    """What one person said at one time.

    Args:
        seq: Its number in its folder, from 1; given by `Decisions.add`.
        doc: The document's name in documents.jsonl.
        at: ISO 8601 in UTC; by default the time when it is added.
        clause: The question, by its name in the checklist.
        span: The place decided on: that of the proposal's first citation, or of an added clause.
        verdict: "added": a clause that the reader missed. "withdrawn": the verdict before it is taken back; the thing
            is undecided again, an added clause is gone.
        value: The person's answer when edited or added; None leaves the answer as it is.
        quote_span: The person's place when edited or added; None leaves the place as it is.
        quote: The document's characters there.
        seconds: Time spent on the item, pauses left out; None when nobody measured it.
    """

    doc: str
    by: str
    kind: Kind = "verdict"
    seq: int = 0
    at: str = ""
    clause: str = ""
    span: Span | None = None
    verdict: Said | None = None
    value: str | None = None
    quote_span: Span | None = None
    quote: str = ""
    note: str = ""
    assignee: str = ""
    seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.kind == "verdict") != (self.verdict is not None):
            raise ValueError("a verdict has one of the verdicts, no other entry has")
        if not self.doc or not self.by.strip():
            raise ValueError("an entry names its document and who made it")
        if self.verdict is not None and not self.clause:
            raise ValueError("a verdict names its question")
        if self.span is not None and not self.clause:
            raise ValueError("a place belongs to a question")
        if self.verdict == "added" and (self.quote_span is None or self.span not in (None, self.quote_span)):
            raise ValueError("an added clause has its place, and no other")
        if self.quote_span is not None and self.verdict not in ("edited", "added"):
            raise ValueError("only an edited or added clause has a place of its own")
        if self.kind == "date":
            _check_day(self)
        if self.kind == "comment" and not self.note.strip():
            raise ValueError("a comment says something")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ValueError("seconds are a number, not negative")
        if self.at and datetime.fromisoformat(self.at).tzinfo is None:
            raise ValueError("a time says its zone")

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.doc, self.clause, self.quote_span if self.verdict == "added" else self.span

    @property
    def decision(self) -> Decision:
        """A verdict as it stands in `Review.decisions`.

        Raises:
            ValueError: It is none.
        """
        if self.verdict is None:
            raise ValueError(f"entry {self.seq} is no verdict")
        return Decision(
            clause=self.clause, verdict=self.verdict, by=self.by, at=self.at, value=self.value, note=self.note
        )

    @classmethod
    def of(cls, row: Mapping[str, Any], number: int) -> Entry:
        """An entry from a line's JSON.

        Args:
            number: Which line of its file it is: its `seq`. Lines written by hand or by older programs have none.

        Raises:
            ValueError, KeyError, TypeError: It is no entry, or not the one that belongs on this line.
        """
        if "seq" not in row:
            known = {key: row[key] for key in _OLD if key in row}
            return load(cls, {**known, "seq": number, "at": row["at"]})
        if row["seq"] != number:
            raise ValueError(f"it is number {row['seq']}, where number {number} belongs")
        return load(cls, row)


def _check_day(entry: Entry) -> None:
    if entry.span is None:
        raise ValueError("a day belongs to a place")
    if entry.value is not None:
        date.fromisoformat(entry.value)  # a ValueError of its own
