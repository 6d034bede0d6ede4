"""RTF files by the RTF 1.9.1 specification: text, tables, notes, headers, list numbers as written in the file.

Left out: pictures, objects, instructions of fields, deleted and hidden text (counted).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from docreview.errors import ReadError
from docreview.read import flow
from docreview.read.docx_symbols import symbol
from docreview.read.draft import Draft, counted
from docreview.read.flow import Block
from docreview.types import ReadWarning

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_SKIPPED: Final = frozenset(
    b"colortbl stylesheet info pict objdata themedata datastore rsidtbl generator xmlnstbl listtable latentstyles"
    b" listoverridetable fldinst revtbl filetbl sp annotation atnid atnauthor atnref nonshppict bkmkstart bkmkend"
    b" pnseclvl template operator mmathPr ud list listlevel listoverride lfolevel listname leveltext"
    b" levelnumbers".split()
)
_STARRED: Final = frozenset((b"shpinst", b"shptxt", b"listtext", b"pntext", b"fldrslt", b"footnote"))
_EDGES: Final = frozenset(
    (b"header", b"headerl", b"headerr", b"headerf", b"footer", b"footerl", b"footerr", b"footerf")
)
_PLAIN: Final = {
    b"line": "\n", b"lbr": "\n", b"tab": "\t", b"nestcell": "\t", b"nestrow": "\n", b"bullet": "\u2022",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
    b"endash": "\u2013", b"emdash": "\u2014", b"enspace": "\u2002", b"emspace": "\u2003",
}  # fmt: skip
_SIGNS: Final = {b"~": "\u00a0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"\t": "\t"}
_CHARSETS: Final = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_SYMBOLS: Final = "symbols"
_DEEPEST: Final = 2000


@dataclass(slots=True)
class _Story:
    """One stream of text: the body, a header, a note."""

    blocks: list[Block] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    cell: list[Block] = field(default_factory=list)
    row: list[list[Block]] = field(default_factory=list)
    rows: list[list[list[Block]]] = field(default_factory=list)

    def end_paragraph(self, level: int | None, in_table: bool) -> None:
        text = "".join(self.buffer).strip("\n").rstrip()
        self.buffer.clear()
        if in_table:
            self.cell.append(Block(text, level))
            return
        self.end_table()
        self.blocks.append(Block(text, level))

    def end_cell(self, level: int | None) -> None:
        self.end_paragraph(level, True)
        self.row.append(self.cell)
        self.cell = []

    def end_row(self) -> None:
        self.rows.append(self.row)
        self.row = []

    def end_table(self) -> None:
        if self.cell:
            self.row.append(self.cell)
        if self.row:
            self.rows.append(self.row)
        self.blocks += flow.table(self.rows)
        self.cell, self.row, self.rows = [], [], []

    def finished(self) -> list[Block]:
        self.end_paragraph(None, False)
        return self.blocks


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits and restores."""

    story: _Story
    skipped: bool = False
    in_fonts: bool = False
    font: int = 0
    skip_after: int = 1  # characters that stand for a \u character in old readers
    hidden: bool = False
    deleted: bool = False
    in_table: bool = False
    level: int | None = None


def read_rtf(data: bytes, name: str) -> Draft:
    """An RTF file.

    Raises:
        ReadError: "damaged": groups are nested over 2,000 deep.
    """
    reader = _Reader(data, name)
    reader.run()
    edges: dict[str, Block] = {}
    for block in reader.edges():
        edges.setdefault(block.text.strip(), block)
    text, sections = flow.joined([*reader.body.finished(), *reader.notes(), *edges.values()])
    return Draft(text=text, media_type="application/rtf", sections=sections or None, warnings=tuple(reader.warnings()))


class _Reader:
    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        self.body = _Story()
        self._notes: list[_Story] = []
        self._edges: list[_Story] = []
        self._state = _State(self.body)
        self._stack: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._encoding = "cp1252"
        self._bytes = bytearray()  # characters of the current encoding that wait for their other halves
        self._pending = 0  # characters still to be skipped after \u
        self._starred = False
        self._counts: Counter[str] = Counter()

    def run(self) -> None:
        at = 0
        while match := _TOKEN.match(self._data, at):
            at = match.end()
            word, number, code, sign, brace, plain = match.groups()
            if code is not None:
                self._character(bytes.fromhex(code.decode("ascii")))
                continue
            if plain is not None:
                self._character(plain)
                continue
            self._decode()
            if word is not None:
                at += self._word(word, int(number) if number else None)
            elif brace is not None:
                self._group(brace)
            elif sign is not None:
                self._sign(sign)
        self._decode()

    def notes(self) -> list[Block]:
        """Notes in order, each with its number."""
        found = []
        for number, story in enumerate(self._notes, 1):
            text = "\n".join(block.text.strip() for block in story.finished() if block.text.strip())
            found.append(Block(f"[{number}] {text}"))
        return found

    def edges(self) -> list[Block]:
        """Headers and footers."""
        return [block for story in self._edges for block in story.finished()]

    def warnings(self) -> list[ReadWarning]:
        """What was left out."""
        messages = {
            "pictures": "{} pictures were not read",
            "objects": "{} embedded objects were not read",
            "tracked_changes": "{} characters of deleted text were left out",
            "hidden_text": "{} characters of hidden text were left out",
        }
        return counted(messages, self._counts)

    def _set(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]

    def _group(self, brace: bytes) -> None:
        self._pending, self._starred = 0, False
        if brace == b"{":
            if len(self._stack) > _DEEPEST:
                raise ReadError(self._name, "damaged", f"groups are nested over {_DEEPEST:,} deep")
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._starred = True
        elif sign in (b"\n", b"\r"):
            self._word(b"par", None)
        elif sign in _SIGNS:
            self._text(_SIGNS[sign])

    def _character(self, raw: bytes) -> None:
        if self._pending:
            taken = min(self._pending, len(raw))
            self._pending -= taken
            raw = raw[taken:]
        if not self._state.skipped and not self._state.in_fonts:
            self._bytes += raw

    def _decode(self) -> None:
        if self._bytes:
            encoding = self._fonts.get(self._state.font, self._encoding)
            raw, self._bytes = bytes(self._bytes), bytearray()
            if encoding == _SYMBOLS:
                self._text("".join(chr(c) if c == 32 else symbol("symbol", f"{c:x}") for c in raw))
            else:
                self._text(raw.decode(encoding, "replace"))

    def _text(self, text: str) -> None:
        state = self._state
        if state.skipped or state.in_fonts:
            return
        if state.deleted or state.hidden:
            self._counts["tracked_changes" if state.deleted else "hidden_text"] += len(text)
            return
        state.story.buffer.append(text)

    def _word(self, word: bytes, number: int | None) -> int:
        """Obey a control word; how many bytes after it are binary data."""
        starred, self._starred = self._starred, False
        if word == b"bin":
            return max(number or 0, 0)
        if word == b"u":
            self._unicode(number or 0)
        elif word in _SKIPPED or (starred and word not in _STARRED):
            self._counts["pictures"] += word == b"pict" and not self._state.skipped
            self._set(skipped=True)
        elif word in _PLAIN:
            self._text(_PLAIN[word])
        elif word == b"object":
            self._counts["objects"] += 1
        elif not self._state.skipped:
            self._layout(word, number)
        return 0

    def _unicode(self, number: int) -> None:
        code = number & 0xFFFF
        text = chr(code)
        buffer = self._state.story.buffer
        if 0xDC00 <= code <= 0xDFFF and buffer and "\ud800" <= buffer[-1][-1:] <= "\udbff":
            text = (buffer.pop() + text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        elif 0xF000 <= code <= 0xF0FF:
            text = symbol("symbol", f"{code:x}")
        self._text(text)
        self._pending = self._state.skip_after

    def _layout(self, word: bytes, number: int | None) -> None:
        state = self._state
        if word in (b"par", b"sect", b"page"):
            state.story.end_paragraph(state.level, state.in_table)
        elif word == b"cell":
            state.story.end_cell(state.level)
        elif word == b"row":
            state.story.end_row()
        elif word == b"pard":
            self._set(in_table=False, level=None)
        elif word == b"intbl":
            self._set(in_table=True)
        elif word == b"outlinelevel" and number is not None and 0 <= number < 9:
            self._set(level=number + 1)
        elif word == b"footnote":
            self._notes.append(_Story())
            self._text(f"[{len(self._notes)}]")
            self._set(story=self._notes[-1], in_table=False, level=None)
        elif word in _EDGES:
            self._edges.append(_Story())
            self._set(story=self._edges[-1], in_table=False, level=None)
        else:
            self._format(word, number)

    def _format(self, word: bytes, number: int | None) -> None:
        on = number != 0
        if word == b"v":
            self._set(hidden=on)
        elif word == b"deleted":
            self._set(deleted=on)
        elif word == b"plain":
            self._set(hidden=False, deleted=False)
        elif word == b"uc":
            self._set(skip_after=max(number or 0, 0))
        elif word == b"fonttbl":
            self._set(in_fonts=True)
        elif word == b"f" and number is not None:
            self._set(font=number)
        elif word == b"fcharset" and self._state.in_fonts:
            self._fonts[self._state.font] = _SYMBOLS if number == 2 else _CHARSETS.get(number or 0, self._encoding)
        elif word == b"ansicpg" and number is not None:
            self._encoding = _code_page(number)
        elif word == b"mac":
            self._encoding = "mac_roman"


def _code_page(number: int) -> str:
    import codecs

    try:
        return codecs.lookup("utf-8" if number == 65001 else f"cp{number}").name
    except LookupError:
        return "cp1252"
