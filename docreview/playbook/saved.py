"""Saved reviews, as `docreview review --json` and `docreview triage` write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from docreview._json import load, read_jsonl
from docreview.decisions import Decisions
from docreview.errors import ConfigError, OutputError
from docreview.types import Review


def saved_reviews(paths: Iterable[Path]) -> Iterator[Review]:
    """The reviews of files, and of triage folders with the decisions of their decisions.jsonl.

    Raises:
        ConfigError: A file is not a saved review.
        OutputError: A folder is none of `docreview triage`.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield _review(path)


def _folder(folder: Path) -> Iterator[Review]:
    try:
        rows = [row for row in read_jsonl(folder / "documents.jsonl") if row["status"] == "done"]
    except (OSError, ValueError) as error:
        raise OutputError(folder, f"no folder of `docreview triage` ({type(error).__name__})") from None
    entries = [entry for entry in Decisions(folder).entries() if entry.verdict is not None]
    for row in rows:
        review = _review(folder / row["review"])
        added = [entry.decision for entry in entries if entry.doc == row["doc"]]
        yield replace(review, decisions=(*review.decisions, *added))


def _review(file: Path) -> Review:
    try:
        return load(Review, file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a saved review"
        raise ConfigError(str(file), "(whole file)", f"can't be read: {reason}") from None
