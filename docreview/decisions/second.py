"""Second reviews: one person asks that another look at something too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from docreview.decisions.entry import Entry, Key

SAME: Final = {"added": "accepted"}
"""Verdicts that say the same: who adds a clause holds that it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReview:
    """One thing that somebody else shall look at.

    `first` is the verdict that stood when it was asked for, None when there was none; `second` the first verdict since
    by another person than the first's (or than who asked), None while it is open.
    """

    asked: Entry
    first: Entry | None
    second: Entry | None = None

    @property
    def agree(self) -> bool | None:
        """Whether both verdicts say the same; None while one is missing."""
        if self.first is None or self.second is None:
            return None
        return verdict_of(self.first) == verdict_of(self.second)


def verdict_of(entry: Entry) -> str | None:
    """A verdict for comparing."""
    return SAME.get(entry.verdict or "", entry.verdict)


def second_reviews(entries: Iterable[Entry]) -> dict[Key, SecondReview]:
    """What second reviews were asked for, by what they are about; the last request of each."""
    verdicts: dict[Key, Entry] = {}
    found: dict[Key, SecondReview] = {}
    for entry in entries:
        key = entry.key
        if entry.kind == "second_review":
            found[key] = SecondReview(asked=entry, first=verdicts.get(key))
        elif entry.verdict == "withdrawn":
            verdicts.pop(key, None)
            found |= {key: _without(found[key], entry.by)} if key in found else {}
        elif entry.kind == "verdict":
            open_ = found.get(key)
            if open_ is not None and open_.second is None and entry.by != (open_.first or open_.asked).by:
                found[key] = SecondReview(asked=open_.asked, first=open_.first, second=entry)
            verdicts[key] = entry
    return found


def _without(review: SecondReview, by: str) -> SecondReview:
    """A second review after somebody took a verdict back."""
    first = None if review.first is not None and review.first.by == by else review.first
    second = None if review.second is not None and review.second.by == by else review.second
    return SecondReview(asked=review.asked, first=first, second=second)
