"""Checklists: the questions to ask of a document, as data (the TOML files beside this one)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from docreview.errors import ConfigError

Kind = Literal["text", "date", "duration", "yes_no", "parties", "place", "hypothesis", "item"]
SHIPPED: Final = ("contract", "nda", "transcript")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `name` is the category that findings carry; `weight` (0..3) its share in a document's risk.

    `expected`: a good document answers it, so its absence is the risk. `title` is a short name for people.
    """

    name: str
    text: str
    kind: Kind
    weight: int = 1
    expected: bool = False
    title: str = ""

    @property
    def label(self) -> str:
        """What people read: the title, or the name."""
        return self.title or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """Questions to ask of every document of a kind."""

    name: str
    title: str
    questions: tuple[Question, ...]

    def __getitem__(self, name: str) -> Question:
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The categories, in order."""
        return tuple(question.name for question in self.questions)


def load(name: str) -> Checklist:
    """A shipped checklist by name, or one's own by path (".toml").

    Raises:
        ConfigError: There is no such checklist, or the file does not fit.
    """
    if name in SHIPPED:
        return _shipped(name)
    if not name.endswith(".toml"):
        raise ConfigError("checklist", name, f"no such checklist; there are {', '.join(SHIPPED)}, or a path to a .toml")
    try:
        return _parse(Path(name).stem, Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError(name, "(whole file)", f"not a checklist: {error}") from None


@lru_cache
def _shipped(name: str) -> Checklist:
    return _parse(name, files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _parse(name: str, text: str) -> Checklist:
    data = tomllib.loads(text)
    questions = tuple(Question(**row) for row in data["question"])
    return Checklist(name=data.get("name", name), title=data["title"], questions=questions)
