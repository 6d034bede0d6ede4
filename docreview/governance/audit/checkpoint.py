"""Signed checkpoints: what the log held, to be kept where the log's keeper can't reach it."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from docreview.errors import AuditError
from docreview.governance.audit.keys import verify_ed25519
from docreview.governance.audit.log import AuditLog
from docreview.governance.audit.standalone import Chain, Fault, check_note, open_note, read_head, walk
from docreview.governance.audit.tail import segment_file


def checkpoint(folder: str | os.PathLike[str], *, key: Path | None = None) -> str:
    """Sign the log as it is now: a C2SP tlog-checkpoint, its root being that of the RFC 6962 tree over all lines.

    All lines are checked first. The checkpoint is remembered beside the key, and none is ever signed that contradicts
    a remembered one.

    Raises:
        AuditError: The log is not intact, or no longer what an earlier checkpoint saw. Nothing is signed.
    """
    place = Path(folder)
    if not (place / "log.json").is_file():
        raise AuditError(None, f"{place}: no audit log")
    with AuditLog(place, key=key) as log:
        with log.writing() as tail:
            log.files.sync(tail.segment)
            until = (f"{tail.first:016d}", segment_file(place, tail.first).stat().st_size)
        try:
            return _signed(log, until)
        except Fault as fault:
            raise AuditError(fault.seq, f"{place}: {fault.message}. Nothing was signed") from None


def _signed(log: AuditLog, until: tuple[str, int]) -> str:
    head, origin, public = read_head(log.folder)
    before = log.key.last_signed(origin)
    earlier = open_note(before, origin, public, verify_ed25519) if before else None
    chain = Chain(head, [earlier[0]] if earlier else [])
    walk(log.folder, chain, until=until)
    if earlier:
        check_note(*earlier, chain)
    text = f"{origin}\n{chain.seq}\n{base64.b64encode(chain.tree.root()).decode()}\n".encode()
    note = log.key.sign(origin, text)
    with log.writing():
        now = log.key.last_signed(origin)
        if now is None or open_note(now, origin, public, verify_ed25519)[0] <= chain.seq:
            log.key.remember(origin, note)
    return note.decode()
