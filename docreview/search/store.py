"""The files of a library: which documents it holds, and where each lies.

`library.json` is the library; it is replaced whole as the last step of a run, so a killed run leaves the library as it
was. Documents lie in `docs/` under names that come from their content, the shared index in `index-*/`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final, Literal

from docreview import _json
from docreview.errors import LibraryError

FORMAT: Final = 2
MANIFEST: Final = "library.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One file of the folder: a document (`status` "done"), or why it is none ("quarantined", and a read error's code).

    `key` names the document's file in the library; it comes from the bytes and how they are read.
    """

    name: str
    sha256: str
    key: str
    status: Literal["done", "quarantined"]
    error: str = ""
    message: str = ""
    pages: int = 0
    chars: int = 0
    passages: int = 0
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All rows in order of name, and the folder of the index made of them."""

    rows: tuple[Row, ...] = ()
    index: str = ""
    format: int = FORMAT
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    @property
    def documents(self) -> tuple[Row, ...]:
        """The rows that can be searched."""
        return tuple(row for row in self.rows if row.status == "done")


@dataclass(frozen=True)
class Store:
    """Paths inside a library folder."""

    root: Path
    docs: Path = field(init=False)
    dense: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "docs", self.root / "docs")
        object.__setattr__(self, "dense", self.root / "dense")

    def document(self, key: str) -> Path:
        """Where a document's entry lies."""
        return self.docs / f"{key}.npz"

    def read(self) -> Manifest:
        """What the library holds.

        Raises:
            LibraryError: There is no library, it is damaged, or another version of docreview made it.
        """
        try:
            raw = (self.root / MANIFEST).read_bytes()
        except OSError:
            raise LibraryError(self.root, "is no library. Make one: docreview index FOLDER -o LIBRARY") from None
        try:
            found = json.loads(raw).get("format")
            if found != FORMAT:
                raise LibraryError(
                    self.root,
                    f"has format {found}, this docreview reads format {FORMAT}. Index the folder into a new library",
                )
            return _json.load(Manifest, raw)
        except (ValueError, AttributeError):
            raise LibraryError(self.root, f"{MANIFEST} is damaged. Delete it and index the folder again") from None

    def read_or_new(self) -> Manifest:
        """What the library holds; nothing yet when the folder is new or empty.

        Raises:
            LibraryError: The folder holds other things, or a library that can't be used.
        """
        if (self.root / MANIFEST).exists():
            return self.read()
        others = [p.name for p in self.root.iterdir() if not _ours(p)] if self.root.is_dir() else []
        if others or (self.root.exists() and not self.root.is_dir()):
            raise LibraryError(self.root, "is not empty and no library. Name a new folder")
        return Manifest()

    def write(self, manifest: Manifest) -> None:
        """Make this the library, then remove what it no longer needs."""
        _json.write_atomic(self.root / MANIFEST, json.dumps(_json.plain(manifest), ensure_ascii=False, indent=1))
        keep = {row.key for row in manifest.rows}
        for path in self.docs.glob("*.npz"):
            if path.stem not in keep:
                path.unlink(missing_ok=True)
        for path in self.root.glob("index-*"):
            if path.name != manifest.index:
                shutil.rmtree(path, ignore_errors=True)


def _ours(path: Path) -> bool:
    return path.name in ("docs", "dense", MANIFEST) or path.name.startswith(("index-", ".tmp-"))
