"""`docreview verify FILE "quote"` or `--quotes Q.jsonl --out V.jsonl`: is it in the document, word for word?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from docreview.types import Document
    from docreview.verify import Verification


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("verify")(verify)


def verify(
    file: Annotated[Path, typer.Argument(help="The document.")],
    quote: Annotated[str | None, typer.Argument(help="What it is said to say.")] = None,
    quotes: Annotated[Path | None, typer.Option(help='Many quotes: JSON lines {"id", "quote"}.')] = None,
    out: Annotated[Path | None, typer.Option(help="Where their verdicts go; stdout by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The verdict on the one quote as JSON.")] = False,
) -> None:
    """Prove quotes: verbatim, normalised, altered (naming the differing words) or not_found."""
    import docreview
    from docreview._json import dumps, write_atomic
    from docreview.verify import verify as prove

    if (quote is None) == (quotes is None):
        raise typer.BadParameter("give one quote, or --quotes FILE")
    rows = _rows(quotes) if quotes is not None else []
    document = docreview.read(file)
    if quote is not None:
        result = prove(quote, document)
        typer.echo(dumps(_row(None, result)) if as_json else _shown(result, document))
        return
    text = "".join(dumps(_row(key, prove(said, document))) + "\n" for key, said in rows)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomic(out, text)


def _rows(path: Path) -> list[tuple[Any, str]]:
    from docreview._json import read_jsonl

    try:
        rows = list(read_jsonl(path))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from None
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("quote"), str) or "id" not in row:
            raise typer.BadParameter(f'{path}: row {number} is not {{"id", "quote"}} with a text as quote')
    return [(row["id"], row["quote"]) for row in rows]


def _row(key: Any, result: Verification) -> dict[str, Any]:
    row: dict[str, Any] = {} if key is None else {"id": key}
    row["verdict"] = result.verdict
    row["spans"] = [[span.start, span.end] for span in result.spans]
    row["changed"] = [
        {"quote": c.quote, "document": c.document, "span": [c.span.start, c.span.end] if c.span else None}
        for c in result.changed
    ]
    if result.closest:
        row["closest"] = [result.closest.start, result.closest.end]
    if result.note:
        row["note"] = result.note
    return row


def _shown(result: Verification, document: Document) -> str:
    return "\n".join([result.verdict + (f": {result.note}" if result.note else ""), *_details(result, document)])


def _details(result: Verification, document: Document) -> Iterator[str]:
    for citation in result.citations:
        where = f"[{citation.span.start}, {citation.span.end})"
        if citation.page is not None:
            where += f", page {citation.page}"
        if citation.speaker is not None:
            where += f", {citation.speaker}"
        yield f"  {where}: {citation.quote!r}"
    for change in result.changed:
        yield f"  the quote says {change.quote!r}, the document {change.document!r}"
    if result.closest:
        yield f"  closest: [{result.closest.start}, {result.closest.end}): {document[result.closest]!r}"
