"""Events read back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from docreview._shown import Rows, table
from docreview.errors import AuditError
from docreview.governance.audit.event import AuditEvent
from docreview.governance.audit.keys import Key
from docreview.governance.audit.payloads import SALT, Sealer, find
from docreview.governance.audit.standalone import Fault, read_head
from docreview.governance.audit.tail import names, rows_file, segment_file


def show(folder: str | os.PathLike[str], *, after: int = -1) -> Iterator[AuditEvent]:
    """The events in order, from the one behind `after` on. Does not check them: that is `verify`.

    Raises:
        AuditError: There is no log here, or a line can't be read.
    """
    place = Path(folder)
    if not (place / "log.json").is_file():
        raise AuditError(None, f"{place}: no audit log")
    firsts = names(place)
    for index, first in enumerate(firsts):
        if index + 1 < len(firsts) and firsts[index + 1] <= after + 1:
            continue
        with open(segment_file(place, first), "rb") as file:
            for number, line in enumerate(file, first):
                if number > after and line.endswith(b"\n"):
                    yield _event(number, line)


def events(folder: str | os.PathLike[str], *, after: int = -1) -> Rows[AuditEvent]:
    """The same as one table, for a log that memory can hold. Errors as for `show`."""
    return Rows(AuditEvent, show(folder, after=after))


@table(AuditEvent, "seq at kind actor run_id data hash")
def _row(event: AuditEvent) -> Iterator[tuple[object, ...]]:
    yield (event.seq, event.at, event.kind, event.actor, event.run_id, dict(event.data), event.hash)


def _event(number: int, line: bytes) -> AuditEvent:
    try:
        return AuditEvent(**json.loads(line))
    except (ValueError, TypeError):
        raise AuditError(number, "can't be read. Run `docreview audit verify`") from None


def payloads(
    folder: str | os.PathLike[str], wanted: Callable[[int], bool], *, key: Path | None = None
) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Number, salt and payload of the events wanted, in order; deleted ones are left out.

    A payload holds what was not for the clear: `data` (fields), `payload`, and `other` keys of the record.

    Raises:
        AuditError: The key is not the log's, or a row was changed.
    """
    place = Path(folder)
    try:
        _, origin, _ = read_head(place)
        sealer = Sealer(Key(key).sealing_key(origin))
        for first in names(place):
            path = rows_file(place, first)
            data = path.read_bytes() if path.exists() else b""
            for number, _, box in find(data, wanted):
                salted = sealer.open(b"%d" % number, box)
                yield number, salted[:SALT], json.loads(salted[SALT:])
    except Fault as fault:
        raise AuditError(fault.seq, fault.message) from None
