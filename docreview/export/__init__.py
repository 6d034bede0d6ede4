"""Reviews as files that people keep and other tools read; and annotations of other tools, taken in as decisions."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from docreview._json import write_atomic
from docreview.errors import AuditError, OutputError
from docreview.export import label_studio, langextract, tables, web
from docreview.export.docx import memo_docx
from docreview.export.filing import Filed, Filing, Row, folder, saved
from docreview.export.imports import Imported, Refused, import_annotations
from docreview.export.memo import memo
from docreview.export.page import memo_html
from docreview.export.records import Record, records
from docreview.governance.audit import AuditLog

__all__ = [
    "FORMATS",
    "Filed",
    "Filing",
    "Imported",
    "Record",
    "Refused",
    "Row",
    "export",
    "folder",
    "import_annotations",
    "records",
    "saved",
    "write_annotations",
    "write_csv",
    "write_docx",
    "write_html",
    "write_jsonl",
    "write_label_studio",
    "write_langextract",
    "write_xlsx",
]
Format = Literal["xlsx", "csv", "jsonl", "docx", "html", "annotations", "label-studio", "langextract"]
Place = str | os.PathLike[str]
_TITLE: Final = "Review memo"


def write_xlsx(path: Place, filing: Filing) -> None:
    """A workbook: Answers, Evidence, Playbook (when one is named), Log, Legend. All text in it is text."""
    _whole(path, lambda half: tables.xlsx(half, filing))


def write_csv(path: Place, filing: Filing) -> None:
    """One row a place, with what was decided on it. UTF-8 with its mark; nothing in it is a formula."""
    _whole(path, lambda half: tables.csv(half, filing))


def write_jsonl(path: Place, filing: Filing) -> None:
    """Every document, clause and verdict as a line of JSON; see `records`."""
    _whole(path, lambda half: tables.jsonl(half, filing))


def write_docx(path: Place, filing: Filing) -> None:
    """The review memo as DOCX. The same review gives the same bytes."""
    write_atomic(path, memo_docx(_TITLE, memo(filing)))


def write_html(path: Place, filing: Filing) -> None:
    """The review memo as one HTML file that loads nothing."""
    write_atomic(path, memo_html(_TITLE, memo(filing)).encode("utf-8", "replace"))


def write_annotations(path: Place, filing: Filing) -> None:
    """W3C Web Annotations as JSON-LD."""
    web.write(Path(path), filing)


def write_label_studio(path: Place, filing: Filing) -> None:
    """Tasks for Label Studio, and beside them the labelling configuration, with the ending .xml."""
    label_studio.write(Path(path), filing)


def write_langextract(path: Place, filing: Filing) -> None:
    """LangExtract's annotated documents as JSON Lines."""
    _whole(path, lambda half: langextract.write(half, filing))


FORMATS: Final[dict[Format, tuple[str, Callable[[Place, Filing], None]]]] = {
    "xlsx": ("export.xlsx", write_xlsx),
    "csv": ("export.csv", write_csv),
    "jsonl": ("export.jsonl", write_jsonl),
    "docx": ("memo.docx", write_docx),
    "html": ("memo.html", write_html),
    "annotations": ("annotations.jsonld", write_annotations),
    "label-studio": ("label-studio.json", write_label_studio),
    "langextract": ("langextract.jsonl", write_langextract),
}
"""What a file of each format is called when nobody names it, and who writes it."""


def export(filing: Filing, to: Format, path: Place, *, log: AuditLog | None = None) -> None:
    """Write documents with their decisions to a file, whole or not at all.

    Args:
        filing: From `folder` or `saved`.
        to: The format.
        path: The file; its folder is made when it is not there.
        log: The audit log: an event of kind `export` with the file's SHA-256. Without the event the file does not stay.

    Raises:
        OutputError: The file can't be written, or what is to be filed can't be read.
        AuditError: The log can't be written.
    """
    target = Path(path)
    try:
        FORMATS[to][1](target, filing)
        if log is not None:
            _logged(log, filing, to, target)
    except OSError as error:
        raise OutputError(path, f"can't be written: {error.strerror or error}") from None


def _logged(log: AuditLog, filing: Filing, to: Format, target: Path) -> None:
    with open(target, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    failures = len(filing.failures)
    data = {"documents": len(filing.facts) - failures, "failures": failures, "output_sha256": sha256}
    try:
        log.add("export", data, payload={"format": to, "file": target.name}, actor="operator")
    except AuditError:
        target.unlink(missing_ok=True)
        raise


def _whole(path: Place, write: Callable[[Path], None]) -> None:
    """Write beside the target, then put it in its place: a reader never sees half of it."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".tmp-{target.name}")
    try:
        write(half)
        os.replace(half, target)
    finally:
        half.unlink(missing_ok=True)
