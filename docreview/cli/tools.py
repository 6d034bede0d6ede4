"""`docreview tools list | permissions | revoke`: what a language model may call, and what was allowed for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

tools = typer.Typer(help="What a language model may call, and what you allowed it for good.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(tools, name="tools")


@tools.command("list")
def list_(
    policy: Annotated[Path | None, typer.Option(help="The policy; governance/policy.toml by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every tool: what it does to the world, and whether the policy allows it."""
    from docreview.governance.tool_policy import ToolPolicy
    from docreview.tools import TOOLS

    rules = ToolPolicy.load(policy)
    rows = [
        {"name": tool.name, "effect": tool.effect, "rule": tool.rule(rules), "description": tool.arguments.__doc__}
        for tool in TOOLS
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['name']:18} {row['effect']:7} {row['rule']:10} {row['description']}")


@tools.command("permissions")
def permissions(as_json: AsJson = False) -> None:
    """Tools that may change things without being asked for, and since when."""
    from docreview.tools import Permissions

    standing = Permissions().always()
    if as_json:
        typer.echo(json.dumps(standing))
        return
    for name, at in standing.items():
        typer.echo(f"{name:18} always, since {at}")
    if not standing:
        typer.echo("No tool is allowed for good.", err=True)


@tools.command("revoke")
def revoke(
    name: Annotated[str | None, typer.Argument(help="A tool; all of them by default.")] = None,
) -> None:
    """Take a permission back."""
    from docreview.tools import Permissions

    gone = Permissions().revoke(name)
    typer.echo(f"taken back: {', '.join(gone)}" if gone else "There was no such permission.", err=not gone)
