"""The sheets of a workbook: an answer to every question of every document, and the evidence for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from docreview.render.page import place
from docreview.tables import Sheet, Tinted
from docreview.tables.csv import Cell
from docreview.tables.xlsx import Tint

EVIDENCE: Final = "doc type category label status answer quote page speaker time start end score note".split()
DECIDED: Final = "decision decided_by decided_at comment".split()
"""Columns of what people said, beside those of `EVIDENCE`."""
_WIDTHS: Final = {
    "doc": 40, "type": 16, "category": 24, "label": 28, "status": 10, "answer": 24, "quote": 80, "page": 7,
    "speaker": 18, "score": 8, "note": 40, "decided_by": 18, "decided_at": 24, "comment": 40,
}  # fmt: skip
_WRAPPED: Final = frozenset({"doc", "answer", "quote", "note", "comment"})
_DOCUMENT: Final = {
    "Document": 46, "Status": 12, "Type": 18, "Pages": 8, "Unread pages": 12, "Language": 10, "Risk": 8, "Why": 60,
}  # fmt: skip
_LEGEND: Final[tuple[tuple[str, Tint | None, str], ...]] = (
    ("green", "green", "verified: a person accepted it, or corrected it and stands by the correction"),
    ("yellow", "yellow", "not addressed: nothing was found, or not all was read, or a person could not tell"),
    ("red", "red", "flagged or rejected by a person"),
    ("no colour", None, "found or proposed by the reader; nobody has decided on it"),
)

Row = Mapping[str, Any]
Table = Mapping[str, list[dict[str, Any]]]
"""What one document answers: `answers`, one a question, and `evidence`, one a place."""


def tint(status: str, decision: str) -> Tint | None:
    """The colour of an answer: the reader's `Status`, and what people made of it (an `ItemStatus`, or "")."""
    if decision in ("verified", "edited"):
        return "green"
    if decision in ("flagged", "rejected"):
        return "red"
    return "yellow" if decision == "unsure" or status in ("not_found", "not_read", "failed") else None


def sheets(
    documents: Sequence[Row], tables: Callable[[Row], Table], columns: Sequence[str] = EVIDENCE
) -> Iterator[Sheet]:
    """Answers: a row for each document, a column for each question. Evidence: a row for each place. Legend.

    Args:
        documents: Rows of documents.jsonl.
        tables: The answers and the evidence of one that is done.
        columns: Of the sheet Evidence.
    """
    done = [row for row in documents if row["status"] == "done"]
    names = labels(done, tables)
    header = (*_DOCUMENT, *names.values())
    yield Sheet(
        name="Answers",
        header=header,
        rows=(_answers(row, tables, names) for row in documents),
        widths=(*_DOCUMENT.values(), *(28 for _ in names)),
        wrap=frozenset(header),
    )
    yield Sheet(
        name="Evidence",
        header=tuple(map(_title, columns)),
        rows=(_tinted(cells, line) for cells, line in evidence(done, tables, columns)),
        widths=tuple(_WIDTHS.get(name, 9) for name in columns),
        wrap=frozenset(_title(name) for name in columns if name in _WRAPPED),
    )
    yield legend()


def legend() -> Sheet:
    """What the colours say."""
    rows: list[list[Cell | Tinted]] = [[Tinted(name, colour), meaning] for name, colour, meaning in _LEGEND]
    return Sheet(name="Legend", header=("Colour", "Meaning"), rows=rows, widths=(14, 90), wrap=frozenset())


def evidence(
    done: Iterable[Row], tables: Callable[[Row], Table], columns: Sequence[str]
) -> Iterator[tuple[list[Cell], Row]]:
    """The rows of evidence of documents that are done: their cells, and what they were made of."""
    for row in done:
        for line in tables(row)["evidence"]:
            yield [{**row, **line}.get(name) for name in columns], line


def labels(done: Sequence[Row], tables: Callable[[Row], Table]) -> dict[str, str]:
    """Label by category over all documents, in the order of their checklists."""
    firsts = {row["checklist"]: row for row in reversed(done)}
    return {a["category"]: a["label"] for row in firsts.values() for a in tables(row)["answers"]}


def _title(column: str) -> str:
    return column.replace("_", " ").capitalize()


def _tinted(cells: list[Cell], line: Row) -> list[Cell | Tinted]:
    colour = tint(line["status"], line.get("decision", ""))
    return [Tinted(cell, colour) for cell in cells]


def _answers(row: Row, tables: Callable[[Row], Table], names: Mapping[str, str]) -> list[Cell | Tinted]:
    if row["status"] != "done":
        reason = f"{row['error']}: {row['message']}"
        unread = [Tinted("not read", "yellow") for _ in names]
        return [row["doc"], row["status"], None, None, None, None, None, reason, *unread]
    pages = ", ".join(map(str, row["unread_pages"])) or None
    head: list[Cell] = [
        row["doc"],
        row["status"],
        row["type"],
        row["pages"] or None,
        pages,
        row["language"],
        row["risk"],
    ]
    found = {a["category"]: Tinted(_cell(a), tint(a["status"], a.get("decision", ""))) for a in tables(row)["answers"]}
    return [*head, "; ".join(row["why"]), *(found.get(name, "not asked") for name in names)]


def _cell(answer: Mapping[str, Any]) -> str:
    """Never blank: what was found with its place, or why there is nothing; and what a person said of it."""
    said = in_words(answer)
    decision, by = answer.get("decision", ""), answer.get("decided_by")
    return f"{said} ({decision} by {by})" if by else said


def in_words(answer: Mapping[str, Any]) -> str:
    """One question's answer (`rows.answer`): never blank; what was found with its place, or why there is nothing."""
    status = str(answer["status"]).replace("_", " ")
    if answer["status"] not in ("found", "unsure") or not (answer["answer"] or answer["quote"]):
        return status + (f": {answer['note']}" if answer["note"] else "")
    where = place(answer["page"], answer["speaker"], answer["time"])
    more = f" (+{answer['places'] - 1} more)" if answer["places"] > 1 else ""
    doubt = "unsure: " if answer["status"] == "unsure" else ""
    text = answer["answer"] or answer["quote"]
    return f"{doubt}{text}{f' [{where}]' if where else ''}{more}"
