"""The command line: a verb parses, calls one library function and shows the result.

Each verb is a file beside this one with a function `register(app)`. Results go to stdout, talk and progress to stderr.
Exit codes: 0 done, 1 some documents failed, 2 wrong use, 130 interrupted.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Final

import typer

from docreview import __version__
from docreview.errors import ConfigError, DocreviewError

VERBS: Final = (
    "read", "index", "search", "ask", "verify", "review", "triage", "review_app", "lint", "compare",
    "effective", "obligations", "playbook", "export", "redact", "overhead", "kpi", "audit",
    "governance", "tools", "escalate", "doctor", "train", "eval", "export_training", "corpora", "models", "bench",
)  # fmt: skip

app = typer.Typer(
    name="docreview",
    help="Reads long contracts and transcripts on your own machine and proves what it says.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"docreview {__version__}")
        raise typer.Exit


for _verb in VERBS:
    import_module(f"docreview.cli.{_verb}").register(app)


def _said(error: DocreviewError) -> str:
    """The message as the policy lets it be said."""
    from docreview.governance.pii.gates import Gates, RedactionPolicy

    try:
        policy = RedactionPolicy.load()
    except ConfigError:
        policy = RedactionPolicy()
    return Gates(policy).text("error", str(error))


def _redacted(record: logging.LogRecord) -> bool:
    """What is logged, as the policy lets it be."""
    from docreview.governance.pii.gates import Gates

    return bool(Gates().log_filter().filter(record))


def main() -> None:
    """Entry point of the `docreview` command."""
    if logging.lastResort is not None:
        logging.lastResort.addFilter(_redacted)
    try:
        app()
    except DocreviewError as error:
        typer.echo(f"docreview: {_said(error)}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
