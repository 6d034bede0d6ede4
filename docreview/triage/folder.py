"""A folder of results as tables: one row for each document, one for each place of a clause."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview._json import read_jsonl
from docreview._shown import Rows, Shown, frame, html, rows_of, table
from docreview.checklist import Checklist
from docreview.errors import OutputError
from docreview.review import question_status
from docreview.triage.results import Result, results
from docreview.triage.rows import by_question
from docreview.types import STATUSES, Review

if TYPE_CHECKING:
    from docreview._shown import Frame

_FACTS: Final = "doc status type risk pages chars language seconds"


@dataclass(frozen=True, slots=True)
class Row(Shown):
    """One document of a run, as documents.jsonl has it."""

    facts: Mapping[str, Any]


@table(Row, f"{_FACTS} unread_pages {' '.join(STATUSES)} why error message")
def _cells(row: Row) -> Iterator[tuple[object, ...]]:
    facts = row.facts
    counts = facts["questions"] or {}
    yield (
        *(facts[name] for name in _FACTS.split()),
        len(facts["unread_pages"] or ()),
        *(counts.get(status) for status in STATUSES),
        "; ".join(facts["why"] or ()),
        facts["error"],
        facts["message"],
    )


class Folder(Shown):
    """What `triage` wrote to a folder, read back; documents that could not be read are rows too.

    Iterating gives a `Result` for each reviewed document. `to_pandas()` has a row for each place of a clause, and for
    each clause without one; `documents.to_pandas()` a row for each document, `questions()` a row for each document and
    a column for each question.

    Args:
        out: The folder.
        checklist: Of reviews with a checklist of one's own: the path to it.

    Raises:
        OutputError: There are no results in it; while reading, also: a file is missing or damaged.
    """

    def __init__(self, out: str | os.PathLike[str], *, checklist: str | None = None) -> None:
        self.path, self._checklist = Path(out), checklist
        try:
            rows = [Row(row) for row in read_jsonl(self.path / "documents.jsonl")]
        except (OSError, ValueError):
            raise OutputError(out, "holds no results of `docreview triage`") from None
        self.documents: Rows[Row] = Rows(Row, sorted(rows, key=lambda row: -(row.facts["risk"] or 0)))

    def __repr__(self) -> str:
        return f"Folder({str(self.path)!r}, {len(self.documents)} documents)"

    def __iter__(self) -> Iterator[Result]:
        return results(self.path, checklist=self._checklist)

    def to_pandas(self) -> Frame:
        """All clauses of all documents: those of `Review.to_pandas()`, with the document's name and type."""
        found = [(each.doc, *rows_of(Review, [each.review]), each.review.doc_type) for each in self]
        columns, _ = rows_of(Review, [])
        return frame(("doc", "type", *columns), ((doc, kind, *row) for doc, _, rows, kind in found for row in rows))

    def questions(self, checklist: str | Checklist = "contract") -> Frame:
        """The status of each question (columns) in each document (rows) that was read with one checklist."""
        from docreview.checklist import load

        asked = checklist if isinstance(checklist, Checklist) else load(checklist)
        read = [each for each in self if each.checklist.name == asked.name]
        rows = []
        for each in read:
            groups = by_question(each.review, each.checklist)
            rows.append((each.doc, *(question_status(groups.get(name, ())) for name in asked.names)))
        return frame(("doc", *asked.names), rows).set_index("doc")


@html.register
def _(folder: Folder) -> str:
    return html(folder.documents)
