"""`docreview lint FILE...`: faults of drafting, without any model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords
from docreview.types import Finding


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("lint")(lint)


def lint(
    files: Annotated[list[Path], typer.Argument(help="Documents.")],
    rule: Annotated[list[str] | None, typer.Option(help="Apply this rule only; may be given several times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for each fault, a line each.")] = False,
    password_file: _options.PasswordFile = None,
) -> None:
    """Find undefined and unused terms, references that lead nowhere, "thirty (60) days", blanks and more."""
    from docreview import config
    from docreview._json import dumps, plain
    from docreview.cli._told import tell
    from docreview.errors import ConfigError, ReadError
    from docreview.lint import RULES, lint
    from docreview.read import read_trying

    if unknown := [name for name in rule or () if name not in RULES]:
        raise ConfigError("--rule", unknown[0], f"no such rule; there are {', '.join(RULES)}")
    settings, known, failed = config.load(), passwords(password_file), False
    for file in files:
        try:
            document = read_trying(file, known, settings=settings)
        except ReadError as error:
            failed = True
            typer.echo(f"docreview: {error}", err=True)
            continue
        found = lint(document, rule)
        for finding in found:
            typer.echo(dumps({"doc": str(file), **plain(finding)}) if as_json else _line(file, finding))
        tell(document, f"{len(found)} faults")
    if failed:
        raise typer.Exit(1)


def _line(file: Path, finding: Finding) -> str:
    from docreview.cli._table import clean
    from docreview.render.page import place, shorten

    first = finding.citations[0]
    where = place(first.page, first.speaker, first.start_s) or f"character {first.span.start:,}"
    quote = shorten(clean(first.quote), 80)
    return clean(f"{file.name}: {where}: {finding.severity}: {finding.rule}: {finding.message}: {quote}")
