"""`docreview kpi OUT... --log DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("kpi")(kpi)


def kpi(
    outs: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of `docreview triage`; several of the same documents are trials.", metavar="[OUT]..."
        ),
    ] = None,
    log: Annotated[Path | None, typer.Option(help="An audit log.")] = None,
    baseline: Annotated[float | None, typer.Option(help="Minutes that a document took before.", min=0.01)] = None,
    k: Annotated[int, typer.Option("--k", help="Trials that must all succeed, of pass^k.", min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value; what nobody measured is null.")] = False,
) -> None:
    """Latency, quality, coverage, tokens, and people's minutes per document, as far as they were measured."""
    from docreview._json import dumps
    from docreview.evaluate.kpi import kpi as measure
    from docreview.evaluate.kpi import report

    if not outs and log is None:
        raise typer.BadParameter("name a folder of triage, or an audit log with --log")
    figures = measure(outs or [], log, baseline=baseline, k=k)
    typer.echo(dumps(figures) if as_json else report(figures))
