"""How often `ask` answers, how often rightly, and whether it refuses what a document does not answer."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview.ask import Answer
from docreview.ask.conversation import Conversation
from docreview.errors import ConfigError
from docreview.models import ChatModel
from docreview.read import read
from docreview.types import Document, Span
from docreview.verify import verify

FILE: Final = "questions.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question, what came of it, and whether that is right. `gold` is empty when the document has no answer."""

    file: str
    set: str
    question: str
    gold: tuple[Span, ...]
    answer: Answer

    @property
    def first(self) -> bool:
        """Whether the first sentence is right: it shares text with an answer."""
        return bool(self.answer.sentences) and self._right(0)

    @property
    def any(self) -> bool:
        """Whether one of the sentences is right."""
        return any(self._right(i) for i in range(len(self.answer.sentences)))

    def _right(self, i: int) -> bool:
        spans = [citation.span for citation in self.answer.sentences[i].citations]
        return any(span.overlaps(gold) for span in spans for gold in self.gold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a document. `gold` is empty when the document has no answer."""

    file: str
    set: str
    text: str
    document: Document
    gold: tuple[Span, ...]


def run(folder: Path, *, model: ChatModel | None = None) -> Iterator[Asked]:
    """Ask the questions of `questions.toml` in a folder of the documents that it names. Errors as for `questions`."""
    for each in questions(folder):
        with Conversation(each.document, model=model) as talk:
            answer = talk.ask(each.text)
        yield Asked(file=each.file, set=each.set, question=each.text, gold=each.gold, answer=answer)


def questions(folder: Path) -> Iterator[Question]:
    """The questions of `questions.toml` in a folder, with the places that answer them.

    Raises:
        ConfigError: There is no such file, it is damaged, or an answer does not stand in its document.
    """
    file = folder / FILE
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(file), "(whole file)", f"can't be read: {error}") from None
    for row in data["document"]:
        document = read(folder / row["file"])
        for question in row["question"]:
            gold = tuple(_places(file, document, question))
            yield Question(file=row["file"], set=row["set"], text=question["text"], document=document, gold=gold)


def _places(file: Path, document: Document, question: Mapping[str, Any]) -> Iterator[Span]:
    for text in question.get("answer", ()):
        spans = verify(text, document).spans
        if not spans:
            raise ConfigError(str(file), question["text"], "its answer does not stand in the document")
        yield from spans


def figures(rows: list[Asked]) -> dict[str, Any]:
    """Counts and shares: `first` and `any` are shares of those answered, `coverage` of those with an answer."""
    with_answer = [row for row in rows if row.gold]
    said = [row for row in rows if row.answer.sentences]
    wrongly = [row for row in said if not row.gold]
    return {
        "questions": len(rows),
        "with_answer": len(with_answer),
        "answered": len(said),
        "first": _share(sum(row.first for row in said), len(said)),
        "any": _share(sum(row.any for row in said), len(said)),
        "coverage": _share(sum(row.first for row in with_answer), len(with_answer)),
        "answered_without_answer": len(wrongly),
        "via": dict(Counter(row.answer.via.split(",")[0] for row in rows)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0
