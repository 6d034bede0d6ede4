"""Asks the person at the terminal whether a tool may do what a model wants."""

from __future__ import annotations

import sys
import unicodedata

import typer

from docreview.tools.permissions import Answer, Request

_ANSWERS: dict[str, Answer] = {"y": "once", "s": "session", "a": "always", "n": "no"}


def ask_person(request: Request) -> Answer | None:
    """The person's answer; None when nobody sits at the terminal. A `Confirm`."""
    if not sys.stdin.isatty():
        return None
    typer.echo(f"The model asks: {request.tool}. {request.description}", err=True)
    for name, value in request.arguments.items():
        typer.echo(f"  {shown(name)}: {shown(str(value))}", err=True)
    typer.echo("Allow it? [y]es, for this [s]ession, [a]lways, [n]o: ", nl=False, err=True)
    return _ANSWERS.get(sys.stdin.readline().strip().lower()[:1], "no")


def shown(text: str) -> str:
    """A model's words for a terminal: without characters that would steer it or hide what stands there."""
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else repr(c)[1:-1] for c in text)
