"""`docreview governance build | export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

governance = typer.Typer(help="The papers of a deployment: made, compared, handed over.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(governance, name="governance")


@governance.command("build")
def build(
    root: Annotated[Path, typer.Argument(help="The repository.", exists=True, file_okay=False)] = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; exit code 1 when a file is out of date.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Data to measure with: tokenizers/, pii/dev/.", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Make the files of governance/ that hold figures anew, from their sources and from measurement."""
    from docreview.evaluate.papers import stale, write

    changed = stale(root, data) if check else write(root, data)
    for name in changed:
        typer.echo(f"governance/{name}: {'out of date; run: make governance' if check else 'made anew'}")
    if not changed:
        typer.echo("governance/: all files are up to date", err=True)
    if check and changed:
        raise typer.Exit(1)


@governance.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="A new folder, or a name that ends in .zip.")],
    folder: Annotated[Path, typer.Option("--governance", help="The deployment's own governance folder.")] = Path(
        "governance"
    ),
    log: Annotated[Path | None, typer.Option(help="An audit log to add.", exists=True, file_okay=False)] = None,
    key: Annotated[Path | None, typer.Option(help="The log's key file; the user's own by default.")] = None,
) -> None:
    """One folder or zip file for an auditor: policy and papers, the machine, and the audit log without payloads."""
    from docreview.evaluate.papers.export import export as write

    names = write(out, governance=folder, log=log, key=key)
    typer.echo(f"{out}: {len(names)} files", err=True)
