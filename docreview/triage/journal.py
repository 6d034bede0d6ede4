"""What a run has finished, on disk at once, so that a killed run goes on; and the lock that keeps runs apart."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from docreview._json import dumps, write_atomic
from docreview.errors import OutputError
from docreview.triage.inputs import WORK

FOLDERS: Final = ("text", "reviews", "report", f"{WORK}/parts", f"{WORK}/documents")
FILES: Final = ("documents.jsonl", "findings.jsonl", "clauses.csv", "clauses.xlsx", "report.html")
_AGAIN: Final = frozenset({"timeout", "memory", "crashed", "missing", "permission", "encrypted", "model"})
"""Failures that may have another cause than the document: a rerun tries these again."""


def prepare(out: Path) -> None:
    """Make OUT and its folders.

    Raises:
        OutputError: OUT can't be written, or holds files of these names that no run made.
    """
    if not (out / WORK).is_dir():
        foreign = [name for name in (*FILES, "text", "reviews", "report") if os.path.lexists(out / name)]
        if foreign:
            raise OutputError(out, f"holds {foreign[0]!r} from something else; name another folder")
    try:
        for folder in FOLDERS:
            (out / folder).mkdir(parents=True, exist_ok=True)
        (out / WORK / "journal.jsonl").touch()
        for folder in (".", *FOLDERS):
            for half in (out / folder).glob(".tmp-*"):
                half.unlink()
    except OSError as error:
        raise OutputError(out, f"can't be written: {error.strerror}") from None


class Lock:
    """Held by the run that writes to OUT; the system lets go of it when the run ends, however it ends.

    Raises:
        OutputError: Another run holds it.
    """

    def __init__(self, out: Path) -> None:
        self._file: IO[bytes] = open(out / WORK / "lock", "ab")  # noqa: SIM115
        try:
            _lock(self._file)
        except OSError:
            self._file.close()
            raise OutputError(out, "another run is writing here; wait for it or name another folder") from None

    def release(self) -> None:
        """Let others in."""
        self._file.close()


def _lock(file: IO[bytes]) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Journal:
    """One line for each finished document: `{"key", "doc", "row", "files"}`; the last line of a document counts."""

    def __init__(self, out: Path) -> None:
        self._out, self._path = out, out / WORK / "journal.jsonl"
        self._entries: dict[str, dict[str, Any]] = {}
        self._stale: set[str] = set()
        for entry in self._lines():
            self._note(entry)
        write_atomic(self._path, "".join(dumps(entry) + "\n" for entry in self._entries.values()))
        self._file = open(self._path, "ab")  # noqa: SIM115

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Whole lines; one that a killed run left half written is passed over: its document is done again."""
        for line in self._path.read_bytes().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.keys() >= {"doc", "key", "row", "files"}:
                yield entry

    @property
    def docs(self) -> tuple[str, ...]:
        """The documents that are finished."""
        return tuple(self._entries)

    def finished(self, doc: str, key: str | None = None) -> dict[str, Any] | None:
        """The entry of a document that need not be done again: same key (any, if none is given), and its files are as
        they were written.
        """
        entry = self._entries.get(doc)
        if entry is None or key not in (None, entry["key"]) or entry["row"].get("error") in _AGAIN:
            return None
        return entry if all(_sha256(self._out / path) == sha for path, sha in entry["files"].items()) else None

    def add(self, doc: str, key: str, row: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """Note a finished document; on disk when this returns."""
        entry = {"doc": doc, "key": key, "row": dict(row), "files": dict(files)}
        self._file.write(dumps(entry).encode("utf-8", "replace") + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._note(entry)

    def _note(self, entry: dict[str, Any]) -> None:
        self._stale |= self._entries.get(entry["doc"], entry)["files"].keys()
        self._entries[entry["doc"]] = entry

    def keep_only(self, docs: Iterable[str]) -> None:
        """Forget all other documents, and delete what was written for them."""
        kept = {doc: self._entries[doc] for doc in docs if doc in self._entries}
        written = self._stale.union(*(entry["files"] for entry in self._entries.values()))
        for path in written.difference(*(entry["files"] for entry in kept.values())):
            if Path(path).parent.as_posix() in FOLDERS:  # whatever the journal says, nothing else is deleted
                (self._out / path).unlink(missing_ok=True)
        self._entries = kept
        self._file.close()
        write_atomic(self._path, "".join(dumps(entry) + "\n" for entry in kept.values()))

    def row(self, doc: str) -> dict[str, Any]:
        """What is known of a finished document."""
        row: dict[str, Any] = self._entries[doc]["row"]
        return row

    def close(self) -> None:
        """Close the file; what was added stays."""
        self._file.close()


def _sha256(path: Path) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
