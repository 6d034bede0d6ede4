"""`docreview search LIBRARY QUERY`: the best places for a question, or for a file of questions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from docreview.search import Library
    from docreview.types import Hit


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("search")(search)


def search(
    library: Annotated[Path, typer.Argument(help="The library that `docreview index` made.")],
    query: Annotated[str, typer.Argument(help="The question.")] = "",
    k: Annotated[int, typer.Option("-k", "--k", min=1, help="How many places.")] = 10,
    doc: Annotated[str | None, typer.Option(help="Only in this document.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="Only in documents of this type, or with this file ending.")
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="Only what this person says.")] = None,
    section: Annotated[str | None, typer.Option(help="Only in sections whose number or title holds this.")] = None,
    dense: Annotated[bool | None, typer.Option("--dense/--instant", help="Use MiniLM's vectors, or not.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value for each hit.")] = False,
    queries: Annotated[Path | None, typer.Option(help='Many questions: {"id", "query", "doc"?} a line.')] = None,
    out: Annotated[Path | None, typer.Option(help="Where the hits of --queries go, one a line.")] = None,
) -> None:
    """Find the places in a library that answer a question."""
    from docreview._json import dumps
    from docreview.search import Library

    if (queries is None) == (not query) or (queries is None) != (out is None):
        raise typer.BadParameter("give either QUERY, or --queries with --out")
    opened = Library.open(library, dense=dense)
    if queries is not None and out is not None:
        _batch(opened, queries, out, k)
        return
    for hit in opened.search(query, k, doc=doc, type=type_, speaker=speaker, section=section):
        typer.echo(dumps(hit) if as_json else _shown(hit))


def _shown(hit: Hit) -> str:
    where = f"{hit.doc}:{hit.passage.span.start}-{hit.passage.span.end}"
    about = "  ".join(filter(None, [where, hit.passage.section, ", ".join(hit.passage.speakers)]))
    return f"{hit.rank}. {about}\n   {' '.join(hit.passage.text.split())}\n"


def _batch(library: Library, queries: Path, out: Path, k: int) -> None:
    from docreview._json import dumps, read_jsonl, write_atomic
    from docreview.errors import LibraryError

    rows = list(read_jsonl(queries))
    wrong = [n for n, row in enumerate(rows, 1) if not isinstance(row, dict) or not {"id", "query"} <= set(row)]
    if wrong:
        raise typer.BadParameter(f'{queries}: row {wrong[0]} lacks "id" or "query"')
    lines: list[str] = []
    unanswered = 0
    for row in rows:
        try:
            lines += [dumps(hit) for hit in _hits(library, row, k)]
        except LibraryError as error:  # a document that is not there: the other questions go on
            unanswered += 1
            typer.echo(f"question {row['id']}: {error}", err=True)
    write_atomic(out, "".join(f"{line}\n" for line in lines))
    typer.echo(f"{len(rows)} questions, {len(lines)} hits, {unanswered} questions without an answer", err=True)
    if unanswered:
        raise typer.Exit(1)


def _hits(library: Library, row: dict[str, Any], k: int) -> Iterator[dict[str, Any]]:
    for hit in library.search(row["query"], k, doc=row.get("doc")):
        span = hit.passage.span
        yield {"query_id": row["id"], "doc": hit.doc, "start": span.start, "end": span.end, "score": hit.score}
