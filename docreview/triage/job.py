"""One document of a run, done in a child process: read, reviewed and written, with a row that says what came of it."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from docreview._json import dumps, load, write_atomic
from docreview.checklist import Checklist
from docreview.config import Settings
from docreview.errors import AuditError, ContextOverflow, ModelError, ReadError
from docreview.governance.audit import AuditLog
from docreview.read import read_trying
from docreview.read.saved import structure
from docreview.readers import Reader
from docreview.render.document import Entry, document_page, queue_row
from docreview.triage import rows
from docreview.triage.inputs import WORK
from docreview.triage.one import admitted, audit_log, entry, examine, fitting, reader_of
from docreview.types import Document, Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a child needs to know. `name` is the file name for results, `checklist` None for the fitting one.

    `audit` is the folder of the audit log; empty = there is none.
    """

    doc: str
    path: str
    name: str
    out: str
    checklist: str | None
    reader: str
    passwords: tuple[str, ...]
    settings: Settings
    audit: str = ""
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


def serve(job: Mapping[str, Any], _: bytes) -> dict[str, Any]:
    """The child's function: a `Job` as plain data in, `{"row", "files"}` out.

    Or `{"fatal"}`: OUT can't be written; or `{"unlogged"}`: the audit log can't.
    """
    _settle()
    whole = load(Job, job)
    return do(whole, lambda: reader_of(whole.reader))


class Here:
    """Does jobs in this process with a reader that is in it, a language model say; one review at a time.

    Files are still parsed in children of their own, while another document is reviewed.
    """

    def __init__(self, reader: Reader, turn: threading.Lock) -> None:
        self._reader, self._turn = reader, turn

    def call(self, value: Any, *, timeout: float) -> dict[str, Any]:  # noqa: ARG002
        """As `serve`; without a limit on the time."""
        return do(load(Job, value), lambda: self._reader, self._turn)

    def close(self) -> None:
        """Nothing: the run's own event stops the reader."""


def do(job: Job, reader: Callable[[], Reader], turn: AbstractContextManager[Any] | None = None) -> dict[str, Any]:
    """One job with the reader; reviewing and writing happen inside `turn`. See `serve`.

    Raises:
        ModelError: It was cancelled.
    """
    started = time.perf_counter()
    outcome = _done(job, reader, turn or nullcontext())
    if "row" in outcome:
        outcome["row"]["seconds"] = round(time.perf_counter() - started, 3)
    return outcome


def _done(job: Job, reader: Callable[[], Reader], turn: AbstractContextManager[Any]) -> dict[str, Any]:
    try:
        try:
            document = admitted(read_trying(job.path, job.passwords, settings=job.settings))
        except ReadError as error:
            return _quarantined(job, error.code, _message(error))
        with turn:
            return _reviewed(job, document, reader())
    except AuditError as error:
        return {"unlogged": str(error)}


def _quarantined(job: Job, code: str, message: str) -> dict[str, Any]:
    if job.audit:
        payload = {"path": job.path, "error": code}
        _log(job.audit).add("run_ended", {"status": "quarantined"}, payload=payload)
    return {"row": {"status": "quarantined", "error": code, "message": message}, "files": {}}


def _reviewed(job: Job, document: Document, reader: Reader) -> dict[str, Any]:
    checklist = fitting(document, job.checklist)
    try:
        outcome = examine(document, checklist, reader, job.settings, log=_log(job.audit) if job.audit else None)
    except (ModelError, ContextOverflow) as error:
        if isinstance(error, ModelError) and error.code == "cancelled":
            raise
        return _quarantined(job, "model", str(error))
    outcome = replace(outcome, usage=replace(outcome.usage, seconds=0.0))  # equal inputs give equal files
    told = entry(job.doc, job.name, document, outcome, checklist)
    try:
        return {"row": dict(told.row), "files": _write(job, told, document, outcome, checklist)}
    except OSError as error:  # the folder's trouble, not the document's
        return {"fatal": error.strerror or str(error)}


@lru_cache(maxsize=1)
def _log(folder: str) -> AuditLog:
    return audit_log(folder)


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
        f"{WORK}/documents/{job.name}.json": structure(
            replace(document, source=replace(document.source, path=job.doc))
        ),
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
