"""`docreview read FILE`: what the reading layer makes of a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("read")(read)


def read(
    file: Annotated[Path, typer.Argument(help="The document.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole document as one JSON value.")] = False,
    password_file: Annotated[
        Path | None, typer.Option(help="Passwords for encrypted PDFs, one on each line; each is tried.")
    ] = None,
    ask: Annotated[bool, typer.Option("--ask-password", help="Ask for the document's password.")] = False,
    ocr: Annotated[bool | None, typer.Option("--ocr", help="Read pages without text with tesseract.")] = None,
) -> None:
    """Print a document's text, or all that was read as JSON. Warnings go to stderr."""
    from docreview._json import dumps
    from docreview.cli._passwords import passwords
    from docreview.config import load
    from docreview.read import read_trying

    known = [typer.prompt("Password", hide_input=True, err=True)] if ask else passwords(password_file)
    document = read_trying(file, known, settings=load({"ocr": ocr}))
    for warning in document.warnings:
        where = f"page {warning.page}: " if warning.page else ""
        typer.echo(f"{file.name}: {where}{warning.message}", err=True)
    typer.echo(dumps(document) if as_json else document.text)
