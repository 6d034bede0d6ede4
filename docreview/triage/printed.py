"""The printed page of a document that was reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docreview.errors import PolicyError
from docreview.governance.pii.gates import Gates, RedactionPolicy
from docreview.read import page_picture


def printed_page(
    row: Mapping[str, Any],
    number: int,
    *,
    out: Path,
    quotes: Sequence[str] = (),
    active: int | None = None,
    width: int = 1100,
) -> tuple[bytes, tuple[int, ...]]:
    """A page as `docreview.read.page_picture` draws it, from the file that the document was read from.

    Args:
        row: The document's row in documents.jsonl. A path in it that is not absolute is taken from this folder, or from
            the one that holds `out`.
        out: The folder of results.

    Raises:
        PolicyError: Personal data are taken out of what leaves the library; a printed page would show them.
        ReadError: The file is not there any more, has changed, or can't be drawn.
        MissingExtra: Pillow is not installed.
    """
    if Gates(RedactionPolicy.load()).closed("export"):
        raise PolicyError("redaction.gates", "personal data are taken out of results; the printed page would show them")
    given = Path(row["source"])
    beside = out.absolute().parent / given
    path = given if given.exists() or not beside.exists() else beside
    return page_picture(path, number, sha256=row["sha256"], quotes=quotes, active=active, width=width)
