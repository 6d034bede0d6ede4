"""`docreview playbook check|suggest|list|show`: whether the answers are acceptable."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords
from docreview.playbook import GRAVEST_FIRST, Checked, Practice

_Name = Annotated[str, typer.Option("--playbook", help="vendor-msa, nda-recipient, or a .toml of your own.")]


class _Mode(StrEnum):
    strict = "strict"
    permissive = "permissive"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    group = typer.Typer(help="Hold a document against a playbook of acceptable positions.", no_args_is_help=True)
    group.command("check")(check)
    group.command("suggest")(suggest)
    group.command("list")(list_)
    group.command("show")(show)
    app.add_typer(group, name="playbook")


def check(
    file: Annotated[Path, typer.Argument(help="The document.")],
    playbook: _Name = "vendor-msa",
    mode: Annotated[
        _Mode, typer.Option(help="strict: every place must be acceptable; permissive: one.")
    ] = _Mode.strict,
    us: Annotated[list[str] | None, typer.Option(help="A name that the document gives to our side.")] = None,
    them: Annotated[list[str] | None, typer.Option(help="A name that it gives to the other side.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for each clause, a line each.")] = False,
    password_file: _options.PasswordFile = None,
    reader: _options.Reader = "embedded",
    audit: _options.Audit = None,
) -> None:
    """Say of each clause of a playbook whether it is acceptable, needs review, is unacceptable, missing or not read."""
    from docreview import config
    from docreview._json import dumps
    from docreview.checklist import load as checklist
    from docreview.playbook import check, load
    from docreview.read import read_trying
    from docreview.triage import one

    book = load(playbook).between(us or (), them or ())
    settings = config.load()
    document = one.admitted(read_trying(file, passwords(password_file), settings=settings))
    log = one.audit_log(audit) if audit else None
    review = one.examine(document, checklist(book.checklist), one.reader_of(reader), settings, log=log)
    results = check(document, review, book, mode.value)
    for each in results if as_json else sorted(results, key=lambda each: GRAVEST_FIRST.index(each.judgement)):
        typer.echo(dumps(each) if as_json else _shown(each))
    count = Counter(str(each.judgement) for each in results)
    told = ", ".join(f"{count[name]} {name.replace('_', ' ')}" for name in GRAVEST_FIRST if count[name])
    typer.echo(f"{book.name}, {mode.value}: {told}", err=True)


def suggest(
    reviews: Annotated[list[Path], typer.Argument(help="Reviews as JSON, or folders that `docreview triage` wrote.")],
    playbook: _Name = "vendor-msa",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for each question, a line each.")] = False,
) -> None:
    """Count which positions people accepted or corrected in their decisions, and what the playbook does not cover."""
    from docreview._json import dumps
    from docreview.playbook import load
    from docreview.playbook import suggest as practice
    from docreview.playbook.saved import saved_reviews

    for row in practice(saved_reviews(reviews), load(playbook)):
        typer.echo(dumps(row) if as_json else _told(row))


def list_() -> None:
    """List the playbooks of this package."""
    from docreview.playbook import SHIPPED, load

    for name in SHIPPED:
        book = load(name)
        typer.echo(f"{name}  {len(book.clause)} clauses, {book.checklist} checklist  {book.title}")


def show(playbook: Annotated[str, typer.Argument(help="A playbook's name, or a .toml.")]) -> None:
    """Show the clauses of a playbook, with their positions and the text to fall back on."""
    from docreview.cli._table import clean
    from docreview.playbook import load

    for rule in load(playbook).clause:
        typer.echo(clean(f"{rule.id} ({rule.severity}): {rule.title}; when absent: {rule.absent}"))
        for position in rule.position:
            typer.echo(clean(f"    {position.level.replace('_', '-')}: {position.text} [{position.id}]"))
        if rule.fallback:
            typer.echo(clean(f"    fallback: {rule.fallback}"))


def _shown(each: Checked) -> str:
    from docreview.cli._table import clean
    from docreview.render.page import place, shorten

    lines = [f"{each.judgement.replace('_', ' ').upper()}  {each.title}: {each.finding.message}  [{each.finding.rule}]"]
    if each.finding.citations:
        first = each.finding.citations[0]
        where = place(first.page, first.speaker, first.start_s) or f"at {first.span.start:,}"
        lines.append(f"    {where}: {shorten(clean(first.quote), 200)}")
    if each.fallback:
        lines.append(f"    propose: {each.fallback}")
    return "\n".join(clean(line) for line in lines)


def _told(row: Practice) -> str:
    from docreview.cli._table import clean

    parts = [f"{row.question} -> {row.clause or 'not covered'}: found in {row.found} of {row.reviews}"]
    parts += [f"{count} {name}" for name in ("accepted", "edited", "rejected") if (count := getattr(row, name))]
    parts += [f"{name or 'no position'} x {count}" for name, count in row.positions.items()]
    parts += [f"corrected to {value!r} x {count}" for value, count in row.values.items()]
    return clean(", ".join(parts))
