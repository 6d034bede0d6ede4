"""`docreview index FOLDER -o LIBRARY`: make documents searchable."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("index")(index)


def index(
    folder: Annotated[Path, typer.Argument(help="The folder of documents.")],
    library: Annotated[
        Path, typer.Option("--output", "-o", help="The library: a new folder, or one to bring up to date.")
    ],
    dense: Annotated[bool, typer.Option("--dense", help="Also embed all passages with MiniLM; takes minutes.")] = False,
    password_file: _options.PasswordFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Read a folder into a library that `docreview search` answers from; unchanged files cost nothing."""
    from docreview._json import dumps
    from docreview.search import build, build_dense

    report = build(folder, library, passwords=passwords(password_file), progress=_meter("documents"))
    made = build_dense(library, progress=_meter("passages")) if dense else None
    if as_json:
        typer.echo(dumps({"index": report, "dense": made}))
    else:
        typer.echo(
            f"{report.documents} documents, {report.passages} passages in {report.seconds:.1f} s: {report.added} new,"
            f" {report.unchanged} unchanged, {report.removed} removed, {len(report.failures)} not readable"
        )
        if made is not None:
            typer.echo(f"{made.embedded} passages embedded in {made.seconds:.1f} s")
        for failure in report.failures:
            typer.echo(f"{failure.path}\t{failure.error}\t{failure.message}")
    if report.failures:
        raise typer.Exit(1)


def _meter(what: str) -> Callable[[int, int], None]:
    """Rate and time left on stderr: in place on a terminal, a line every ten seconds elsewhere."""
    live, began = sys.stderr.isatty(), time.monotonic()
    last = began

    def show(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done < total and now - last < (0.2 if live else 10.0):
            return
        last = now
        rate = done / max(now - began, 1e-9)
        line = f"{done}/{total} {what}, {rate:.0f} a second, {(total - done) / max(rate, 1e-9):.0f} s left"
        typer.echo(f"\r{line}   " if live else line, err=True, nl=not live or done == total)

    return show
