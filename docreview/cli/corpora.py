"""`docreview corpora`: documents made for this project, and made-up ones in any number."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_Folder = Annotated[Path, typer.Argument(help="The folder with manifest.toml.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    group = typer.Typer(help="Documents with known answers: make them up, check, or build them.", no_args_is_help=True)
    for verb in (make, check, build):
        group.command(verb.__name__)(verb)
    app.add_typer(group, name="corpora")


def make(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write into.")],
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many documents.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")] = 7,
    formats: Annotated[str, typer.Option("--formats", help="Of txt, pdf, docx, vtt, srt, json; by commas.")] = "txt",
) -> None:
    """Make up agreements and transcripts with planted clauses; their places are in OUT/truth.jsonl."""
    import time

    from docreview.evaluate.corpora.make import make as write

    started, clauses, chars = time.perf_counter(), 0, 0
    wanted = [name.strip().lower() for name in formats.split(",") if name.strip()]
    for made in write(out, n=n, seed=seed, formats=wanted):
        clauses += len(made.planted)
        chars += made.size
    seconds = time.perf_counter() - started
    typer.echo(f"{n} documents, {clauses} planted clauses, {chars:,} characters in {out}")
    typer.echo(f"{seconds:.1f} s, {n / seconds:.0f} documents/s", err=True)


def check(folder: _Folder = Path("corpora")) -> None:
    """Check every file of the corpora against its manifest: bytes, quotes, categories."""
    from docreview.evaluate.corpora import check as look
    from docreview.evaluate.corpora import manifest

    problems = list(look(folder))
    for problem in problems:
        typer.echo(problem)
    typer.echo(f"{len(manifest(folder))} documents, {len(problems)} problems", err=True)
    if problems:
        raise typer.Exit(1)


def build(folder: _Folder = Path("corpora")) -> None:
    """Write the documents and the manifest from their annotated sources."""
    from docreview.evaluate.corpora.build import build as write

    for file in write(folder):
        typer.echo(file)
