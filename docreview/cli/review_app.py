"""`docreview app [OUT or LIB]`: people decide, in the browser, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docreview.cli import _options


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("app")(review_app)


def review_app(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OUT|LIB]",
            help="Results of `docreview triage`, or a library; none: upload documents in the app.",
            show_default=False,
        ),
    ] = None,
    library: Annotated[Path | None, typer.Option(help="A library to ask, beside the results.")] = None,
    reviewer: Annotated[str, typer.Option(help="Your name, as decisions keep it.")] = "",
    model: Annotated[str, typer.Option(help="A language model that answers questions.", show_default=False)] = "",
    checklist: Annotated[str, typer.Option(help="Your own checklist that the reviews were made with.")] = "",
    audit: _options.Audit = None,
    address: Annotated[str, typer.Option(help="Where it listens; others than this machine need a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="0 = the first free one from 8501 on.", min=0, max=65535)] = 0,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the token that the app asks for; made when it is not there.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Open the review app in the browser: the queue, the documents with what was found, decisions, exports.

    It listens on this machine alone and tells nobody anything. Ctrl-C ends it.
    """
    from docreview.app import folders, start, token
    from docreview.app.options import digest

    secret = digest(token(token_file)) if token_file else ""
    more = {"reviewer": reviewer, "model": model, "checklist": checklist, "token_sha256": secret}
    options = folders(folder, library, audit=str(audit.resolve()) if audit else "", **more)
    if folder is None:
        typer.echo(f"No folder was named: {options.out} is used.", err=True)
    if token_file:
        typer.echo(f"It asks for the token in {token_file}.", err=True)
    start(options, address=address, port=port, browser=browser, ready=_said)
    raise typer.Exit(130)


def _said(url: str) -> None:
    typer.echo(f"The review app: {url}")
    typer.echo("Ctrl-C ends it.", err=True)
