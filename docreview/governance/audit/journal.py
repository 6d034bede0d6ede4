"""Write-ahead journal: a batch's lines and payload rows go here in one write and one wait, then to their own places.

So an event and its payload become durable together, at the price of a single sync. What the journal holds is on the
disk; the files it was copied to may not be yet. They are synced before the journal is emptied, and after a crash
whatever they lack is copied again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from docreview.governance.audit.files import FileOps, read_at, write_all
from docreview.governance.audit.standalone import Fault
from docreview.governance.audit.tail import Tail, rows_file, segment_file

ROOM: Final = 512 << 10
"""The file is this long from the beginning: writing inside it is quicker to sync than making it longer."""
HEADER: Final = 17
"""It begins with sixteen random characters and a newline, other ones each time it starts over."""
_NONE: Final = bytes(HEADER)


class Batch(NamedTuple):
    """Lines for the segment that begins with event `first`, and rows for its payloads, with the offsets to put them."""

    first: int
    offset: int
    lines: bytes
    rows_offset: int
    rows: bytes

    def packed(self, header: bytes) -> bytes:
        """As the journal holds it: a line of numbers with a SHA-256 over all, then lines and rows."""
        numbers = b"%d %d %d %d %d " % (self.first, self.offset, len(self.lines), self.rows_offset, len(self.rows))
        check = hashlib.sha256(header + numbers + self.lines + self.rows).hexdigest()
        return b"".join((numbers, check.encode(), b"\n", self.lines, self.rows))


def batches(data: bytes, header: bytes) -> Iterator[tuple[int, Batch]]:
    """Each whole batch with the place where it ends. Stops at one that was never finished, or of an earlier start."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start, start + 200)
        fields = data[start:end].split(b" ") if end > 0 else []
        if len(fields) != 6 or not all(field.isdigit() for field in fields[:5]):
            return
        first, offset, size, rows_offset, rows_size = map(int, fields[:5])
        middle = end + 1 + size
        batch = Batch(first, offset, data[end + 1 : middle], rows_offset, data[middle : middle + rows_size])
        packed = batch.packed(header)
        if data[start : start + len(packed)] != packed or len(batch.lines) != size or len(batch.rows) != rows_size:
            return
        start += len(packed)
        yield start, batch


def last_batch(folder: Path) -> Batch | None:
    """The latest whole batch: all that a killed writer may have left half copied."""
    try:
        data = (folder / "journal").read_bytes()
    except FileNotFoundError:
        return None
    found = [batch for _, batch in batches(data[HEADER:], data[:HEADER])]
    return found[-1] if found else None


class Journal:
    """The journal of one log. Every method is for the holder of the writer lock."""

    def __init__(self, folder: Path, files: FileOps) -> None:
        self._folder, self._files = folder, files
        self._fd, self._size, self._header = -1, 0, b""

    def unmoved(self) -> bool:
        """Whether nobody has started it over since. That others have added to it shows where they copied it to."""
        return self._fd >= 0 and read_at(self._fd, HEADER, 0) == (self._header or _NONE)

    def replay(self) -> None:
        """Copy again what did not reach its place. What is no whole batch was never acknowledged."""
        if self._fd < 0:
            self._fd = self._files.open(self._folder / "journal")
        held, header = os.fstat(self._fd).st_size, read_at(self._fd, HEADER, 0)
        if held < ROOM:
            write_all(self._files, self._fd, bytes(ROOM - held), held)
            self._files.sync(self._fd)
            self._files.sync_folder(self._folder)
        if header != self._header:
            self._header, self._size = (b"", 0) if header in (b"", _NONE) else (header, HEADER)
        if not self._header:
            return
        start = self._size
        for end, batch in batches(read_at(self._fd, held - start, start), header):
            self._size = start + end
            self._extend(rows_file(self._folder, batch.first), batch.rows_offset, batch.rows)
            self._extend(segment_file(self._folder, batch.first), batch.offset, batch.lines)

    def _extend(self, path: Path, offset: int, data: bytes) -> None:
        size = path.stat().st_size if path.exists() else 0
        if size >= offset + len(data):
            return
        if size < offset:
            raise Fault(None, f"{path.parent.name}/{path.name}: was cut")
        fd = self._files.open(path)
        try:
            write_all(self._files, fd, data, offset)
        finally:
            os.close(fd)

    def add(self, batch: Batch, tail: Tail) -> None:
        """Write a batch and wait until it is on the disk.

        When that fails it is taken back. If even that fails, the next writer may find it whole, and log it.
        """
        packed = batch.packed(self._header)
        if self._size + len(packed) > ROOM:
            self.clear(tail)
        header, place = self._header, self._size
        if not place:
            header = secrets.token_hex(8).encode() + b"\n"
            packed = header + batch.packed(header)
        try:
            write_all(self._files, self._fd, packed, place)
            self._files.sync(self._fd)
        except OSError:
            self._files.write(self._fd, _NONE, place)
            raise
        self._size, self._header = place + len(packed), header

    def clear(self, tail: Tail) -> None:
        """Wait until everything is in its own place, then start over."""
        if self._size:
            self._files.sync(tail.rows)
            self._files.sync(tail.segment)
            self._files.write(self._fd, _NONE, 0)
            self._size, self._header = 0, b""

    def empty(self, tail: Tail) -> None:
        """The same, and leave nothing in the file."""
        self.clear(tail)
        self._files.truncate(self._fd, 0)
        self._files.sync(self._fd)

    def close(self) -> None:
        """Let go of the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd, self._size, self._header = -1, 0, b""
