"""The tables and the report of a run, made from what was written for each document, in the order of the inputs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from docreview._json import dumps
from docreview.render.report import further, report_page
from docreview.tables import write_csv, write_xlsx
from docreview.triage import rows, sheets
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


def build(out: Path, items: list[Item], journal: Journal) -> None:
    """Write documents.jsonl, findings.jsonl, clauses.csv, clauses.xlsx and report.html, each whole or not at all."""
    documents = [_document(item, journal.row(item.doc)) for item in items]
    done = [row for row in documents if row["status"] == "done"]
    _replace(out / "documents.jsonl", lambda path: _lines(path, documents))
    _replace(out / "findings.jsonl", lambda path: _lines(path, _findings(out, done)))
    tables = partial(_table, out)
    evidence = sheets.evidence(done, tables, sheets.EVIDENCE)
    _replace(out / "clauses.csv", lambda path: write_csv(path, sheets.EVIDENCE, (cells for cells, _ in evidence)))
    _replace(out / "clauses.xlsx", lambda path: write_xlsx(path, sheets.sheets(documents, tables)))
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


def _table(out: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    part = Path(row["review"]).name
    table: dict[str, Any] = json.loads((out / WORK / "parts" / part).read_bytes())
    return table


def _report(out: Path, documents: list[dict[str, Any]]) -> None:
    done = sorted((row for row in documents if row["status"] == "done"), key=lambda row: -row["risk"])
    failures = [row for row in documents if row["status"] != "done"]
    kind = "details" if len(documents) <= DETAILS else "queue"
    labels = sheets.labels(done, partial(_table, out))
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
