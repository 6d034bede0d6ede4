"""What happened in a conversation, event by event: kept in memory, and in the audit log where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from docreview.governance.audit.actions import Action, Ruling, action
from docreview.governance.audit.event import Record
from docreview.governance.audit.log import AuditLog


@dataclass
class Trail:
    """Events in order. With a log each is on the disk before it is here: what can't be logged does not run."""

    log: AuditLog | None = None
    run_id: str = ""
    events: list[Record] = field(default_factory=list)

    def append(self, records: Sequence[Record]) -> None:
        """Keep records.

        Raises:
            AuditError: The log can't be written.
        """
        if self.log is not None:
            self.log.append(records)
        self.events += records

    def add(self, kind: str, data: Mapping[str, Any], payload: Any = None) -> None:
        """Keep one event of the model's."""
        self.append([self._record(kind, data, payload)])

    def action(
        self, kind: str, data: Mapping[str, Any], payload: Any, ruling: Ruling | Callable[[], Ruling]
    ) -> AbstractContextManager[Action]:
        """Run a block as an action, see `governance.audit.actions.action`."""
        return action(self, self._record(kind, data, payload), ruling)

    def _record(self, kind: str, data: Mapping[str, Any], payload: Any) -> Record:
        return Record(kind=kind, data=data, payload=payload, actor="model", run_id=self.run_id)


def audit_id(call_id: str) -> str:
    """A call's id as the audit log writes ids."""
    return call_id.removeprefix("call-")
