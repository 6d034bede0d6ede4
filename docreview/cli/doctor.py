"""`docreview doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor")(doctor)


def doctor(
    prove_offline: Annotated[
        bool, typer.Option("--prove-offline", help="Run the main job under watch; takes minutes with all extras.")
    ] = False,
    documents: Annotated[
        Path | None,
        typer.Option(help="Documents for the proof; a few small ones by default.", exists=True, file_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """What works on this machine, a line each. Exit code 1 when something that is needed does not.

    With --prove-offline: run triage, index, search and all installed parts as a new user would, refuse and list every
    attempt to reach beyond this machine, and say how closely that was watched.
    """
    from docreview._json import dumps, plain
    from docreview.evaluate.doctor import diagnose, healthy, report

    if documents is not None and not prove_offline:
        raise typer.BadParameter("--documents goes with --prove-offline")
    if prove_offline:
        from docreview.evaluate.offline import prove
        from docreview.evaluate.offline import report as shown

        proof = prove(documents)
        typer.echo(dumps({"clean": proof.clean, **plain(proof)}) if as_json else shown(proof))
        fine = proof.clean
    else:
        checks = diagnose()
        fine = healthy(checks)
        typer.echo(dumps(checks) if as_json else report(checks))
    if not fine:
        raise typer.Exit(1)
