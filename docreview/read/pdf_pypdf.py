"""Pages of a PDF through pypdf: slow, but it raises errors where PDFium dies, and it is the second opinion.

One page can take minutes (a contract of 154 pages took 103 s in all), so every use is bounded in pages and seconds.
"""

from __future__ import annotations

import io
import logging
import re
import signal
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from docreview.errors import ReadError
from docreview.types import OutlineEntry

_PAINTS: Final = re.compile(rb"(?:^|[\s)\]>])(?:Tj|TJ|Do|BI|sh|[fFSsBb]\*?|['\"])(?=\s|$)")
_MOST_OUTLINE: Final = 5000
_BROKEN: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, AssertionError)
_BROKEN_BYTES: Final = (struct.error, zlib.error, EOFError)


class _OutOfTime(Exception):
    pass


def _failures() -> tuple[type[BaseException], ...]:
    """What pypdf raises on files that break the rules: its own errors and whatever Python finds wrong."""
    from pypdf.errors import DependencyError, PyPdfError

    return (PyPdfError, DependencyError, *_BROKEN, *_BROKEN_BYTES)


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Stop what runs inside after some seconds, where the system has alarms and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.01))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def opened(data: bytes, name: str, password: str | None) -> Any:
    """A reader of the document.

    Raises:
        ReadError: "encrypted" or "damaged".
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        locked = reader.is_encrypted and not reader.decrypt(password or "")
        count = 0 if locked else len(reader.pages)
    except _failures() as error:
        raise ReadError(name, "damaged", f"not a PDF that can be opened ({type(error).__name__})") from None
    if locked:
        problem = "the password is wrong" if password else "a password is needed to open it"
        raise ReadError(name, "encrypted", problem)
    if not count:
        raise ReadError(name, "empty", "the file has no page")
    return reader


def blanks(reader: Any, numbers: Iterable[int], seconds: float) -> set[int]:
    """Those of the pages (from 0) whose content plainly draws nothing; pages that can't be looked at are left out."""
    found = _each_page(reader, numbers, seconds, _content)
    return {index for index, content in found.items() if not _PAINTS.search(content)}


def texts(reader: Any, numbers: Iterable[int], seconds: float) -> dict[int, str]:
    """Text of pages by index (from 0), as many as the time allows; pages that fail are left out."""
    return _each_page(reader, numbers, seconds, lambda page: str(page.extract_text()))


def _content(page: Any) -> bytes:
    contents = page.get_contents()
    return b"" if contents is None else bytes(contents.get_data())


def _each_page(reader: Any, numbers: Iterable[int], seconds: float, look: Callable[[Any], Any]) -> dict[int, Any]:
    failures: tuple[type[BaseException], ...] = (_OutOfTime, *_failures())
    deadline = time.monotonic() + seconds
    found = {}
    for index in numbers:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        with suppress(*failures), _at_most(left):
            found[index] = look(reader.pages[index])
    return found


def metadata(reader: Any) -> dict[str, str]:
    """Title, author and the like, as the file says."""
    names = {"/Title": "title", "/Author": "author", "/CreationDate": "created", "/ModDate": "modified"}
    try:
        found = reader.metadata or {}
        wanted = names | {"/Producer": "producer"}
        return {ours: str(found[theirs]) for theirs, ours in wanted.items() if found.get(theirs)}
    except _failures():
        return {}


def labels(reader: Any, count: int) -> list[str]:
    """The printed number of each page; empty where the file gives none."""
    try:
        if "/PageLabels" in reader.root_object:
            return [str(label) for label in reader.page_labels][:count]
    except _failures():
        pass
    return [""] * count


def outline(reader: Any) -> tuple[OutlineEntry, ...]:
    """The bookmarks, at most 5,000."""
    entries: list[OutlineEntry] = []
    try:
        _collect(reader, reader.outline, 1, entries)
    except _failures():
        pass
    return tuple(entries)


def _collect(reader: Any, items: Iterable[Any], level: int, entries: list[OutlineEntry]) -> None:
    for item in items:
        if len(entries) >= _MOST_OUTLINE:
            return
        if isinstance(item, list):
            _collect(reader, item, level + 1, entries)
            continue
        index = reader.get_destination_page_number(item)
        page = index + 1 if index is not None and index >= 0 else None
        entries.append(OutlineEntry(title=str(item.title).strip(), level=level, page=page))
