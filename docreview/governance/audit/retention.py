"""How long payloads are kept, what holds them back, and their deletion. Lines are never deleted."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from docreview.errors import AuditError, ConfigError, PolicyError
from docreview.governance.audit.event import AuditEvent, Record
from docreview.governance.audit.files import write_all
from docreview.governance.audit.log import AuditLog
from docreview.governance.audit.payloads import covers, find, ranges_of
from docreview.governance.audit.show import show
from docreview.governance.audit.tail import names, rows_file
from docreview.governance.policy import NO_POLICY, PolicyFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The table `[retention]` of the policy; the defaults hold where there is no policy."""

    payload_days: int = 365
    """A payload older than this is deleted by `docreview audit purge`."""
    policy_sha256: str = NO_POLICY
    """Of the policy's file; of nothing when there is none."""

    @classmethod
    def load(cls, path: Path | None = None) -> Retention:
        """From a policy file, see `PolicyFile.load`.

        Raises:
            ConfigError: The file can't be read, or the table has an unknown key or value.
        """
        file = PolicyFile.load(path)
        table = file.table("retention", ("payload_days",))
        for key, value in table.items():
            if type(value) is not int or value < 1:
                raise ConfigError(file.source, f"retention.{key}", "must be a whole number above 0")
        return cls(**table, policy_sha256=file.sha256)

    def days(self, asked: int | None) -> int:
        """The days that count: those of the policy, or fewer.

        Raises:
            PolicyError: More were asked for.
        """
        if asked is not None and asked > self.payload_days:
            raise PolicyError(
                "retention.payload_days", f"the policy keeps payloads {self.payload_days} days, not {asked}"
            )
        return self.payload_days if asked is None else asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: payloads of a run, of numbered events, or of the whole log are kept until its release."""

    id: str
    run: str | None = None
    seqs: tuple[tuple[int, int], ...] | None = None

    def keeps(self, event: AuditEvent) -> bool:
        """Whether it holds an event's payload. Of a hold on the whole log: also what is written after it."""
        if self.run is not None:
            return event.run_id == self.run
        return self.seqs is None or any(low <= event.seq <= high for low, high in self.seqs)


def hold(
    log: AuditLog, *, run: str | None = None, seqs: Sequence[tuple[int, int]] | None = None, reason: str = ""
) -> Hold:
    """Place a legal hold. The reason is kept as a payload."""
    new = Hold(id=secrets.token_hex(4), run=run, seqs=None if seqs is None else tuple(seqs))
    data: dict[str, Any] = {"hold": new.id, "released": False}
    if run is not None:
        data["run"] = run
    if seqs is not None:
        data["seqs"] = [list(pair) for pair in seqs]
    _place(log, data, reason)
    return new


def release(log: AuditLog, key: str, *, reason: str = "") -> None:
    """End a legal hold.

    Raises:
        AuditError: There is no such hold.
    """
    if key not in {kept.id for kept in holds(show(log.folder))}:
        raise AuditError(None, f"{log.folder}: there is no hold {key}")
    _place(log, {"hold": key, "released": True}, reason)


def _place(log: AuditLog, data: dict[str, Any], reason: str) -> None:
    log.append([Record(kind="hold", data=data, actor="operator", payload={"reason": reason} if reason else None)])


def holds(events: Iterable[AuditEvent]) -> list[Hold]:
    """The holds that were placed and not released."""
    active: dict[str, Hold] = {}
    for event in events:
        if event.kind != "hold":
            continue
        key = event.data["hold"]
        if event.data["released"]:
            active.pop(key, None)
            continue
        seqs = event.data.get("seqs")
        kept = None if seqs is None else tuple((low, high) for low, high in seqs)
        active[key] = Hold(id=key, run=event.data.get("run"), seqs=kept)
    return list(active.values())


def purge(
    log: AuditLog,
    retention: Retention,
    *,
    chosen: Callable[[AuditEvent], bool] | None = None,
    days: int | None = None,
    dry: bool = False,
) -> dict[str, int]:
    """Delete payloads: those chosen, or those older than the policy says. Their lines stay, and the log still verifies.

    The deletion is logged before it is done, its end after. One that was interrupted is finished first.

    Args:
        chosen: Which events; by default those older than the policy's days.
        days: Fewer days than the policy's.
        dry: Only count.

    Returns:
        How many payloads were `deleted`, and how many chosen ones a legal hold `held` back.

    Raises:
        PolicyError: More days than the policy's.
        AuditError: The log can't be written; what was not deleted then, the next purge deletes.
    """
    rule, reason = ("request", "request") if chosen else ("retention.payload_days", "retention")
    oldest = (datetime.now(UTC) - timedelta(days=retention.days(days))).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    wanted = chosen or (lambda event: event.at < oldest)
    with log.writing():  # so that no hold comes between the look and the deletion
        _finish(log)
        deletable, held = _deletable(log, wanted)
        if dry or not deletable:
            return {"deleted": len(deletable), "held": held}
        data = {
            "seqs": ranges_of(deletable),
            "count": len(deletable),
            "bytes": _bytes(log, deletable),
            "held": held,
            "reason": reason,
            "stage": "allowed",
            "rule": rule,
            "policy_sha256": retention.policy_sha256,
        }
        log.append_held([Record(kind="purge", data=data, actor="operator")])
        _finish(log)
        log.append_held([Record(kind="purge", data={"stage": "done", "count": len(deletable)})])
        return {"deleted": len(deletable), "held": held}


def _deletable(log: AuditLog, wanted: Callable[[AuditEvent], bool]) -> tuple[list[int], int]:
    keeping = holds(show(log.folder))
    gone = covers(_logged(log))
    numbers, held = [], 0
    for event in show(log.folder):
        if "commitment" not in event.data or gone(event.seq) or not wanted(event):
            continue
        if any(kept.keeps(event) for kept in keeping):
            held += 1
        else:
            numbers.append(event.seq)
    return numbers, held


def _bytes(log: AuditLog, numbers: Sequence[int]) -> int:
    wanted, size = covers(ranges_of(numbers)), 0
    for path in (rows_file(log.folder, first) for first in names(log.folder)):
        size += sum(len(box) for _, _, box in find(path.read_bytes(), wanted))
    return size


def _logged(log: AuditLog) -> list[Sequence[int]]:
    events = (event for event in show(log.folder) if event.kind == "purge")
    return [pair for event in events for pair in event.data.get("seqs", ())]


def _finish(log: AuditLog) -> None:
    """Delete what the log says is deleted and is still there."""
    log.settle()
    logged = covers(_logged(log))
    with log.disk():
        for first in names(log.folder):
            _blank(log, rows_file(log.folder, first), logged)


def _blank(log: AuditLog, path: Path, logged: Callable[[int], bool]) -> None:
    places = [(offset, len(box)) for _, offset, box in find(path.read_bytes(), logged)]
    if not places:
        return
    fd = log.files.open(path)
    try:
        for offset, size in places:
            write_all(log.files, fd, b"-" * size, offset)
        log.files.sync(fd)
    finally:
        os.close(fd)
