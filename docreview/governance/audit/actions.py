"""Written ahead: an action is logged as proposed and decided before it runs, and its outcome after.

What can't be logged does not run. An action without an outcome in the log was interrupted.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from docreview.errors import PolicyError
from docreview.governance.audit.event import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the policy, or a person asked by it, says about an action. `rule` names the rule, as `tools.allow`."""

    verdict: Literal["allowed", "denied", "confirmed"]
    rule: str
    policy_sha256: str
    by: str = ""


@dataclass(slots=True)
class Action:
    """A running action. What is put into `data` and `payload` goes into the event of its outcome."""

    id: str
    data: dict[str, Any] = field(default_factory=dict)
    payload: Any = None


class Keeper(Protocol):
    """Where records go: an `AuditLog`, or whatever else keeps them."""

    def append(self, records: Sequence[Record]) -> object:
        """Keep records; when it returns, they are safe."""
        ...


@contextmanager
def action(
    log: Keeper,
    record: Record,
    ruling: Ruling | Callable[[], Ruling],
) -> Iterator[Action]:
    """Run the block as an action: proposed, decided, then its outcome with its seconds.

    A function as ruling is asked after the proposal is on the disk; with a ruling that is known, both take one wait.

    Raises:
        PolicyError: The ruling is "denied"; the block does not run, and the log says so.
        AuditError: The log can't be written. Before the block: it does not run. After it: its outcome is not logged.
    """
    running = Action(secrets.token_hex(8))
    proposed = _stage(record, running.id, "proposed", record.data, record.payload)
    if callable(ruling):
        log.append([proposed])
        ruling = ruling()
        log.append([_decided(record, running.id, ruling)])
    else:
        log.append([proposed, _decided(record, running.id, ruling)])
    if ruling.verdict == "denied":
        raise PolicyError(ruling.rule, f"{record.kind} is not allowed")
    began = time.monotonic()
    try:
        yield running
    except BaseException as error:
        running.payload = {"error": type(error).__name__, "result": running.payload}
        log.append([_outcome(record, running, "failed", began)])
        raise
    log.append([_outcome(record, running, "done", began)])


def _stage(record: Record, key: str, stage: str, data: Mapping[str, Any], payload: Any, actor: str = "") -> Record:
    return Record(
        kind=record.kind,
        data={**data, "action": key, "stage": stage},
        payload=payload,
        actor=actor or record.actor,
        run_id=record.run_id,
    )


def _decided(record: Record, key: str, ruling: Ruling) -> Record:
    data = {"rule": ruling.rule, "policy_sha256": ruling.policy_sha256}
    return _stage(record, key, ruling.verdict, data, None, ruling.by or "system")


def _outcome(record: Record, running: Action, stage: str, began: float) -> Record:
    data = {"seconds": round(time.monotonic() - began, 6), **running.data}
    return _stage(record, running.id, stage, data, running.payload)
