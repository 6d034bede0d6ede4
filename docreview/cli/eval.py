"""`docreview eval`: figures against annotated documents, as JSON on stdout and a table on stderr."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

evaluate = typer.Typer(help="Measure against annotated documents.", no_args_is_help=True)
Data = Annotated[Path, typer.Option("--data", help="The annotated documents.", exists=True, file_okay=False)]


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
    seed: Annotated[int, typer.Option("--seed")] = 7,
    work: Annotated[Path | None, typer.Option("--work", help="Keep finished folds here, to go on later.")] = None,
) -> None:
    """Score clauses by the published and the strict rule.

    Without --findings the clause model is trained and measured by cross-validation grouped by `group` (needs the
    `train` extra).
    """
    from docreview._json import dumps, read_jsonl
    from docreview.evaluate import score, train_clauses
    from docreview.evaluate.data import contracts

    documents = contracts(data)
    if findings is not None:
        rows = list(read_jsonl(findings))
    else:
        ready = train_clauses.prepare(documents, seed=seed, work=work, progress=_say)
        found = train_clauses.cross_validated(ready, train_clauses.raw_scores(ready, seed=seed, progress=_say))
        rows = list(train_clauses.findings(documents, found))
    result = score.score({d.doc: d.clauses for d in documents}, rows)
    _table(result)
    typer.echo(dumps({"contracts": len(documents), **result}))


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _table(result: dict[str, Any]) -> None:
    _say(f"{'category':36s} {'spans':>6s} {'published':>10s} {'strict':>7s}   (area under precision over recall)")
    published, strict = result["published"]["categories"], result["strict"]["categories"]
    for name, row in sorted(published.items(), key=lambda item: -item[1]["n"]):
        _say(f"{name:36s} {row['n']:6d} {row['aupr']:10.3f} {strict[name]['aupr']:7.3f}")
    for rule, row in result.items():
        figures = ", ".join(f"{key} {row[key]:.3f}" for key in ("aupr", "macro_aupr", "p_at_80r", "p_at_90r"))
        _say(f"{rule}: {figures}")


@evaluate.command("contractnli")
def contractnli(
    data: Data,
    seed: Annotated[int, typer.Option("--seed")] = 7,
    work: Annotated[Path | None, typer.Option("--work", help="Keep finished folds here, to go on later.")] = None,
) -> None:
    """Cross-validate the model of the NDA checklist by document, near copies together (needs the `train` extra)."""
    from docreview._json import dumps
    from docreview.evaluate import nda
    from docreview.evaluate.data import agreements

    ready = nda.prepare(agreements(data), seed=seed)
    result = nda.figures(ready, nda.held_out(ready, seed=seed, work=work, progress=_say))
    for name, value in result.pop("per_question").items():
        _say(f"{name:8s} {value:6.3f}   (evidence, mean average precision)")
    typer.echo(dumps(result))


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
) -> None:
    """How often the value read off an annotated clause is the annotators' answer, also on the contracts held out."""
    from docreview._json import dumps
    from docreview.evaluate import values as measured
    from docreview.evaluate.data import contracts

    documents = contracts(data)
    result = measured.measure(documents, seed=seed)
    for line in measured.wrong(documents, seed=seed) if wrong else ():
        _say(line)
    _values_table(result)
    typer.echo(dumps({"contracts": len(documents), **result}))


def _values_table(result: dict[str, Any]) -> None:
    _say(f"{'question':36s} {'n':>5s} {'all':>6s} {'written on':>11s} {'held out':>9s}   (exact answers; parties: F1)")
    for name, row in result["all"].items():
        rows = [result.get(part, {}).get(name, {}) for part in ("all", "written_on", "held_out")]
        shown = [part.get("right", part.get("f1", float("nan"))) for part in rows]
        _say(f"{name:36s} {row['n']:5d} {shown[0]:6.3f} {shown[1]:11.3f} {shown[2]:9.3f}")
