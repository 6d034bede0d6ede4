"""The reference page of the command line, made by the program: `python -m docreview.cli.reference > docs/cli.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

import typer

from docreview.cli import app

_HEAD: Final = "# The command line\n\nMade by `python -m docreview.cli.reference`; a test compares it."


def page() -> str:
    """The help of every verb, as Markdown."""
    parts = [_HEAD]
    for path, command in _commands(typer.main.get_command(app), "docreview"):
        context = typer.Context(command, info_name=path, terminal_width=100)
        parts.append(f"## {path}\n\n```\n{command.get_help(context)}\n```")
    return "\n\n".join(parts) + "\n"


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    if not below:
        yield path, command
    for name in sorted(below):
        yield from _commands(below[name], f"{path} {name}")


if __name__ == "__main__":
    sys.stdout.write(page())
