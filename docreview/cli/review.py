"""`docreview review FILE`: one document, every question of a checklist, each answer with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from docreview.cli import _options
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
    from docreview.cli._model import model_reader
    from docreview.cli._table import table
    from docreview.governance.audit import AuditLog
    from docreview.read import read_trying
    from docreview.render.document import document_page
    from docreview.triage import one

    settings = config.load({"min_score": min_score, "ocr": ocr})
    document = read_trying(file, passwords(password_file), settings=settings)
    questions = one.fitting(document, checklist)
    asked: dict[str, Any] = {
        "context": context,
        "budget_minutes": budget_minutes,
        "group": group,
        "tokenizer": tokenizer,
        "keep_cache": keep_cache,
    }
    chosen = model_reader(model, settings, **asked) if model else one.reader_of(reader)
    outcome = one.examine(document, questions, chosen, settings, log=AuditLog(audit) if audit else None)
    if html is not None:
        told = one.entry(file.name, file.name, document, outcome, questions)
        write_atomic(html, document_page(told, document, outcome).encode("utf-8", "replace"))
        typer.echo(f"Written: {html}", err=True)
    typer.echo(dumps(outcome) if as_json else table(document, outcome, questions))
