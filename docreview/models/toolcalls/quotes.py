"""Strings whose inner quotes nobody escaped: which quote closes them, and when that can be told.

The chat template writes a string argument as a quote, its text, a quote, and escapes nothing, so models do the same.
The rule (docs/tool-calls.md) for a quote of the string's own kind inside it:

- it can close the string only if what follows fits the place (`, name=` or `)` and the next call after an argument,
  `,` and a value or `]` in a list, `:` after a key, ...);
- it opens a nested quotation if a letter or digit doesn't precede it and no white space follows it, so an apostrophe
  (`Supplier's`, `the Parties' duties`) does not;
- while no nested quotation was opened, the first quote that can close the string does: the only reading;
- after one was opened, every later quote that can close the string is tried, up to where the next call begins.
  If the call can be read in one way only, that is its reading; in several ways, it is refused.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Final, TypeVar

from docreview.models.toolcalls.values import CloseString, Unreadable

T = TypeVar("T")
MAX_STEPS: Final = 20_000
"""Quotes looked at and attempts made for one reply; each costs microseconds."""
_NEXT_CALL: Final = re.compile(
    r"\)\s*+,\s*+[^\W\d][\w.\-]*+\s*+\(\s*+(?:[^\W\d]\w*+\s*+=|[)*'\"\[{\d])|\}\s*+,\s*+\{\s*+\"name\"\s*+:"
)
_OWN_QUOTE: Final = {mark: re.compile(rf"\\.|{mark}", re.DOTALL) for mark in "'\""}


class Budget:
    """Work left for one reply; reading gives up when it is spent."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.steps = steps

    def spend(self, steps: int = 1) -> None:
        """Count some work.

        Raises:
            TooMuch: There was too much of it.
        """
        self.steps -= steps
        if self.steps < 0:
            raise TooMuch


class TooMuch(Exception):
    """Quotes can be paired in too many ways to try them all."""


class _Branch(Exception):
    """A string that may close at several quotes."""

    def __init__(self, start: int, ends: tuple[int, ...]) -> None:
        self.start, self.ends = start, ends


class Readings:
    """All readings of one text, as far as its quotes go."""

    def __init__(self, text: str, budget: Budget) -> None:
        self.text, self.budget = text, budget
        self._calls = [found.start() for found in _NEXT_CALL.finditer(text)]
        self._ends: dict[tuple[int, str], tuple[int, ...]] = {}
        self._fits: dict[tuple[int, str], bool] = {}
        self._chosen: dict[int, int] = {}
        self._again = False

    def spend(self, steps: int) -> None:
        """Count the work of reading something once more; the first time is free, for it is linear.

        Raises:
            TooMuch: There was too much of it.
        """
        if self._again:
            self.budget.spend(steps)

    def of(self, read: Callable[[CloseString], T]) -> list[T]:
        """What `read` makes of the text, once for each way to close its strings; at most two results.

        Raises:
            TooMuch: The budget ran out.
        """
        found: list[T] = []
        agenda: list[dict[int, int]] = [{}]
        self._again = False
        while agenda and len(found) < 2:
            self._chosen = agenda.pop()
            try:
                found.append(read(self.close))
            except _Branch as branch:
                agenda.extend({**self._chosen, branch.start: end} for end in reversed(branch.ends))
            except Unreadable:
                continue
            finally:
                self._again = True
        return found

    def close(self, start: int, mark: str, follow: re.Pattern[str]) -> int:
        """Where the string closes in this reading."""
        self.budget.spend()
        mark = mark[0]
        if start in self._chosen:
            return self._chosen[start]
        key = (start, follow.pattern)
        if key not in self._ends:
            self._ends[key] = tuple(self._candidates(start, mark, follow))
        ends = self._ends[key]
        if not ends:
            raise Unreadable
        if len(ends) > 1:
            raise _Branch(start, ends)
        return ends[0]

    def _candidates(self, start: int, mark: str, follow: re.Pattern[str]) -> list[int]:
        ends: list[int] = []
        nested = False
        for found in _OWN_QUOTE[mark].finditer(self.text, start):
            at = found.start()
            if self.text[at] == "\\":
                continue
            self.budget.spend()
            if nested and at > self._limit(start):
                break
            if self._fit(at, follow):
                ends.append(at)
                if not nested:
                    break
            nested = nested or self._opens(at, start)
        return ends

    def _limit(self, start: int) -> int:
        """The bracket that closes the call in which a string begins, if another call follows."""
        index = bisect_left(self._calls, start)
        return self._calls[index] if index < len(self._calls) else len(self.text)

    def _fit(self, at: int, follow: re.Pattern[str]) -> bool:
        key = (at, follow.pattern)
        if key not in self._fits:
            self._fits[key] = follow.match(self.text, at + 1) is not None
        return self._fits[key]

    def _opens(self, at: int, start: int) -> bool:
        before = self.text[at - 1] if at > start else " "
        after = self.text[at + 1 : at + 2]
        return not before.isalnum() and bool(after) and not after.isspace()
