"""A language model as reader for `review` and `triage`, and how far it is, on stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from docreview.config import Settings
    from docreview.context import Plan
    from docreview.readers.model import ModelReader
    from docreview.types import Document

_EVERY: Final = 5.0  # seconds between lines when stderr is not a terminal


def model_reader(
    name: str,
    settings: Settings,
    *,
    context: str,
    budget_minutes: float,
    group: int,
    tokenizer: str | None,
    keep_cache: bool,
    quiet: bool = False,
) -> ModelReader:
    """The reader for a model; its licence note is shown the first time.

    Raises:
        typer.BadParameter: There is no such context.
        ModelError: The model can't be loaded.
    """
    from docreview.config import user_file
    from docreview.context import MODES
    from docreview.models import load_model
    from docreview.models.pull import note_once
    from docreview.models.saved import Caches, folder_of
    from docreview.readers.model import ModelReader, Unwatched

    if context not in MODES:
        raise typer.BadParameter(f"--context is one of {', '.join(MODES)}")
    model = load_model(name, tokenizer=tokenizer)
    if note := note_once(model.profile, user_file().parent / "licences-shown.txt"):
        typer.echo(note, err=True)
    keeping = keep_cache or settings.cache_dir
    return ModelReader(
        model,
        context=context,
        budget_seconds=budget_minutes * 60,
        group=group,
        caches=Caches(folder_of(settings), gib=settings.cache_gib) if keeping else None,
        watch=Unwatched() if quiet else Terminal(),
    )


class Terminal:
    """Tells on stderr what a reading will cost and how far it is: a bar on a terminal, lines elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what, self._last = "", 0.0

    def planned(self, document: Document, made: Plan) -> None:
        """The cost line."""
        typer.echo(f"{document.source.path}: {made.line()}", err=True)

    def read(self, done: int, total: int) -> None:
        """Tokens of the document."""
        self._show("read", "tokens", done, total)

    def asked(self, done: int, total: int) -> None:
        """Questions."""
        self._show("asked", "questions", done, total)

    def _show(self, what: str, unit: str, done: int, total: int) -> None:
        if what != self._what:
            self._what, self._last = what, time.monotonic()
        if sys.stderr.isatty():
            self._draw(what, unit, done, total)
        elif done == total or time.monotonic() - self._last >= _EVERY:
            self._last = time.monotonic()
            typer.echo(f"{what} {done:,} of {total:,} {unit}", err=True)

    def _draw(self, what: str, unit: str, done: int, total: int) -> None:
        from tqdm import tqdm

        if self._bar is None or self._bar.desc != f"{what}: ":
            self.close()
            self._bar = tqdm(desc=what, total=total, unit=f" {unit}", file=sys.stderr, dynamic_ncols=True, leave=False)
        self._bar.update(done - self._bar.n)
        if done == total:
            self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
