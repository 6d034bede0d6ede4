"""`docreview export-training OUT --model MODEL --to FOLDER`: decided reviews as examples for `mlx_lm.lora`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export-training")(export_training)


def export_training(
    reviews: Annotated[
        list[Path], typer.Argument(metavar="OUT...", help="Folders that `docreview triage` wrote, with decisions.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for train.jsonl and valid.jsonl.")],
    model: Annotated[str, typer.Option(help="The model to be trained: mlx:MODEL or transformers:FOLDER.")],
    profile: Annotated[str | None, typer.Option(help="A profile, where the model's name doesn't say.")] = None,
    most: Annotated[
        int, typer.Option("--max-tokens", help="Of an example; also mlx_lm.lora's --max-seq-length.")
    ] = 4096,
    valid: Annotated[float, typer.Option(min=0, max=0.9, help="Share of documents kept for validation.")] = 0.1,
    seed: Annotated[int, typer.Option(help="Another one gives another split.")] = 0,
    rejected_absent: Annotated[
        bool, typer.Option("--rejected-absent", help="What was rejected is absent; by default it is left out.")
    ] = False,
    checklist: Annotated[str | None, typer.Option(help="Of reviews with a checklist of your own: its .toml.")] = None,
    accept_licence: Annotated[bool, typer.Option("--accept-licence", help="I keep to the model's licence.")] = False,
) -> None:
    """Turn accepted and corrected reviews into training examples: the model reader's prompts and the right calls."""
    from docreview._json import dumps
    from docreview.finetune import base, export
    from docreview.triage.queue import decided

    chosen = base(model, profile=profile)
    if chosen.licence:
        typer.echo(f"licence of {chosen.profile.name}: {chosen.licence}", err=True)
    statistics = export(
        (result for folder in reviews for result in decided(folder, checklist=checklist)),
        out,
        chosen,
        licence_accepted=accept_licence,
        most=most,
        valid=valid,
        seed=seed,
        rejected="absent" if rejected_absent else "drop",
    )
    if statistics["personal_data"]:
        found = ", ".join(f"{count} {label}" for label, count in statistics["personal_data"].items())
        typer.echo(f"The examples hold personal data, which an adapter learns: {found}.", err=True)
    typer.echo(dumps(statistics))
