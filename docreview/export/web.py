"""W3C Web Annotations (JSON-LD, https://www.w3.org/TR/annotation-model/), out and in.

Positions are Unicode code points into the file text/NAME.txt, as the model asks for characters and not code units.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote as percent
from urllib.parse import unquote

from docreview._json import dumps, write_atomic
from docreview._version import __version__
from docreview.export.annotation import Annotation
from docreview.export.filing import Filed, Filing, Row
from docreview.types import Citation

CONTEXT: Final = "http://www.w3.org/ns/anno.jsonld"
AROUND: Final = 32
"""Characters of the document in `prefix` and `suffix`."""
_SPACE: Final = uuid.UUID("0d7f4a52-8c0f-5e0e-9a41-6b1d3f6a2c77")
_PROGRAM: Final = {"type": "Software", "name": f"docreview {__version__}"}


def write(path: Path, filing: Filing) -> None:
    """One AnnotationPage with an annotation for each place that nobody rejected, and for each question without one.

    A question without a place is about the whole text, its status said in the body "assessing".
    """
    items = [
        each for filed in filing for row in filed.shown if row.decision != "rejected" for each in _made(filed, row)
    ]
    name = uuid.uuid5(_SPACE, "|".join(each["id"] for each in items))
    page = {"@context": CONTEXT, "id": f"urn:uuid:{name}", "type": "AnnotationPage", "items": items}
    write_atomic(path, (dumps(page) + "\n").encode("utf-8", "replace"))


def _made(filed: Filed, row: Row) -> Iterator[dict[str, Any]]:
    for citation in row.clause.citations or (None,):
        start, end = (citation.span.start, citation.span.end) if citation else (0, 0)
        name = uuid.uuid5(_SPACE, f"{filed.document.id}|{row.clause.name}|{start}|{end}")
        made: dict[str, Any] = {"id": f"urn:uuid:{name}", "type": "Annotation", "motivation": "classifying"}
        if row.entry:
            made |= {"creator": {"type": "Person", "name": row.entry.by}, "created": row.entry.at}
        yield made | {"generator": _PROGRAM, "body": list(_bodies(row)), "target": _target(filed, citation)}


def _bodies(row: Row) -> Iterator[dict[str, str]]:
    yield _body("tagging", row.clause.name)
    yield _body("assessing", row.decision if row.entry else row.clause.status)
    if row.clause.value:
        yield _body("describing", row.clause.value)
    if row.comment:
        yield _body("commenting", row.comment)


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


def _target(filed: Filed, citation: Citation | None) -> dict[str, Any] | str:
    source = percent(filed.facts["text"])
    if citation is None:
        return source
    text, span = filed.document.text, citation.span
    selectors = [
        {"type": "TextPositionSelector", "start": span.start, "end": span.end},
        {
            "type": "TextQuoteSelector",
            "exact": citation.quote,
            "prefix": text[max(0, span.start - AROUND) : span.start],
            "suffix": text[span.end : span.end + AROUND],
        },
    ]
    return {"source": source, "selector": selectors}


def read(path: Path) -> Iterator[Annotation]:
    """The annotations of a page, a collection, a list or one alone; those of whole documents are left out.

    Raises:
        ValueError: It is not JSON, or no annotation.
    """
    data = json.loads(path.read_bytes())
    first = data.get("first", data) if isinstance(data, Mapping) else data
    items = first if isinstance(first, list) else first.get("items", [first])
    for number, item in enumerate(items, 1):
        for target in _list(item["target"]):
            if isinstance(target, Mapping) and "selector" in target:
                yield _read(number, item, target)


def _read(number: int, item: Mapping[str, Any], target: Mapping[str, Any]) -> Annotation:
    selectors = {each["type"]: each for each in _list(target["selector"])}
    position, quote = selectors.get("TextPositionSelector", {}), selectors.get("TextQuoteSelector", {})
    bodies = [body for body in _list(item.get("body", [])) if isinstance(body, Mapping)]
    source = target["source"]
    source = str(source["id"] if isinstance(source, Mapping) else source)
    return Annotation(
        number=number,
        document=(unquote(source), unquote(source).rpartition("/")[2]),
        clause=_said(bodies, "tagging", "classifying") or "",
        quote=quote.get("exact", ""),
        start=position.get("start"),
        end=position.get("end"),
        prefix=quote.get("prefix", ""),
        suffix=quote.get("suffix", ""),
        value=_said(bodies, "describing"),
        note=_said(bodies, "commenting") or "",
        person=_person(item.get("creator")),
    )


def _said(bodies: list[Mapping[str, Any]], *purposes: str) -> str | None:
    return next((str(body["value"]) for body in bodies if body.get("purpose") in purposes and "value" in body), None)


def _person(creator: Any) -> str:
    for each in _list(creator or []):
        if isinstance(each, str):
            return each
        if each.get("type", "Person") != "Software":
            return str(each.get("name") or each.get("id") or "")
    return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
