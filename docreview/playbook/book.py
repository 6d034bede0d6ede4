"""Playbooks: which answers are acceptable, as data (the TOML files beside this one, or one's own)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from docreview._json import load as loaded
from docreview.errors import ConfigError
from docreview.playbook.amounts import limit_of
from docreview.playbook.words import compiled
from docreview.types import Level, Value

PositionLevel = Literal["preferred", "acceptable", "walk_away"]
Absent = Literal["missing", "acceptable", "unacceptable"]
LIMITS: Final = tuple(f"{kind}_at_{way}" for kind in ("period", "money", "percent") for way in ("most", "least"))
SHIPPED: Final = ("vendor-msa", "nda-recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Value):
    """One position on a clause. It holds where all its conditions do.

    `says`: one of the patterns stands there; `says_all`: each of them; `lacks`: none. `places`: the one place whose law
    is named is one of these. `period_at_most` and its like: every value of the kind keeps to the limit. `mutual`: it
    binds, or entitles, both parties. `by`: whom it binds or entitles.
    """

    id: str
    level: PositionLevel
    text: str
    says: tuple[str, ...] = ()
    says_all: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    period_at_most: str = ""
    period_at_least: str = ""
    money_at_most: str = ""
    money_at_least: str = ""
    percent_at_most: float | None = None
    percent_at_least: float | None = None
    mutual: bool | None = None
    by: Literal["", "us", "them", "both"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Value):
    """What a playbook says about one clause.

    The clause is where the review answered one of `questions`, and wherever a sentence has one of the patterns
    `locate`. `headings` are patterns of section titles that show that the clause may be there in other words.
    `absent` is the verdict where it is nowhere.
    """

    id: str
    title: str
    position: tuple[Position, ...]
    questions: tuple[str, ...] = ()
    locate: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    severity: Level = "warning"
    absent: Absent = "missing"
    why: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook(Value):
    """Rules for one kind of contract, seen from one side. `us` and `them` are the words for the parties.

    `passive` are questions that ask for facts on which nobody takes a position (the parties, a date).
    """

    name: str
    title: str
    checklist: str
    clause: tuple[Rule, ...]
    us: tuple[str, ...] = ()
    them: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()

    def between(self, us: Iterable[str], them: Iterable[str]) -> Playbook:
        """The same playbook that also knows the names which a document gives to the two sides."""
        return replace(self, us=(*self.us, *us), them=(*self.them, *them))


def load(name: str) -> Playbook:
    """A shipped playbook by name, or one's own by path (".toml").

    Raises:
        ConfigError: There is no such playbook, or the file does not fit.
    """
    if name in SHIPPED:
        return _parse(name, name, files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    if not name.endswith(".toml"):
        raise ConfigError("playbook", name, f"no such playbook; there are {', '.join(SHIPPED)}, or a path to a .toml")
    try:
        return _parse(Path(name).stem, name, Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(name, "(whole file)", f"can't be read: {error}") from None


def _parse(name: str, source: str, text: str) -> Playbook:
    try:
        data: Mapping[str, Any] = tomllib.loads(text)
        book = loaded(Playbook, {"name": name, **data})
    except ValueError as error:
        raise ConfigError(source, "(whole file)", f"not a playbook: {error}") from None
    for rule in book.clause:
        try:
            _check(rule)
        except ValueError as error:
            raise ConfigError(source, rule.id, str(error)) from None
    if len({rule.id for rule in book.clause}) < len(book.clause):
        raise ConfigError(source, "clause", "two clauses have the same id")
    return book


def _check(rule: Rule) -> None:
    if not rule.questions and not rule.locate:
        raise ValueError("it says neither which questions nor which words find the clause")
    for pattern in (*rule.locate, *rule.headings):
        compiled(pattern)
    for position in rule.position:
        for pattern in (*position.says, *position.says_all, *position.lacks):
            compiled(pattern)
        set_limits = [(name, value) for name in LIMITS if (value := getattr(position, name)) not in ("", None)]
        for name, value in set_limits:
            limit_of(name.split("_")[0], value)
        rest = (position.says, position.says_all, position.lacks, position.places, position.by)
        if not set_limits and not any(rest) and position.mutual is None:
            raise ValueError(f"position {position.id} has no condition")
