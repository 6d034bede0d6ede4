"""A comparison as a Word document with tracked changes: accepting all gives the new text, rejecting all the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from docreview._html import xml_text
from docreview._words import codes
from docreview._zip import zipped
from docreview.compare.values import Comparison, Difference, Kind, Notes, Pair, Side, layout

_NS: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_BREAK: Final = "\n\n"
_STRETCH: Final = re.compile(r"\s+|\S+")
_LAID_OUT: Final = re.compile(r"(\n\n|[\n\t])")
_STYLES: Final = (
    f'<w:styles xmlns:w="{_NS}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" '
    'w:cs="Calibri"/><w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="160" '
    'w:line="259" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults></w:styles>'
)
_SAID: Final[dict[Kind, str]] = {
    "obligation": "Obligation turned",
    "money": "Sum changed",
    "date": "Date changed",
    "party": "Party changed",
    "number": "Number changed",
}
_AUTHOR: Final = "docreview"

Mark = Literal["same", "ins", "del"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text that stays, comes or goes, with what is to be said about it at its start or end."""

    text: str
    mark: Mark
    comment: str = ""  # begins here, ends with the next run that has `ends`
    ends: bool = False


def redline(comparison: Comparison, notes: Notes | None = None) -> bytes:
    """A DOCX that shows the old document becoming the new one.

    Every change is a tracked insertion or deletion. Comments name those that turn an obligation or change a sum, a
    date, a party or a number, and say where a moved clause went. Accepting all changes gives the text of the new
    document, character for character; rejecting all gives that of the old one, its white space as in the new one
    where only that differs. A blank line begins a paragraph; the rows of a table are lines with tabs. Characters that
    XML can't hold are written as U+FFFD. The same comparison gives the same bytes.

    Args:
        notes: What comments also say of a difference.
    """
    return _packed(*_Writer().write(runs(comparison, notes or {})))


def runs(comparison: Comparison, notes: Notes) -> Iterator[Run]:
    """What the redline holds, in order."""
    for pair, side in layout(comparison.pairs):
        yield from _both(comparison, pair, notes) if side == "both" else _alone(comparison, pair, side, notes)


def _alone(comparison: Comparison, pair: Pair, side: Side, notes: Notes) -> Iterator[Run]:
    piece = pair.old if side == "old" else pair.new
    assert piece is not None
    text = (comparison.old if side == "old" else comparison.new)[piece.span]
    gone_on = side == "old" and pair.new is not None
    said = [] if gone_on else [note for each in pair.differences for note in _told(each, notes)]
    comment = " ".join(filter(None, [_moved(pair, side), *dict.fromkeys(said)]))
    yield Run(text, "del" if side == "old" else "ins", comment, ends=True)


def _told(difference: Difference, notes: Notes) -> list[str]:
    return [note.text for note in notes.get(difference, ())]


def _moved(pair: Pair, side: Side) -> str:
    if pair.old is None or pair.new is None:
        return ""
    changed = len(pair.differences)
    how = f"with {changed} difference{'s' * (changed != 1)}" if changed else "its words unchanged"
    other = pair.new.name if side == "old" else pair.old.name
    return f"Moved {'to' if side == 'old' else 'from'} {other or 'another place'}, {how}."


def _both(comparison: Comparison, pair: Pair, notes: Notes) -> Iterator[Run]:
    old, new = comparison.old.text, comparison.new.text
    assert pair.old is not None
    assert pair.new is not None
    i, j = pair.old.span.start, pair.new.span.start
    for difference in pair.differences:
        yield from _unchanged(old[i : difference.old_at], new[j : difference.new_at])
        i = difference.old.end if difference.old else difference.old_at
        j = difference.new.end if difference.new else difference.new_at
        gone, come = old[difference.old_at : i], new[difference.new_at : j]
        said = _SAID.get(difference.kind, "")
        told = _told(difference, notes)
        kind = f"{said}: “{gone}” → “{come}”" + "." * bool(told) if said else ""
        comment = " ".join(filter(None, [kind, *told]))
        if gone:
            yield Run(gone, "del", comment, ends=not come)
        if come:
            yield Run(come, "ins", "" if gone else comment, ends=True)
    yield from _unchanged(old[i : pair.old.span.end], new[j : pair.new.span.end])


def _unchanged(old: str, new: str) -> Iterator[Run]:
    """Text whose words are the same. White space is the new document's; paragraphs and typography are tracked."""
    if old == new:
        yield from [Run(new, "same")] if new else []
        return
    here, there = _STRETCH.findall(old), _STRETCH.findall(new)
    for tag, a, b, c, d in codes([_plain(part) for part in here], [_plain(part) for part in there]):
        if tag == "equal":
            yield Run("".join(there[c:d]), "same")
            continue
        if a < b:
            yield Run("".join(here[a:b]), "del")
        if c < d:
            yield Run("".join(there[c:d]), "ins")


def _plain(part: str) -> str:
    return part if not part.isspace() else _BREAK if _BREAK in part else " "


class _Writer:
    """Puts runs into paragraphs."""

    def __init__(self) -> None:
        from lxml import etree

        self._etree = etree
        self._ids = 0
        self._open: int | None = None
        self.body = self._make(None, "body")
        self.comments = self._root("comments")
        self._paragraph = self._make(self.body, "p")

    def write(self, runs: Iterator[Run]) -> tuple[bytes, bytes]:
        """The document and its comments as XML."""
        for run in runs:
            if run.comment:
                self._comment(run.comment)
            for part in _LAID_OUT.split(xml_text(run.text)):
                if part == _BREAK:
                    self._end_paragraph(run.mark)
                elif part:
                    self._run(part, run.mark)
            if run.ends and self._open is not None:
                self._make(self._paragraph, "commentRangeEnd", id=str(self._open))
                self._make(self._make(self._paragraph, "r"), "commentReference", id=str(self._open))
                self._open = None
        document = self._root("document")
        document.append(self.body)
        return self._bytes(document), self._bytes(self.comments)

    def _end_paragraph(self, mark: Mark) -> None:
        if mark != "same":
            properties = self._etree.Element(self._name("pPr"))
            self._paragraph.insert(0, properties)
            self._changed(self._make(properties, "rPr"), mark)
        self._paragraph = self._make(self.body, "p")

    def _run(self, part: str, mark: Mark) -> None:
        parent = self._paragraph if mark == "same" else self._changed(self._paragraph, mark)
        run = self._make(parent, "r")
        if part in "\n\t":
            self._make(run, "br" if part == "\n" else "tab")
            return
        text = self._make(run, "delText" if mark == "del" else "t")
        text.text = part
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _changed(self, parent: Any, mark: Mark) -> Any:
        self._ids += 1
        return self._make(parent, mark, id=str(self._ids), author=_AUTHOR)

    def _comment(self, text: str) -> None:
        self._open = len(self.comments)
        self._make(self._paragraph, "commentRangeStart", id=str(self._open))
        comment = self._make(self.comments, "comment", id=str(self._open), author=_AUTHOR, initials="dr")
        line = self._make(self._make(self._make(comment, "p"), "r"), "t")
        line.text = " ".join(xml_text(text).split())

    def _name(self, name: str) -> str:
        return f"{{{_NS}}}{name}"

    def _root(self, name: str) -> Any:
        return self._etree.Element(self._name(name), nsmap={"w": _NS})

    def _make(self, parent: Any, name: str, **attributes: str) -> Any:
        attrs = {self._name(key): value for key, value in attributes.items()}
        if parent is None:
            return self._etree.Element(self._name(name), attrs, nsmap={"w": _NS})
        return self._etree.SubElement(parent, self._name(name), attrs)

    def _bytes(self, root: Any) -> bytes:
        made: bytes = self._etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return made


def _packed(document: bytes, comments: bytes) -> bytes:
    types = "".join(
        f'<Override PartName="/word/{part}.xml" ContentType="{_MIME}.{kind}+xml"/>'
        for part, kind in (("document", "document.main"), ("comments", "comments"), ("styles", "styles"))
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="'
        f'application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": _related(officeDocument="word/document.xml"),
        "word/document.xml": document,
        "word/_rels/document.xml.rels": _related(comments="comments.xml", styles="styles.xml"),
        "word/styles.xml": _STYLES,
        "word/comments.xml": comments,
    }
    return zipped(files)


def _related(**targets: str) -> str:
    links = "".join(
        f'<Relationship Id="r{i}" Type="{_REL}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
