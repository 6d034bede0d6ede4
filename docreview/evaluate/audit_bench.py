"""How fast the audit log is: durable appends beside the disk's own sync, groups, and verification."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from docreview.governance.audit import AuditLog, Record, verify
from docreview.governance.audit.standalone import check

GROUP: Final = 4096
TURN: Final = 25


def bench(folder: Path | None = None, *, appends: int = 300, records: int = 100_000) -> dict[str, Any]:
    """The figures, measured in a new folder inside `folder` (the system's temporary one by default).

    Raw writes with fsync and durable appends take turns, so that both meet the same disk. Every record has a payload.
    `verify` opens all payloads; `verify_lines` is the standalone program, which sees lines only.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        with AuditLog(place / "log", key=place / "key") as log:
            raw, durable = _turns(log, place / "raw", appends)
            began = time.perf_counter()
            for start in range(0, records, GROUP):
                log.append([_record(i) for i in range(start, min(start + GROUP, records))])
            grouped = records / (time.perf_counter() - began)
        began = time.perf_counter()
        result = verify(place / "log", key=place / "key")
        whole = result["records"] / (time.perf_counter() - began)
        began = time.perf_counter()
        lines = check(place / "log", [])["records"] / (time.perf_counter() - began)
    return {
        "raw_fsync_ms": {"median": _ms(statistics.median(raw)), "mean": _ms(statistics.mean(raw))},
        "durable_append_ms": {"median": _ms(statistics.median(durable)), "mean": _ms(statistics.mean(durable))},
        "append_to_fsync": {
            "median": round(statistics.median(durable) / statistics.median(raw), 3),
            "mean": round(statistics.mean(durable) / statistics.mean(raw), 3),
        },
        "grouped_per_second": round(grouped),
        "verify_per_second": round(whole),
        "verify_lines_per_second": round(lines),
        "records": result["records"],
        "intact": result["intact"],
    }


def _turns(log: AuditLog, path: Path, count: int) -> tuple[list[float], list[float]]:
    """Seconds of each raw write of a line's length with fsync, and of each append; 25 of one, then of the other."""
    log.append([_record(0)])
    raw: list[float] = []
    durable: list[float] = []
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        while len(raw) < count:
            raw += [_seconds(lambda: _raw(fd)) for _ in range(TURN)]
            durable += [_seconds(lambda: log.append([_record(0)])) for _ in range(TURN)]
    finally:
        os.close(fd)
    return raw, durable


def _raw(fd: int) -> None:
    os.write(fd, b"x" * 450 + b"\n")
    os.fsync(fd)


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _record(number: int) -> Record:
    data = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "record_clause", "seconds": 0.25}
    return Record(kind="tool_call", data=data, payload={"quote": f"not a word of anybody's, number {number}"})


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def report(figures: dict[str, Any]) -> str:
    """The figures as JSON."""
    return json.dumps(figures, indent=2)
