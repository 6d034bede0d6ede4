"""A copy of the log for an auditor, with the program that checks it: no docreview needed, only Python."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from docreview._json import dumps, write_atomic
from docreview.errors import OutputError
from docreview.governance.audit import standalone
from docreview.governance.audit.checkpoint import checkpoint
from docreview.governance.audit.event import canonical, schema
from docreview.governance.audit.log import AuditLog
from docreview.governance.audit.show import payloads
from docreview.governance.audit.tail import digest_file, names, segment_file

_README: Final = """\
An audit log of docreview, as it was when it was exported.

  log.json          the log's name and public key
  segments/         the events, one JSON line each (audit_event.schema.json), and the digests of closed segments
  checkpoint.txt    size and root of the log, signed (c2sp.org/tlog-checkpoint)
  openings.jsonl    the payloads that were disclosed, if any, each with the salt that opens its commitment
  verify.py         checks all of this:  python3 verify.py [--checkpoint FILE]

Give --checkpoint one that you were handed earlier, on another way: only then does the check also prove that nothing
was cut from the end or written anew since.
"""


def export(
    folder: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    key: Path | None = None,
    disclose: Callable[[int], bool] | None = None,
) -> int:
    """Copy the log into a new folder, or into a zip file when `out` ends in `.zip`; how many payloads are disclosed.

    Args:
        disclose: Which events' payloads to add, in clear, with their salts; none by default.

    Raises:
        OutputError: There is something at `out` already.
        AuditError: The log is not intact.
    """
    target = Path(out)
    if target.exists():
        raise OutputError(target, "is there already; name a new place")
    place = target.with_suffix("") if target.suffix == ".zip" else target
    if place.exists():
        raise OutputError(place, "is needed for making the zip file, and is there already")
    disclosed = _disclosed(Path(folder), disclose, key)
    with AuditLog(folder, key=key) as log:
        log.add("export", {"count": len(disclosed)}, actor="operator")
    note = checkpoint(folder, key=key)
    _copy(Path(folder), place, int(note.split("\n")[1]))
    write_atomic(place / "checkpoint.txt", note)
    write_atomic(place / "README.txt", _README)
    write_atomic(place / "audit_event.schema.json", dumps(schema()) + "\n")
    shutil.copyfile(standalone.__file__, place / "verify.py")
    if disclosed:
        write_atomic(place / "openings.jsonl", "".join(disclosed))
    if target.suffix == ".zip":
        shutil.make_archive(str(place), "zip", place)
        shutil.rmtree(place)
    return len(disclosed)


def _disclosed(folder: Path, disclose: Callable[[int], bool] | None, key: Path | None) -> list[str]:
    if disclose is None:
        return []
    opened = payloads(folder, disclose, key=key)
    return [canonical({"seq": seq, "salt": salt.hex(), "payload": payload}) + "\n" for seq, salt, payload in opened]


def _copy(folder: Path, place: Path, size: int) -> None:
    """Copy the first `size` lines with the digests of what is closed by then."""
    (place / "segments").mkdir(parents=True)
    shutil.copyfile(folder / "log.json", place / "log.json")
    firsts = [first for first in names(folder) if first < size or first == 0]
    for first, end in zip(firsts, [*firsts[1:], size], strict=True):
        lines = segment_file(folder, first).read_bytes().split(b"\n")[: end - first]
        write_atomic(place / "segments" / segment_file(folder, first).name, b"".join(line + b"\n" for line in lines))
        if end < size:
            shutil.copyfile(digest_file(folder, first), place / "segments" / digest_file(folder, first).name)
