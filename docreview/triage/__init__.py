"""A folder of documents -> proven clauses in tables, JSON and a report; survives bad documents and being killed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from docreview import config
from docreview._bar import telling
from docreview._json import load
from docreview.config import Settings
from docreview.errors import OutputError
from docreview.readers import Reader
from docreview.triage.inputs import Item, discover
from docreview.triage.journal import Journal, Lock, prepare
from docreview.triage.run import Done, Options, Progress, Run
from docreview.triage.uploads import earlier, uploaded
from docreview.types import Failure, Review

__all__ = ["Progress", "add", "triage"]

Inputs = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def triage(
    inputs: Inputs,
    out: str | os.PathLike[str],
    *,
    checklist: str | None = None,
    reader: str | Reader = "embedded",
    passwords: Iterable[str] = (),
    settings: Settings | None = None,
    audit: str | os.PathLike[str] = "",
    progress: Callable[[Progress], None] | bool = False,
) -> Iterator[Review | Failure]:
    """Review every document of files and folders, several at once, and write all results to a folder.

    Gives one `Review` or `Failure` for each file as it is done; the tables and the report are written when the last one
    has been taken. Stopped before that, or killed at any point, the same call goes on where it was: what is finished
    (same content, checklist, reader, options) is not done again, and the results are the same in the end.

    Args:
        inputs: Files and folders; folders with all that is in them.
        out: The folder for results (docs/triage.md); made when it is not there.
        checklist: Name or path; by default `transcript` for documents with speakers' turns, else `contract`.
        reader: Name of a reader, or "package.module:factory" for one's own; or a reader itself, a `ModelReader` say:
            it then works in this process, one document at a time.
        passwords: Tried one after another on encrypted files; not written anywhere.
        settings: Limits, OCR, `jobs`, `min_score`; those of `docreview.config.load()` by default.
        audit: Folder of the audit log; none is kept without one.
        progress: Called after each document; True shows a bar (tqdm).

    Raises:
        ConfigError: An input, the checklist or the reader does not exist.
        OutputError: `out` can't be used, is held by another run, or the disk is full.
        AuditError: The audit log can't be written; what could not be logged was not done.
    """
    options = _options(checklist, reader, passwords, settings, audit)
    with _told(progress) as told:
        for done in stream(inputs, Path(out), options, told):
            yield _value(Path(out), done)


def _options(
    checklist: str | None,
    reader: str | Reader,
    passwords: Iterable[str],
    settings: Settings | None,
    audit: str | os.PathLike[str],
) -> Options:
    return Options(
        checklist=checklist,
        reader=reader,
        passwords=tuple(passwords),
        settings=settings or config.load(),
        audit=os.fspath(audit),
    )


@contextmanager
def _told(progress: Callable[[Progress], None] | bool) -> Iterator[Callable[[Progress], None]]:
    """Who is told how far the run is: the caller, a bar, or nobody."""
    if not isinstance(progress, bool):
        yield progress
        return
    with telling(progress, "document", "reviewing") as told:
        yield lambda now: told(now.done, now.total)


def add(
    out: str | os.PathLike[str],
    *,
    checklist: str | None = None,
    reader: str | Reader = "embedded",
    passwords: Iterable[str] = (),
    settings: Settings | None = None,
    audit: str | os.PathLike[str] = "",
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Review | Failure]:
    """Review what `uploads.keep` put into OUT since; every other document stays as it is.

    Arguments and results as for `triage`, whose later runs keep what was uploaded.

    Raises:
        ConfigError: The checklist or the reader does not exist.
        OutputError: OUT can't be used, is held by another run, or one was stopped there before its end.
        AuditError: The audit log can't be written; what could not be logged was not done.
    """
    options = _options(checklist, reader, passwords, settings, audit)
    for done in _into(Path(out), None, options, progress or (lambda _: None)):
        yield _value(Path(out), done)


def stream(inputs: Inputs, out: Path, options: Options, progress: Callable[[Progress], None]) -> Iterator[Done]:
    """As `triage`, without loading the reviews that were written."""
    given = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    yield from _into(out, discover(given, out), options, progress)


def _into(
    out: Path, items: list[Item] | None, options: Options, progress: Callable[[Progress], None]
) -> Iterator[Done]:
    """Review items and what was uploaded; without items, the documents there are stay as they are."""
    prepare(out)
    lock = Lock(out)
    try:
        journal = Journal(out)
        try:
            known = earlier(out, journal) if items is None else items
            handed_in = uploaded(out, {item.doc for item in known})
            settled = handed_in if items is not None else [*known, *handed_in]
            kept = {item.doc for item in settled if journal.finished(item.doc)}
            yield from Run([*known, *handed_in], out, options, journal, kept=kept).results(progress)
        finally:
            journal.close()
    except OSError as error:
        raise OutputError(out, f"can't be written: {error.strerror or error}") from error
    finally:
        lock.release()


def _value(out: Path, done: Done) -> Review | Failure:
    if done.row["status"] == "done":
        return load(Review, (out / done.row["review"]).read_bytes())
    return Failure(path=done.item.path, error=done.row["error"], message=done.row["message"])
