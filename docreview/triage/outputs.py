"""The tables and the report of a run, made from what was written for each document, in the order of the inputs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from docreview._json import dumps
from docreview.render.page import place
from docreview.render.report import further, report_page
from docreview.tables import Sheet, write_csv, write_xlsx
from docreview.tables.csv import Cell
from docreview.triage import rows
from docreview.triage.inputs import WORK, Item
from docreview.triage.journal import Journal

DETAILS: Final = 200
"""Up to this many documents, report.html shows the clauses too; with more, only their own pages do."""
PER_PAGE: Final = 5_000
"""Documents on one page of the queue."""
_FIELDS: Final = (
    "doc source sha256 status error message type type_score pages unread_pages chars language seconds checklist reader "
    "run_id risk why questions warnings text review report"
).split()
_EVIDENCE: Final = "doc type category label status answer quote page speaker time start end score note".split()


def build(out: Path, items: list[Item], journal: Journal) -> None:
    """Write documents.jsonl, findings.jsonl, clauses.csv, clauses.xlsx and report.html, each whole or not at all."""
    documents = [_document(item, journal.row(item.doc)) for item in items]
    done = [row for row in documents if row["status"] == "done"]
    _replace(out / "documents.jsonl", lambda path: _lines(path, documents))
    _replace(out / "findings.jsonl", lambda path: _lines(path, _findings(out, done)))
    _replace(out / "clauses.csv", lambda path: write_csv(path, _EVIDENCE, _evidence(out, done)))
    _replace(out / "clauses.xlsx", lambda path: write_xlsx(path, _sheets(out, documents)))
    _report(out, documents)


def _replace(target: Path, write: Callable[[Path], None]) -> None:
    """Write beside the target, then put it in its place: a reader never sees half of it."""
    half = target.with_name(f".tmp-{target.name}")
    write(half)
    with open(half, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(half, target)


def _document(item: Item, row: dict[str, Any]) -> dict[str, Any]:
    row = row | {"doc": item.doc, "source": os.fsencode(item.path).decode("utf-8", "backslashreplace")}
    return {field: row.get(field) for field in _FIELDS}


def _lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(dumps(row) + "\n" for row in rows)


def _findings(out: Path, done: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in done:
        yield from rows.findings(row["doc"], json.loads((out / row["review"]).read_bytes()))


def _table(out: Path, row: dict[str, Any]) -> dict[str, Any]:
    part = Path(row["review"]).name
    table: dict[str, Any] = json.loads((out / WORK / "parts" / part).read_bytes())
    return table


def _evidence(out: Path, done: list[dict[str, Any]]) -> Iterator[list[Cell]]:
    for row in done:
        for line in _table(out, row)["evidence"]:
            yield [{**row, **line}[name] for name in _EVIDENCE]


_DOCUMENT_COLUMNS: Final = ("Document", "Status", "Type", "Pages", "Unread pages", "Language", "Risk", "Why")
_DOCUMENT_WIDTHS: Final = (46, 12, 18, 8, 12, 10, 8, 60)


def _sheets(out: Path, documents: list[dict[str, Any]]) -> Iterator[Sheet]:
    """Answers: a row for each document, a column for each question. Evidence: a row for each clause with its place."""
    done = [row for row in documents if row["status"] == "done"]
    labels = _labels(out, done)
    header = (*_DOCUMENT_COLUMNS, *labels.values())
    yield Sheet(
        name="Answers",
        header=header,
        rows=(_answers(out, row, labels) for row in documents),
        widths=(*_DOCUMENT_WIDTHS, *(28 for _ in labels)),
        wrap=frozenset(header),
    )
    yield Sheet(
        name="Evidence",
        header=tuple(name.capitalize() for name in _EVIDENCE),
        rows=_evidence(out, done),
        widths=(40, 16, 24, 28, 10, 24, 80, 7, 18, 9, 9, 9, 8, 40),
        wrap=frozenset({"Doc", "Answer", "Quote", "Note"}),
    )


def _labels(out: Path, done: list[dict[str, Any]]) -> dict[str, str]:
    """Label by category over all documents, in the order of their checklists."""
    firsts = {row["checklist"]: row for row in reversed(done)}
    return {a["category"]: a["label"] for row in firsts.values() for a in _table(out, row)["answers"]}


def _answers(out: Path, row: dict[str, Any], labels: dict[str, str]) -> list[Cell]:
    if row["status"] != "done":
        reason = f"{row['error']}: {row['message']}"
        return [row["doc"], row["status"], None, None, None, None, None, reason, *("not read" for _ in labels)]
    unread = ", ".join(map(str, row["unread_pages"])) or None
    head: list[Cell] = [
        row["doc"],
        row["status"],
        row["type"],
        row["pages"] or None,
        unread,
        row["language"],
        row["risk"],
    ]
    answers = {a["category"]: _cell(a) for a in _table(out, row)["answers"]}
    return [*head, "; ".join(row["why"]), *(answers.get(name, "not asked") for name in labels)]


def _cell(answer: dict[str, Any]) -> str:
    """Never blank: what was found with its place, or why there is nothing."""
    status = str(answer["status"]).replace("_", " ")
    if answer["status"] not in ("found", "unsure") or not (answer["answer"] or answer["quote"]):
        return status + (f": {answer['note']}" if answer["note"] else "")
    where = place(answer["page"], answer["speaker"], answer["time"])
    more = f" (+{answer['places'] - 1} more)" if answer["places"] > 1 else ""
    doubt = "unsure: " if answer["status"] == "unsure" else ""
    said = answer["answer"] or answer["quote"]
    return f"{doubt}{said}{f' [{where}]' if where else ''}{more}"


def _report(out: Path, documents: list[dict[str, Any]]) -> None:
    done = sorted((row for row in documents if row["status"] == "done"), key=lambda row: -row["risk"])
    failures = [row for row in documents if row["status"] != "done"]
    kind = "details" if len(documents) <= DETAILS else "queue"
    labels = _labels(out, done)
    starts = range(0, max(len(done), 1), PER_PAGE)
    names = [("report.html" if not start else f"report-{start // PER_PAGE + 1}.html") for start in starts]
    pages = [
        (name, f"{start + 1:,}-{min(start + PER_PAGE, len(done)):,}") for name, start in zip(names, starts, strict=True)
    ]
    for name, start in zip(names, starts, strict=True):
        part = done[start : start + PER_PAGE]
        html = report_page(
            [_table(out, row)[kind] for row in part],
            [] if start else failures,
            types=[row["type"] for row in part],
            categories=labels,
            others=further(pages) if len(pages) > 1 else "",
        )
        _replace(out / name, lambda path, html=html: _text(path, html))  # type: ignore[misc]
    for old in out.glob("report-*.html"):
        if old.name not in names:
            old.unlink()


def _text(path: Path, html: str) -> None:
    path.write_bytes(html.encode("utf-8", "replace"))
