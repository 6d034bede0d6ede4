"""The review memo as DOCX (python-docx): the same bytes for the same review; Word and LibreOffice open it."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from docreview._html import visible, xml_text
from docreview._zip import unzipped, zipped
from docreview.export.memo import Block, Grid, Heading, Paragraph
from docreview.tables.xlsx import COLOURS

_WHEN: Final = datetime(2000, 1, 1, tzinfo=UTC)
_STYLES: Final = {"quiet": "Caption", "quote": "Quote", "warning": "Intense Quote"}
_RIGHT_TO_LEFT: Final = ("R", "AL")


def memo_docx(title: str, blocks: Iterable[Block]) -> bytes:
    """The blocks under a title.

    Characters that XML can't hold are U+FFFD. Paragraphs whose first letter is written from right to left are set so.
    """
    return _Writer(title).write(blocks)


class _Writer:
    def __init__(self, title: str) -> None:
        import docx

        self._docx: Any = docx.Document()
        properties = self._docx.core_properties
        properties.title, properties.author, properties.last_modified_by = title, "docreview", "docreview"
        properties.created = properties.modified = _WHEN
        properties.comments = ""
        self._dress()
        self._docx.add_heading(title, 0)

    def _dress(self) -> None:
        from docx.shared import Cm, Pt, RGBColor

        styles = self._docx.styles
        styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(10.5)
        styles["Normal"].paragraph_format.space_after = Pt(4)
        small = styles["Caption"]
        small.font.size, small.font.bold, small.font.color.rgb = Pt(8.5), False, RGBColor(0x5C, 0x66, 0x75)
        small.paragraph_format.space_after = Pt(6)
        styles["Quote"].paragraph_format.left_indent = Cm(0.6)
        styles["Quote"].paragraph_format.space_after = Pt(0)

    def write(self, blocks: Iterable[Block]) -> bytes:
        """The file's bytes."""
        for block in blocks:
            if isinstance(block, Heading):
                self._text(self._docx.add_heading(level=block.level), block.text)
            elif isinstance(block, Grid):
                self._grid(block)
            else:
                self._paragraph(block)
        out = io.BytesIO()
        self._docx.save(out)
        return zipped(unzipped(out.getvalue()))

    def _paragraph(self, block: Paragraph) -> None:
        paragraph = self._docx.add_paragraph(style=_STYLES.get(block.style))
        if block.tint:  # before the direction, as the order of a paragraph's properties asks
            self._add(paragraph._p.get_or_add_pPr(), "shd", val="clear", color="auto", fill=COLOURS[block.tint][1:])
        self._text(paragraph, block.text)
        if block.where:
            place = self._docx.add_paragraph(style="Caption")
            self._text(place, f"[{block.where}]")

    def _grid(self, grid: Grid) -> None:
        from docx.shared import Cm

        table = self._docx.add_table(rows=1, cols=len(grid.header))
        table.style, table.autofit = "Table Grid", False
        for column, width in zip(table.columns, grid.widths, strict=True):
            column.width = Cm(width)
        for cell, text in zip(table.rows[0].cells, grid.header, strict=True):
            cell.paragraphs[0].add_run(text).bold = True
        self._add(table.rows[0]._tr.get_or_add_trPr(), "tblHeader")
        for row in grid.rows:
            for cell, text, width in zip(table.add_row().cells, row, grid.widths, strict=True):
                cell.width = Cm(width)
                self._text(cell.paragraphs[0], text)
        self._docx.add_paragraph()

    def _text(self, paragraph: Any, text: str) -> None:
        """Text in its own direction; line ends and tabs stay."""
        turned = _from_the_right(text)
        run = paragraph.add_run(xml_text(visible(text)))
        if turned:
            self._add(paragraph._p.get_or_add_pPr(), "bidi")
            self._add(run._r.get_or_add_rPr(), "rtl")

    @staticmethod
    def _add(properties: Any, name: str, **attributes: str) -> None:
        from docx.oxml.ns import qn
        from docx.oxml.parser import OxmlElement

        element = OxmlElement(f"w:{name}")
        for key, value in attributes.items():
            element.set(qn(f"w:{key}"), value)
        properties.append(element)


def _from_the_right(text: str) -> bool:
    """Whether the first letter with a direction is one of a script from right to left (Unicode bidi rule P2)."""
    found = (way for way in map(unicodedata.bidirectional, text) if way in ("L", *_RIGHT_TO_LEFT))
    return next(found, "L") in _RIGHT_TO_LEFT
