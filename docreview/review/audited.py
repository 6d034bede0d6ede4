"""A review's events for the audit log: when it began and ended, what was read, what the reader called."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from docreview._json import digest
from docreview.checklist import Checklist
from docreview.governance.audit import AuditLog, Record
from docreview.readers import Reader
from docreview.types import Document, Review, ToolCall

_IN_CLEAR = ("start", "end", "score")


@runtime_checkable
class Logging(Protocol):
    """A reader that logs its own calls, as they are made."""

    def logged(self, log: AuditLog, run_id: str) -> Reader:
        """The same reader, whose calls are logged under this run."""
        ...


@dataclass
class Audited:
    """One review in the audit log; without a log nothing happens.

    Used in a `with`: the end is logged however the block ends. What can't be logged does not run.
    """

    log: AuditLog | None
    document: Document
    checklist: Checklist
    reader: Reader
    run_id: str

    def __post_init__(self) -> None:
        self._calls: list[Record] = []
        self._outcome: Review | None = None
        self._began = time.monotonic()

    def __enter__(self) -> Audited:
        if self.log is not None:
            source = self.document.source
            named = {"reader": self.reader.name, "checklist": self.checklist.name}
            read = {"document_sha256": source.sha256, "chars": len(self.document), "pages": len(self.document.pages)}
            started = self._record("run_started", {"checklist_sha256": digest(self.checklist)}, named)
            self.log.append([started, self._record("document_read", read, {"path": source.path})])
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.log is None:
            return
        data: dict[str, Any] = {"seconds": round(time.monotonic() - self._began, 3)}
        if self._outcome is None:
            ended = self._record("run_ended", data | {"status": "failed"}, {"error": kind.__name__ if kind else ""})
        else:
            hashes = {"prompt_sha256": self._outcome.prompt_sha256, "policy_sha256": self._outcome.policy_sha256}
            counts = {
                "clauses": sum(clause.status == "found" for clause in self._outcome.clauses),
                "failures": sum(clause.status == "failed" for clause in self._outcome.clauses),
            }
            known = {key: value for key, value in hashes.items() if value}
            ended = self._record("run_ended", data | counts | known | {"status": "done"}, None)
        self.log.append([*self._calls, ended])

    def listening(self) -> Reader:
        """The reader, made to log its own calls where it can."""
        if self.log is not None and isinstance(self.reader, Logging):
            return self.reader.logged(self.log, self.run_id)
        return self.reader

    def called(self, calls: Iterable[ToolCall]) -> None:
        """Note the calls of a reader that does not log them itself."""
        if self.log is None or isinstance(self.reader, Logging):
            return
        for call in calls:
            shown = {key: call.arguments[key] for key in _IN_CLEAR if key in call.arguments}
            data = {"gen_ai.tool.name": call.name, "gen_ai.tool.call.id": call.id.removeprefix("call-"), **shown}
            self._calls.append(self._record("tool_call", data, {"name": call.arguments.get("name")}))

    def done(self, outcome: Review) -> Review:
        """Note how it ended; gives it back."""
        self._outcome = outcome
        return outcome

    def _record(self, kind: str, data: dict[str, Any], payload: Any) -> Record:
        actor = "reader" if kind == "tool_call" else "system"
        return Record(kind=kind, data=data, payload=payload, actor=actor, run_id=self.run_id)
