"""`docreview export OUT --to FORMAT` and `docreview import FILE --into OUT`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docreview.cli import _options
from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.export import Filing

_OwnChecklist = Annotated[str | None, typer.Option("--checklist", help="The .toml of reviews with one of your own.")]


class _To(StrEnum):
    xlsx = "xlsx"
    csv = "csv"
    jsonl = "jsonl"
    docx = "docx"
    html = "html"
    annotations = "annotations"
    label_studio = "label-studio"
    langextract = "langextract"


class _From(StrEnum):
    annotations = "annotations"
    label_studio = "label-studio"
    langextract = "langextract"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    out: Annotated[
        Path, typer.Argument(help="A folder that `docreview triage` wrote, or a review as `review --json` gives it.")
    ],
    to: Annotated[
        _To, typer.Option(help="xlsx, csv and jsonl for tables; docx and html for the memo; others' formats.")
    ],
    file: Annotated[Path | None, typer.Option("--output", "-o", help="The file; by default one in OUT.")] = None,
    playbook: Annotated[
        str | None, typer.Option(help="Also say what it holds of each clause: vendor-msa, nda-recipient, or a .toml.")
    ] = None,
    document: Annotated[Path | None, typer.Option(help="Of a single review: the document that it is of.")] = None,
    checklist: _OwnChecklist = None,
    password_file: _options.PasswordFile = None,
    audit: _options.Audit = None,
) -> None:
    """File a review: a workbook, a memo, lines of JSON, or annotations for another tool, with people's decisions."""
    from docreview.export import FORMATS
    from docreview.export import export as written
    from docreview.triage.one import audit_log

    filing = _filing(out, document, checklist, playbook, passwords(password_file))
    target = file or (out if out.is_dir() else out.parent) / FORMATS[to.value][0]
    written(filing, to.value, target, log=audit_log(audit) if audit else None)
    typer.echo(str(target))


def _filing(out: Path, document: Path | None, checklist: str | None, playbook: str | None, known: list[str]) -> Filing:
    from docreview import config
    from docreview.errors import ConfigError
    from docreview.export import folder, saved
    from docreview.playbook import load
    from docreview.read import read_trying
    from docreview.triage.one import admitted

    book = load(playbook) if playbook else None
    if out.is_dir():
        return folder(out, checklist=checklist, playbook=book)
    if document is None:
        raise ConfigError(str(out), "--document", "is missing: name the document that this review is of")
    read = admitted(read_trying(document, known, settings=config.load()))
    return saved(out, read, checklist=checklist, playbook=book)


def import_(
    file: Annotated[Path, typer.Argument(help="W3C annotations, tasks of Label Studio, or documents of LangExtract.")],
    into: Annotated[Path, typer.Option(help="The folder that `docreview triage` wrote.")],
    by: Annotated[str, typer.Option(help="Your name: they become your decisions.")],
    source: Annotated[
        _From | None, typer.Option("--from", help="What kind of file it is; seen from its content.")
    ] = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Take programs' annotations too, and leave all open for a person.")
    ] = False,
    checklist: _OwnChecklist = None,
    audit: _options.Audit = None,
    as_json: Annotated[bool, typer.Option("--json", help="What became of them as one JSON value.")] = False,
) -> None:
    """Take annotations made elsewhere into a folder of results; each place is proven, or refused and listed."""
    from docreview._json import dumps
    from docreview.cli._table import clean
    from docreview.export import import_annotations
    from docreview.triage.one import audit_log

    done = import_annotations(
        file,
        into,
        by=by,
        source=source.value if source else None,
        undecided=undecided,
        checklist=checklist,
        log=audit_log(audit) if audit else None,
    )
    counts = {name: getattr(done, name) for name in ("accepted", "edited", "added", "known", "programs")}
    if as_json:
        typer.echo(dumps(counts | {"refused": done.refused}))
    else:
        typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()) + f", {len(done.refused)} refused")
        for each in done.refused:
            typer.echo(clean(f"refused: annotation {each.number}, {each.document}, {each.clause}: {each.reason}"))
    raise typer.Exit(1 if done.refused else 0)
