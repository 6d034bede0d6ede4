"""`docreview redact`, `restore` and `forget`: documents without personal data, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docreview.cli._passwords import passwords

if TYPE_CHECKING:
    from docreview.governance.pii import Redacted, Surrogates
    from docreview.governance.pii.redact import Finder
    from docreview.types import Document

VaultFile = Annotated[
    Path | None, typer.Option("--vault", help="The matter's vault: the same person has the same surrogate everywhere.")
]
KeyFile = Annotated[Path | None, typer.Option("--key-file", help="Opens the vault; made when it is not there.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A text file whose first line opens the vault.")
]
NAMES_HELP = (
    "Who finds names in running text: rules (labels, titles, signatures; no model), small (the model that ships with "
    "docreview), spacy:NAME (an installed pipeline), presidio."
)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("redact")(redact)
    app.command("restore")(restore)
    app.command("forget")(forget)


def redact(
    files: Annotated[list[Path] | None, typer.Argument(help="Documents of any kind that docreview reads.")] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", help='Texts instead: JSON lines {"text"}.')] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="A folder for documents, a file for --jsonl; stdout by default.")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write PDFs, built anew from the redacted text.")] = False,
    kinds: Annotated[
        str, typer.Option("--kinds", help="Labels to take out, with commas; all but ORG by default.")
    ] = "",
    all_dates: Annotated[bool, typer.Option("--all-dates", help="Every date, not only dates of birth.")] = False,
    language: Annotated[str | None, typer.Option("--language", help="Of the texts: de, fr, ...")] = None,
    names: Annotated[str, typer.Option("--names", help=NAMES_HELP)] = "rules",
    vault: VaultFile = None,
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    password_file: Annotated[Path | None, typer.Option(help="Passwords for encrypted files, one a line.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What was found in each document, as JSON lines.")] = False,
) -> None:
    """Take personal data out of documents: [PERSON_1] stands for one person everywhere."""
    find = _finder(kinds, all_dates=all_dates, language=language, names=names)
    surrogates = _vault(vault, key_file, passphrase_file)
    if (jsonl is None) == (not files):
        raise typer.BadParameter("give documents, or --jsonl FILE")
    if jsonl is not None:
        _batch(jsonl, out, find, surrogates)
        return
    if (pdf or len(files or ()) > 1) and out is None:
        raise typer.BadParameter("give a folder for the results: --out FOLDER")
    _documents(files or [], find, surrogates, out=out, pdf=pdf, keys=passwords(password_file), as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="A text with surrogates: a redacted document, an answer.")],
    vault: Annotated[Path, typer.Option("--vault", help="The matter's vault.")],
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put back what the surrogates in a text stand for."""
    from docreview.governance.pii import restore as put_back

    surrogates = _vault(vault, key_file, passphrase_file)
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: can't be read: {error}") from None
    typer.echo(put_back(text, surrogates), nl=False)


def forget(
    values: Annotated[Path, typer.Argument(help="A file with what to forget, one name or number a line.")],
    vault: Annotated[Path, typer.Option("--vault", help="The matter's vault.")],
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Delete people from a vault: nobody can turn their surrogates back any more."""
    opened = _vault(vault, key_file, passphrase_file)
    try:
        lines = values.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{values}: can't be read: {error}") from None
    typer.echo(sum(opened.forget(line.strip()) for line in lines if line.strip()) if opened else 0)


def _vault(path: Path | None, key_file: Path | None, passphrase_file: Path | None) -> Any:
    if path is None:
        if key_file or passphrase_file:
            raise typer.BadParameter("a key opens a vault; name it with --vault")
        return None
    from docreview.governance.pii.vault import Vault

    if passphrase_file is None:
        return Vault(path, key_file=key_file)
    lines = passwords(passphrase_file)
    return Vault(path, passphrase=lines[0] if lines else "", key_file=key_file)


def _finder(kinds: str, *, all_dates: bool, language: str | None, names: str) -> Finder:
    from functools import partial

    from docreview.governance.names import recogniser
    from docreview.governance.pii import DEFAULT_KINDS, LABELS, find_pii

    wanted = frozenset(k.strip().upper() for k in kinds.split(",") if k.strip()) or DEFAULT_KINDS
    if unknown := wanted - set(LABELS):
        raise typer.BadParameter(f"no such kinds: {', '.join(sorted(unknown))}; there are {', '.join(LABELS)}")
    return partial(find_pii, language=language, kinds=wanted, all_dates=all_dates, names=recogniser(names))


def _batch(source: Path, out: Path | None, find: Finder, surrogates: Surrogates | None) -> None:
    from docreview._json import dumps, read_jsonl, write_atomic
    from docreview.governance.pii.batch import redact_rows

    try:
        text = "".join(dumps(row) + "\n" for row in redact_rows(read_jsonl(source), find=find, surrogates=surrogates))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{source}: {error}") from None
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomic(out, text)


def _documents(
    files: list[Path],
    find: Finder,
    surrogates: Surrogates | None,
    *,
    out: Path | None,
    pdf: bool,
    keys: list[str],
    as_json: bool,
) -> None:
    from docreview._json import dumps
    from docreview.config import load
    from docreview.errors import ReadError
    from docreview.governance.pii import redact as take_out
    from docreview.read import read_trying

    failed = False
    for number, file in enumerate(files, 1):
        try:
            document = read_trying(file, keys, settings=load())
        except ReadError as error:
            typer.echo(f"docreview: {error}", err=True)
            failed = True
            continue
        done = take_out(document.text, find=find, surrogates=surrogates)
        _write(document, done, out and out / f"{number:04d}", pdf=pdf, show=not as_json)
        if as_json:
            spans = [{"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in done.spans]
            typer.echo(dumps({"document": document.id, "spans": spans}))
    if failed:
        raise typer.Exit(1)


def _write(document: Document, done: Redacted, place: Path | None, *, pdf: bool, show: bool) -> None:
    """The redacted text as a file named by number (a name may name a person), or on stdout."""
    from docreview._json import write_atomic

    if place is None:
        if show:
            typer.echo(done.text, nl=False)
    elif pdf:
        from docreview.governance.pii.pdf import redacted_pdf

        made, unshown = redacted_pdf(document, done)
        write_atomic(place.with_suffix(".pdf"), made)
        if unshown:
            typer.echo(
                f"{place.stem}.pdf: {unshown} characters are not in the font; without --pdf none is lost", err=True
            )
    else:
        write_atomic(place.with_suffix(".txt"), done.text)
