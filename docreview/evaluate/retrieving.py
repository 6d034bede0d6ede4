"""How far one must read in what search finds until an answer is there: the questions of `docreview eval ask`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from docreview._shown import Rows, table
from docreview.evaluate.asking import questions
from docreview.search.alone import Alone
from docreview.types import Hit, Span, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved(Value):
    """One question with an answer. `rank` is that of the first hit that shares text with it; `characters` are those
    of the hits up to and with it. Both are None when no hit does.
    """

    file: str
    set: str
    question: str
    rank: int | None
    characters: int | None


@table(Retrieved, "file set question rank characters")
def _row(each: Retrieved) -> Iterator[tuple[object, ...]]:
    yield (each.file, each.set, each.question, each.rank, each.characters)


def measure(folder: Path, *, k: int = 64) -> Rows[Retrieved]:
    """Search each document of `questions.toml` in a folder for its questions that have an answer.

    Args:
        folder: With the file and its documents, `corpora` say.
        k: So many hits are looked at.

    Raises:
        ConfigError: There is no such file, it is damaged, or an answer does not stand in its document.
    """
    return Rows(Retrieved, _measured(folder, k))


def _measured(folder: Path, k: int) -> Iterator[Retrieved]:
    searched: dict[str, Alone] = {}
    for each in questions(folder):
        if not each.gold:
            continue
        alone = searched.setdefault(each.file, Alone(each.document))
        rank, characters = _first(alone.search(each.text, k), each.gold)
        yield Retrieved(file=each.file, set=each.set, question=each.text, rank=rank, characters=characters)


def _first(hits: Sequence[Hit], gold: Sequence[Span]) -> tuple[int | None, int | None]:
    """Rank of the first hit that shares text with an answer, and the characters up to there."""
    read = 0
    for hit in hits:
        read += len(hit.passage.span)
        if any(hit.passage.span.overlaps(span) for span in gold):
            return hit.rank, read
    return None, None
