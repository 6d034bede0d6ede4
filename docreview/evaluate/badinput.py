"""Bad and odd documents: whether each ends as its manifest expects, in how much time and memory.

The manifest is a CSV with the columns `file`, `expectation` (text, error, either), `password`, `must_contain` and
`must_contain_is`. "either" allows text or a `ReadError`, but no junk returned as text.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docreview.config import Settings
from docreview.errors import ReadError
from docreview.read import pool, read
from docreview.read.quality import garbled

MOST_SECONDS: Final = 60.0
MOST_MIB: Final = 2048.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file. `fault` is empty when it ended as expected."""

    file: str
    expectation: str
    result: str
    seconds: float
    fault: str = ""


def run(folder: Path, *, settings: Settings | None = None) -> Iterator[Outcome]:
    """Read every file of a manifest, encrypted ones without and then with their password.

    Raises:
        FileNotFoundError: The folder has no manifest.csv.
    """
    with open(folder / "manifest.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        yield _outcome(folder, row, row["expectation"], None, settings)
        if row.get("password"):
            yield _outcome(folder, row, "either", row["password"], settings)


def _outcome(
    folder: Path, row: dict[str, str], expectation: str, password: str | None, settings: Settings | None
) -> Outcome:
    began = time.monotonic()
    text = None
    try:
        text = read(folder / row["file"], password=password, settings=settings).text
        result = f"text: {len(text):,} characters"
    except ReadError as error:
        result = f"error: {error.code}"
    seconds = time.monotonic() - began
    fault = f"took {seconds:.0f} s" if seconds > MOST_SECONDS else _fault(row, expectation, text)
    name = row["file"] + (" (with password)" if password else "")
    return Outcome(file=name, expectation=expectation, result=result, seconds=seconds, fault=fault)


def _fault(row: dict[str, str], expectation: str, text: str | None) -> str:
    if text is None:
        return "no text" if expectation == "text" else ""
    if expectation == "error":
        return "an error was expected"
    if expectation == "either" and (garbled(text) or not text.strip()):
        return "junk as text"
    wanted = row.get("must_contain") or ""
    pieces = wanted.split() if row.get("must_contain_is", "").startswith("words") else [wanted]
    missing = sum(1 for piece in pieces if piece not in text)
    return f"{missing} of {len(pieces)} wanted pieces are missing" if missing and expectation == "text" else ""


def peak_mib() -> float:
    """The most memory that this process and, beside it, any ended child of it ever held, in MiB; 0 on Windows.

    Ends idle parsers, so that they are counted.
    """
    try:
        import resource
    except ImportError:
        return 0.0
    pool.close()
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return (_own_peak() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / unit


def _own_peak() -> float:
    """The most memory this process held, in the unit of `ru_maxrss`; Linux counts there what its starter held, too."""
    import resource

    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return float(found[1]) if found else 0.0


def report(outcomes: Iterable[Outcome]) -> str:
    """A table of all outcomes, then their summary."""
    rows = list(outcomes)
    lines = [f"{'file':<60} {'expected':<8} {'seconds':>7}  result"]
    for row in rows:
        fault = f"  FAULT: {row.fault}" if row.fault else ""
        lines.append(f"{row.file[:60]:<60} {row.expectation:<8} {row.seconds:7.2f}  {row.result}{fault}")
    results = Counter(row.result.partition(":")[0] for row in rows)
    codes = Counter(row.result.removeprefix("error: ") for row in rows if row.result.startswith("error"))
    faults = sum(1 for row in rows if row.fault)
    slowest = max((row.seconds for row in rows), default=0.0)
    lines += [
        "",
        f"{len(rows)} readings: {results['text']} text, {results['error']} errors; {faults} not as expected",
        "errors: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()),
        f"slowest {slowest:.1f} s (limit {MOST_SECONDS:.0f}), "
        f"peak memory {peak_mib():,.0f} MiB (limit {MOST_MIB:,.0f})",
    ]
    return "\n".join(lines)
