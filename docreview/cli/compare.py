"""`docreview compare OLD NEW`: what became of each clause, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.compare import Comparison
    from docreview.playbook import Shifts


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("compare")(compare)


def compare(
    old: Annotated[Path, typer.Argument(help="The document as it was.")],
    new: Annotated[Path, typer.Argument(help="The document as it is.")],
    html: Annotated[Path | None, typer.Option(help="Write the two side by side into this HTML file.")] = None,
    redline: Annotated[Path | None, typer.Option(help="Write a DOCX with tracked changes and comments.")] = None,
    playbook: Annotated[
        str | None, typer.Option(help="Judge each difference by it: vendor-msa, nda-recipient, or a .toml of your own.")
    ] = None,
    us: Annotated[list[str] | None, typer.Option(help="A name that the documents give to our side.")] = None,
    them: Annotated[list[str] | None, typer.Option(help="A name that they give to the other side.")] = None,
    reader: _options.Reader = "embedded",
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
    from docreview.playbook.shift import notes, summary, with_playbook
    from docreview.read import read_trying

    settings, known = config.load(), passwords(password_file)
    documents = [read_trying(file, known, settings=settings) for file in (old, new)]
    comparison = compare(*documents)
    found = _judged(comparison, playbook, (us or [], them or []), reader) if playbook else None
    said = notes(comparison, found) if found else {}
    told = list(summary(found)) if found else []
    if html is not None:
        write_atomic(html, comparison_page(comparison, said, summary=told))
    if redline is not None:
        write_atomic(redline, tracked(comparison, said))
    if as_json:
        typer.echo(dumps(with_playbook(comparison, found) if found else plain(comparison)))
        return
    for line in (*told, *lines(comparison, said)):
        typer.echo(clean(line))


def _judged(comparison: Comparison, playbook: str, sides: tuple[list[str], list[str]], reader: str) -> Shifts:
    from docreview import config
    from docreview.checklist import load as checklist
    from docreview.playbook import load, shifts
    from docreview.triage import one

    book = load(playbook).between(*sides)
    read, questions = one.reader_of(reader), checklist(book.checklist)
    old, new = (one.examine(each, questions, read, config.load()) for each in (comparison.old, comparison.new))
    return shifts(comparison, old, new, book)
