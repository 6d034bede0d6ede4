"""A log with a bit of everything in it, and ways to harm it."""

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docreview.governance.audit import Record


@contextmanager
def in_memory() -> Iterator[Path]:
    """A new folder, in memory where that can be: these tests wait for the disk thousands of times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield Path(name)


def records(count: int, start: int = 0) -> list[Record]:
    return [
        Record(kind="tool_call", data={"gen_ai.tool.name": "record_clause", "arguments": {"quote": f"secret {i}"}})
        if i % 3
        else Record(kind="document_read", data={"pages": i, "document_sha256": f"{i:064x}"}, run_id="0123456789abcdef")
        for i in range(start, start + count)
    ]


def harm(folder: Path, seed: int) -> str:
    """Change a log at one place; what was done, or "" when it left all bytes as they were."""
    dice = random.Random(seed)
    places = (folder / kind for kind in ("segments", "payloads"))
    files = [*sorted(path for place in places for path in place.iterdir()), folder / "log.json"]
    path = dice.choice(files)
    before = path.read_bytes()
    act = dice.choice((flip, flip, swap, drop, double, insert, cut_inside, overwrite, remove))
    after = act(dice, before, path)
    if after == before:
        return ""
    if after is None:
        path.unlink()
    else:
        path.write_bytes(after)
    return f"{act.__name__} {path.parent.name}/{path.name}"


def flip(dice: random.Random, data: bytes, path: Path) -> bytes:
    at = dice.randrange(len(data) or 1)
    return data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :] if data else data


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def swap(dice: random.Random, data: bytes, path: Path) -> bytes:
    lines = _lines(data)
    if len(lines) > 1:
        a, b = dice.sample(range(len(lines)), 2)
        lines[a], lines[b] = lines[b], lines[a]
    return b"".join(lines)


def drop(dice: random.Random, data: bytes, path: Path) -> bytes:
    """Not the newest line of the log: that is a cut tail."""
    lines = _lines(data)
    if len(lines) > 1:
        del lines[dice.randrange(len(lines) - 1)]
    return b"".join(lines)


def double(dice: random.Random, data: bytes, path: Path) -> bytes:
    lines = _lines(data)
    if lines:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return b"".join(lines)


def insert(dice: random.Random, data: bytes, path: Path) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + dice.randbytes(dice.randint(1, 40)) + data[at:]


def overwrite(dice: random.Random, data: bytes, path: Path) -> bytes:
    at = dice.randrange(len(data) or 1)
    piece = dice.randbytes(dice.randint(1, 40))
    return data[:at] + piece + data[at + len(piece) :]


def cut_inside(dice: random.Random, data: bytes, path: Path) -> bytes:
    """Cut so that a line is left without its end."""
    if len(data) < 2:
        return data
    at = dice.randrange(1, len(data))
    return data[: at - 1] if data[:at].endswith(b"\n") else data[:at]


def remove(dice: random.Random, data: bytes, path: Path) -> None:
    return None


def copy(folder: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to
