"""`docreview triage INPUT... --out OUT`: a folder of documents -> proven clauses, tables and a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docreview.cli import _options
from docreview.cli._model import Choice
from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.triage import Progress
    from docreview.triage.run import Options


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("triage")(triage)


def triage(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="INPUT...", help="Files and folders; folders with all in them.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for results.")],
    checklist: _options.Checklist = None,
    min_score: _options.MinScore = None,
    password_file: _options.PasswordFile = None,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", help="Documents at once; 0 = one for each core.")] = None,
    ocr: _options.Ocr = None,
    reader: _options.Reader = "embedded",
    model: _options.Model = None,
    context: _options.Context = "auto",
    budget_minutes: _options.BudgetMinutes = 10.0,
    group: _options.Group = 4,
    tokenizer: _options.Tokenizer = None,
    keep_cache: _options.KeepCache = False,
    audit: _options.Audit = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> None:
    """Review every document of files and folders; stopped or killed, the same command goes on where it was."""
    from docreview import config
    from docreview.triage.run import Options

    settings = config.load({"min_score": min_score, "jobs": jobs, "ocr": ocr})
    named = Choice(model, context, budget_minutes, group, tokenizer, keep_cache) if model else None
    options = Options(
        checklist=checklist,
        reader=named.reader(settings, quiet=quiet) if named else reader,
        passwords=tuple(passwords(password_file)),
        settings=settings,
        audit=str(audit or ""),
    )
    last = _run(inputs, out, options, quiet=quiet)
    _summary(out, last, as_json=as_json)
    raise typer.Exit(1 if last.quarantined else 0)


def _run(inputs: list[Path], out: Path, options: Options, *, quiet: bool) -> Progress:
    from docreview.cli._progress import Meter
    from docreview.triage import stream

    meter = Meter(quiet=quiet)
    try:
        for _ in stream(inputs, out, options, meter):
            pass
    except KeyboardInterrupt:
        typer.echo("Stopped. What is done is kept: the same command goes on from here.", err=True)
        raise typer.Exit(130) from None
    finally:
        meter.close()
    return meter.last


def _summary(out: Path, last: Progress, *, as_json: bool) -> None:
    from docreview._json import dumps

    others = last.total - last.reviewed - last.quarantined
    report = out / "report.html"
    if as_json:
        counts = {"reviewed": last.reviewed, "quarantined": last.quarantined, "no_documents": others}
        typer.echo(dumps(counts | {"report": str(report)}))
        return
    rest = f", {others} that are no documents" if others else ""
    typer.echo(f"{last.reviewed} reviewed, {last.quarantined} quarantined{rest}. Report: {report}")
