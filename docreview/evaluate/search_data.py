"""Questions with their gold places, from the data sets that search is trained and measured on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from docreview._json import read_jsonl
from docreview.read import read
from docreview.types import Document, Source, Span, Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one document. `gold` are its answers' spans; `topic` is the same for questions of one kind."""

    id: str
    text: str
    topic: str
    gold: tuple[tuple[int, int], ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A document with its questions. Documents of one `group` are near copies and stay on one side of a split."""

    source: str
    name: str
    group: str
    document: Document
    questions: tuple[Question, ...] = field(repr=False)
    domain: str = ""

    @property
    def budget(self) -> int:
        """Characters within which the answer should be found."""
        return 8000 if self.source == "qmsum" else 2000


def load(data: Path) -> list[Asked]:
    """The development sets of CUAD, ContractNLI and QMSum in a folder (`cuad/dev`, `contractnli/dev`, `qmsum/dev`).

    Raises:
        FileNotFoundError: A data set is not there.
    """
    return [*_cuad(data / "cuad" / "dev"), *_contractnli(data / "contractnli" / "dev"), *_qmsum(data / "qmsum" / "dev")]


def _by_doc(rows: Iterable[dict[str, Any]], key: str = "doc") -> dict[str, list[dict[str, Any]]]:
    out: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        out.setdefault(row[key], []).append(row)
    return out


def _cuad(folder: Path) -> Iterator[Asked]:
    groups = {row["doc"]: row["group"] for row in read_jsonl(folder / "annotations.jsonl")}
    other = _checklist("contract")
    for name, rows in _by_doc(read_jsonl(folder / "retrieval_queries.jsonl")).items():
        questions = tuple(
            Question(
                id=row["id"],
                text=row["question"],
                topic=f"cuad:{row['category']}",
                gold=tuple(map(tuple, row["snippets"])),
                others=(row["category"], *other.get(row["category"], ())),
            )
            for row in rows
        )
        document = read(folder / "contracts" / name)
        yield Asked(source="cuad", name=name, group=groups[name], document=document, questions=questions)


def _contractnli(folder: Path) -> Iterator[Asked]:
    other = _checklist("nda")
    for name, rows in _by_doc(read_jsonl(folder / "retrieval_queries.jsonl")).items():
        questions = tuple(
            Question(
                id=row["id"],
                text=row["question"],
                topic=f"cnli:{row['hypothesis_id']}",
                gold=tuple(map(tuple, row["snippets"])),
                others=(row["hypothesis"], *other.get(row["hypothesis_id"], ())),
            )
            for row in rows
        )
        document = read(folder / "contracts" / name)
        yield Asked(source="contractnli", name=name, group=name, document=document, questions=questions)


def _checklist(name: str) -> dict[str, tuple[str, ...]]:
    from docreview.checklist import load as load_checklist

    return {question.name: (question.text,) for question in load_checklist(name).questions}


def _qmsum(folder: Path) -> Iterator[Asked]:
    queries = _by_doc(read_jsonl(folder / "retrieval_queries.jsonl"), "meeting_id")
    for meeting in read_jsonl(folder / "meetings.jsonl"):
        name = meeting["meeting_id"]
        text, turns, lines = meeting_text(meeting["meeting_transcripts"])
        sha = sha256(text.encode()).hexdigest()
        source = Source(path=f"{name}.txt", media_type="text/plain", sha256=sha)
        document = Document(id=sha[:16], source=source, text=text, turns=turns)
        questions = tuple(
            Question(id=row["id"], text=row["query"], topic=f"qmsum:{row['id']}", gold=_lines(row, lines))
            for row in queries.get(name, ())
        )
        group = re.sub(r"(?<=\d)[a-d]$", "", name)  # AMI meetings come in series of four
        yield Asked(
            source="qmsum",
            name=f"{name}.txt",
            group=group,
            document=document,
            questions=questions,
            domain=meeting.get("domain", ""),
        )


def _lines(row: dict[str, Any], lines: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    last = len(lines) - 1
    return tuple((lines[min(a, last)][0], lines[min(b, last)][1]) for a, b in row["turn_spans_inclusive"])


def meeting_text(turns: list[dict[str, str]]) -> tuple[str, tuple[Turn, ...], list[tuple[int, int]]]:
    """A meeting as "Speaker: text" lines: the text, its turns, and the span of each line."""
    parts, said, lines, at = [], [], [], 0
    for turn in turns:
        label = f"{turn['speaker']}: "
        line = f"{label}{turn['content']}"
        if turn["content"]:
            said.append(Turn(speaker=turn["speaker"], span=Span(at + len(label), at + len(line))))
        parts.append(line)
        lines.append((at, at + len(line)))
        at += len(line) + 1
    return "".join(f"{part}\n" for part in parts), tuple(said), lines
