"""A language model for `ask`, and as reader for `review` and `triage`; how far it is, on stderr."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from docreview.config import Settings
    from docreview.context import Plan
    from docreview.models import ChatModel
    from docreview.models.saved import Caches
    from docreview.readers.model import ModelReader
    from docreview.types import Document

_EVERY: Final = 5.0  # seconds between lines when stderr is not a terminal


@dataclass(frozen=True, slots=True)
class Choice:
    """A model as named on the command line, and how it is to read."""

    name: str
    context: str
    budget_minutes: float
    group: int
    tokenizer: str | None
    keep_cache: bool

    def reader(self, settings: Settings, *, quiet: bool = False) -> ModelReader:
        """The reader for it.

        Raises:
            typer.BadParameter: There is no such context.
            ModelError: The model can't be loaded.
        """
        from docreview.context import MODES
        from docreview.readers.model import ModelReader, Unwatched

        if self.context not in MODES:
            raise typer.BadParameter(f"--context is one of {', '.join(MODES)}")
        return ModelReader(
            chat_model(self.name, tokenizer=self.tokenizer),
            context=self.context,
            budget_seconds=self.budget_minutes * 60,
            group=self.group,
            caches=caches(settings, keep=self.keep_cache),
            watch=Unwatched() if quiet else Terminal(),
        )


def chat_model(name: str, *, tokenizer: str | None) -> ChatModel:
    """A model by its name; its licence note is shown the first time.

    Raises:
        ModelError: It can't be loaded.
    """
    from docreview.config import user_file
    from docreview.models.pull import note_once
    from docreview.readers.load import load_model

    model = load_model(name, tokenizer=tokenizer)
    if note := note_once(model.profile, user_file().parent / "licences-shown.txt"):
        typer.echo(note, err=True)
    return model


def caches(settings: Settings, *, keep: bool) -> Caches | None:
    """Where what a model computes of documents is kept, if it is to be."""
    from docreview.models.saved import Caches, folder_of

    return Caches(folder_of(settings), gib=settings.cache_gib) if keep or settings.cache_dir else None


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
