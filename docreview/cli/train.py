"""`docreview train`: makes the weights of the embedded reader from annotated documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

train = typer.Typer(
    help="Train the models that ship with docreview (needs the `train` extra; `search` the `dense` one).",
    no_args_is_help=True,
)
Data = Annotated[Path, typer.Option("--data", help="The annotated documents.", exists=True, file_okay=False)]
Seed = Annotated[int, typer.Option("--seed", help="The same seed and data give the same weights.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(train, name="train")


def say(message: str) -> None:
    """Progress, to stderr."""
    typer.echo(message, err=True)


@train.command("clauses")
def clauses(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="Where the weights go.")] = Path("clauses.npz"),
    seed: Seed = 7,
    folds: Annotated[int, typer.Option("--cross-validate", help="Folds for calibration and figures.", min=2)] = 5,
    findings: Annotated[Path | None, typer.Option("--findings", help="Write the out-of-fold candidates here.")] = None,
    work: Annotated[Path | None, typer.Option("--work", help="Keep finished folds here, to go on later.")] = None,
) -> None:
    """Train the clause model on a folder with annotations.jsonl and contracts/.

    With --findings no weights are written, only candidates from models that saw neither the contract nor its group.
    """
    from docreview.evaluate import train_clauses
    from docreview.evaluate.data import contracts

    documents = contracts(data)
    ready = train_clauses.prepare(documents, count=folds, seed=seed, work=work, progress=say)
    if findings is None:
        sha256, _ = train_clauses.train(ready, out, seed=seed, progress=say)
        _show({"weights": str(out), "sha256": sha256})
        return
    found = train_clauses.out_of_fold_candidates(ready, seed=seed, progress=say)
    rows = train_clauses.write_findings(findings, documents, found)
    _show({"findings": str(findings), "rows": rows})


@train.command("nda")
def nda(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="Where the weights go.")] = Path("clauses-nda.npz"),
    seed: Seed = 7,
    folds: Annotated[int, typer.Option("--cross-validate", help="Folds for calibration and figures.", min=2)] = 10,
    work: Annotated[Path | None, typer.Option("--work", help="Keep finished folds here, to go on later.")] = None,
) -> None:
    """Train the model of the NDA checklist on a folder with a ContractNLI file; prints the cross-validated figures."""
    from docreview.evaluate import nda as model
    from docreview.evaluate.data import agreements

    ready = model.prepare(agreements(data), count=folds, seed=seed)
    _show(model.train(ready, out, seed=seed, work=work, progress=say))


@train.command("types")
def types(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="Where the weights go.")] = Path("clauses-types.npz"),
    seed: Seed = 7,
) -> None:
    """Train the model of document types on a folder with cuad/dev, contractnli/dev and qmsum/dev/txt."""
    from docreview.evaluate.types import examples
    from docreview.evaluate.types import train as fit

    _show(fit(examples(data), out, seed=seed))


@train.command("search")
def search(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="Where the weights go.")] = Path("search-model.npz"),
    seed: Seed = 0,
    without: Annotated[
        Path | None, typer.Option(help="Keep the documents of this folder out, to be judged on later.", file_okay=False)
    ] = None,
    for_answers: Annotated[
        bool, typer.Option("--for-answers", help="Keep out what `train answers` fits and judges on.")
    ] = False,
) -> None:
    """Train the search model on a folder with cuad/dev, contractnli/dev and qmsum/dev; prints out-of-fold recall."""
    from docreview.evaluate.train_answers import seen
    from docreview.evaluate.train_search import train_search

    _show(train_search(data, out, seed=seed, without=without, choose=seen if for_answers else None, say=say))


@train.command("answers")
def answers(
    data: Data,
    corpora: Annotated[Path, typer.Option("--corpora", help="Our own documents with questions.toml.")],
    search_model: Annotated[Path, typer.Option("--search-model", help="Made by `train search --for-answers`.")],
    out: Annotated[Path, typer.Option("--out", help="Where the numbers go.")] = Path("chance.toml"),
) -> None:
    """Fit the chance that a sentence answers a question; prints how often that is right on what was not fitted on."""
    from docreview.evaluate.train_answers import train_answers

    _show(train_answers(data, corpora, search_model, out, say=say))


@train.command("ner")
def ner(
    data: Annotated[Path, typer.Option("--data", help="Annotated texts, one a line as JSON.", exists=True)],
    out: Annotated[Path, typer.Option("--out", help="The folder of the model.")] = Path("ner"),
    seed: Seed = 7,
    epochs: Annotated[int, typer.Option("--epochs", help="Passes over the texts.", min=1)] = 5,
    folds: Annotated[int, typer.Option("--cross-validate", help="Folds, by document.", min=2)] = 3,
    judged: Annotated[
        Path | None, typer.Option("--judged", help="Write here what models found that did not see the text.")
    ] = None,
) -> None:
    """Train the small recogniser of names in running text (needs the `pii` extra)."""
    from docreview.evaluate.train_ner import train_ner

    _show(train_ner(data, out, folds=folds, epochs=epochs, seed=seed, judged=judged, say=say))


def _show(result: dict[str, Any]) -> None:
    from docreview._json import dumps

    typer.echo(dumps(result))
