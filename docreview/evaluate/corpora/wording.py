"""Sentences from templates: `[a|b]` is a choice, `{slot}` is filled in; the same numbers give the same words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Any, Final

_PIECE: Final = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")
_WORDS: Final = {
    2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 9: "nine", 10: "ten", 12: "twelve", 14: "fourteen",
    15: "fifteen", 18: "eighteen", 20: "twenty", 24: "twenty-four", 30: "thirty", 36: "thirty-six", 45: "forty-five",
    60: "sixty", 90: "ninety", 120: "one hundred twenty", 180: "one hundred eighty",
}  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Part = str | tuple["Template", ...] | Callable[["Voice"], str]
Template = tuple[Part, ...]


class Voice:
    """What fills the slots of one document: its parties, people, places; numbers and dates come fresh each time.

    Args:
        rng: The document's own random numbers.
        roles: The names of the two parties in the text ("Supplier", "Customer").
    """

    rng: Random
    a: str
    b: str
    companies: tuple[str, ...]
    people: list[str]

    def __init__(self, rng: Random, roles: tuple[str, str]) -> None:
        names = wordings()["name"]
        self.rng = rng
        self.a, self.b = roles
        self.companies = tuple(
            f"{c} {self._pick(names['trade'])} {self._pick(names['form'])}" for c in self._two(names)
        )
        self.people = [f"{self._pick(names['first'])} {self._pick(names['last'])}" for _ in range(6)]
        self.american = rng.random() < 0.5

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self.rng.random() * len(options))]

    def _two(self, names: Mapping[str, Sequence[str]]) -> list[str]:
        return self.rng.sample(names["company"], 2)

    def date(self) -> str:
        """A day in the years 2015 to 2034, in the document's own style."""
        day, year = 1 + int(self.rng.random() * 28), 2015 + int(self.rng.random() * 20)
        month = self._pick(_MONTHS)
        return f"{month} {day}, {year}" if self.american else f"{day} {month} {year}"

    def counted(self, numbers: Sequence[int], unit: str) -> str:
        """Words and figures: "thirty (30) days", or figures alone."""
        number = numbers[int(self.rng.random() * len(numbers))]
        return f"{_WORDS[number]} ({number}) {unit}" if self.rng.random() < 0.6 else f"{number} {unit}"

    def money(self) -> str:
        """A sum in one of five currencies."""
        sum_ = (1 + int(self.rng.random() * 98)) * 10 ** (3 + int(self.rng.random() * 3))
        return f"{self._pick(('USD', 'EUR', 'GBP', 'SGD', 'INR'))} {sum_:,}"

    def say(self, template: Template) -> str:
        """One sentence of a template, white space evened out."""
        return " ".join(self._expand(template).split()).replace(" ,", ",").replace(" .", ".")

    def _expand(self, template: Template) -> str:
        out = []
        for part in template:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, tuple):
                out.append(self._expand(part[int(self.rng.random() * len(part))]))
            else:
                out.append(part(self))
        return "".join(out)


@lru_cache
def wordings() -> Mapping[str, Any]:
    """The words themselves: the file `wordings.toml`."""
    return tomllib.loads(files(__package__).joinpath("wordings.toml").read_text(encoding="utf-8"))


_SLOTS: Final[dict[str, Callable[[Voice], str]]] = {
    "a": lambda v: v.a,
    "b": lambda v: v.b,
    "A": lambda v: v.companies[0],
    "B": lambda v: v.companies[1],
    "date": Voice.date,
    "days": lambda v: v.counted((10, 14, 15, 30, 45, 60, 90, 120, 180), "days"),
    "months": lambda v: v.counted((3, 6, 9, 12, 18, 24, 36), "months"),
    "years": lambda v: v.counted((2, 3, 4, 5, 10), "years"),
    "money": Voice.money,
    "pct": lambda v: f"{1 + int(v.rng.random() * 39)}%",
    "n": lambda v: f"{(1 + int(v.rng.random() * 400)) * 50:,}",
    "place": lambda v: v._pick(wordings()["name"]["place"]),
    "person": lambda v: v._pick(v.people),
}


@lru_cache(maxsize=4096)
def compiled(text: str) -> Template:
    """A template ready to be said."""
    parts: list[Part] = []
    last = 0
    for piece in _PIECE.finditer(text):
        parts.append(text[last : piece.start()])
        last = piece.end()
        choice, slot = piece.groups()
        parts.append(_SLOTS[slot] if slot else tuple(compiled(option) for option in choice.split("|")))
    parts.append(text[last:])
    return tuple(part for part in parts if part != "")


def templates(group: str, key: str) -> tuple[Template, ...]:
    """The templates under a key of `wordings.toml`."""
    return tuple(compiled(text) for text in wordings()[group][key])
