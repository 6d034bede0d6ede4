"""Documents that people hand in: checked before they are kept, in a folder of OUT that every run reads too."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from docreview._json import read_jsonl
from docreview.config import MIB, Settings, load
from docreview.errors import OutputError, ReadError
from docreview.read.kinds import detect
from docreview.triage.inputs import Item, discover
from docreview.triage.journal import Journal
from docreview.triage.names import safe_name
from docreview.types import Value

FOLDER: Final = "uploads"
"""In OUT: what people handed in."""
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")
_ADVICE: Final = {
    "empty": "choose the right file, or save it again",
    "too_large": "split it, or raise the limit in docreview.toml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(Value):
    """What became of a file that was handed in.

    kept: it is in OUT/uploads as `doc`; known: the same content is there already, as `doc`; refused: `message` says
    what is wrong and what to do. `name` is the name that it came with, for people.
    """

    name: str
    status: Literal["kept", "known", "refused"]
    doc: str = ""
    message: str = ""


def keep(out: Path, name: str, data: bytes, *, settings: Settings | None = None) -> Upload:
    """Check a file and keep it in OUT/uploads; `triage.add` then reviews what is new there.

    Its content decides what it is. Of the name only the last part counts, made safe for every file system; nothing is
    overwritten: another content of the same name is kept under a number.

    Raises:
        OutputError: OUT can't be written, or its documents.jsonl can't be read.
    """
    shown = name.replace("\\", "/").rpartition("/")[2] or name
    try:
        _check(shown, data, settings or load())
    except ReadError as error:
        advice = f"; {_ADVICE[error.code]}" if error.code in _ADVICE else ""
        return Upload(name=shown, status="refused", message=f"{error.reason}{advice}")
    sha = hashlib.sha256(data).hexdigest()
    if known := _known(out, sha, len(data)):
        return Upload(name=shown, status="known", doc=known, message=f"the same content is here already, as {known}")
    doc = f"{FOLDER}/{_written(out, _safe(shown), data)}"
    renamed = "" if doc == f"{FOLDER}/{shown}" else f"kept as {doc}"
    return Upload(name=shown, status="kept", doc=doc, message=renamed)


def _check(name: str, data: bytes, settings: Settings) -> None:
    if not data:
        raise ReadError(name, "empty", "the file has no bytes")
    limit = settings.max_file_mib * MIB
    if len(data) > limit:
        raise ReadError(name, "too_large", f"{len(data):,} bytes; the limit (max_file_mib) is {limit:,}")
    detect(name, data)


def _safe(name: str) -> str:
    """A name that every file system can hold, with its ending."""
    stem, suffix = os.path.splitext(unicodedata.normalize("NFC", name))
    if not _SUFFIX.fullmatch(suffix):
        stem, suffix = name, ""
    return safe_name(stem) + suffix


def _known(out: Path, sha: str, size: int) -> str:
    """The document of OUT that has this content, reviewed or waiting."""
    for row in _rows(out):
        if row["sha256"] == sha and row["status"] == "done":
            return str(row["doc"])
    for path in sorted((out / FOLDER).glob("*")):
        if path.is_file() and path.stat().st_size == size and _sha256(path) == sha:
            return f"{FOLDER}/{path.name}"
    return ""


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(out: Path, name: str, data: bytes) -> str:
    """Write the file under its name, or the first number behind it that is free; gives the name."""
    folder = out / FOLDER
    stem, suffix = os.path.splitext(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = {_folded(path.name) for path in folder.iterdir()}
        number = 1
        while _folded(name) in taken:
            number += 1
            name = f"{stem} ({number}){suffix}"
        with open(folder / name, "xb") as file:  # follows no link, and never writes over a file
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(folder, f"can't be written: {error.strerror or error}") from None
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def uploaded(out: Path, taken: Container[str]) -> list[Item]:
    """What lies in OUT/uploads, under names that no other document has."""
    if not (out / FOLDER).is_dir() or not any((out / FOLDER).iterdir()):
        return []
    return list(_named(discover([out / FOLDER], out), taken))


def _named(items: list[Item], taken: Container[str]) -> Iterator[Item]:
    for item in items:
        doc = f"{FOLDER}/{item.doc}"
        yield Item(
            doc=f"{doc} (uploaded)" if doc in taken else doc,
            path=item.path,
            error=item.error,
            reason=item.reason,
            system=item.system,
            root=item.root,
        )


def earlier(out: Path, journal: Journal) -> list[Item]:
    """The documents of the runs before, but for uploads.

    Raises:
        OutputError: A run was stopped before its end: its inputs are not known.
    """
    rows = [row for row in _rows(out) if not _uploaded(out, row)]
    listed = {row["doc"] for row in rows}
    waiting = [doc for doc in journal.docs if doc not in listed and not doc.startswith(f"{FOLDER}/")]
    if waiting:
        raise OutputError(out, "a run was stopped here before its end; run its `docreview triage` command again first")
    return [Item(doc=row["doc"], path=row["source"]) for row in rows]


def _uploaded(out: Path, row: dict[str, Any]) -> bool:
    return row["doc"].startswith(f"{FOLDER}/") and Path(row["source"]).parent == out / FOLDER


def _rows(out: Path) -> list[dict[str, Any]]:
    try:
        return list(read_jsonl(out / "documents.jsonl"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        raise OutputError(out, "documents.jsonl can't be read; run `docreview triage` again") from None


def outcomes(out: Path) -> dict[str, dict[str, Any] | None]:
    """The row of documents.jsonl of every document; None for an upload that was not reviewed yet."""
    rows: dict[str, dict[str, Any] | None] = {row["doc"]: row for row in _rows(out)}
    return rows | {item.doc: None for item in uploaded(out, {}) if item.doc not in rows}
