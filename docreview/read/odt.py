"""ODT files (OpenDocument text): headers, body, notes, footers. Deletions, comments and pictures are left out, counted.

List numbers come from the list styles; restarts and continued lists follow `text:start-value` and
`text:continue-numbering`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

from docreview.read import flow
from docreview.read.draft import Draft, counted
from docreview.read.flow import Block
from docreview.read.numerals import formatted, roman
from docreview.read.package import Package
from docreview.types import ReadWarning

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
TEXT, OFFICE, TABLE, DRAW, STYLE = (f"{{{_NS}{name}:1.0}}" for name in ("text", "office", "table", "drawing", "style"))
_FORMS: Final = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_META: Final = {
    "{http://purl.org/dc/elements/1.1/}title": "title",
    "{http://purl.org/dc/elements/1.1/}creator": "author",
    f"{{{_NS}meta:1.0}}creation-date": "created",
    "{http://purl.org/dc/elements/1.1/}date": "modified",
    f"{{{_NS}meta:1.0}}generator": "producer",
}
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_THROUGH: Final = frozenset(
    [
        TEXT + name
        for name in ("section", "index-body", "list-header", "table-of-content", "alphabetical-index", "index-title")
    ]
    + [TEXT + name for name in ("illustration-index", "table-index", "object-index", "user-index", "bibliography")]
)
_ROW_GROUPS: Final = frozenset(TABLE + name for name in ("table-header-rows", "table-rows", "table-row-group"))


def read_odt(package: Package) -> Draft:
    """An ODT file.

    Raises:
        ReadError: A part is encrypted, damaged or too large.
    """
    content, styles = package.xml("content.xml"), package.xml("styles.xml")
    reader = _Reader([root for root in (content, styles) if root is not None])
    body = content.find(f"{OFFICE}body/{OFFICE}text") if content is not None else None
    blocks = reader.blocks(body) if body is not None else []
    headers, footers = reader.edges(styles, "header"), reader.edges(styles, "footer")
    text, sections = flow.joined([*headers, *blocks, *reader.notes, *footers])
    meta = package.xml("meta.xml")
    found = {ours: meta.findtext(f".//{theirs}") for theirs, ours in _META.items()} if meta is not None else {}
    return Draft(
        text=text,
        media_type="application/vnd.oasis.opendocument.text",
        sections=sections or None,
        metadata={key: value.strip() for key, value in found.items() if value and value.strip()},
        warnings=tuple(reader.warnings()),
    )


class _Reader:
    def __init__(self, roots: list[Any]) -> None:
        self.notes: list[Block] = []
        self._counts: Counter[str] = Counter()
        self._styles: dict[str, dict[int, Any]] = {}
        self._numbers: dict[str, list[int]] = {}
        self._pending: list[Block] = []  # frames of the paragraph being read
        self._marks = {"footnote": 0, "endnote": 0}
        for root in roots:
            for style in (*root.iter(f"{TEXT}list-style"), *root.iter(f"{TEXT}outline-style")):
                levels = {
                    int(item.get(f"{TEXT}level", "1")): item
                    for item in style
                    if item.get(f"{TEXT}level", "1").isdecimal()
                }
                name = "" if style.tag == f"{TEXT}outline-style" else style.get(f"{STYLE}name", "")
                self._styles.setdefault(name, levels)

    def warnings(self) -> list[ReadWarning]:
        """What was left out."""
        messages = {
            "tracked_changes": "tracked changes: {} deletions left out",
            "comments": "{} comments were left out",
            "pictures": "{} pictures were not read",
            "objects": "{} embedded objects were not read",
        }
        return counted(messages, self._counts)

    def edges(self, styles: Any | None, name: str) -> list[Block]:
        """Headers or footers of all master pages, each distinct text once."""
        found: dict[str, Block] = {}
        for edge in (
            styles.iter(STYLE + name, f"{STYLE}{name}-left", f"{STYLE}{name}-first") if styles is not None else ()
        ):
            for block in self.blocks(edge):
                found.setdefault(block.text.strip(), Block(block.text))
        return list(found.values())

    def blocks(self, parent: Any, style: str = "", depth: int = 0) -> list[Block]:
        """The paragraphs, lists and tables below an element."""
        found: list[Block] = []
        for child in parent:
            tag = child.tag
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                found += self._paragraph(child)
            elif tag == f"{TEXT}list":
                found += self._list(child, style, depth)
            elif tag == f"{TABLE}table":
                found += flow.table(self._rows(child))
            elif tag in _THROUGH:
                found += self.blocks(child, style, depth)
            elif tag == f"{TEXT}tracked-changes":
                self._counts["tracked_changes"] += sum(1 for _ in child.iter(f"{TEXT}deletion"))
            elif tag.startswith(DRAW):
                found += self._frame(child)
        return found

    def _paragraph(self, element: Any) -> list[Block]:
        outer, self._pending = self._pending, []
        out: list[str] = []
        self._inline(element, out)
        frames, self._pending = self._pending, outer
        text = "".join(out).strip("\n").rstrip()
        if element.tag == f"{TEXT}p":
            return [Block(text), *frames]
        level = _number(element, f"{TEXT}outline-level", 1)
        numbered = element.get(f"{TEXT}is-list-header") != "true" and text.strip()
        label = self._label("", level, _number(element, f"{TEXT}start-value", 0) or None) if numbered else ""
        return [Block(f"{label} {text}" if label else text, level, label), *frames]

    def _list(self, element: Any, style: str, depth: int) -> list[Block]:
        style = element.get(f"{TEXT}style-name") or style
        level = depth + 1
        goes_on = element.get(f"{TEXT}continue-numbering") == "true" or element.get(f"{TEXT}continue-list")
        if not goes_on and level == 1:
            self._numbers.pop(style, None)
        found: list[Block] = []
        for item in element:
            first = item[0].tag if len(item) else ""
            numbered = item.tag == f"{TEXT}list-item" and first == f"{TEXT}p"
            start = _number(item, f"{TEXT}start-value", 0) or None
            label = self._label(style, level, start) if numbered else ""
            inner = self.blocks(item, style, level)
            if label and inner:
                inner[0] = Block(f"{label} {inner[0].text}", inner[0].level, label)
            found += inner
        return found

    def _label(self, style: str, level: int, start: int | None) -> str:
        """The next number of a list at a level, with what its style sets around it."""
        levels = self._styles.get(style, {})
        numbers = self._numbers.setdefault(style, [])
        first = _number(levels.get(level), f"{TEXT}start-value", 1)
        while len(numbers) < level:
            numbers.append(_number(levels.get(len(numbers) + 1), f"{TEXT}start-value", 1) - (len(numbers) + 1 == level))
        del numbers[level:]
        numbers[-1] = start if start is not None else max(numbers[-1] + 1, first)
        own = levels.get(level)
        if own is None:
            return ""
        if own.tag == f"{TEXT}list-level-style-bullet":
            return "\u2022"
        shown = _number(own, f"{TEXT}display-levels", 1)
        forms = [(levels.get(n), numbers[n - 1]) for n in range(max(level - shown, 0) + 1, level + 1)]
        parts = [formatted(number, _FORMS[form]) for item, number in forms if (form := _form(item)) in _FORMS]
        if _form(own) not in _FORMS:
            return ""
        return (own.get(f"{STYLE}num-prefix") or "") + ".".join(parts) + (own.get(f"{STYLE}num-suffix") or "")

    def _rows(self, parent: Any) -> list[list[list[Block]]]:
        rows: list[list[list[Block]]] = []
        for child in parent:
            if child.tag == f"{TABLE}table-row":
                cells = [cell for cell in child if cell.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")]
                rows.append([self.blocks(cell) for cell in cells])
            elif child.tag in _ROW_GROUPS:
                rows += self._rows(child)
        return rows

    def _inline(self, element: Any, out: list[str]) -> None:
        out.append(_squeezed(element.text, out))
        for child in element:
            self._part(child, out)
            out.append(_squeezed(child.tail, out))

    def _part(self, child: Any, out: list[str]) -> None:
        tag = child.tag
        if tag == f"{TEXT}s":
            out.append(" " * min(_number(child, f"{TEXT}c", 1), 1000))
        elif tag == f"{TEXT}tab":
            out.append("\t")
        elif tag == f"{TEXT}line-break":
            out.append("\n")
        elif tag == f"{TEXT}note":
            self._note(child, out)
        elif tag in (f"{OFFICE}annotation", f"{OFFICE}annotation-end"):
            self._counts["comments"] += tag == f"{OFFICE}annotation"
        elif tag == f"{TEXT}ruby":
            self._inline(child.find(f"{TEXT}ruby-base"), out)
        elif tag.startswith(DRAW):
            self._pending += self._frame(child)
        else:
            self._inline(child, out)

    def _frame(self, element: Any) -> list[Block]:
        """Text boxes and shapes; a frame's alternatives after the first text are not read twice."""
        self._counts["pictures"] += sum(1 for _ in element.iter(f"{DRAW}image"))
        self._counts["objects"] += sum(1 for _ in element.iter(f"{DRAW}object", f"{DRAW}object-ole"))
        found: list[Block] = []
        for child in element:
            if child.tag in (f"{TEXT}p", f"{TEXT}h", f"{TEXT}list"):
                return self.blocks(element)
            if child.tag.startswith(DRAW):
                found += self._frame(child)
        return found

    def _note(self, element: Any, out: list[str]) -> None:
        kind = element.get(f"{TEXT}note-class", "footnote")
        kind = kind if kind in self._marks else "footnote"
        self._marks[kind] += 1
        number = self._marks[kind]
        mark = f"[{number if kind == 'footnote' else roman(number)}]"
        out.append(mark)
        body = element.find(f"{TEXT}note-body")
        blocks = [block for block in self.blocks(body) if block.text.strip()] if body is not None else []
        self.notes += [Block(f"{mark} {block.text}" if i == 0 else block.text) for i, block in enumerate(blocks)]


def _form(item: Any | None) -> str:
    return "" if item is None else item.get(f"{STYLE}num-format") or ""


def _number(element: Any | None, name: str, default: int) -> int:
    text = element.get(name) if element is not None else None
    return int(text) if text is not None and text.isdecimal() and len(text) < 7 else default


def _squeezed(text: str | None, before: list[str]) -> str:
    """Text with white space evened out, as OpenDocument wants it; none at the start of a paragraph."""
    if not text:
        return ""
    shown = _SPACE.sub(" ", text)
    return shown.lstrip() if not any(before) else shown
