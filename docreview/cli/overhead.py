"""`docreview overhead FILES... --tokenizer T...`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from docreview.evaluate.overhead import Overhead
    from docreview.models.profiles import Profile
    from docreview.tokens import TokenCounter
    from docreview.types import Failure


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("overhead")(overhead)


def overhead(
    files: Annotated[list[Path], typer.Argument(help="Documents of any kind.", exists=True, dir_okay=False)],
    tokenizer: Annotated[
        list[str] | None,
        typer.Option(
            help="minilm, a tokenizer.json, a SentencePiece or GGUF file, a folder with one, or "
            "server:http://127.0.0.1:8080; NAME=... names it."
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="A profile: its window and what it costs to read.")] = "LFM2.5-8B-A1B",
    english: Annotated[
        Path | None,
        typer.Option(help="The file that the others are translations of; the only English one if not given."),
    ] = None,
    tflops: Annotated[
        float | None,
        typer.Option(
            help="What this machine really does, 10^12 operations/s: seconds in place of operations.", min=0.001
        ),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the figures to this CSV file too.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw tokens per character: a .svg, .png or .pdf file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value.")] = False,
) -> None:
    """What documents cost in tokens, by language and tokenizer: per character, word and byte, against English.

    Paragraphs are counted each by itself. The share of the window and the cost of reading are those of the whole text.
    """
    from docreview.evaluate.overhead import Text, measure, read_texts
    from docreview.models.profiles import profile_named

    profile = profile_named(model)
    counters = _counters(tokenizer or ["minilm"])
    if english is not None and english not in files:
        raise typer.BadParameter(f"{english} is none of the files")
    read = dict(zip(files, read_texts(files), strict=True))
    texts = [text for text in read.values() if isinstance(text, Text)]
    base = None if english is None else read[english]
    rows = measure(texts, counters, english=base if isinstance(base, Text) else None)
    _write(rows, profile, csv, plot)
    if rows:
        typer.echo(_shown(rows, profile, tflops, as_json))
    _failures([each for each in read.values() if not isinstance(each, Text)])


def _write(rows: Sequence[Overhead], profile: Profile, csv: Path | None, plot: Path | None) -> None:
    from docreview._json import write_atomic
    from docreview.evaluate.overhead_report import csv_of, rows_of
    from docreview.evaluate.overhead_report import plot as draw

    if csv is not None:
        write_atomic(csv, csv_of(rows_of(rows, profile)))
    if plot is not None:
        draw(rows, plot)


def _failures(failures: list[Failure]) -> None:
    for failure in failures:
        typer.echo(f"not counted: {failure.message}", err=True)
    if failures:
        raise typer.Exit(1)


def _shown(rows: Sequence[Overhead], profile: Profile, tflops: float | None, as_json: bool) -> str:
    from docreview._json import dumps
    from docreview.evaluate.overhead import gains
    from docreview.evaluate.overhead_report import gains_of, rows_of, table_of

    found = gains(rows, profile.published)
    if as_json:
        return dumps({"rows": rows_of(rows, profile), "gains": found, "published_source": profile.published_source})
    return table_of(rows, profile, tflops=tflops) + (gains_of(found) if found else "")


def _counters(specs: list[str]) -> dict[str, TokenCounter]:
    from docreview.evaluate.overhead import label_of
    from docreview.models import load_model
    from docreview.tokens import load_counter

    found: dict[str, TokenCounter] = {}
    for name, place in map(label_of, specs):
        if name in found:
            raise typer.BadParameter(f"two tokenizers are called {name}; name one: NAME={place}")
        found[name] = load_model(place) if place.startswith("server:") else load_counter(place)
    return found
