"""The power fails at any call: what was not synced may be gone, in part or whole. What was acknowledged is there."""

import os
import random

import pytest
from audit_logs import in_memory, records

from docreview.governance.audit import AuditLog, show, verify
from docreview.governance.audit.files import FileOps


class PowerCut(BaseException):
    """Nothing after this was done."""


class Disk(FileOps):
    """Remembers what is surely on the disk: contents at each sync, names at each sync of a folder."""

    def __init__(self, at):
        self.at, self.calls = at, 0
        self.safe, self.named, self.fds = {}, {}, {}

    def _count(self):
        self.calls += 1
        if self.calls == self.at:
            raise PowerCut

    def open(self, path):
        self._count()
        fd = super().open(path)
        self.fds[fd] = path
        return fd

    def write(self, fd, data, offset):
        self._count()
        return super().write(fd, data, offset)

    def truncate(self, fd, size):
        self._count()
        super().truncate(fd, size)

    def sync(self, fd):
        self._count()
        self.safe[os.fstat(fd).st_ino] = self.fds[fd].read_bytes()

    def replace(self, source, target):
        self._count()
        super().replace(source, target)

    def sync_folder(self, path):
        self._count()
        self.named[path] = {file.name: file.stat().st_ino for file in path.iterdir() if file.is_file()}

    def cut(self, folder, dice):
        """Leave the folder as it may be found when the power is back."""
        for file in [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]:
            inode = file.stat().st_ino
            known, names = self.safe.get(inode, b""), self.named.get(file.parent, {})
            if names.get(file.name) != inode and dice.random() < 0.5:
                file.unlink()
            elif dice.random() < 0.8:
                file.write_bytes(maybe(known, file.read_bytes(), dice))


def maybe(safe, newest, dice):
    """Some state between the two: a prefix of the added bytes, and changed bytes up to some place."""
    at = dice.choice((0, dice.randint(0, len(newest)), len(newest)))
    mixed = newest[:at] + safe[at:]
    return mixed if len(newest) >= len(safe) else dice.choice((safe, newest))


def write(disk, folder, key, acknowledged):
    log = AuditLog(folder, key=key, files=disk, segment_bytes=3000)
    for start in range(0, 30, 5):
        acknowledged += [(seq, start + i) for i, seq in enumerate(log.append(records(5, start)))]
    log.close()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_outlives_a_power_cut_at_any_call(seed):
    with in_memory() as place:
        AuditLog(place / "first", key=place / "key").add("run_started")  # so that the key is there
        whole = Disk(-1)
        write(whole, place / "whole", place / "key", [])
        for at in range(1, whole.calls + 1):
            folder, acknowledged, disk = place / f"log{at}", [], Disk(at)
            with pytest.raises(PowerCut):
                write(disk, folder, place / "key", acknowledged)
            disk.cut(folder, random.Random(seed * 1000 + at))
            with AuditLog(folder, key=place / "key") as log:
                log.append(records(2, 100))
            result = verify(folder, key=place / "key")
            assert result["intact"], (at, result)
            pages = {event.seq: event.data.get("pages") for event in show(folder)}
            for seq, number in acknowledged:
                assert pages[seq] == (None if number % 3 else number)
