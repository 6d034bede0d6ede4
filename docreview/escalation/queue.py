"""Items that wait for a person's word, in a file of their own that only the user can read."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from docreview._json import digest, dumps, load
from docreview.errors import OutputError, PolicyError
from docreview.governance.audit.lock import WriterLock
from docreview.types import Citation, Status, Value, Verdict

State = Literal["queued", "sent", "answered", "failed", "dropped"]
_LOCK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(Value):
    """What the service answered, checked here. It is a suggestion to a person: no clause is changed by it.

    `quote` is what it says it copied, with the names put back; `citations` prove it when the document says so.
    """

    status: Status
    value: str = ""
    quote: str = ""
    verdict: Verdict | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Value):
    """One question about one document. `body` is the whole of what would be sent, and nothing but that ever is.

    "sent" without an answer was interrupted: it may have gone out. `note` says why an item failed or was dropped.
    """

    id: str
    doc: str
    doc_id: str
    question: str
    reason: str
    endpoint: str
    body: str
    text: str
    """The document's text, relative to the folder of results."""
    state: State = "queued"
    suggestion: Suggestion | None = None
    by: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.id != item_id(self.doc_id, self.question, self.endpoint, self.body):
            raise ValueError(f"item {self.id} was changed after it was queued")


def item_id(doc_id: str, question: str, endpoint: str, body: str) -> str:
    """An item's id: of what would be sent, and to whom. Another text is another item, with a consent of its own."""
    return digest([doc_id, question, endpoint, body])[:16]


class Queue:
    """`escalation/queue.jsonl` in a folder of results: one line for each change of an item, the last one counts.

    Raises:
        OutputError: The file is damaged or can't be written.
    """

    def __init__(self, out: str | os.PathLike[str]) -> None:
        self.out = Path(out)
        self.folder = self.out / "escalation"
        self.file = self.folder / "queue.jsonl"

    def items(self) -> list[Item]:
        """All items, in the order in which they were first queued."""
        try:
            lines = self.file.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise OutputError(self.file, error.strerror or "can't be read") from None
        found: dict[str, Item] = {}
        for number, line in enumerate(lines, 1):
            try:
                item = load(Item, line)
            except ValueError:
                raise OutputError(self.file, f"line {number} is damaged; nothing is sent from it") from None
            found[item.id] = item
        return list(found.values())

    def item(self, key: str) -> Item:
        """The item with this id, or with the only id that begins so.

        Raises:
            OutputError: There is none, or several.
        """
        found = [item for item in self.items() if item.id.startswith(key)]
        if len(found) != 1 or not key:
            raise OutputError(self.file, f"{len(found) or 'no'} items have an id that begins with {key!r}")
        return found[0]

    def add(self, items: Sequence[Item]) -> list[Item]:
        """Queue items that are not there yet; one that was dropped or sent stays what it is. Gives the new ones."""
        with self.changing():
            known = {item.id for item in self.items()}
            new = [item for item in {item.id: item for item in items}.values() if item.id not in known]
            self.write(new)
        return new

    def drop(self, key: str, *, by: str = "") -> None:
        """Take an item out: it is never sent.

        Raises:
            PolicyError: It was sent already.
        """
        with self.changing():
            item = self.item(key)
            if item.state in ("sent", "answered"):
                raise PolicyError("escalation.consent", f"{item.id} is {item.state}; it can't be dropped any more")
            self.write([replace(item, state="dropped", by=by)])

    def write(self, items: Sequence[Item]) -> None:
        """Add lines, inside `changing()`; they are on the disk when this returns."""
        data = "".join(dumps(item) + "\n" for item in items).encode("utf-8", "surrogatepass")
        try:
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(self.file, error.strerror or "can't be written") from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the queue alone: no item is sent twice by two people at once. Not inside itself."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(self.folder, error.strerror or "can't be made") from None
        lock = WriterLock(self.folder / "lock", seconds=_LOCK_SECONDS)
        try:
            with lock:
                yield
        finally:
            lock.close()
