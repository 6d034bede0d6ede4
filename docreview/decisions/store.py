"""decisions.jsonl: one writer at a time adds at its end, and it is on the disk before anyone says "saved"."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from docreview._json import canonical, read_jsonl
from docreview.decisions.entry import Entry
from docreview.errors import AuditError, DecisionConflict, DecisionError, OutputError
from docreview.governance.audit import AuditLog, Record
from docreview.governance.audit.files import FileOps, write_all, write_whole
from docreview.governance.audit.lock import WriterLock
from docreview.types import Span

FILE: Final = "decisions.jsonl"
_STATE: Final = ".docreview"
_CONFLICTING: Final = ("verdict", "assignment", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """What a writer that was killed left half written at the end; it was never "saved". Kept in `path`."""

    path: Path
    size: int


class Decisions:
    """The decisions on a folder that `docreview triage` wrote. Threads and processes may share the folder.

    Args:
        out: The folder.
        log: The audit log: an event of kind `decision` for every entry, before it is saved.

    Attributes:
        torn: What interrupted writers had left behind when this one wrote; each is in the log too.
    """

    def __init__(
        self, out: Path, *, log: AuditLog | None = None, files: FileOps | None = None, lock_seconds: float = 30.0
    ) -> None:
        self.out, self.torn, self._log, self._files = out, list[Torn](), log, files or FileOps()
        self._path = out / FILE
        self._lock = WriterLock(out / _STATE / "decisions.lock", seconds=lock_seconds)
        self._reading = threading.RLock()
        self._entries: list[Entry] = []
        self._read: tuple[int, int] = (0, 0)  # the file's inode, and how far it was read
        self._rows: tuple[tuple[int, int], dict[str, dict[str, Any]]] = ((0, 0), {})

    def entries(self, doc: str | None = None) -> list[Entry]:
        """All entries in the order in which they were made; of one document if named.

        What is half written is not there yet.

        Raises:
            OutputError: The file can't be read, or a line in it is no entry.
        """
        with self._reading:
            self._refresh()
            return [entry for entry in self._entries if doc is None or entry.doc == doc]

    def add(self, entry: Entry, *, seen: int = 0) -> Entry:
        """Save an entry: on the disk when this returns, with its number and time.

        Args:
            seen: The last number that the person had on the screen.

        Raises:
            DecisionConflict: Somebody has decided on the same thing, or assigned it, since.
            DecisionError: The document is not in the folder, a place does not hold the words chosen, or an edit changes
                nothing.
            OutputError: The folder can't be written; the entry is not saved.
            AuditError: The log can't be written; the entry is not saved.
        """
        row = self._row(entry.doc)
        if entry.verdict == "edited" and entry.value is None and entry.quote_span is None:
            raise DecisionError(entry.doc, "an edit gives an answer, a place, or both")
        with self._writing(), self._reading:
            self._mend()
            self._refresh()
            self._check(entry, seen)
            quote = self._quote(entry, row)
            at = entry.at or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            whole = replace(entry, seq=len(self._entries) + 1, at=at, quote=quote)
            self._append(whole, row)
        return whole

    def _row(self, doc: str) -> dict[str, Any]:
        """The document's row in documents.jsonl."""
        path = self.out / "documents.jsonl"
        try:
            stat = path.stat()
            if self._rows[0] != (stat.st_mtime_ns, stat.st_size):
                rows = {row["doc"]: row for row in read_jsonl(path)}
                self._rows = ((stat.st_mtime_ns, stat.st_size), rows)
        except (OSError, ValueError, KeyError, TypeError):
            raise OutputError(self.out, "holds no results of `docreview triage`") from None
        row = self._rows[1].get(doc)
        if row is None:
            raise DecisionError(doc, "is no document of this folder")
        return row

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with ExitStack() as held:
            try:
                self._files.make_folder(self.out / _STATE)
                held.enter_context(self._lock)
            except AuditError as error:
                raise OutputError(self.out, str(error)) from None
            except OSError as error:
                raise OutputError(self.out, f"can't be written: {error.strerror or error}") from None
            try:
                yield
            except OSError as error:
                raise OutputError(self.out, f"the decision was not saved: {error.strerror or error}") from None

    def _refresh(self) -> None:
        """Read what was added since."""
        try:
            with open(self._path, "rb") as file:
                stat = os.fstat(file.fileno())
                if stat.st_ino != self._read[0] or stat.st_size < self._read[1]:
                    self._entries, self._read = [], (stat.st_ino, 0)
                file.seek(self._read[1])
                data = file.read()
        except FileNotFoundError:
            self._entries, self._read = [], (0, 0)
            return
        except OSError as error:
            raise OutputError(self._path, f"can't be read: {error.strerror}") from None
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.split(b"\n"):
            if line.strip():
                self._entries.append(self._parsed(line))
        self._read = (self._read[0], self._read[1] + len(whole))

    def _parsed(self, line: bytes) -> Entry:
        number = len(self._entries) + 1
        try:
            return Entry.of(json.loads(line), number)
        except (ValueError, KeyError, TypeError) as error:
            self._read = (0, 0)
            reason = "it is no entry" if not isinstance(error, ValueError) or "\n" in str(error) else str(error)
            raise OutputError(self._path, f"entry {number}: {reason}. Nothing is added to such a file") from None

    def _mend(self) -> None:
        """Put aside what a killed writer left at the end."""
        if not self._path.exists():
            return
        with open(self._path, "r+b") as file:
            data = file.read()
            end = data.rfind(b"\n") + 1
            rest = data[end:]
            if not rest:
                return
            sha = hashlib.sha256(rest).hexdigest()
            kept = self._path.with_name(f"decisions.torn-{sha[:8]}")
            write_whole(self._files, kept, rest)
            self._files.truncate(file.fileno(), end)
            self._files.sync(file.fileno())
        self.torn.append(Torn(path=kept, size=len(rest)))
        if self._log is not None:
            self._log.add("record", {"torn_bytes": len(rest), "torn_sha256": sha})

    def _check(self, entry: Entry, seen: int) -> None:
        if entry.kind not in _CONFLICTING:
            return
        for other in self._entries[max(seen, 0) :]:
            if other.key == entry.key and other.kind == entry.kind:
                raise DecisionConflict(entry.doc, by=other.by, verdict=_said(other), at=other.at, seq=other.seq)

    def _quote(self, entry: Entry, row: dict[str, Any]) -> str:
        """The document's characters at the person's place; proved when the person says which they are."""
        span = entry.quote_span
        if span is None:
            return entry.quote
        there = self._text(entry.doc, row, span)
        if not there.strip() or (entry.quote and entry.quote != there):
            raise DecisionError(entry.doc, f"[{span.start}, {span.end}) does not hold the words that were chosen")
        return there

    def _text(self, doc: str, row: dict[str, Any], span: Span) -> str:
        try:
            text = (self.out / row["text"]).read_bytes().decode("utf-8", "replace")
        except (KeyError, OSError):
            raise DecisionError(doc, "its text is not in the folder; run triage again") from None
        return text[span.start : span.end] if span.end <= len(text) else ""

    def _append(self, entry: Entry, row: dict[str, Any]) -> None:
        line = _line(entry)
        if self._log is not None:
            self._log.append([_record(entry, row, line)])
        fd = self._files.open(self._path)
        try:
            size = os.fstat(fd).st_size
            try:
                write_all(self._files, fd, line, size)
                self._files.sync(fd)
                if not size:
                    self._files.sync_folder(self.out)
            except OSError:
                with suppress(OSError):
                    self._files.truncate(fd, size)
                self._unsaved(entry, row, line)
                raise
        finally:
            os.close(fd)
        self._refresh()

    def _unsaved(self, entry: Entry, row: dict[str, Any], line: bytes) -> None:
        """Log that what was logged did not happen."""
        if self._log is not None:
            record = _record(entry, row, line)
            self._log.append([replace(record, data={"status": "failed"})])


def _said(entry: Entry) -> str:
    """What an entry says, for people."""
    if entry.kind == "date":
        return f"the day is {entry.value}" if entry.value else "the day is not confirmed"
    return entry.verdict or (f"assigned to {entry.assignee}" if entry.assignee else "assigned to nobody")


def _line(entry: Entry) -> bytes:
    line = canonical(entry) + b"\n"
    try:
        line.decode()
    except UnicodeDecodeError:
        raise DecisionError(entry.doc, "an answer or note holds characters that are no text") from None
    return line


def _record(entry: Entry, row: dict[str, Any], line: bytes) -> Record:
    """The entry's event: hashes, numbers and words of fixed lists in clear; who said what about what is its payload."""
    place = entry.key[2]
    clear = {
        "document_sha256": row.get("sha256"),
        "verdict": entry.verdict,
        "seconds": entry.seconds,
        "start": place.start if place else None,
        "end": place.end if place else None,
    }
    payload = {
        "doc": entry.doc,
        "clause": entry.clause,
        "by": entry.by,
        "kind": entry.kind,
        "entry": entry.seq,
        "sha256": hashlib.sha256(line).hexdigest(),
    }
    data = {key: value for key, value in clear.items() if value is not None}
    return Record(kind="decision", data=data, payload=payload, actor="person", run_id=row.get("run_id", ""))
