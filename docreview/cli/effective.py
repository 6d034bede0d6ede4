"""`docreview effective MASTER AMENDMENT...`: the terms in force, and where each comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("effective")(effective)


def effective(
    master: Annotated[Path, typer.Argument(help="The contract.")],
    amendments: Annotated[list[Path], typer.Argument(help="Its amendments, the oldest first.")],
    text: Annotated[Path | None, typer.Option(help="Write the terms in force into this text file.")] = None,
    html: Annotated[Path | None, typer.Option(help="The same as a page; what an amendment gave is marked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The terms with the source of each stretch as JSON.")] = False,
    password_file: _options.PasswordFile = None,
) -> None:
    """Apply amendments to a contract where their effect is certain; list every other passage of them."""
    from docreview import config
    from docreview._json import dumps, write_atomic
    from docreview.cli._table import clean
    from docreview.compare.effective import effective
    from docreview.compare.show_effective import effective_page, lines, plain
    from docreview.read import read_trying

    settings, known = config.load(), passwords(password_file)
    first, *rest = (read_trying(file, known, settings=settings) for file in (master, *amendments))
    terms = effective(first, rest)
    if text is not None:
        write_atomic(text, terms.text)
    if html is not None:
        write_atomic(html, effective_page(terms))
    if as_json:
        typer.echo(dumps(plain(terms)))
        return
    for line in lines(terms):
        typer.echo(clean(line))
