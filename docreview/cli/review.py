"""`docreview review FILE`: one document, every question of a checklist, each answer with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options
from docreview.cli._model import Choice
from docreview.cli._passwords import passwords


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("review")(review)


def review(
    file: Annotated[Path, typer.Argument(help="The document.")],
    checklist: _options.Checklist = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole review as one JSON value.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the document with every clause marked to this file.")] = None,
    password_file: _options.PasswordFile = None,
    min_score: _options.MinScore = None,
    ocr: _options.Ocr = None,
    reader: _options.Reader = "embedded",
    model: _options.Model = None,
    context: _options.Context = "auto",
    budget_minutes: _options.BudgetMinutes = 10.0,
    group: _options.Group = 4,
    tokenizer: _options.Tokenizer = None,
    keep_cache: _options.KeepCache = False,
    audit: _options.Audit = None,
) -> None:
    """Ask a checklist's questions of one document and show each answer with its place."""
    from docreview import config
    from docreview._json import dumps, write_atomic
    from docreview.cli._table import table
    from docreview.read import read_trying
    from docreview.render.document import document_page
    from docreview.triage import one

    settings = config.load({"min_score": min_score, "ocr": ocr})
    document = one.admitted(read_trying(file, passwords(password_file), settings=settings))
    questions = one.fitting(document, checklist)
    named = Choice(model, context, budget_minutes, group, tokenizer, keep_cache) if model else None
    chosen = named.reader(settings) if named else one.reader_of(reader)
    outcome = one.examine(document, questions, chosen, settings, log=one.audit_log(audit) if audit else None)
    if html is not None:
        told = one.entry(file.name, file.name, document, outcome, questions)
        write_atomic(html, document_page(told, document, outcome).encode("utf-8", "replace"))
        typer.echo(f"Written: {html}", err=True)
    typer.echo(dumps(outcome) if as_json else table(document, outcome, questions))
