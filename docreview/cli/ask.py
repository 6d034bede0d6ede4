"""`docreview ask FILE_OR_LIBRARY QUESTION`: an answer in sentences with their places, or why there is none."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.ask.material import Target
    from docreview.models import ChatModel


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ask")(ask)


def ask(
    target: Annotated[Path, typer.Argument(help="A document, or a library that `docreview index` made.")],
    question: Annotated[str, typer.Argument(help="The question, in your own words.")],
    model: Annotated[
        str, typer.Option(help="Who answers: embedded, or a language model (`docreview models list`).")
    ] = "embedded",
    doc: Annotated[str | None, typer.Option(help="Only this document of the library.")] = None,
    context: Annotated[str, typer.Option(help="What a language model sees: auto, full or retrieved.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer as one JSON value.")] = False,
    log: Annotated[Path | None, typer.Option(help="Log question and answer in this audit log.")] = None,
    password_file: _options.PasswordFile = None,
    ocr: _options.Ocr = None,
    allow_host: Annotated[list[str] | None, typer.Option(help="A model server that is not this machine.")] = None,
    tokenizer: Annotated[str | None, typer.Option(help="tokenizer.json of a server's model.")] = None,
) -> None:
    """Answer a question from a document, or from the documents of a library, with a proven quote for each sentence."""
    from docreview._json import dumps
    from docreview.ask.conversation import Conversation, Options
    from docreview.governance.audit import AuditLog

    if not question.strip():
        raise typer.BadParameter("the question is empty")
    if context not in ("auto", "full", "retrieved"):
        raise typer.BadParameter("--context is auto, full or retrieved")
    chosen = _model(model, tokenizer=tokenizer, allow_hosts=allow_host or ())
    opened = _opened(target, passwords(password_file), ocr)
    audit = AuditLog(log) if log else None
    options = Options(context=context)
    with Conversation(opened, model=chosen, doc=doc, options=options, log=audit, progress=sys.stderr.isatty()) as talk:
        answer = talk.ask(question)
    typer.echo(dumps(_plain(answer)) if as_json else str(answer))


def _plain(answer: Any) -> dict[str, Any]:
    from docreview._json import plain

    return {"status": answer.status, **plain(answer)}


def _model(name: str, **options: Any) -> ChatModel | None:
    """None for the embedded reader itself: it sees the document's pages and turns, not only a prompt."""
    from docreview.readers.load import load_model

    if name == "embedded":
        return None
    loaded = load_model(name, **options)
    if loaded.profile.licence_note:
        typer.echo(f"{loaded.profile.licence}: {loaded.profile.licence_note}", err=True)
    return loaded


def _opened(target: Path, passwords: list[str], ocr: bool | None) -> Target:
    from docreview import config
    from docreview.read import read_trying

    if target.is_dir():
        return target
    return read_trying(target, passwords, settings=config.load({"ocr": ocr}))
