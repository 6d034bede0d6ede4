"""From a folder of documents to a library that can be searched."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from docreview._bar import Told as Progress
from docreview._bar import telling
from docreview._json import digest
from docreview.config import Settings
from docreview.config import load as load_settings
from docreview.errors import ReadError
from docreview.governance.pii.gates import Gates, RedactionPolicy
from docreview.read import READER_VERSION, read_trying
from docreview.search import entry as entries
from docreview.search.shared import write_index
from docreview.search.static import model_hash
from docreview.search.store import Manifest, Row, Store
from docreview.types import Document, Failure

VERSION: Final = 2
"""Counts up when chunking, units, the static embedder or what is kept change, so that documents are prepared anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What an indexing run did. `failures` are the files that can't be searched; `seconds` is wall time."""

    documents: int
    added: int
    unchanged: int
    removed: int
    pages: int
    passages: int
    seconds: float
    failures: tuple[Failure, ...] = ()


def build(
    folder: str | os.PathLike[str],
    library: str | os.PathLike[str],
    *,
    passwords: Iterable[str] = (),
    settings: Settings | None = None,
    progress: Progress | bool = False,
) -> IndexReport:
    """Bring a library up to date with a folder: new and changed files are read, removed ones disappear.

    A file whose bytes were seen before is not read again, nor is one that could not be read then (an encrypted one is
    tried again when there are passwords). Hidden files and
    folders and links to folders are left out. The library can be searched when this returns; a run that is killed
    leaves it as it was, and the next run takes over the documents that were read already.

    Args:
        passwords: Tried on encrypted files, one after another.
        settings: Reading limits and how many documents to read at once.
        progress: Called with files done and files in all; True shows a bar (tqdm).

    Raises:
        LibraryError: `library` is something else, or was made by an incompatible version.
        NotADirectoryError: `folder` is no folder.
    """
    began = time.perf_counter()
    root, store = Path(folder), Store(Path(library))
    if not root.is_dir():
        raise NotADirectoryError(f"{root}: not a folder")
    settings, old = settings or load_settings(), store.read_or_new()
    store.docs.mkdir(parents=True, exist_ok=True)
    known, keys = {row.key: row for row in old.rows}, tuple(passwords)
    names = sorted(_files(root, store.root))
    done: list[Row] = []
    told = telling(progress, "document", "indexing")
    with ThreadPoolExecutor(settings.jobs or os.cpu_count() or 1) as pool, told as tell:
        for row in pool.map(lambda name: _row(root, name, store, known, keys, settings), names):
            done.append(row)
            tell(len(done), len(names))
    rows = tuple(done)
    if rows != old.rows or not old.index:
        store.write(Manifest(rows=rows, index=write_index(store, rows)))
    return _report(old, rows, time.perf_counter() - began)


def gather(
    documents: Mapping[str, Document],
    library: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> IndexReport:
    """Bring a library up to date with documents that were read already, by their names in it; others disappear.

    Arguments as for `build`, which reads a folder instead.

    Raises:
        LibraryError: `library` is something else, or was made by an incompatible version.
    """
    began = time.perf_counter()
    store, settings = Store(Path(library)), settings or load_settings()
    old = store.read_or_new()
    store.docs.mkdir(parents=True, exist_ok=True)
    done: list[Row] = []
    for name, document in documents.items():
        key = _key(document.id, "", settings)
        saved = store.document(key)
        entry = entries.load(saved) if saved.exists() else _entry(document, saved, settings)
        done.append(_done(name, document.source.sha256, key, entry))
        if progress is not None:
            progress(len(done), len(documents))
    rows = tuple(done)
    if rows != old.rows or not old.index:
        store.write(Manifest(rows=rows, index=write_index(store, rows)))
    return _report(old, rows, time.perf_counter() - began)


def _files(root: Path, library: Path) -> Iterator[str]:
    """Names relative to `root`, with forward slashes."""
    own = library.resolve()
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = [f for f in folders if not f.startswith(".") and (here / f).resolve() != own]
        for file in files:
            if not file.startswith("."):
                yield (here / file).relative_to(root).as_posix()


def _row(
    root: Path, name: str, store: Store, known: dict[str, Row], passwords: tuple[str, ...], settings: Settings
) -> Row:
    path = root / name
    try:
        with open(path, "rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        code = "permission" if isinstance(error, PermissionError) else "missing"
        return Row(name=name, sha256="", key="", status="quarantined", error=code, message=f"{name}: {error.strerror}")
    key = _key(sha, path.suffix.lower(), settings)
    old = known.get(key)
    locked = old is not None and old.error == "encrypted" and bool(passwords)
    if old is not None and not locked and (old.status == "quarantined" or store.document(key).exists()):
        return replace(old, name=name)
    try:
        entry = _prepared(path, store.document(key), passwords, settings)
    except ReadError as error:
        return Row(name=name, sha256=sha, key=key, status="quarantined", error=error.code, message=str(error))
    return _done(name, sha, key, entry)


def _done(name: str, sha: str, key: str, entry: entries.Entry) -> Row:
    return Row(
        name=name,
        sha256=sha,
        key=key,
        status="done",
        pages=entry.pages,
        chars=len(entry.text),
        passages=len(entry.passages),
    )


def _prepared(path: Path, saved: Path, passwords: tuple[str, ...], settings: Settings) -> entries.Entry:
    if saved.exists():  # left by a run that was killed
        return entries.load(saved)
    return _entry(read_trying(path, passwords, settings=settings), saved, settings)


def _entry(read: Document, saved: Path, settings: Settings) -> entries.Entry:
    document, _ = Gates(RedactionPolicy.load()).document("index", read)
    entry = entries.prepare(document, max_tokens=settings.passage_tokens)
    entries.save(entry, document, saved)
    return entry


def _key(sha: str, suffix: str, settings: Settings) -> str:
    """The same for files that would be read to the same document."""
    reading = (settings.max_file_mib, settings.max_text_mib, settings.ocr, settings.ocr_language)
    policy = RedactionPolicy.load()
    redacted = [sorted(policy.kinds), policy.all_dates] if "index" in policy.gates else []
    facts = [VERSION, READER_VERSION, model_hash(), sha, suffix, reading, settings.passage_tokens, *redacted]
    return digest(facts)[:32]


def _report(old: Manifest, rows: tuple[Row, ...], seconds: float) -> IndexReport:
    before = {(row.name, row.key) for row in old.rows if row.status == "done"}
    now = {row.name for row in rows}
    good = [row for row in rows if row.status == "done"]
    return IndexReport(
        documents=len(good),
        added=sum((row.name, row.key) not in before for row in good),
        unchanged=sum((row.name, row.key) in before for row in good),
        removed=sum(row.name not in now for row in old.rows if row.status == "done"),
        pages=sum(row.pages for row in good),
        passages=sum(row.passages for row in good),
        seconds=seconds,
        failures=tuple(
            Failure(path=row.name, error=row.error, message=row.message) for row in rows if row.status == "quarantined"
        ),
    )
