"""The terms in force as plain data, as lines and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docreview import _json
from docreview._html import Safe, tag
from docreview.compare.effective import Effective
from docreview.render.marks import highlight
from docreview.render.page import page, shorten

_LONGEST = 120  # characters of a passage on one line


def plain(terms: Effective) -> dict[str, Any]:
    """The terms ready for JSON: `text`, the stretches that make it with their sources, changes, other passages."""
    return {
        "documents": [
            {"path": d.source.path, "id": d.id, "unread_pages": list(d.unread_pages)} for d in terms.documents
        ],
        "text": terms.text,
        "held": _json.plain(terms.held),
        "changes": _json.plain(terms.changes),
        "others": [{**_json.plain(o), "text": terms.documents[o.source][o.span]} for o in terms.others],
    }


def lines(terms: Effective) -> Iterator[str]:
    """What was changed by which amendment, then what a person must apply, then the other passages."""
    rest = [passage for passage in terms.others if not passage.reason]
    yield f"{len(terms.changes)} changes applied, {len(terms.unapplied)} not applied, {len(rest)} other passages"
    for document in terms.documents:
        if pages := document.unread_pages:
            yield f"not read: {_name(document.source.path)}, pages {', '.join(map(str, pages))}"
    for change in terms.changes:
        old = shorten("".join(terms.words(change.old)), _LONGEST) or "nothing"
        new = shorten(terms.documents[change.source][change.new], _LONGEST) if change.new else "nothing"
        yield f"clause {change.number}, by {_name(terms.documents[change.source].source.path)}: “{old}” → “{new}”"
    for passage in (*terms.unapplied, *rest):
        document = terms.documents[passage.source]
        said = f"“{shorten(document[passage.span], _LONGEST)}”"
        what = f"NOT APPLIED, {passage.reason}" if passage.reason else "also"
        yield f"{what}: {_name(document.source.path)}: {said}"


def effective_page(terms: Effective) -> str:
    """The terms in force as one HTML file; words that an amendment gave are marked with its name."""
    marks, at = [], 0
    for part in terms.held:
        if part.source:
            marks.append((at, at + len(part.span), _name(terms.documents[part.source].source.path)))
        at += len(part.span)
    names = [_name(document.source.path) for document in terms.documents]
    notes = [tag("li", line) for line in lines(terms)]
    head = tag(
        "header",
        tag("p", "docreview", class_="back"),
        tag("h1", tag("bdi", names[0]), " as amended"),
        tag("ul", *notes),
    )
    body = tag("main", Safe(highlight(terms.text, marks)))
    return page(f"{names[0]} as amended · docreview", head, tag("div", body, class_="effective"), back="document")


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
