"""Places as other tools name them, and their proof: the document's own characters, or refused."""

from __future__ import annotations

from dataclasses import dataclass

from docreview.types import Document, Span
from docreview.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A place that a file of another tool names; nothing of it is proven yet.

    `number` counts in the file, from 1. `document` are the names by which the file calls its document, `text` its text
    where the file has it. `start` and `end` are offsets as the tool counted them. `person` is who made it, "" for a
    program.
    """

    number: int
    document: tuple[str, ...]
    clause: str
    quote: str = ""
    start: int | None = None
    end: int | None = None
    prefix: str = ""
    suffix: str = ""
    value: str | None = None
    note: str = ""
    person: str = ""
    text: str = ""


def prove(annotation: Annotation, document: Document) -> Span | str:
    """Where an annotation stands in a document, or why that is not certain.

    The words decide. Offsets are tried as code points, then as UTF-16 units, as JavaScript counts them. Where neither
    holds the words, they must stand once: as they are, between the prefix and suffix if there are any, or else with
    other white space and quotation marks.
    """
    claimed = [span for span in _claims(annotation, document.text) if span is not None]
    if not annotation.quote:
        return claimed[0] if len(set(claimed)) == 1 else "it has no words, and its offsets can be counted in two ways"
    for span in claimed:
        if document[span] == annotation.quote:
            return span
    found = _between(annotation, document.text)
    if not found:
        found = list(verify(annotation.quote, document).spans)
    if len(found) == 1:
        return found[0]
    many = f"its words stand at {len(found)} places, and its offsets at none of them"
    return many if found else "its words are not in the document"


def _claims(annotation: Annotation, text: str) -> tuple[Span | None, Span | None]:
    if annotation.start is None or annotation.end is None:
        return None, None
    points = (annotation.start, annotation.end)
    return _span(text, *points), _span(text, *(_from_units(text, at) for at in points))


def _span(text: str, start: int, end: int) -> Span | None:
    return Span(start, end) if 0 <= start < end <= len(text) else None


def _from_units(text: str, units: int) -> int:
    """The code point at an offset in UTF-16 units; -1 outside the text or inside a pair."""
    if not 0 <= units <= 2 * len(text):
        return -1
    raw = text.encode("utf-16-le", "surrogatepass")
    try:
        return len(raw[: 2 * units].decode("utf-16-le")) if 2 * units <= len(raw) else -1
    except UnicodeDecodeError:
        return -1


def _between(annotation: Annotation, text: str) -> list[Span]:
    """Where the words stand with what is said to stand beside them."""
    around = annotation.prefix + annotation.quote + annotation.suffix
    found, at = [], text.find(around)
    while at >= 0:
        start = at + len(annotation.prefix)
        found.append(Span(start, start + len(annotation.quote)))
        at = text.find(around, at + 1)
    return found
