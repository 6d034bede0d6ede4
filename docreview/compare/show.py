"""A comparison as plain data and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docreview.compare.values import Comparison, Difference, Notes, Pair, Piece
from docreview.render.page import shorten
from docreview.types import Document, Span

_LONGEST = 90  # characters of a difference on one line


def plain(comparison: Comparison) -> dict[str, Any]:
    """A comparison ready for JSON: each pair with its places and differences, each difference with its words."""
    return {
        "old": _document(comparison.old),
        "new": _document(comparison.new),
        "counts": comparison.counts(),
        "pairs": [
            {
                "status": pair.status,
                "moved": pair.moved,
                "renumbered": pair.renumbered,
                "old": _piece(pair.old),
                "new": _piece(pair.new),
                "differences": [_difference(comparison, difference) for difference in pair.differences],
            }
            for pair in comparison.pairs
        ],
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "path": document.source.path,
        "id": document.id,
        "sha256": document.source.sha256,
        "unread_pages": list(document.unread_pages),
    }


def _piece(piece: Piece | None) -> dict[str, Any] | None:
    return {"number": piece.number, "title": piece.title, "span": _span(piece.span)} if piece else None


def _span(span: Span | None) -> list[int] | None:
    return [span.start, span.end] if span else None


def _difference(comparison: Comparison, difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind,
        "old": {"at": difference.old_at, **_words(comparison.old, difference.old, difference.old_at)},
        "new": {"at": difference.new_at, **_words(comparison.new, difference.new, difference.new_at)},
    }


def _words(document: Document, span: Span | None, at: int) -> dict[str, Any]:
    page = document.page_at(at)
    return {
        "span": _span(span),
        "text": document[span] if span else "",
        "page": page.number if page else None,
    }


def lines(comparison: Comparison, notes: Notes | None = None) -> Iterator[str]:
    """What differs, a line for each piece, each difference and each note on it; the first line counts them."""
    counts = comparison.counts()
    yield ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "no differences"
    yield from unread(comparison)
    for pair in comparison.pairs:
        if pair.status == "same" and not pair.moved:
            continue
        yield headline(pair)
        for difference in pair.differences:
            if pair.status not in ("added", "removed"):
                yield f"    {difference.kind}: {_changed(comparison, difference)}"
            yield from (f"        {note.text}" for note in (notes or {}).get(difference, ()))


def _changed(comparison: Comparison, difference: Difference) -> str:
    old, new = (
        f"“{shorten(document[span], _LONGEST)}”" if span else "nothing"
        for document, span in ((comparison.old, difference.old), (comparison.new, difference.new))
    )
    return f"{old} → {new}"


def unread(comparison: Comparison) -> Iterator[str]:
    """What could not be compared, as nobody could read it."""
    for side, document in (("old", comparison.old), ("new", comparison.new)):
        if pages := document.unread_pages:
            numbers = ", ".join(map(str, pages))
            yield f"not compared: page{'s' * (len(pages) > 1)} {numbers} of the {side} document could not be read"


def headline(pair: Pair) -> str:
    """What became of a piece: "5.2 Fees → 6.2 Fees: moved, changed"."""
    old, new = (piece.name or "unnumbered" if piece else "" for piece in (pair.old, pair.new))
    name = f"{old} → {new}" if old and new and not old.startswith(new) else old or new
    said = ["moved"] * pair.moved + ["renumbered"] * pair.renumbered
    only_number = {difference.kind for difference in pair.differences} == {"numbering"}
    if not (pair.status == "same" or (only_number and pair.renumbered)):
        said.append(pair.status)
    return f"{name}: {', '.join(said) or pair.status}"
