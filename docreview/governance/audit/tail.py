"""Where the log ends: found when a writer starts or another one has written, and repaired when one was interrupted."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from docreview.errors import AuditError
from docreview.governance.audit.files import FileOps, last_lines, read_at, write_whole
from docreview.governance.audit.standalone import TAIL, Tree, digest_of, leaf


@dataclass(slots=True)
class Tail:
    """The open end of the log. `size` and `rows_size` are the bytes of the open segment and of its payload rows."""

    first: int
    segment: int
    rows: int
    size: int
    rows_size: int
    seq: int
    previous: str
    closing: bool = False
    """Its digest is written: nothing more goes in here."""

    def unmoved(self) -> bool:
        """Whether nobody else has written since."""
        # Not fstat: a file that was asked for its times gets new ones at its next write, and that costs a sync.
        ends = os.lseek(self.segment, 0, os.SEEK_END), os.lseek(self.rows, 0, os.SEEK_END)
        return ends == (self.size, self.rows_size)

    def close(self) -> None:
        """Close both files."""
        os.close(self.segment)
        os.close(self.rows)


@dataclass(frozen=True, slots=True)
class Repair:
    """A line found torn at the end, and cut off; its bytes are kept in `torn/` under their SHA-256."""

    torn_bytes: int
    torn_sha256: str


def names(folder: Path) -> list[int]:
    """The first numbers of all segments, in order."""
    found = (file.stem for file in (folder / "segments").glob("*.jsonl"))
    return sorted(int(stem) for stem in found if stem.isdigit())


def segment_file(folder: Path, first: int) -> Path:
    """The file of the segment that begins with an event."""
    return folder / "segments" / f"{first:016d}.jsonl"


def rows_file(folder: Path, first: int) -> Path:
    """The file of its payload rows."""
    return folder / "payloads" / f"{first:016d}.rows"


def digest_file(folder: Path, first: int) -> Path:
    """The file of its digest."""
    return segment_file(folder, first).with_suffix(".digest")


def open_segment(files: FileOps, folder: Path, first: int, previous: str) -> Tail:
    """Open a segment and its rows as they are, new ones durably."""
    fresh = not (segment_file(folder, first).exists() and rows_file(folder, first).exists())
    rows = files.open(rows_file(folder, first))
    try:
        segment = files.open(segment_file(folder, first))
    except OSError:
        os.close(rows)
        raise
    tail = Tail(first, segment, rows, os.fstat(segment).st_size, os.fstat(rows).st_size, first, previous)
    tail.closing = digest_file(folder, first).exists()
    try:
        if fresh:
            files.sync_folder(folder / "payloads")
            files.sync_folder(folder / "segments")
    except OSError:
        tail.close()
        raise
    return tail


def find(files: FileOps, folder: Path, head: bytes) -> tuple[Tail, Repair | None]:
    """The end of the log; a torn last line is put aside. Call it with the lock held, after the journal was replayed.

    Raises:
        AuditError: The last line is not as it was written.
        OSError: The disk.
    """
    segments = names(folder)
    first = segments[-1] if segments else 0
    previous = _last_hash(folder, segments) if first else hashlib.sha256(head).hexdigest()
    tail = open_segment(files, folder, first, previous)
    try:
        return tail, _settle(files, folder, tail)
    except BaseException:
        tail.close()
        raise


def _last_hash(folder: Path, segments: list[int]) -> str:
    if len(segments) < 2:
        raise AuditError(segments[-1], "the segments before it are missing. Run `docreview audit verify`")
    fd = os.open(segment_file(folder, segments[-2]), os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        _, lines = last_lines(fd, os.fstat(fd).st_size)
    finally:
        os.close(fd)
    seq, own = _parsed(lines[0][1] if lines else b"", segments[-1] - 1)
    if seq != segments[-1] - 1:
        raise AuditError(segments[-1], "the segment before it does not end there. Run `docreview audit verify`")
    return own


def _parsed(line: bytes, guess: int) -> tuple[int, str]:
    try:
        event = json.loads(line)
        seq, own = event["seq"], event["hash"]
        right = leaf(line[:-TAIL]).hex() == own
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise AuditError(
            guess,
            "the last line is not as it was written; nothing is added to such a log. Run `docreview audit verify`",
        )
    return int(seq), str(own)


def _settle(files: FileOps, folder: Path, tail: Tail) -> Repair | None:
    end, lines = last_lines(tail.segment, tail.size)
    if lines:
        seq, tail.previous = _parsed(lines[0][1], tail.first)
        tail.seq = seq + 1
    repair = None
    if end < tail.size:
        torn = read_at(tail.segment, tail.size - end, end)
        repair = Repair(len(torn), hashlib.sha256(torn).hexdigest())
        files.make_folder(folder / "torn")
        write_whole(files, folder / "torn" / repair.torn_sha256, torn)
        files.truncate(tail.segment, end)
        files.sync(tail.segment)
        tail.size = end
    _drop_rows(files, tail)
    return repair


def _drop_rows(files: FileOps, tail: Tail) -> None:
    """Cut rows of events that were never written."""
    cut = position = tail.rows_size
    while position > 0:
        cut, lines = last_lines(tail.rows, position)
        position = cut
        for offset, line in lines:
            if _row_number(line, tail.seq) < tail.seq:
                position = 0
                break
            cut = position = offset
    if cut < tail.rows_size:
        files.truncate(tail.rows, cut)
        files.sync(tail.rows)
        tail.rows_size = cut


def _row_number(line: bytes, seq: int) -> int:
    number = line.partition(b" ")[0]
    if not number.isdigit():
        raise AuditError(seq, "the payload store does not end as it was written. Run `docreview audit verify`")
    return int(number)


def close_segment(files: FileOps, folder: Path, tail: Tail) -> Tail:
    """Write the digest of a full segment and begin the next."""
    before = [first for first in names(folder) if first < tail.first]
    tree = Tree()
    if before:
        known = json.loads(digest_file(folder, before[-1]).read_bytes())
        tree = Tree(known["tree_size"], [bytes.fromhex(subtree) for subtree in known["tree_edge"]])
    data = read_at(tail.segment, tail.size, 0)
    tree.extend([bytes.fromhex(line[-TAIL + 9 : -2].decode()) for line in data.split(b"\n")[:-1]])
    write_whole(files, digest_file(folder, tail.first), digest_of(data, tree))
    new = open_segment(files, folder, tail.seq, tail.previous)
    tail.close()
    return new
