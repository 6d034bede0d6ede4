"""`docreview eval`: figures against annotated documents, as a table or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

evaluate = typer.Typer(help="Measure against annotated documents.", no_args_is_help=True)
Data = Annotated[
    Path,
    typer.Option(
        "--data",
        help="The annotated documents, or a folder with all data (cuad/dev ...).",
        exists=True,
        file_okay=False,
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Of the folds.")]
AsJson = Annotated[bool, typer.Option("--json", help="All figures as one JSON value.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(evaluate, name="eval")


@evaluate.command("clauses")
def clauses(
    data: Data,
    findings: Annotated[
        Path | None,
        typer.Option("--findings", help="Score these candidates; without it, cross-validate first.", exists=True),
    ] = None,
    seed: Seed = 7,
    work: Annotated[Path | None, typer.Option("--work", help="Keep finished folds here, to go on later.")] = None,
    measured: Annotated[
        Path | None, typer.Option("--measured", help="Also write here what the model card says of the scores.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score clauses by the published and the strict rule, and say how far the scores can be believed.

    Without --findings the clause model is trained and measured by cross-validation grouped by `group` (needs the
    `train` extra).
    """
    from docreview._json import dumps, read_jsonl, write_atomic
    from docreview.evaluate import train_clauses
    from docreview.evaluate.data import contracts
    from docreview.evaluate.reliability import reliability
    from docreview.evaluate.score import score
    from docreview.evaluate.suites import folder

    documents = contracts(folder("clauses", data))
    if findings is not None:
        rows = list(read_jsonl(findings))
    else:
        ready = train_clauses.prepare(documents, seed=seed, work=work, progress=_say)
        found = train_clauses.out_of_fold_candidates(ready, seed=seed, progress=_say)
        rows = list(train_clauses.findings(documents, found))
    trust = reliability(documents, rows, seed=seed)
    if measured is not None:
        write_atomic(measured, dumps(trust) + "\n")
    result = {"contracts": len(documents), **score({d.doc: d.clauses for d in documents}, rows), "reliability": trust}
    if not as_json:
        _categories(result)
    _show("clauses", result, as_json)


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _show(suite: str, figures: dict[str, Any], as_json: bool) -> None:
    from docreview._json import dumps
    from docreview.evaluate.suites import table

    typer.echo(dumps(figures) if as_json else table(suite, figures), nl=as_json)


def _categories(result: dict[str, Any]) -> None:
    """A line for each category, to stdout."""
    head = [f"{name:>{width}s}" for name, width in zip(("found from", "precise", "yes/no"), (11, 8, 7), strict=True)]
    typer.echo(f"{'category':36s} {'spans':>6s} {'published':>10s} {'strict':>7s} {' '.join(head)}")
    published, strict = result["published"]["categories"], result["strict"]["categories"]
    points, asked = result["reliability"]["operating_points"], result["reliability"]["yes_no"]["questions"]
    for name, row in sorted(published.items(), key=lambda item: -item[1]["n"]):
        point = points[name]
        shown = [point["score"], point["precision"], asked.get(name, {}).get("accuracy")]
        more = " ".join(
            f"{'-' if v is None else format(v, '.2f'):>{w}s}" for v, w in zip(shown, (11, 8, 7), strict=True)
        )
        typer.echo(f"{name:36s} {row['n']:6d} {row['aupr']:10.3f} {strict[name]['aupr']:7.3f} {more}")
    typer.echo()


@evaluate.command("contractnli")
def contractnli(data: Data, seed: Seed = 7, as_json: AsJson = False) -> None:
    """The 17 questions to an NDA: evidence and answers, in folds by document (needs the `train` extra)."""
    from docreview.evaluate import suites

    _show("contractnli", suites.contractnli(suites.folder("contractnli", data), seed=seed), as_json)


@evaluate.command("types")
def types(data: Data, seed: Seed = 7, as_json: AsJson = False) -> None:
    """Types of documents, in folds by group (needs the `train` extra)."""
    from docreview.evaluate import suites

    _show("types", suites.types(data, seed=seed), as_json)


@evaluate.command("qmsum")
def qmsum(data: Data, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Questions about meetings: how much of what answers them is found, in folds by meeting.

    DATA is the folder with all data, for the search model learns from contracts too. Needs the `dense` extra.
    """
    from docreview.evaluate.meetings import measure

    _show("qmsum", measure(data, seed=seed, say=_say), as_json)


@evaluate.command("corpora")
def corpora(
    folder: Annotated[Path, typer.Argument(help="The corpora, with manifest.toml.", exists=True, file_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """How much of what was planted in the corpora is proven, proposed and retrieved."""
    from docreview._json import dumps
    from docreview.evaluate.planted import measure, report

    figures = measure(folder)
    typer.echo(dumps(figures) if as_json else report(figures))


@evaluate.command("ask")
def ask(
    folder: Annotated[Path, typer.Argument(help="Documents with questions.toml.", exists=True, file_okay=False)],
    model: Annotated[str, typer.Option(help="Who answers: embedded, or a language model.")] = "embedded",
    wrong: Annotated[bool, typer.Option("--wrong", help="List the questions that were not answered rightly.")] = False,
) -> None:
    """How often questions are answered, how often rightly, and whether those without an answer are refused."""
    from docreview._json import dumps
    from docreview.evaluate.asking import figures, run
    from docreview.readers.load import load_model

    rows = list(run(folder, model=None if model == "embedded" else load_model(model)))
    for row in rows:
        if wrong and not row.first and (row.gold or row.answer.sentences):
            _say(f"{row.file}: {row.question} -> {row.answer.status}")
    sets = sorted({row.set for row in rows})
    typer.echo(dumps({name: figures([row for row in rows if row.set == name]) for name in sets}))


@evaluate.command("values")
def values(
    data: Data,
    seed: Annotated[int, typer.Option("--seed", help="Of the split into quarters by group; one is held out.")] = 7,
    wrong: Annotated[bool, typer.Option("--wrong", help="List what differs, of the part written on.")] = False,
    as_json: AsJson = False,
) -> None:
    """How often the value read off an annotated clause is the annotators' answer; the table: contracts held out."""
    from docreview.evaluate import values as measured
    from docreview.evaluate.data import contracts
    from docreview.evaluate.suites import folder

    documents = contracts(folder("values", data))
    for line in measured.wrong(documents, seed=seed) if wrong else ():
        _say(line)
    _show("values", {"contracts": len(documents), **measured.measure(documents, seed=seed)}, as_json)
