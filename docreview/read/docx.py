"""DOCX files, transitional and strict: all that Word shows, in this order: headers, body, footnotes, endnotes, footers.

Headers and footers come once for each text. Notes begin with their number in brackets, as at their place in the body.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any, Final

from docreview.read import flow
from docreview.read.docx_numbering import Numbering
from docreview.read.docx_story import Shared, Story
from docreview.read.docx_styles import Styles, W, switched_on
from docreview.read.draft import Draft
from docreview.read.flow import Block
from docreview.read.numerals import roman
from docreview.read.package import Package, relations
from docreview.types import ReadWarning

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RELATION_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CORE: Final = {
    "{http://purl.org/dc/elements/1.1/}title": "title",
    "{http://purl.org/dc/elements/1.1/}creator": "author",
    "{http://purl.org/dc/terms/}created": "created",
    "{http://purl.org/dc/terms/}modified": "modified",
}
_APPLICATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}Application"
_LEFT_OUT: Final = {
    "pictures": "{} pictures were not read",
    "objects": "{} embedded objects were not read",
    "diagrams": "{} diagrams or charts were not read",
    "chunks": "{} embedded documents were not read",
    "hidden characters": "{} characters of hidden text were left out",
    "comments": "{} comments were left out",
}


def read_docx(package: Package, main: str) -> Draft:
    """A DOCX whose body is in the part `main`.

    Raises:
        ReadError: A part is damaged or too large.
    """
    related = relations(package, main)
    by_kind = dict(reversed(related.values()))

    def part(kind: str, file: str) -> Any | None:
        return package.xml(by_kind.get(kind) or posixpath.join(posixpath.dirname(main), file))

    root = package.xml(main)
    shared = Shared(Styles(part("styles", "styles.xml")), Numbering(part("numbering", "numbering.xml")))
    if root is None:
        return Draft(text="", media_type=MEDIA_TYPE)
    body = _story(root, shared)
    notes = _notes(part("footnotes", "footnotes.xml"), shared.footnotes, shared, "footnote")
    notes += _notes(part("endnotes", "endnotes.xml"), shared.endnotes, shared, "endnote")
    both_sides = switched_on(part("settings", "settings.xml"), "evenAndOddHeaders") or False
    headers = _edges(package, root, related, shared, "header", both_sides)
    footers = _edges(package, root, related, shared, "footer", both_sides)
    text, sections = flow.joined([*headers, *body, *notes, *footers])
    return Draft(
        text=text,
        media_type=MEDIA_TYPE,
        sections=sections or None,
        metadata=_metadata(package),
        warnings=tuple(_warnings(package, root, shared)),
    )


def _story(root: Any, shared: Shared) -> list[Block]:
    """All blocks of a part. A part with an unclosed field is read again with its fields taken as plain text."""
    containers = [child for child in root if child.tag == f"{W}body"] or [root]
    notes = len(shared.footnotes), len(shared.endnotes)
    story = Story(shared)
    blocks = [block for container in containers for block in story.blocks(container)]
    if not story.unbalanced:
        return blocks
    del shared.footnotes[notes[0] :], shared.endnotes[notes[1] :]
    shared.numbering.restart()
    shared.counts.clear()
    story = Story(shared, follow_fields=False)
    return [block for container in containers for block in story.blocks(container)]


def _notes(root: Any | None, ids: list[str], shared: Shared, name: str) -> list[Block]:
    """Notes in the order of their places in the body."""
    if root is None or not ids:
        return []
    notes = {note.get(f"{W}id"): note for note in root.iterfind(f"{W}{name}")}
    found: list[Block] = []
    for number, note_id in enumerate(list(ids), 1):
        if note_id not in notes:
            continue
        mark = f"[{number if name == 'footnote' else roman(number)}] "
        blocks = [block for block in Story(shared).blocks(notes[note_id]) if block.text.strip()]
        first = [Block(mark + blocks[0].text.lstrip())] if blocks else []
        found += [*first, *(Block(block.text) for block in blocks[1:])]
    return found


def _edges(
    package: Package, root: Any, related: dict[str, tuple[str, str]], shared: Shared, name: str, both_sides: bool
) -> list[Block]:
    """Headers or footers that are shown, each distinct text once, in the order of their sections."""
    targets: dict[str, None] = {}
    for properties in root.iter(f"{W}sectPr"):
        shown = {"default": True, "first": switched_on(properties, "titlePg"), "even": both_sides}
        references = properties.iterfind(f"{W}{name}Reference")
        ids = [item.get(_RELATION_ID, "") for item in references if shown.get(item.get(f"{W}type", "default"))]
        targets |= {related[key][1]: None for key in ids if key in related}
    found: dict[str, Block] = {}
    for target in targets:
        edge = package.xml(target)
        for block in _story(edge, shared) if edge is not None else ():
            found.setdefault(block.text.strip(), Block(block.text))
    return list(found.values())


def _metadata(package: Package) -> dict[str, str]:
    core, app = package.xml("docProps/core.xml"), package.xml("docProps/app.xml")
    found = {ours: core.findtext(theirs) for theirs, ours in _CORE.items()} if core is not None else {}
    if app is not None:
        found["producer"] = app.findtext(_APPLICATION)
    return {key: text.strip() for key, text in found.items() if text and text.strip()}


def _warnings(package: Package, root: Any, shared: Shared) -> Iterable[ReadWarning]:
    kept, gone = _marked(root, "ins", "moveTo"), _marked(root, "del", "moveFrom")
    if kept or gone:
        message = f"tracked changes: {kept} insertions kept, {gone} deletions left out"
        yield ReadWarning(code="tracked_changes", message=message)
    for name, message in _LEFT_OUT.items():
        if count := shared.counts[name]:
            yield ReadWarning(code=name.replace(" ", "_"), message=message.format(count))
    if any(part.endswith("vbaProject.bin") for part in package.parts):
        yield ReadWarning(code="macros", message="the document has macros; they were neither read nor run")


def _marked(root: Any, *names: str) -> int:
    return sum(1 for _ in root.iter(*(W + name for name in names)))
