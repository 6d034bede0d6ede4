"""Is the log what was written? Lines, digests, checkpoints, payloads, and what was put aside."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from docreview.errors import AuditError
from docreview.governance.audit.journal import Batch, last_batch
from docreview.governance.audit.keys import Key, verify_ed25519
from docreview.governance.audit.lock import WriterLock
from docreview.governance.audit.payloads import Rows, Sealer, covers
from docreview.governance.audit.standalone import Chain, Fault, check_note, open_note, read_head, walk


def verify(
    folder: str | os.PathLike[str], *, key: Path | None = None, checkpoints: Sequence[Path] = ()
) -> dict[str, Any]:
    """What `docreview audit verify` prints: `intact`, `records`, and either what was found or the first `fault`.

    Payloads are opened and compared with their commitments where the log's key is at hand; `payloads.opened` says so.
    A checkpoint remembered beside the key counts as one held outside. Writers are not kept waiting, unless something
    looks wrong: then it is looked at again with the log held still.
    """
    place = Path(folder)
    try:
        return _Check(place, Key(key), checkpoints).run()
    except (Fault, OSError) as fault:
        if not (place / "lock").exists():
            return _failed(fault)
    lock = WriterLock(place / "lock", seconds=60)
    try:
        with lock:
            return _Check(place, Key(key), checkpoints).run()
    except (Fault, OSError, AuditError) as fault:
        return _failed(fault)
    finally:
        lock.close()


def _failed(fault: Exception) -> dict[str, Any]:
    seq = fault.seq if isinstance(fault, Fault) else None
    return {"intact": False, "records": seq or 0, "seq": seq, "fault": str(fault)}


class _Check:
    def __init__(self, folder: Path, key: Key, checkpoints: Sequence[Path]) -> None:
        self.folder, self.key, self.checkpoints = folder, key, checkpoints
        self.pending: Batch | None = last_batch(folder)
        journal = folder / "journal"
        self.in_use = journal.exists() and journal.stat().st_size > 0  # a writer is at it, or was killed
        self.present = self.leftover = 0
        self.blank: list[int] = []
        self.dashes = 0
        self.sealer: Sealer | None = None
        self.rows_seen: set[str] = set()

    def run(self) -> dict[str, Any]:
        head, origin, public = read_head(self.folder)
        with suppress(AuditError):  # without the key all but the payloads is checked, and the result says so
            if self.key.exists and self.key.public == public:
                self.sealer = Sealer(self.key.sealing_key(origin))
        opened = self._notes(origin, public)
        chain = Chain(head, [size for size, _, _ in opened])
        segments = walk(self.folder, chain, self._payloads, complete=self._completed)
        for size, root, _ in opened:
            check_note(size, root, chain)
        self._strangers()
        unfinished = self._deleted(chain)
        result = {"intact": True, "records": chain.seq, "segments": segments, "origin": origin}
        result["root"] = chain.tree.root().hex()
        result["checkpoints"] = [{"size": size, "from": source} for size, _, source in opened]
        result["payloads"] = {
            "present": self.present,
            "deleted": len(self.blank),
            "to_delete": unfinished,
            "leftover": self.leftover,
            "opened": self.sealer is not None,
        }
        result["torn"] = self._torn(chain)
        return result

    def _notes(self, origin: str, public: bytes) -> list[tuple[int, bytes, str]]:
        notes = [(path.read_bytes(), path.name) for path in self.checkpoints]
        remembered = self.key.last_signed(origin)
        if remembered is not None:
            notes.append((remembered, "beside the key"))
        return [(*open_note(note, origin, public, verify_ed25519), source) for note, source in notes]

    def _completed(self, name: str, data: bytes) -> bytes:
        batch = self.pending
        if batch is None or batch.first != int(name):
            return data
        return _filled(data, batch.offset, batch.lines)

    def _payloads(self, name: str, chain: Chain) -> None:
        first, path = int(name), self.folder / "payloads" / f"{name}.rows"
        data = path.read_bytes() if path.exists() else b""
        if self.pending is not None and self.pending.first == first:
            data = _filled(data, self.pending.rows_offset, self.pending.rows)
        rows = Rows(first, chain.commitments, self.sealer)
        last = self.in_use and not (self.folder / "segments" / f"{name}.digest").exists()
        self.present += rows.check(data, last=last)
        if rows.missing:
            raise Fault(rows.missing[0], "its payload is gone, and no deletion was logged")
        self.blank += rows.blank
        self.dashes += rows.dashes
        self.leftover += rows.leftover
        self.rows_seen.add(path.name)

    def _strangers(self) -> None:
        found = (p.name for p in (self.folder / "payloads").glob("*") if not p.name.startswith(".tmp-"))
        strange = sorted(set(found) - self.rows_seen)
        if strange and not self.in_use:
            raise Fault(None, f"payloads/{strange[0]}: belongs to no segment")

    def _deleted(self, chain: Chain) -> int:
        purges = [data for _, kind, data in chain.special if kind == "purge" and "seqs" in data]  # not their "done"
        logged = covers(pair for data in purges for pair in data["seqs"])
        for seq in self.blank:
            if not logged(seq):
                raise Fault(seq, "its payload was deleted, and no deletion was logged")
        unfinished = sum(int(data["count"]) for data in purges) - len(self.blank)
        if unfinished < 0 or (not unfinished and self.dashes != sum(int(data["bytes"]) for data in purges)):
            raise Fault(None, "payloads: what was deleted is not what the log says")
        return unfinished

    def _torn(self, chain: Chain) -> int:
        """How many torn pieces were put aside; each must still be what it was."""
        logged = {data["torn_sha256"] for _, kind, data in chain.special if kind == "recovery"}
        there = {file.name: file for file in (self.folder / "torn").glob("*") if not file.name.startswith(".tmp-")}
        for name in sorted(logged | set(there)):
            file = there.get(name)
            if file is None or hashlib.sha256(file.read_bytes()).hexdigest() != name:
                raise Fault(None, f"torn/{name}: what was put aside there is gone or was changed")
        return len(there)


def _filled(data: bytes, offset: int, end: bytes) -> bytes:
    """Data with its end as the journal has it, where it does not reach that far."""
    return data[:offset] + end if offset <= len(data) < offset + len(end) else data
