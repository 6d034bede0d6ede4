"""One document of a run, done in a child process: read, reviewed and written, with a row that says what came of it."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from docreview._json import dumps, load, write_atomic
from docreview.checklist import Checklist
from docreview.config import Settings
from docreview.errors import ReadError
from docreview.read import read_trying
from docreview.render.document import Entry, document_page, queue_row
from docreview.triage import rows
from docreview.triage.inputs import WORK
from docreview.triage.one import entry, examine, fitting, reader_of
from docreview.types import Document, Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a child needs to know. `name` is the file name for results, `checklist` None for the fitting one."""

    doc: str
    path: str
    name: str
    out: str
    checklist: str | None
    reader: str
    passwords: tuple[str, ...]
    settings: Settings
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


def serve(job: Mapping[str, Any], _: bytes) -> dict[str, Any]:
    """The child's function: a `Job` as plain data in, `{"row", "files"}` out, or `{"fatal"}` (OUT can't be written)."""
    _settle()
    return _timed(load(Job, job))


def _timed(job: Job) -> dict[str, Any]:
    started = time.perf_counter()
    outcome = _done(job)
    if "row" in outcome:
        outcome["row"]["seconds"] = round(time.perf_counter() - started, 3)
    return outcome


def _done(job: Job) -> dict[str, Any]:
    try:
        document = read_trying(job.path, job.passwords, settings=job.settings)
    except ReadError as error:
        return {"row": {"status": "quarantined", "error": error.code, "message": _message(error)}, "files": {}}
    checklist = fitting(document, job.checklist)
    outcome = examine(document, checklist, reader_of(job.reader), job.settings)
    outcome = replace(outcome, usage=replace(outcome.usage, seconds=0.0))  # equal inputs give equal files
    told = entry(job.doc, job.name, document, outcome, checklist)
    try:
        return {"row": dict(told.row), "files": _write(job, told, document, outcome, checklist)}
    except OSError as error:  # the folder's trouble, not the document's
        return {"fatal": error.strerror or str(error)}


def _message(error: ReadError) -> str:
    return error.reason if error.page is None else f"page {error.page}: {error.reason}"


def _write(job: Job, told: Entry, document: Document, outcome: Review, checklist: Checklist) -> dict[str, str]:
    """Write all that is of this document alone; gives the SHA-256 of each file by its path under OUT."""
    questions = rows.by_question(outcome, checklist)
    table = {
        "answers": [rows.answer(checklist[name].label, clauses) for name, clauses in questions.items()],
        "evidence": [
            {"label": checklist[name].label, **row}
            for name, clauses in questions.items()
            for row in rows.evidence(clauses)
        ],
        "queue": queue_row(told, document, details=False),
        "details": queue_row(told, document, details=True),
    }
    contents = {
        told.row["text"]: document.text,
        told.row["review"]: dumps(outcome) + "\n",
        told.row["report"]: document_page(told, document, outcome),
        f"{WORK}/parts/{job.name}.json": dumps(table),
    }
    files = {}
    for path, content in contents.items():
        raw = content.encode(
            "utf-8", "replace"
        )  # a lone surrogate can't be written; it becomes "?", of the same length
        write_atomic(Path(job.out, path), raw)
        files[path] = hashlib.sha256(raw).hexdigest()
    return files


@lru_cache(maxsize=1)
def _settle() -> None:
    """Use one thread, and leave Ctrl-C to the parent."""
    # The processes are the parallel ones; and sums then do not depend on the number of cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
