"""`docreview bench ...`: the measurements behind docs/BENCHMARKS.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

bench = typer.Typer(help="Measure docreview on your own data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(bench, name="bench")


@bench.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="Text files to take quotes from.", exists=True, file_okay=False)],
    seed: Annotated[int, typer.Option(help="The same seed makes the same quotes.")] = 7,
    per_document: Annotated[int, typer.Option(help="Pieces taken from each text.", min=1)] = 8,
    words: Annotated[int | None, typer.Option(help="Words in each piece; 6 to 80 by default.", min=6)] = None,
    show: Annotated[int, typer.Option(help="Wrong verdicts to show of each kind.")] = 0,
) -> None:
    """True quotes accepted, falsified ones rejected, and milliseconds for each."""
    from docreview.evaluate.verification import SIZES, report
    from docreview.evaluate.verification import bench as run

    outcome = run(folder, seed=seed, per_document=per_document, sizes=(words,) if words else SIZES)
    typer.echo(report(outcome, show=show))


@bench.command("pii")
def pii(
    data: Annotated[Path, typer.Argument(help="Annotated texts, one a line as JSON.", exists=True, dir_okay=False)],
    judged: Annotated[
        Path | None, typer.Option(help="Names found by models that did not see the text; from `train ner --judged`.")
    ] = None,
    seconds: Annotated[bool, typer.Option("--seconds/--no-seconds", help="Also measure the speed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Personal data found and missed, by kind, source and language; false finds; megabytes a second."""
    from docreview._json import dumps
    from docreview.evaluate.pii import bench as run
    from docreview.evaluate.pii import report

    figures = run(data, judged=judged, seconds=seconds)
    typer.echo(dumps(figures) if as_json else report(figures))


@bench.command("model")
def model(
    name: Annotated[str, typer.Argument(help="A model: mlx:..., transformers:..., server:http://127.0.0.1:8080.")],
    tokens: Annotated[int, typer.Option(help="Length of the document.", min=100)] = 12_000,
    questions: Annotated[int, typer.Option(help="How many are asked of it.", min=1)] = 20,
    reply_tokens: Annotated[int, typer.Option(help="Length of each reply.", min=2)] = 16,
    tokenizer: Annotated[str | None, typer.Option(help="tokenizer.json of a server's model.")] = None,
) -> None:
    """What reading a document once for all questions saves, on this machine with this model."""
    from docreview.config import user_file
    from docreview.evaluate.model_bench import bench as run
    from docreview.evaluate.model_bench import report
    from docreview.models.pull import note_once
    from docreview.readers.load import load_model

    loaded = load_model(name, tokenizer=tokenizer)
    if note := note_once(loaded.profile, user_file().parent / "licences-shown.txt"):
        typer.echo(note, err=True)
    typer.echo(report(name, run(loaded, tokens=tokens, questions=questions, reply_tokens=reply_tokens)))


@bench.command("ingest")
def ingest(
    folder: Annotated[Path, typer.Argument(help="A folder of PDFs.", exists=True, file_okay=False)],
    n: Annotated[int, typer.Option("--n", help="How many of them.", min=1)] = 60,
    short: Annotated[bool, typer.Option("--short", help="Also LlamaIndex with passages of 256 tokens.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Seconds from PDFs to a searchable library, and clause recall, beside a LlamaIndex default pipeline."""
    from docreview._json import dumps
    from docreview.evaluate.ingest import bench_ingest, report

    timed = bench_ingest(folder, n=n, short=short)
    typer.echo(dumps(timed) if as_json else report(timed))


@bench.command("badinput")
def badinput(
    folder: Annotated[
        Path, typer.Argument(help="Bad and odd documents with a manifest.csv.", exists=True, file_okay=False)
    ],
) -> None:
    """Whether each bad document ends as its manifest expects, in how much time and memory."""
    from docreview.evaluate.badinput import report
    from docreview.evaluate.badinput import run as run_all

    outcomes = list(run_all(folder))
    typer.echo(report(outcomes))
    if any(outcome.fault for outcome in outcomes):
        raise typer.Exit(1)


@bench.command("read")
def read(
    folder: Annotated[Path, typer.Argument(help="Documents of any kind.", exists=True, file_okay=False)],
    jobs: Annotated[int, typer.Option(help="Documents read at once.", min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """Pages read a second, megabytes cut into passages a second, sections and defined terms found."""
    from docreview._json import dumps
    from docreview.evaluate.reading import measure
    from docreview.evaluate.reading import report as shown

    figures = measure(folder, jobs=jobs)
    typer.echo(dumps(figures) if as_json else shown(figures))


@bench.command("audit")
def audit(
    folder: Annotated[Path | None, typer.Option(help="Where to measure: on the disk that is to hold the log.")] = None,
    appends: Annotated[int, typer.Option(help="Single durable appends.", min=1)] = 300,
    records: Annotated[int, typer.Option(help="Records appended in groups, then verified.", min=1)] = 100_000,
) -> None:
    """The audit log: durable appends beside the disk's own fsync, grouped ones, verification; as JSON."""
    from docreview.evaluate.audit_bench import bench as run
    from docreview.evaluate.audit_bench import report

    typer.echo(report(run(folder, appends=appends, records=records)))
