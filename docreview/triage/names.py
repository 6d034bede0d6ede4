"""File names for a document's results: safe on every file system, and different for different documents."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 150  # bytes; leaves room for a suffix within the 255 that file systems allow
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.IGNORECASE)


def safe_names(docs: Iterable[str]) -> dict[str, str]:
    """A file name (without suffix) for each document.

    A plain name is kept, with `/` as `__`. A name that had to be changed, or that differs from another one only in
    case or Unicode form, ends in the first 8 digits of the SHA-256 of the document's name.
    """
    plain = {doc: _plain(doc) for doc in docs}
    count = Counter(_folded(name) for name in plain.values())
    names = {}
    for doc, name in plain.items():
        kept = name == doc.replace("/", "__") and count[_folded(name)] == 1
        names[doc] = name if kept else f"{name}-{hashlib.sha256(doc.encode()).hexdigest()[:8]}"
    return names


def safe_name(name: str) -> str:
    """One name made safe, by itself: it may be the same for different names."""
    return _plain(name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _plain(doc: str) -> str:
    name = unicodedata.normalize("NFC", doc.replace("/", "__"))
    name = "".join(c if c.isalnum() or c in " ._-()[],&+=@!'" else "_" for c in name).rstrip(". ")
    if not name or name[0] in ".- " or _RESERVED.fullmatch(name):
        name = "_" + name
    while len(name.encode()) > _LONGEST:
        name = name[: -max(1, (len(name.encode()) - _LONGEST) // 4)]
    return name.rstrip(". ")
