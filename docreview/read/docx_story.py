"""The text of one story of a DOCX (its body, a header, a note): paragraphs and tables in reading order, as shown.

Kept: insertions, results of fields, text boxes (after the paragraph that holds them), content controls. Left out and
counted: deletions, hidden text, pictures, embedded objects. A note's place is marked with its number in brackets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from docreview.read import flow
from docreview.read.docx_numbering import Numbering
from docreview.read.docx_styles import VAL, Style, Styles, W, switched_on, value, whole
from docreview.read.docx_symbols import symbol
from docreview.read.flow import Block
from docreview.read.numerals import roman

_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_THROUGH: Final = frozenset(
    W + name
    for name in ("hyperlink", "ins", "moveTo", "smartTag", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
)
_GONE: Final = frozenset(W + name for name in ("del", "moveFrom"))
_P, _R, _T, _TBL, _SDT, _TR, _TC = (W + name for name in ("p", "r", "t", "tbl", "sdt", "tr", "tc"))
_CHOICE: Final = f"{_MC}AlternateContent"
_BOX: Final = f"{W}txbxContent"
_COUNTED: Final = {
    "{http://schemas.openxmlformats.org/drawingml/2006/main}blip": "pictures",
    "{urn:schemas-microsoft-com:vml}imagedata": "pictures",
    "{urn:schemas-microsoft-com:office:office}OLEObject": "objects",
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": "diagrams",
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": "diagrams",
}
_FIXED: Final = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}


@dataclass(slots=True)
class Shared:
    """What the stories of one document have in common."""

    styles: Styles
    numbering: Numbering
    counts: Counter[str] = field(default_factory=Counter)
    footnotes: list[str] = field(default_factory=list)
    endnotes: list[str] = field(default_factory=list)


class Story:
    """Walks one story. `follow_fields=False` shows everything in fields but their instructions."""

    def __init__(self, shared: Shared, *, follow_fields: bool = True) -> None:
        self._shared = shared
        self._follow = follow_fields
        self._fields: list[bool] = []  # for each open field, whether its result has begun
        self._boxes: list[Block] = []
        self._carried = ""  # text of a paragraph whose mark was deleted: it goes on in the next one
        self._in_run: dict[str, Callable[[Any, list[str]], None]] = {
            f"{W}fldChar": self._field,
            f"{W}sym": self._symbol,
            f"{W}footnoteReference": self._footnote,
            f"{W}endnoteReference": self._endnote,
            f"{W}drawing": self._graphics,
            f"{W}pict": self._graphics,
            f"{W}object": self._graphics,
            f"{W}ruby": self._ruby,
            f"{W}commentReference": self._comment,
        }

    @property
    def unbalanced(self) -> bool:
        """Whether a field was opened and never closed: its result may have been taken for an instruction."""
        return bool(self._fields)

    def blocks(self, parent: Any) -> list[Block]:
        """The paragraphs and tables below an element."""
        found: list[Block] = []
        for child in parent:
            tag = child.tag
            if tag == _P:
                found += self._paragraph(child)
            elif tag == _TBL:
                found += flow.table(self._rows(child))
            elif tag == _SDT or tag in _THROUGH:
                found += self.blocks(child)
            elif tag == _CHOICE:
                found += self.blocks(_branch(child))
            elif tag == f"{W}altChunk":
                self._shared.counts["chunks"] += 1
        return found

    def _rows(self, parent: Any) -> Iterator[list[list[Block]]]:
        for child in parent:
            if child.tag == _TR and child.find(f"{W}trPr/{W}del") is None:
                yield list(self._cells(child))
            elif child.tag == _SDT or child.tag in _THROUGH:
                yield from self._rows(child)

    def _cells(self, parent: Any) -> Iterator[list[Block]]:
        for child in parent:
            if child.tag == _TC:
                yield self.blocks(child)
            elif child.tag == _SDT or child.tag in _THROUGH:
                yield from self._cells(child)

    def _paragraph(self, paragraph: Any) -> list[Block]:
        outer, self._boxes = self._boxes, []
        out: list[str] = []
        self._inline(paragraph, out)
        boxes, self._boxes = self._boxes, outer
        text = self._carried + "".join(out).strip("\n")
        self._carried = ""
        properties = paragraph.find(f"{W}pPr")
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None):
            self._carried = text
            return boxes
        style_id = value(properties, "pStyle")
        style = self._shared.styles.get(style_id)
        number, gap = self._number(properties, style, style_id or self._shared.styles.default)
        level = whole(value(properties, "outlineLvl"))
        level = style.level if level is None else level + 1 if level < 9 else None
        shown = f"{number}{gap}{text}" if number and (text.strip() or number != "\u2022") else text
        return [Block(shown.rstrip(), level if text.strip() else None, number), *boxes]

    def _number(self, properties: Any, style: Style, style_id: str) -> tuple[str, str]:
        own = properties.find(f"{W}numPr") if properties is not None else None
        own_id, own_level = value(own, "numId"), whole(value(own, "ilvl"))
        num_id = own_id or style.num_id
        if num_id is None or num_id == "0":
            return "", ""
        if own_level is None:
            own_level = style.ilvl
        if own_level is None:
            own_level = self._shared.numbering.level_of_style(num_id, style_id)
        return self._shared.numbering.label(num_id, own_level)

    def _inline(self, parent: Any, out: list[str]) -> None:
        for child in parent:
            tag = child.tag
            if tag == _R:
                self._run(child, out)
            elif tag == _SDT or tag in _THROUGH:
                self._inline(child, out)
            elif tag == _CHOICE:
                self._inline(_branch(child), out)
            elif isinstance(tag, str) and tag.startswith(_M):
                out += (text.text or "" for text in child.iter(f"{_M}t"))

    def _run(self, run: Any, out: list[str]) -> None:
        if len(run) and run[0].tag == f"{W}rPr" and self._hidden(run[0]):
            hidden = sum(len(text.text or "") for text in run.iter(_T))
            self._shared.counts["hidden characters"] += hidden
            return
        self._run_content(run, out)

    def _run_content(self, run: Any, out: list[str]) -> None:
        shown = not self._follow or all(self._fields)
        for child in run:
            tag = child.tag
            if tag == _T:
                out.append(child.text or "" if shown else "")
            elif tag in _FIXED:
                out.append(_FIXED[tag] if shown else "")
            elif tag == _CHOICE:
                self._run_content(_branch(child), out)
            elif handler := self._in_run.get(tag):
                handler(child, out)
                shown = not self._follow or all(self._fields)

    def _hidden(self, properties: Any) -> bool:
        own = switched_on(properties, "vanish")
        if own is not None:
            return own
        style_id = value(properties, "rStyle")
        return style_id is not None and self._shared.styles.get(style_id).hidden

    def _field(self, char: Any, out: list[str]) -> None:
        kind = char.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(False)
            out += _form_field(char.find(f"{W}ffData"))
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _symbol(self, element: Any, out: list[str]) -> None:
        out.append(symbol(element.get(f"{W}font", ""), element.get(f"{W}char", "")))

    def _footnote(self, element: Any, out: list[str]) -> None:
        self._shared.footnotes.append(element.get(f"{W}id", ""))
        if element.get(f"{W}customMarkFollows") not in ("1", "true", "on"):
            out.append(f"[{len(self._shared.footnotes)}]")

    def _endnote(self, element: Any, out: list[str]) -> None:
        self._shared.endnotes.append(element.get(f"{W}id", ""))
        if element.get(f"{W}customMarkFollows") not in ("1", "true", "on"):
            out.append(f"[{roman(len(self._shared.endnotes))}]")

    def _comment(self, _: Any, __: list[str]) -> None:
        self._shared.counts["comments"] += 1

    def _ruby(self, element: Any, out: list[str]) -> None:
        base = element.find(f"{W}rubyBase")
        if base is not None:
            self._inline(base, out)

    def _graphics(self, element: Any, out: list[str]) -> None:
        for child in element:
            tag = child.tag
            if tag == _BOX:
                self._boxes += self.blocks(child)
            elif tag == _CHOICE:
                self._graphics(_branch(child), out)
            else:
                self._shared.counts[_COUNTED.get(tag, "")] += 1
                self._graphics(child, out)


def _branch(alternate: Any) -> Any:
    """Of several forms of the same content the first that has any; nothing when none has."""
    branches = [*alternate.iterfind(f"{_MC}Choice"), *alternate.iterfind(f"{_MC}Fallback")]
    return next((branch for branch in branches if len(branch)), ())


def _form_field(data: Any) -> list[str]:
    """What a check box or a list of an old-style form shows; other form fields have their result in the text."""
    if data is None:
        return []
    box = data.find(f"{W}checkBox")
    if box is not None:
        ticked = switched_on(box, "checked")
        return ["\u2612" if (switched_on(box, "default") if ticked is None else ticked) else "\u2610"]
    choices = data.find(f"{W}ddList")
    if choices is None:
        return []
    entries = [entry.get(VAL, "") for entry in choices.iterfind(f"{W}listEntry")]
    chosen = whole(value(choices, "result")) or 0
    return entries[chosen : chosen + 1] if chosen >= 0 else []
