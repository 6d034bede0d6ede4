"""A run over many documents: what is left to do is done side by side, noted at once, and put together at the end."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from docreview._json import digest, plain
from docreview._version import __version__
from docreview._worker import Worker
from docreview.checklist import SHIPPED
from docreview.checklist import load as load_checklist
from docreview.config import MIB, Settings
from docreview.errors import AuditError, OutputError, WorkerError
from docreview.readers import Reader
from docreview.triage.inputs import Item
from docreview.triage.job import Here
from docreview.triage.journal import Journal
from docreview.triage.names import safe_names
from docreview.triage.outputs import build
from docreview.triage.pool import Helper, Pool, cores

FORMAT: Final = 2
"""Version of what is written to OUT; part of every document's key."""
REVIEW_SECONDS: Final = 240.0
"""Over the time limit for reading, a document may take this long to be reviewed and written."""
_NO_MATTER: Final = frozenset({"jobs", "cache_dir", "cache_gib"})
"""Settings that results do not depend on."""
_PATIENCE: Final = {
    "timeout": "took too long to be reviewed",
    "memory": "needs more memory to be reviewed than allowed",
    "crashed": "the process that reviewed it died, and again when tried once more",
}


@runtime_checkable
class Stopping(Protocol):
    """A reader that takes long, and can be told to stop."""

    def until(self, stop: threading.Event) -> Reader:
        """The same reader, which stops when the event is set."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is, in files. `resumed` are those that an earlier run had finished.

    Files that nobody would call a document are part of `done`, but neither of `reviewed` nor of `quarantined`.
    """

    done: int
    total: int
    reviewed: int
    quarantined: int
    resumed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is asked of every document. `checklist` None: the one that fits it.

    A reader by name reads in child processes; one that is given itself in this one, one document at a time.
    """

    checklist: str | None
    reader: str | Reader
    passwords: tuple[str, ...]
    settings: Settings
    audit: str = ""

    def key(self) -> str:
        """What, besides a document's own bytes, its results depend on; passwords do not count."""
        names = [self.checklist] if self.checklist else SHIPPED
        checklists = [digest(load_checklist(name)) for name in names]
        settings = {k: v for k, v in plain(self.settings).items() if k not in _NO_MATTER}
        return digest([FORMAT, __version__, self.checklist, checklists, _identity(self.reader), settings])


def _identity(reader: str | Reader) -> str:
    """A reader's own name, which changes with its weights."""
    if not isinstance(reader, str):
        return reader.name
    from docreview.triage.one import reader_of

    return f"{reader} {reader_of(reader).name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One finished file and its row in documents.jsonl."""

    item: Item
    key: str
    row: dict[str, Any]
    files: dict[str, str]
    resumed: bool = False


class Run:
    """One run over `items` into `out`, whose lock is held. Documents that are `kept` stay as the journal has them."""

    def __init__(
        self, items: list[Item], out: Path, options: Options, journal: Journal, *, kept: Collection[str] = ()
    ) -> None:
        self._items, self._out, self._options, self._journal = items, out, options, journal
        self._new = [item for item in items if item.doc not in kept]
        self._names = safe_names(item.doc for item in items)
        self._key = options.key()
        self._stop = threading.Event()

    def results(self, progress: Callable[[Progress], None]) -> Iterator[Done]:
        """What is done, as it is done; the tables and the report are written after the last one."""
        settings = self._options.settings
        size = max(1, min(settings.jobs or cores(), len(self._new)))
        pool = Pool(self._one, self._helper(), size=size, stop=self._stop)
        count: Counter[str] = Counter()
        for result in pool.run(self._new):
            if not result.resumed:
                self._journal.add(result.item.doc, result.key, result.row, result.files)
            count.update(self._kind(result))
            progress(
                Progress(
                    done=count["any"],
                    total=len(self._new),
                    reviewed=count["done"],
                    quarantined=count["quarantined"],
                    resumed=count["resumed"],
                )
            )
            yield result
        self._journal.keep_only(item.doc for item in self._items)
        build(self._out, self._items, self._journal)

    def _helper(self) -> Callable[[], Helper]:
        """Makes those who do the work: children, or for a reader that is here, this process."""
        reader, settings = self._options.reader, self._options.settings
        if isinstance(reader, str):
            memory = max(2048, settings.read_memory_mib + 512) * MIB
            return lambda: Worker("docreview.triage.job:serve", memory_bytes=memory)
        stopping, turn = reader.until(self._stop) if isinstance(reader, Stopping) else reader, threading.Lock()
        return lambda: Here(stopping, turn)

    @staticmethod
    def _kind(result: Done) -> Iterator[str]:
        yield "any"
        if result.resumed:
            yield "resumed"
        if not result.item.system:
            yield result.row["status"]

    def _one(self, item: Item, worker: Helper) -> Done:
        if item.error:
            row = {"status": "quarantined", "error": item.error, "message": item.reason, "seconds": 0.0}
            return Done(item=item, key="", row=row, files={})
        sha = _sha256(item.path)
        key = digest([self._key, item.doc, self._names[item.doc], sha])
        if sha and (entry := self._journal.finished(item.doc, key)):
            return Done(item=item, key=key, row=entry["row"], files=entry["files"], resumed=True)
        outcome = self._ask(item, worker)
        if "unlogged" in outcome:
            raise AuditError(None, outcome["unlogged"])
        if "fatal" in outcome:
            raise OutputError(self._out, f"can't be written: {outcome['fatal']}")
        return Done(item=item, key=key, row={"sha256": sha} | outcome["row"], files=outcome["files"])

    def _ask(self, item: Item, worker: Helper) -> dict[str, Any]:
        """The child's answer; a death is tried once more, because its cause may be another one than the document."""
        reader = self._options.reader
        job = {
            "doc": item.doc,
            "path": item.path,
            "name": self._names[item.doc],
            "out": os.fspath(self._out),
            **plain(replace(self._options, reader=reader if isinstance(reader, str) else reader.name)),
        }
        code, tries = "crashed", 0
        while code == "crashed" and tries < 2 and not self._stop.is_set():
            tries += 1
            try:
                answer: dict[str, Any] = worker.call(job, timeout=self._options.settings.read_seconds + REVIEW_SECONDS)
            except WorkerError as error:
                code = error.code
            else:
                return answer
        return {
            "row": {"status": "quarantined", "error": code, "message": _PATIENCE[code], "seconds": None},
            "files": {},
        }


def _sha256(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
