"""A filing as spreadsheets and as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docreview._json import dumps
from docreview.decisions import Entry
from docreview.export.filing import Filed, Filing, table
from docreview.export.records import records
from docreview.tables import Sheet, write_csv, write_xlsx
from docreview.tables.csv import Cell
from docreview.triage import sheets

_COLUMNS = (*sheets.EVIDENCE, *sheets.DECIDED)
_PLAYBOOK = (
    "Doc",
    "Clause",
    "Verdict",
    "Position",
    "Severity",
    "Why",
    "Quote",
    "Page",
    "Start",
    "End",
    "Propose",
    "Rule",
)
_LOG = (
    "No.",
    "When (UTC)",
    "Who",
    "What",
    "Doc",
    "Question",
    "Answer",
    "Note",
    "Start",
    "End",
    "Words chosen",
    "Seconds",
)


def xlsx(path: Path, filing: Filing) -> None:
    """Sheets Answers, Evidence, Playbook (when there is one), Log and Legend."""
    write_xlsx(path, _sheets(filing))


def csv(path: Path, filing: Filing) -> None:
    """One row a place, as the sheet Evidence."""
    write_csv(path, _COLUMNS, (cells for cells, _ in sheets.evidence(_done(filing), _Tables(filing), _COLUMNS)))


def jsonl(path: Path, filing: Filing) -> None:
    """One record a line; docreview/export/records.schema.json says what is in it."""
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(dumps(record) + "\n" for record in records(filing))


class _Tables:
    """The answers and evidence of documents by their row; asked for in order, so each is read once a pass."""

    def __init__(self, filing: Filing) -> None:
        self._filing = filing
        self._pass: Iterator[Filed] = iter(())
        self._last: tuple[str, sheets.Table] = ("", {})

    def __call__(self, row: sheets.Row) -> sheets.Table:
        if self._last[0] != row["doc"]:
            self._last = (row["doc"], table(self._find(row["doc"])))
        return self._last[1]

    def _find(self, doc: str) -> Filed:
        for _ in range(2):
            for filed in self._pass:
                if filed.doc == doc:
                    return filed
            self._pass = iter(self._filing)
        raise KeyError(doc)


def _done(filing: Filing) -> list[Mapping[str, Any]]:
    return [row for row in filing.facts if row["status"] == "done"]


def _sheets(filing: Filing) -> Iterator[Sheet]:
    *main, legend = sheets.sheets(filing.facts, _Tables(filing), _COLUMNS)
    yield from main
    if filing.playbook:
        yield Sheet(
            name="Playbook",
            header=_PLAYBOOK,
            rows=(line for filed in filing for line in _verdicts(filed)),
            widths=(40, 28, 16, 20, 10, 48, 80, 7, 9, 9, 48, 36),
            wrap=frozenset({"Doc", "Clause", "Why", "Quote", "Propose"}),
        )
    yield Sheet(
        name="Log",
        header=_LOG,
        rows=map(_entry, filing.entries),
        widths=(7, 24, 20, 14, 40, 28, 28, 40, 9, 9, 60, 9),
        wrap=frozenset({"Doc", "Answer", "Note", "Words chosen"}),
    )
    yield legend


def _verdicts(filed: Filed) -> Iterator[list[Cell]]:
    for each in filed.checked:
        finding = each.finding
        for citation in finding.citations or (None,):
            place: list[Cell] = [None] * 4
            if citation is not None:
                place = [citation.quote, citation.page, citation.span.start, citation.span.end]
            verdict = each.judgement.replace("_", " ")
            told: list[Cell] = [
                filed.doc,
                each.title,
                verdict,
                each.position or None,
                finding.severity,
                finding.message,
            ]
            yield [*told, *place, each.fallback or None, finding.rule]


def _entry(entry: Entry) -> list[Cell]:
    span = entry.quote_span or entry.span
    return [
        entry.seq,
        entry.at,
        entry.by,
        entry.verdict or entry.kind.replace("_", " "),
        entry.doc,
        entry.clause or None,
        entry.value,
        "\n".join(filter(None, [entry.note, entry.assignee])) or None,
        span.start if span else None,
        span.end if span else None,
        entry.quote or None,
        entry.seconds,
    ]
