"""Every call that the audit log makes to change the disk, in one place.

A writer takes one of these as an argument, so that another can stand in that fails where a disk might.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class FileOps:
    """The real disk. Each method is one thing that can fail with `OSError`."""

    def make_folder(self, path: Path) -> None:
        """Make a folder that only its owner can enter; nothing happens when it is there."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def open(self, path: Path) -> int:
        """A descriptor for reading and writing; the file is made when absent, for its owner alone."""
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0), 0o600)

    def write(self, fd: int, data: bytes, offset: int) -> int:
        """Write at an offset; how many bytes went in, which may be fewer than given."""
        if hasattr(os, "pwrite"):
            return os.pwrite(fd, data, offset)
        os.lseek(fd, offset, os.SEEK_SET)
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Return when the file's data, and its length, are on the disk."""
        if hasattr(os, "fdatasync"):
            os.fdatasync(fd)
        else:
            os.fsync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file."""
        os.ftruncate(fd, size)

    def replace(self, source: Path, target: Path) -> None:
        """Give a file a new name, over any that has it."""
        os.replace(source, target)

    def sync_folder(self, path: Path) -> None:
        """Return when the names in a folder are on the disk. Does nothing where folders can't be opened (Windows)."""
        if os.name == "nt":
            return
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_all(files: FileOps, fd: int, data: bytes, offset: int) -> None:
    """Write all of it."""
    view = memoryview(data)
    done = 0
    while done < len(view):
        done += files.write(fd, bytes(view[done:]) if done else data, offset + done)


def write_whole(files: FileOps, path: Path, data: bytes) -> None:
    """A file with all of this in it, durably, or as it was before."""
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    fd = files.open(temporary)
    try:
        files.truncate(fd, 0)
        write_all(files, fd, data, 0)
        files.sync(fd)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        os.close(fd)
    files.replace(temporary, path)
    files.sync_folder(path.parent)


def read_at(fd: int, size: int, offset: int) -> bytes:
    """Up to `size` bytes from an offset."""
    if hasattr(os, "pread"):
        return os.pread(fd, size, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, size)


def last_lines(fd: int, size: int, *, block: int = 1 << 16) -> tuple[int, list[tuple[int, bytes]]]:
    """Where the last complete line ends, and the last complete lines with their offsets, latest first.

    Reads backwards until it holds one complete line at least, or everything. What lies behind the end is torn.
    """
    start, data = size, b""
    while start > 0 and data.count(b"\n") < 2:
        step = min(start, max(block, len(data)))
        start -= step
        data = read_at(fd, step, start) + data
    end = data.rfind(b"\n") + 1
    lines: list[tuple[int, bytes]] = []
    offset = start + end
    pieces = data[:end].split(b"\n")[:-1]
    for line in reversed(pieces):
        offset -= len(line) + 1
        lines.append((offset, line))
    if start > 0 and lines:
        lines.pop()  # may lack its beginning
    return start + end, lines
