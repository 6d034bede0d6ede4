"""`docreview obligations FILE`: who must do what by when or upon what, and a calendar of confirmed dates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords
from docreview.obligations.values import Obligation


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("obligations")(obligations)


def obligations(
    file: Annotated[Path, typer.Argument(help="The document.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for each obligation, a line each.")] = False,
    ics: Annotated[Path | None, typer.Option(help="Write a calendar of the confirmed dates to this file.")] = None,
    confirm: Annotated[
        list[str] | None, typer.Option(help="Id of an obligation whose date a person has checked; may be given often.")
    ] = None,
    password_file: _options.PasswordFile = None,
) -> None:
    """List who must do what by when or upon what, each with its quote; a calendar holds confirmed dates alone."""
    from datetime import UTC, datetime

    from docreview import config
    from docreview._json import dumps, write_atomic
    from docreview.cli._told import tell
    from docreview.errors import ConfigError
    from docreview.obligations import ics as calendar
    from docreview.obligations import obligations
    from docreview.read import read_trying
    from docreview.triage import one

    if bool(ics) != bool(confirm):
        raise ConfigError(
            "--ics", "--confirm", "give both: the file, and the ids of the dates that a person has checked"
        )
    document = one.admitted(read_trying(file, passwords(password_file), settings=config.load()))
    found = obligations(document)
    if ics and confirm:
        write_atomic(ics, calendar(found, confirm, datetime.now(UTC)))
        typer.echo(f"Written: {ics}", err=True)
        return
    for each in found:
        typer.echo(dumps(each) if as_json else _shown(each))
    tell(document, f"{len(found)} obligations")


def _shown(each: Obligation) -> str:
    from docreview.cli._table import clean
    from docreview.render.page import place, shorten

    where = place(each.citation.page, each.citation.speaker, each.citation.start_s) or f"at {each.who.span.start:,}"
    lines = [f"{each.id}  {where}  {shorten(clean(each.who.quote), 40)}: {shorten(clean(each.duty.quote), 160)}"]
    if each.deadline:
        date = each.deadline.date or each.deadline.note
        sum_ = f" ({each.deadline.arithmetic})" if each.deadline.arithmetic else ""
        lines.append(f"            by: {shorten(clean(each.deadline.citation.quote), 80)} -> {date}{sum_}")
    if each.trigger:
        lines.append(f"            when: {shorten(clean(each.trigger.quote), 120)}")
    return "\n".join(clean(line) for line in lines)
