"""`docreview compare OLD NEW`: what became of each clause, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("compare")(compare)


def compare(
    old: Annotated[Path, typer.Argument(help="The document as it was.")],
    new: Annotated[Path, typer.Argument(help="The document as it is.")],
    html: Annotated[Path | None, typer.Option(help="Write the two side by side into this HTML file.")] = None,
    redline: Annotated[Path | None, typer.Option(help="Write a DOCX with tracked changes and comments.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All pairs and differences as one JSON value.")] = False,
    password_file: _options.PasswordFile = None,
) -> None:
    """Compare two documents clause by clause: what was changed, added, removed, moved and renumbered."""
    from docreview import config
    from docreview._json import dumps, write_atomic
    from docreview.cli._table import clean
    from docreview.compare import compare
    from docreview.compare.page import comparison_page
    from docreview.compare.redline import redline as tracked
    from docreview.compare.show import lines, plain
    from docreview.read import read_trying

    settings, known = config.load(), passwords(password_file)
    documents = [read_trying(file, known, settings=settings) for file in (old, new)]
    comparison = compare(*documents)
    if html is not None:
        write_atomic(html, comparison_page(comparison))
    if redline is not None:
        write_atomic(redline, tracked(comparison))
    if as_json:
        typer.echo(dumps(plain(comparison)))
        return
    for line in lines(comparison):
        typer.echo(clean(line))
