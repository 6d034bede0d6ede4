"""A question's events for the audit log: its words and those of the answer go into payloads, never into the lines."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docreview._json import plain
from docreview.ask.answer import Answer
from docreview.governance.audit import AuditLog, Record
from docreview.types import Document


@dataclass
class Run:
    """One question being answered."""

    id: str
    answer: Answer | None = None
    documents: tuple[Document, ...] = ()

    def done(self, answer: Answer, documents: Iterable[Document]) -> Answer:
        """Note the answer and the documents that it comes from; gives it back."""
        self.answer, self.documents = answer, tuple(documents)
        return answer


@contextmanager
def logged(log: AuditLog | None, question: str, reader: str) -> Iterator[Run]:
    """Log that a question was asked, and how it ended, however the block ends. Without a log nothing happens.

    Raises:
        AuditError: The log can't be written: the question is not asked, or its answer not given.
    """
    run, began = Run(secrets.token_hex(8)), time.monotonic()
    if log is None:
        yield run
        return
    log.append([Record(kind="run_started", payload={"question": question, "reader": reader}, run_id=run.id)])
    try:
        yield run
    except BaseException as error:
        data = {"seconds": round(time.monotonic() - began, 3), "status": "failed"}
        log.append([Record(kind="run_ended", data=data, payload={"error": type(error).__name__}, run_id=run.id)])
        raise
    log.append(list(_ended(run, began)))


def _ended(run: Run, began: float) -> Iterator[Record]:
    answer = run.answer
    assert answer is not None
    for document in run.documents:
        read = {"document_sha256": document.source.sha256, "chars": len(document), "pages": len(document.pages)}
        yield Record(kind="document_read", data=read, payload={"path": document.source.path}, run_id=run.id)
    if not answer.sentences:
        yield Record(kind="abstention", payload={"reason": answer.reason}, actor="reader", run_id=run.id)
    data: dict[str, Any] = {
        "seconds": round(time.monotonic() - began, 3),
        "status": "found" if answer.sentences else "not_found" if answer.searched.complete else "not_read",
        "documents": len(answer.searched.documents),
        "clauses": len(answer.sentences),
        "chars": answer.searched.characters,
    }
    yield Record(kind="run_ended", data=data, payload={"answer": plain(answer)}, run_id=run.id)
