"""From a file to a `Document`: the text is fixed here, and everything later is a span into it.

The file's type is told from its content. Every format is parsed in a child process with limits on time and memory;
only checked data come back, so that no document can hang, crash or fill the caller.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from docreview import _json
from docreview.config import MIB, Settings, load
from docreview.errors import MissingExtra, ReadError, WorkerError
from docreview.read import ocr, pool
from docreview.read.boxes import Box
from docreview.read.kinds import Found, detect
from docreview.types import Document, ReadWarning, Span

_FIRST_SHARE: Final = 0.7  # of the time for PDFium; the rest is for pypdf, should PDFium fail
READER_VERSION: Final = 1
"""Counts up when the same file gives another text: part of every document's id."""


def read(path: str | os.PathLike[str], *, password: str | None = None, settings: Settings | None = None) -> Document:
    """Read one document. Safe to call from many threads at once; each runs a process of its own.

    Args:
        password: For an encrypted PDF.
        settings: Limits and OCR; those of `docreview.config.load()` by default.

    Raises:
        ReadError: The file can't be read as text; `code` says why.
    """
    settings = settings or load()
    name = os.fspath(path)
    data = _bytes_of(name, settings.max_file_mib * MIB)
    found = detect(name, data)
    fields = _parsed(name, data, found, password, settings)
    sha256 = hashlib.sha256(data).hexdigest()
    media_type = fields.pop("media_type")
    identity = {"sha256": sha256, "kind": found.kind, "type": media_type, "reader": READER_VERSION}
    if settings.ocr:
        identity["ocr"] = settings.ocr_language
    return _json.load(
        Document,
        {
            **fields,
            "id": _json.digest(identity)[:16],
            "source": {"path": name, "media_type": media_type, "sha256": sha256},
        },
    )


def pdf_boxes(
    path: str | os.PathLike[str],
    document: Document,
    span: Span,
    *,
    password: str | None = None,
    settings: Settings | None = None,
) -> list[Box]:
    """Where a span of a PDF is printed: one box for each line, in reading order.

    Pages that were read by pypdf or OCR have no boxes.

    Raises:
        ReadError: The file is not the one that the document was read from, or it can't be opened.
        ValueError: The span lies outside the document.
    """
    settings = settings or load()
    name = os.fspath(path)
    data = _bytes_of(name, settings.max_file_mib * MIB)
    if hashlib.sha256(data).hexdigest() != document.source.sha256:
        raise ReadError(name, "damaged", "the file has changed since the document was read; read it again")
    wanted = [
        {"index": page.number - 1, "text": document[page.span], "start": span.start - at, "end": span.end - at}
        for page in document.pages
        if page.span is not None and page.span.overlaps(span)
        for at in (page.span.start,)
    ]
    document[span]  # raises for a span outside
    answer = _asked({"name": name, "kind": "boxes", "password": password, "pages": wanted}, data, settings)
    return [Box(*box) for box in answer["boxes"]]


def page_picture(
    path: str | os.PathLike[str],
    number: int,
    *,
    sha256: str,
    quotes: Sequence[str] = (),
    active: int | None = None,
    width: int = 1100,
) -> tuple[bytes, tuple[int, ...]]:
    """A page of a PDF as PNG, with quotes marked wherever they stand on it; and the numbers of those that do.

    Drawn in a process of its own, as all files are read. Needs Pillow (the extra `app`).

    Args:
        number: Of the page, from 1.
        sha256: Of the file when it was read.
        quotes: The document's own characters.
        active: The number of the quote that stands out.
        width: In dots.

    Raises:
        ReadError: The file is not there, has changed, has no such page, or can't be drawn.
        MissingExtra: Pillow is not installed.
    """
    if find_spec("PIL") is None:
        raise MissingExtra("Pages as pictures", "app")
    name, settings = os.fspath(path), load()
    data = _bytes_of(name, settings.max_file_mib * MIB)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ReadError(name, "damaged", "the file has changed since the document was read; run triage again")
    job = {"kind": "picture", "index": number - 1, "quotes": list(quotes), "active": active, "width": width}
    answer = _asked(job | {"name": name, "password": None}, data, settings)
    return base64.b64decode(answer["png"]), tuple(answer["marked"])


def _asked(job: dict[str, Any], data: bytes, settings: Settings) -> dict[str, Any]:
    """What the parsers' process says to a question about a file."""
    try:
        answer: dict[str, Any] = _call(job, data, settings.read_seconds, settings)
    except WorkerError as error:
        raise ReadError(job["name"], error.code, _advice(error)) from None
    if problem := answer.get("error"):
        raise ReadError(job["name"], problem["code"], problem["message"], page=problem["page"])
    return answer


def read_trying(
    path: str | os.PathLike[str], passwords: Iterable[str], *, settings: Settings | None = None
) -> Document:
    """The document; passwords are tried one after another when it is encrypted.

    Raises:
        ReadError: It can't be read.
    """
    try:
        return read(path, settings=settings)
    except ReadError as error:
        if error.code != "encrypted":
            raise
        failure = error
    for password in passwords:
        try:
            return read(path, password=password, settings=settings)
        except ReadError as error:
            failure = error
            if error.code != "encrypted":
                break
    raise failure


def _bytes_of(path: str, limit: int) -> bytes:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise ReadError(path, "missing", f"{kind}; name a document")
        if status.st_size > limit:
            raise ReadError(path, "too_large", f"{status.st_size:,} bytes; the limit (max_file_mib) is {limit:,}")
        data = Path(path).read_bytes()
    except PermissionError:
        raise ReadError(path, "permission", "may not be opened; check its access rights") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a possible file name"
        raise ReadError(path, "missing", f"can't be opened: {reason}") from None
    if not data:
        raise ReadError(path, "empty", "the file has no bytes")
    return data


def _parsed(path: str, data: bytes, found: Found, password: str | None, settings: Settings) -> dict[str, Any]:
    job = {
        "name": path,
        "kind": found.kind,
        "engine": "pdfium",
        "password": password,
        "max_text_mib": settings.max_text_mib,
        "ocr": settings.ocr,
        "ocr_language": settings.ocr_language,
        "ocr_seconds": settings.ocr_seconds,
    }
    deadline = time.monotonic() + settings.read_seconds
    seconds = settings.read_seconds * (_FIRST_SHARE if found.kind == "pdf" else 1.0)
    if settings.ocr and found.kind in ("pdf", "image"):
        ocr.require(settings.ocr_language)
        seconds += settings.ocr_seconds
    try:
        answer = _call(job, data, seconds, settings)
    except WorkerError as error:
        if found.kind != "pdf":
            raise ReadError(path, error.code, _advice(error)) from None
        answer = _second_try(job | {"engine": "pypdf"}, data, deadline, settings)
        if answer.get("error"):
            raise ReadError(path, error.code, _advice(error)) from None
    if problem := answer.get("error"):
        raise ReadError(path, problem["code"], problem["message"], page=problem["page"])
    fields: dict[str, Any] = answer["document"]
    if found.warning:
        fields["warnings"] = [_json.plain(ReadWarning(code="misnamed", message=found.warning)), *fields["warnings"]]
    return fields


def _second_try(job: dict[str, Any], data: bytes, deadline: float, settings: Settings) -> Any:
    """PDFium died, hung or ate all memory: pypdf gets the rest of the time."""
    try:
        return _call(job, data, max(deadline - time.monotonic(), 1.0), settings)
    except WorkerError as error:
        raise ReadError(job["name"], error.code, _advice(error)) from None


def _call(job: dict[str, Any], data: bytes, seconds: float, settings: Settings) -> Any:
    memory = settings.read_memory_mib * MIB
    return pool.call(job | {"seconds": seconds}, data, timeout=seconds, memory_bytes=memory)


def _advice(error: WorkerError) -> str:
    what = {
        "timeout": "took longer to read than allowed (read_seconds)",
        "memory": "needs more memory to read than allowed (read_memory_mib)",
        "crashed": "made its parser fail",
    }[error.code]
    return f"{what}; it may be damaged or hostile"
