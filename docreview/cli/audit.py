"""`docreview audit ...`: the log of what was done, for the people who must be able to check it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from docreview.governance.audit import AuditEvent, AuditLog, Record

audit = typer.Typer(help="The audit log: append, show, verify, sign, export, delete payloads.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--log", help="The log's folder.")]
KeyFile = Annotated[
    Path | None, typer.Option("--key", help="The log's key file, made on first use; the user's own by default.")
]
Seqs = Annotated[str | None, typer.Option(help="Numbers of events, as 3-9,12.")]
Run = Annotated[str | None, typer.Option("--run", help="The events of this run.")]
_MOST: Final = 4096
_LONGEST: Final = 16 << 20


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(audit, name="audit")


@audit.command("append")
def append(log: Folder, key: KeyFile = None) -> None:
    """Log JSON records from stdin, one a line; `OK <seq>` for each as soon as it is on the disk.

    A line that is no JSON object is answered by `ERROR <line>: <reason>`, and the exit code is 1.
    """
    from docreview.governance.audit import AuditLog

    failures = 0
    with AuditLog(log, key=key) as writer:
        with writer.writing():
            pass  # say now, before any record is taken, when there can be no log here
        for batch in _batches():
            records = [record for record in batch if not isinstance(record, str)]
            numbers = iter(writer.append(records))
            answers = (record if isinstance(record, str) else f"OK {next(numbers)}\n" for record in batch)
            sys.stdout.write("".join(answers))
            sys.stdout.flush()
            failures += len(batch) - len(records)
            _tell(writer)
    if failures:
        raise typer.Exit(1)


def _tell(writer: AuditLog) -> None:
    for repair in writer.repairs:
        typer.echo(
            f"docreview: a torn last line ({repair.torn_bytes} bytes) was put aside: torn/{repair.torn_sha256[:9]}...",
            err=True,
        )
    writer.repairs.clear()


def _batches() -> Iterator[list[Record | str]]:
    """All lines that have come so far, as records or as the answer to a bad one."""
    held, number = b"", 0
    while True:
        piece = os.read(sys.stdin.fileno(), 1 << 20)
        *lines, held = (held + piece).split(b"\n")
        if not piece and held:
            lines, held = [held], b""
        if len(held) > _LONGEST:
            raise typer.BadParameter(f"line {number + len(lines) + 1} is longer than {_LONGEST >> 20} MiB")
        for start in range(0, len(lines), _MOST):
            rows = [
                _record(line, number + 1 + i) for i, line in enumerate(lines[start : start + _MOST]) if line.strip()
            ]
            number += len(lines[start : start + _MOST])
            if rows:
                yield rows
        if not piece:
            return


def _record(line: bytes, number: int) -> Record | str:
    from docreview.governance.audit import Record
    from docreview.governance.audit.event import pack

    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            return f"ERROR {number}: not a JSON object\n"
        pack(row)
    except (ValueError, RecursionError) as error:
        return f"ERROR {number}: not a JSON object ({type(error).__name__})\n"
    return Record.of(row)


@audit.command("show")
def show(
    log: Folder,
    seqs: Seqs = None,
    run: Run = None,
    kind: Annotated[str | None, typer.Option(help="Only events of this kind.")] = None,
    payloads: Annotated[bool, typer.Option("--payloads", help="With their payloads, in clear.")] = False,
    key: KeyFile = None,
) -> None:
    """The events, one JSON line each. Does not check them: that is `verify`."""
    from docreview._json import plain
    from docreview.governance.audit import show as events
    from docreview.governance.audit.show import payloads as opened

    chosen = _chosen(seqs, run, None)
    private: dict[int, Any] = {}
    if payloads:
        private = {seq: payload for seq, _, payload in opened(log, _numbers(seqs) or (lambda _: True), key=key)}
    for event in events(log):
        if (chosen is None or chosen(event)) and kind in (None, event.kind):
            row = plain(event)
            if event.seq in private:
                row["payload"] = private[event.seq]
            typer.echo(json.dumps(row, separators=(",", ":")))  # in ASCII: a payload may hold what UTF-8 can't


@audit.command("verify")
def verify(
    log: Folder,
    checkpoint: Annotated[list[Path] | None, typer.Option(help="A checkpoint that was kept elsewhere.")] = None,
    key: KeyFile = None,
) -> None:
    """Check the log: exit code 0 only when it is intact. Prints what was found as JSON.

    Without a checkpoint from elsewhere, a cut end or a log written anew by who holds the disk can't be seen.
    """
    from docreview._json import dumps
    from docreview.governance.audit import verify as check

    result = check(log, key=key, checkpoints=checkpoint or [])
    typer.echo(dumps(result))
    if not result["intact"]:
        raise typer.Exit(1)


@audit.command("checkpoint")
def checkpoint(log: Folder, key: KeyFile = None) -> None:
    """Print a signed checkpoint (C2SP tlog-checkpoint). Keep it where the log's keeper can't change it."""
    from docreview.governance.audit import checkpoint as sign

    typer.echo(sign(log, key=key), nl=False)


@audit.command("export")
def export(
    log: Folder,
    out: Annotated[Path, typer.Option(help="A new folder, or a name that ends in .zip.")],
    disclose: Annotated[str | None, typer.Option(help="Payloads to add in clear: numbers as 3-9,12, or all.")] = None,
    key: KeyFile = None,
) -> None:
    """Copy the log for an auditor, with a checkpoint and a program that checks it on plain Python."""
    from docreview.governance.audit import export as copy

    wanted: Callable[[int], bool] | None = (lambda _: True) if disclose == "all" else _numbers(disclose)
    count = copy(log, out, key=key, disclose=wanted)
    typer.echo(f"{out}: the log, {count} payloads disclosed. Check it with: python3 verify.py", err=True)


@audit.command("purge")
def purge(
    log: Folder,
    seqs: Seqs = None,
    run: Run = None,
    document: Annotated[str | None, typer.Option(help="Events about the document with this SHA-256.")] = None,
    days: Annotated[int | None, typer.Option(help="Older than this; at most the policy's days.", min=0)] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy; governance/policy.toml by default.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    key: KeyFile = None,
) -> None:
    """Delete payloads: those named, or those older than the retention policy says. Legal holds are kept.

    The lines stay, with their commitments: the log still verifies, and what is gone can't be guessed from it.
    """
    from docreview._json import dumps
    from docreview.governance.audit import AuditLog, Retention
    from docreview.governance.audit import purge as delete

    chosen = _chosen(seqs, run, document)
    if chosen is not None and days is not None:
        raise typer.BadParameter("--days goes with no other choice")
    retention = Retention.load(policy)
    with AuditLog(_existing(log), key=key) as writer:
        typer.echo(dumps(delete(writer, retention, chosen=chosen, days=days, dry=dry_run)))


@audit.command("hold")
def hold(
    log: Folder,
    seqs: Seqs = None,
    run: Run = None,
    reason: Annotated[str, typer.Option(help="Kept as a payload.")] = "",
    release: Annotated[str | None, typer.Option(help="End the hold with this id.")] = None,
    show_all: Annotated[bool, typer.Option("--list", help="Only show the holds there are.")] = False,
    key: KeyFile = None,
) -> None:
    """Place a legal hold on the whole log, on a run, or on events: their payloads are not deleted until its release."""
    from docreview._json import dumps
    from docreview.governance import audit as library

    _existing(log)
    if not show_all:
        with library.AuditLog(log, key=key) as writer:
            if release is not None:
                library.release(writer, release, reason=reason)
            else:
                library.hold(writer, run=run, seqs=_ranges(seqs) if seqs else None, reason=reason)
    for kept in library.holds(library.show(log)):
        typer.echo(dumps(kept))


@audit.command("schema")
def schema() -> None:
    """Print the JSON Schema of the log's lines, as it lies in governance/audit_event.schema.json."""
    from docreview.governance.audit.event import schema as of_a_line

    typer.echo(json.dumps(of_a_line(), indent=2))


def _existing(log: Path) -> Path:
    if not (log / "log.json").is_file():
        raise typer.BadParameter(f"{log}: no audit log")
    return log


def _ranges(text: str) -> list[tuple[int, int]]:
    ranges = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        if not low.strip().isdigit() or not (high or low).strip().isdigit():
            raise typer.BadParameter(f"{text!r}: numbers of events look like 3-9,12")
        ranges.append((int(low), int(high or low)))
    return ranges


def _numbers(text: str | None) -> Callable[[int], bool] | None:
    from docreview.governance.audit.payloads import covers

    return None if text is None else covers(_ranges(text))


def _chosen(seqs: str | None, run: str | None, document: str | None) -> Callable[[AuditEvent], bool] | None:
    numbers = _numbers(seqs)
    if numbers is None and run is None and document is None:
        return None

    def chosen(event: AuditEvent) -> bool:
        return (
            (numbers is None or numbers(event.seq))
            and run in (None, event.run_id)
            and document in (None, event.data.get("document_sha256"))
        )

    return chosen
