"""What a clause answers, in a form that can be compared and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from docreview.types import Span, Value

Kind = Literal["date", "duration", "renewal", "law", "party", "yes_no", "money", "percent", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Value):
    """A value read off a clause.

    `value` is the answer: a date as YYYY-MM-DD, "2018-03-XX" when the document leaves the day open (ISO 8601-2), or
    "perpetual"; a length of time in words, "30 days"; "successive 1 year"; a jurisdiction; a name; "Yes" or "No"; an
    amount, "USD 5,000,000". `iso` is the same as ISO 8601 where that has a form: "P30D", "R/P1Y". `reason` is the
    arithmetic of a date that was worked out. `condition` are the clause's own words that limit a yes, or give the
    amount or formula. `marks` are the places in the clause's text that the value was read from, never none.
    """

    kind: Kind
    value: str
    marks: tuple[Span, ...]
    iso: str = ""
    reason: str = ""
    condition: str = ""

    def __post_init__(self) -> None:
        if not self.marks:
            raise ValueError("a value is read from somewhere in the clause")

    def __str__(self) -> str:
        shown = f"{self.value} ({self.iso})" if self.iso and self.iso != self.value else self.value
        shown += f" = {self.reason}" if self.reason else ""
        return f"{shown}: {self.condition}" if self.condition else shown


MOST: Final = 160
"""Characters of a condition that are shown."""


def clipped(text: str) -> str:
    """White space evened out, and no more than `MOST` characters, cut between words and marked so."""
    text = " ".join(text.split())
    return text if len(text) <= MOST else text[:MOST].rsplit(" ", 1)[0] + " ..."
