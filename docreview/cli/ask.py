"""`docreview ask FILE_OR_LIBRARY QUESTION`: an answer in sentences with their places, or why there is none."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.ask.material import Target
    from docreview.config import Settings


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ask")(ask)


def ask(
    target: Annotated[Path, typer.Argument(help="A document, or a library that `docreview index` made.")],
    question: Annotated[str, typer.Argument(help="The question, in your own words.")],
    model: Annotated[
        str | None, typer.Option(help="A language model that answers; without one the document's own sentences do.")
    ] = None,
    doc: Annotated[str | None, typer.Option(help="Only this document of the library.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as one JSON value.")] = False,
    context: _options.Context = "auto",
    budget_minutes: _options.BudgetMinutes = 10.0,
    tokenizer: _options.Tokenizer = None,
    keep_cache: _options.KeepCache = False,
    notes: _options.Notes = None,
    audit: _options.Audit = None,
    password_file: _options.PasswordFile = None,
    ocr: _options.Ocr = None,
) -> None:
    """Answer a question from a document, or from the documents of a library, with a proven quote for each sentence."""
    from docreview import config
    from docreview._json import dumps, plain
    from docreview.ask.conversation import Conversation, Options
    from docreview.cli._confirm import ask_person
    from docreview.cli._model import caches, chat_model
    from docreview.governance.audit import AuditLog

    _check(question, context)
    settings = config.load({"ocr": ocr})
    opened = _opened(target, passwords(password_file), settings)
    talking = Options(context=context, budget_seconds=budget_minutes * 60, notes=notes, confirm=ask_person)
    options = replace(talking, caches=caches(settings, keep=keep_cache))
    with Conversation(
        opened,
        model=chat_model(model, tokenizer=tokenizer) if model else None,
        doc=doc,
        options=options,
        log=AuditLog(audit) if audit else None,
        progress=sys.stderr.isatty(),
    ) as talk:
        answer = talk.ask(question)
    typer.echo(dumps({"status": answer.status, **plain(answer)}) if as_json else str(answer))


def _check(question: str, context: str) -> None:
    if not question.strip():
        raise typer.BadParameter("the question is empty")
    if context not in ("auto", "full", "retrieved"):
        raise typer.BadParameter("--context is auto, full or retrieved")


def _opened(target: Path, passwords: list[str], settings: Settings) -> Target:
    from docreview.read import read_trying

    return target if target.is_dir() else read_trying(target, passwords, settings=settings)
