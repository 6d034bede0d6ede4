"""No acknowledged record is lost: killed writers, failing disks, many at once."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from audit_logs import records

from docreview.errors import AuditError
from docreview.governance.audit import AuditLog, Record, show, verify
from docreview.governance.audit.files import FileOps

APPEND = [sys.executable, "-m", "docreview", "audit", "append"]


class FailingDisk(FileOps):
    """Fails, or ends the process, at one of its calls; from then on always when `stays`."""

    def __init__(self, at: int, error: int, *, stays: bool = False, short: bool = False) -> None:
        self.at, self.error, self.stays, self.short, self.calls = at, error, stays, short, 0

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.at or (self.stays and self.calls > self.at):
            if self.error == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(self.error, os.strerror(self.error))

    def make_folder(self, path):
        self._count()
        super().make_folder(path)

    def open(self, path):
        self._count()
        return super().open(path)

    def write(self, fd, data, offset):
        if self.short and self.calls + 1 == self.at:
            super().write(fd, data[: len(data) // 2], offset)
        self._count()
        return super().write(fd, data, offset)

    def sync(self, fd):
        self._count()
        super().sync(fd)

    def truncate(self, fd, size):
        self._count()
        super().truncate(fd, size)

    def replace(self, source, target):
        self._count()
        super().replace(source, target)

    def sync_folder(self, path):
        self._count()
        super().sync_folder(path)


def write_with(files, folder, key, acknowledged):
    """Six batches over several segments, going on after every error."""
    log = AuditLog(folder, key=key, files=files, segment_bytes=3000)
    for start in range(0, 30, 5):
        try:
            acknowledged += log.append(records(5, start))
        except AuditError:
            continue
    with suppress(AuditError):
        log.close()


def check_after(folder, key, acknowledged):
    """All acknowledged records are there, the next append works, and the log is intact."""
    with AuditLog(folder, key=key) as log:
        more = log.append(records(2, 100))
    result = verify(folder, key=key)
    assert result["intact"], result
    events = {event.seq: event for event in show(folder)}
    assert set(acknowledged) | set(more) <= set(events)
    assert len(set(acknowledged)) == len(acknowledged)
    assert sum(event.kind in ("tool_call", "document_read") for event in events.values()) >= len(acknowledged) + 2


def calls_of_a_whole_run(tmp_path):
    files = FailingDisk(-1, errno.EIO)
    done = []
    write_with(files, tmp_path / "whole", tmp_path / "whole.key", done)
    assert len(done) == 30
    return files.calls


@pytest.mark.parametrize(
    ("error", "stays", "short"),
    [(errno.EIO, False, False), (errno.ENOSPC, False, True), (errno.ENOSPC, True, True), (errno.EIO, True, False)],
)
def test_a_failing_disk_loses_nothing_acknowledged(tmp_path, error, stays, short):
    for at in range(1, calls_of_a_whole_run(tmp_path) + 1):
        folder, key, acknowledged = tmp_path / f"log{at}", tmp_path / f"{at}.key", []
        write_with(FailingDisk(at, error, stays=stays, short=short), folder, key, acknowledged)
        check_after(folder, key, acknowledged)


@pytest.mark.slow
def test_a_writer_killed_at_any_call_loses_nothing_acknowledged(tmp_path):
    for at in range(1, calls_of_a_whole_run(tmp_path) + 1):
        folder, key = tmp_path / f"log{at}", tmp_path / f"{at}.key"
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:  # pragma: no cover
            log = AuditLog(folder, key=key, files=FailingDisk(at, 0, short=bool(at % 2)), segment_bytes=3000)
            for start in range(0, 30, 5):
                os.write(writing, json.dumps(log.append(records(5, start))).encode() + b"\n")
            log.close()
            os._exit(0)
        os.close(writing)
        os.waitpid(child, 0)
        with os.fdopen(reading) as answers:
            acknowledged = [seq for line in answers for seq in json.loads(line)]
        if (folder / "log.json").exists() and acknowledged:
            result = verify(folder, key=key)  # as it lies there, before any writer has put it right
            assert result["intact"], (at, result)
            assert result["records"] > max(acknowledged)
        check_after(folder, key, acknowledged)


def kill_run(folder: Path, key: Path, seed: int) -> list[int]:
    """Feed a writer until it is killed at a random moment; what it acknowledged."""
    dice = random.Random(seed)
    with subprocess.Popen(
        [*APPEND, "--log", folder, "--key", key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        os.set_blocking(writer.stdin.fileno(), False)
        lines = b"".join(
            json.dumps({"kind": "tool_call", "n": i, "quote": "q" * dice.randint(0, 400)}).encode() + b"\n"
            for i in range(2000)
        )
        answers, sent, end = b"", 0, None
        os.set_blocking(writer.stdout.fileno(), False)
        while end is None or time.monotonic() < end:
            with suppress(BlockingIOError):
                sent += os.write(writer.stdin.fileno(), lines[sent : sent + dice.randint(1, 60000)])
                sent %= len(lines)
            answers += writer.stdout.read() or b""
            if end is None and answers:
                end = time.monotonic() + dice.random() * 0.05
        writer.kill()
        os.set_blocking(writer.stdout.fileno(), True)
        answers += writer.stdout.read()
    whole = answers[: answers.rfind(b"\n") + 1].decode().splitlines()
    return [int(line.removeprefix("OK ")) for line in whole if line.startswith("OK ")]


def check_kills(tmp_path, runs):
    folder, key = tmp_path / "log", tmp_path / "audit.key"
    acknowledged = []
    for seed in runs:
        acknowledged += kill_run(folder, key, seed)
        result = verify(folder, key=key)
        assert result["intact"], result
        assert result["records"] > max(acknowledged)
    assert len(set(acknowledged)) == len(acknowledged) > 10 * len(runs)
    check_after(folder, key, acknowledged)


@pytest.mark.slow
def test_killed_writers_lose_nothing_acknowledged(tmp_path):
    check_kills(tmp_path, range(4))


@pytest.mark.slow
def test_sixty_killed_writers_lose_nothing_acknowledged(tmp_path):
    check_kills(tmp_path, range(100, 160))


@pytest.mark.slow
def test_eight_processes_write_one_log(tmp_path):
    folder, key, each = tmp_path / "log", tmp_path / "audit.key", 100
    text = "".join(json.dumps({"kind": "tool_call", "who": "w", "n": n}) + "\n" for n in range(each)).encode()
    writers = [
        subprocess.Popen([*APPEND, "--log", folder, "--key", key], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(8)
    ]
    for start in range(0, len(text), 700):  # in pieces, so that they take turns
        for writer in writers:
            writer.stdin.write(text[start : start + 700])
            writer.stdin.flush()
    numbers = []
    for writer in writers:
        out, _ = writer.communicate()
        assert writer.returncode == 0
        numbers += [int(line.split()[1]) for line in out.decode().splitlines()]
    assert sorted(numbers) == list(range(8 * each))
    result = verify(folder, key=key)
    assert result["intact"], result
    assert result["records"] == 8 * each == result["payloads"]["present"]


def test_threads_and_a_forked_child_share_a_log(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with AuditLog(tmp_path / "log", key=tmp_path / "audit.key") as log:
        log.add("run_started")
        child = os.fork()
        if child == 0:  # pragma: no cover
            for _ in range(20):
                log.add("record", payload="child")
            os._exit(0)
        with ThreadPoolExecutor(4) as pool:
            numbers = list(pool.map(lambda n: log.add("record", payload=n), range(40)))
        assert os.waitpid(child, 0)[1] == 0
    assert len(set(numbers)) == 40
    assert verify(tmp_path / "log", key=tmp_path / "audit.key")["records"] == 61


def test_a_torn_last_line_is_put_aside_and_reported(made, key):
    last = sorted((made / "segments").glob("*.jsonl"))[-1]
    torn = b'{"seq":60,"at":"2026-11-'
    with open(last, "ab") as file:
        file.write(torn)
    assert not verify(made, key=key)["intact"]
    with AuditLog(made, key=key) as log:
        assert log.append([Record(kind="run_started")]) == [61]
        assert [repair.torn_bytes for repair in log.repairs] == [len(torn)]
    kept = list((made / "torn").iterdir())
    assert [file.read_bytes() for file in kept] == [torn]
    result = verify(made, key=key)
    assert result["intact"], result
    assert result["torn"] == 1
    assert [event.kind for event in show(made, after=59)] == ["recovery", "run_started"]
    kept[0].write_bytes(b"something else")
    assert not verify(made, key=key)["intact"]


def test_a_damaged_last_line_is_added_to_by_nobody(made, key):
    last = sorted((made / "segments").glob("*.jsonl"))[-1]
    last.write_bytes(last.read_bytes().replace(b'"kind":"tool_call"', b'"kind":"tool_xxxx"'))
    with pytest.raises(AuditError, match="not as it was written"):
        AuditLog(made, key=key).append(records(1))


def test_a_held_lock_is_waited_for_and_then_named(tmp_path):
    first = AuditLog(tmp_path / "log", key=tmp_path / "audit.key")
    second = AuditLog(tmp_path / "log", key=tmp_path / "audit.key", lock_seconds=0.2)
    with first.writing(), pytest.raises(AuditError, match="another writer"):
        second.append(records(1))
    assert second.append(records(1)) == [0]


def test_a_log_that_was_removed_or_replaced_while_in_use_is_not_written(tmp_path, key, made):
    log = AuditLog(tmp_path / "used", key=key)
    log.add("run_started")
    (tmp_path / "used").rename(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="while in use"):
        log.add("run_ended")
    assert log.add("run_started") == 0
    (tmp_path / "used").rename(tmp_path / "away")
    made.rename(tmp_path / "used")
    with pytest.raises(AuditError, match="while in use"):
        log.add("run_ended")
    assert log.add("run_ended") == 60
    log.close()
    assert [verify(tmp_path / name, key=key)["records"] for name in ("used", "away", "elsewhere")] == [61, 1, 1]
