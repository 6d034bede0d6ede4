"""Sources written as DOCX (python-docx), the same bytes every time.

Marks in the text become Word's own: `{++inserted++}` and `{--deleted--}` tracked changes, `{# comment #}` a comment,
`[^note^]` a footnote. With `auto_numbering` in the header, heading numbers are left to Word.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from docreview._zip import unzipped, zipped
from docreview.evaluate.corpora.sources import Block, blocks

_CHANGE: Final = re.compile(r"\{\+\+(.*?)\+\+\}|\{--(.*?)--\}|\{# (.*?) #\}|\[\^(.*?)\^\]")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*\.?\s+")
_WHEN: Final = datetime(2025, 1, 6, 9, 30, tzinfo=UTC)
_NOTES: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_NOTES_LINK: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_SPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


class _Writer:
    """One DOCX in the making."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        import docx

        self.options = options
        self.docx: Any = docx.Document()
        self.wish: Mapping[str, Any] = options.get("docx", {})
        self.author = str(self.wish.get("author", "A. Reviewer"))
        self.notes: list[str] = []
        self.changes = 0
        self.number_id = self._numbering() if self.wish.get("auto_numbering") else 0
        self._properties()

    def _properties(self) -> None:
        properties = self.docx.core_properties
        properties.title, properties.author = str(self.options["title"]), "docreview corpora"
        properties.created = properties.modified = _WHEN
        properties.last_modified_by, properties.comments = "docreview corpora", ""
        section = self.docx.sections[0]
        section.header.paragraphs[0].text = str(self.wish.get("header", ""))
        section.footer.paragraphs[0].text = str(self.wish.get("footer", ""))
        self.docx.styles["Normal"].font.name = str(self.wish.get("font", "Calibri"))

    def _numbering(self) -> int:
        from docx.oxml import parse_xml

        levels = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="{text}"/>'
            f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{720}" w:hanging="720"/></w:pPr></w:lvl>'
            for i, text in enumerate(("%1.", "%1.%2", "%1.%2.%3"))
        )
        root = self.docx.part.numbering_part.element
        abstract = parse_xml(
            f'<w:abstractNum {_SPACE} w:abstractNumId="90"><w:multiLevelType w:val="multilevel"/>{levels}'
            "</w:abstractNum>"
        )
        root.insert(0, abstract)
        root.append(parse_xml(f'<w:num {_SPACE} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
        return 90

    def add(self, block: Block) -> None:
        """Write one block."""
        if block.kind == "page":
            self.docx.add_page_break()
        elif block.kind == "table":
            self._table(block)
        elif block.kind == "lines":
            for row in block.rows:
                self.docx.add_paragraph(row[0]).paragraph_format.space_after = 0
            self.docx.add_paragraph()
        elif block.text:
            self._paragraph(block)

    def _paragraph(self, block: Block) -> None:
        style = {"title": "Title", "heading": f"Heading {block.level}"}.get(block.kind, "Normal")
        paragraph, text = self.docx.add_paragraph(style=style), block.text
        number = _NUMBER.match(text) if self.number_id else None
        if number:
            text = text[number.end() :]
            self._numbered(paragraph, number[0].strip().rstrip(".").count("."))
        elif block.level and block.kind == "paragraph":
            paragraph.paragraph_format.left_indent = 360000 * block.level
        last = 0
        for change in _CHANGE.finditer(text):
            paragraph.add_run(text[last : change.start()])
            self._change(paragraph, change)
            last = change.end()
        paragraph.add_run(text[last:])

    def _numbered(self, paragraph: Any, level: int) -> None:
        from docx.oxml import parse_xml

        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {_SPACE}><w:ilvl w:val="{level}"/><w:numId w:val="{self.number_id}"/></w:numPr>')
        )

    def _change(self, paragraph: Any, change: re.Match[str]) -> None:
        from docx.oxml import parse_xml

        inserted, deleted, comment, note = change.groups()
        if comment is not None:
            self.docx.add_comment(paragraph.runs[-1:], text=comment, author=self.author, initials="AR")
        elif note is not None:
            self.notes.append(note)
            reference = f'<w:footnoteReference w:id="{len(self.notes)}"/>'
            run = f'<w:r {_SPACE}><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>{reference}</w:r>'
            paragraph._p.append(parse_xml(run))
        else:
            self.changes += 1
            tag, inner = ("ins", "t") if inserted is not None else ("del", "delText")
            words = _xml(inserted if inserted is not None else deleted)
            paragraph._p.append(
                parse_xml(
                    f'<w:{tag} {_SPACE} w:id="{900 + self.changes}" w:author="{_xml(self.author)}" '
                    f'w:date="{_WHEN:%Y-%m-%dT%H:%M:%SZ}"><w:r><w:{inner} xml:space="preserve">{words}'
                    f"</w:{inner}></w:r></w:{tag}>"
                )
            )

    def _table(self, block: Block) -> None:
        table = self.docx.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        self.docx.add_paragraph()

    def finish(self) -> bytes:
        """The file's bytes."""
        if self.notes:
            self._footnotes()
        for comment in getattr(self.docx, "comments", ()):
            comment._comment_elm.date = _WHEN
        out = io.BytesIO()
        self.docx.save(out)
        return zipped(unzipped(out.getvalue()), _WHEN.timetuple()[:6])

    def _footnotes(self) -> None:
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        rows = "".join(
            f'<w:footnote w:id="{i}"><w:p><w:r><w:t xml:space="preserve">{_xml(note)}</w:t></w:r></w:p></w:footnote>'
            for i, note in enumerate(self.notes, 1)
        )
        blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:footnotes {_SPACE}>{rows}</w:footnotes>'
        package = self.docx.part.package
        part = Part(PackURI("/word/footnotes.xml"), _NOTES, blob.encode(), package)
        self.docx.part.relate_to(part, _NOTES_LINK)


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def as_docx(body: str, options: Mapping[str, Any]) -> bytes:
    """A DOCX of the body.

    Args:
        body: Stripped text.
        options: A source's header; its `[docx]` table may hold header, footer, font, author, auto_numbering.
    """
    writer = _Writer(options)
    for block in blocks(body):
        writer.add(block)
    return writer.finish()
