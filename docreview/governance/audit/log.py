"""The log itself: events go in, and are on the disk before their numbers come out."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from docreview.errors import AuditError
from docreview.governance.audit import tail as ends
from docreview.governance.audit.actions import Action, Ruling, action
from docreview.governance.audit.event import COMMITMENT, Record, canonical, pack, split
from docreview.governance.audit.files import FileOps, write_all, write_whole
from docreview.governance.audit.journal import Batch, Journal
from docreview.governance.audit.keys import Key
from docreview.governance.audit.lock import WriterLock
from docreview.governance.audit.payloads import Sealer
from docreview.governance.audit.standalone import Fault, leaf, read_head

SEGMENT_BYTES: Final = 64 << 20
"""A segment this large is closed, and the next begun."""
_OWN: Final = re.compile(r"log\.json|lock|segments|payloads|torn|journal|\.tmp-.*")
_Entry = tuple[dict[str, str], dict[str, Any], bytes]


class AuditLog:
    """A log folder, opened for writing; made when absent. Threads and processes may share one folder.

    Args:
        key: The log's key file, made on first use; the user's own by default. Keep it out of the folder.
        lock_seconds: How long to wait for another writer.

    Attributes:
        repairs: What interrupted writers had left behind when this one came; each is in the log as a `recovery`.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        key: Path | None = None,
        files: FileOps | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        lock_seconds: float = 60.0,
        gate: Callable[[Any], Any] | None = None,
    ) -> None:
        self.folder, self.files = Path(folder), files or FileOps()
        self.key = Key(key, files=self.files)
        self.repairs: list[ends.Repair] = []
        self._segment_bytes = segment_bytes
        self._lock = WriterLock(self.folder / "lock", seconds=lock_seconds)
        self._journal = Journal(self.folder, self.files)
        self._tail: ends.Tail | None = None
        self._head: tuple[bytes, str, Sealer] | None = None
        self._named, self._place = os.fspath(self.folder / "log.json"), 0
        self._unlogged: list[ends.Repair] = []
        self._gate = gate

    def append(self, records: Sequence[Record]) -> list[int]:
        """Write events and wait until all are on the disk, payloads too; their numbers, in the order given.

        Many at once cost one wait. When it raises, none of them counts as logged.

        Raises:
            AuditError: The log can't be written.
            ValueError: A payload is not plain JSON data; nothing was written.
        """
        if not records:
            return []
        packed = self._packed(records)
        with self.writing():
            return self._append(packed)

    def _packed(self, records: Sequence[Record]) -> list[_Entry]:
        entries = []
        for record in records:
            head, clear, hidden = split(record)
            hidden = self._gate(hidden) if self._gate is not None else hidden
            entries.append((head, clear, pack(hidden) if hidden else b""))
        return entries

    def append_held(self, records: Sequence[Record]) -> list[int]:
        """The same, inside `writing()`."""
        return self._append(self._packed(records))

    def _append(self, entries: Sequence[_Entry]) -> list[int]:
        found = [_recovery(repair) for repair in self._unlogged]
        tail = self._write([*found, *entries])
        self.repairs += self._unlogged
        self._unlogged = []
        return list(range(tail.seq - len(entries), tail.seq))

    def settle(self) -> ends.Tail:
        """Bring everything from the journal to its place, inside `writing()`; the log's end."""
        with self.disk():
            tail = self._tail or self._current()
            self._journal.empty(tail)
            return tail

    def action(self, record: Record, ruling: Ruling | Callable[[], Ruling]) -> AbstractContextManager[Action]:
        """Run a block as a logged action; see `actions.action`."""
        return action(self, record, ruling)

    def add(self, kind: str, data: Mapping[str, Any] | None = None, **more: Any) -> int:
        """Write one event; its number. `more`: payload, actor, run_id, as of `Record`."""
        return self.append([Record(kind=kind, data=data or {}, **more)])[0]

    @property
    def origin(self) -> str:
        """The log's own name. The log is made when absent."""
        with self.writing():
            return self._identity()[1]

    def close(self) -> None:
        """Bring everything to its final place and let go of the files. The log can be used again.

        Raises:
            AuditError: The disk failed. What was acknowledged is safe: the journal holds it.
        """
        if self._tail is None:
            return
        try:
            with self.writing():
                self.settle()
        finally:
            self.forget()
            self._lock.close()

    def forget(self) -> None:
        """Know nothing about the log's end any more."""
        tail, self._tail = self._tail, None
        self._journal.close()
        if tail is not None:
            tail.close()

    def __enter__(self) -> AuditLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[ends.Tail]:
        """Hold the log's lock, with its end found and whatever was interrupted put right. Not inside itself.

        Raises:
            AuditError: There is no writing here.
        """
        if self._tail is None:
            with self.disk():
                self.files.make_folder(self.folder)
        with self._lock:
            with self.disk():
                tail = self._current()
            yield tail

    def disk(self) -> _Disk:
        """A block in which what the disk says becomes an `AuditError`, and all is looked at anew afterwards."""
        return _Disk(self)

    def _identity(self) -> tuple[bytes, str, Sealer]:
        if self._head is None:
            if not (self.folder / "log.json").exists():
                self._begin()
            raw, origin, public = read_head(self.folder)
            if not self.key.exists or public != self.key.public:
                raise AuditError(
                    None, f"{self.folder}: was begun with another key than {self.key.path}; name it with --key"
                )
            self._head = raw, origin, Sealer(self.key.sealing_key(origin))
            self._place = os.stat(self._named).st_ino
        elif self._inode() != self._place:
            self.forget()
            self._lock.close()
            self._head = None
            raise AuditError(None, f"{self.folder}: was moved, removed or replaced while in use")
        return self._head

    def _inode(self) -> int | None:
        try:
            return os.stat(self._named).st_ino
        except FileNotFoundError:
            return None

    def _begin(self) -> None:
        strange = sorted(p.name for p in self.folder.iterdir() if not _OWN.fullmatch(p.name))
        if strange or ends.names(self.folder):
            what = f"holds {strange[0]}, which is no part of a log" if strange else "has lost its log.json"
            raise AuditError(None, f"{self.folder}: {what}. Name an empty folder")
        self.key.make()
        self.files.sync_folder(self.folder.parent)
        for name in ("segments", "payloads"):
            self.files.make_folder(self.folder / name)
        head = {
            "format": 1,
            "origin": f"docreview-audit/{secrets.token_hex(8)}",
            "public_key": base64.b64encode(self.key.public).decode(),
        }
        write_whole(self.files, self.folder / "log.json", json.dumps(head, separators=(",", ":")).encode() + b"\n")

    def _current(self) -> ends.Tail:
        head, _, _ = self._identity()
        if self._tail is not None and self._journal.unmoved() and self._tail.unmoved():
            return self._tail
        if self._tail is not None:
            self._tail.close()
            self._tail = None
        self._journal.replay()
        self._tail, repair = ends.find(self.files, self.folder, head)
        if repair is not None:
            self._unlogged.append(repair)
        return self._tail

    def _write(self, entries: Sequence[_Entry]) -> ends.Tail:
        with self.disk():
            tail = self._tail or self._current()
            if tail.size >= self._segment_bytes or tail.closing:
                self._journal.clear(tail)
                tail = self._tail = ends.close_segment(self.files, self.folder, tail)
            lines, rows, previous = self._lines(tail, entries)
            batch = Batch(tail.first, tail.size, lines, tail.rows_size, rows)
            self._journal.add(batch, tail)
            if rows:
                write_all(self.files, tail.rows, rows, tail.rows_size)
            write_all(self.files, tail.segment, lines, tail.size)
        tail.size, tail.rows_size = tail.size + len(lines), tail.rows_size + len(rows)
        tail.seq, tail.previous = tail.seq + len(entries), previous
        return tail

    def _lines(self, tail: ends.Tail, entries: Sequence[_Entry]) -> tuple[bytes, bytes, str]:
        _, _, sealer = self._head or self._identity()
        at = datetime.now(UTC).isoformat(timespec="microseconds")[:26] + "Z"
        lines, rows, previous = [], [], tail.previous
        for seq, (head, clear, payload) in enumerate(entries, tail.seq):
            if payload:
                clear[COMMITMENT], row = sealer.seal(payload)
                rows.append(row(seq))
            data = canonical(clear)
            body = (
                f'{{"seq":{seq},"at":"{at}","run_id":"{head["run_id"]}","actor":"{head["actor"]}",'
                f'"kind":"{head["kind"]}","data":{data},"previous":"{previous}"'
            ).encode()
            previous = leaf(body).hex()
            lines.append(body + b',"hash":"%b"}\n' % previous.encode())
        return b"".join(lines), b"".join(rows), previous


class _Disk:
    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            return
        self._log.forget()
        if isinstance(error, OSError):
            what = error.strerror or type(error).__name__
            raise AuditError(None, f"{self._log.folder}: can't be read or written ({what})") from None
        if isinstance(error, Fault):
            raise AuditError(error.seq, f"{self._log.folder}: {error.message}") from None


def _recovery(repair: ends.Repair) -> _Entry:
    clear = {"torn_bytes": repair.torn_bytes, "torn_sha256": repair.torn_sha256}
    return {"run_id": "", "actor": "system", "kind": "recovery"}, clear, b""
