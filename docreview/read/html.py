"""HTML files: what a browser shows without scripts. Lists get their numbers, deleted and hidden parts are left out."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read import flow
from docreview.read.draft import Draft
from docreview.read.flow import Block
from docreview.read.numerals import formatted
from docreview.read.package import check_memory
from docreview.types import ReadWarning

_CHARSET: Final = re.compile(
    rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{1,100}?encoding=[\"']([\w.:-]{2,40})", re.I
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WESTERN: Final = frozenset(("iso8859-1", "ascii", "latin-1"))  # browsers read these as Windows-1252
_UNSEEN: Final = frozenset(
    "script style template noscript head svg audio video canvas object embed datalist map iframe frame".split()
)
_BLOCKS: Final = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table caption tr td th"
    " ul".split()
)
_HIDING: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_LIST_FORMS: Final = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


def decoded(data: bytes) -> str:
    """HTML as text: by its byte order mark, else its declared encoding, else UTF-8, else Windows-1252."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, "replace")
    declared = _CHARSET.search(data[:4096])
    named = _known((declared[1] or declared[2]).decode("ascii")) if declared else "utf-8"
    for encoding in (named, "utf-8"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("cp1252", "replace")


def _known(name: str) -> str:
    """A declared encoding as browsers take it."""
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return "utf-8"
    return "cp1252" if found in _WESTERN else "utf-8" if found.startswith("utf-16") else found


def read_html(data: bytes, name: str) -> Draft:
    """An HTML file.

    Raises:
        ReadError: "damaged": no element could be made of it, or elements are nested over 2,000 deep.
    """
    return html_draft(decoded(data), name)


def html_draft(text: str, name: str) -> Draft:
    """HTML that is already decoded."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    clean = text.replace("\0", "\ufffd").encode("utf-8", "replace")
    try:
        root = etree.fromstring(clean, parser) if clean.strip() else None
    except (etree.XMLSyntaxError, ValueError):
        root = None
    check_memory(parser)
    if root is None:
        raise ReadError(name, "damaged", "no HTML could be found in it")
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        # The parser gave up in the middle: what it has is not all of the document.
        raise ReadError(name, "damaged", "its parts are nested over 2,000 deep")
    walk = _Walk()
    walk.run(root)
    body, sections = flow.joined(walk.blocks)
    title = " ".join((root.findtext(".//title") or "").split())
    return Draft(
        text=body,
        media_type="text/html",
        sections=sections or None,
        metadata={"title": title} if title else {},
        warnings=tuple(_warnings(walk.counts)),
    )


@dataclass(slots=True)
class _Frame:
    """A place where text gathers: the page, or one cell of a table."""

    blocks: list[Block] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    level: int | None = None
    mark: str = ""

    def flush(self) -> None:
        text = "".join(self.buffer)
        lines = [line.strip(" ") for line in text.split("\n")]
        text = "\n".join(lines).strip("\n")
        if text:
            self.blocks.append(Block(self.mark + text, self.level))
            self.mark = ""
        self.buffer.clear()


class _Walk:
    """Goes through the tree without recursion: HTML may be nested thousands deep."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._frames = [_Frame()]
        self._tables: list[list[list[list[Block]]]] = []
        self._lists: list[tuple[str, int]] = []  # format and next number; "" for bullets
        self._pre = 0

    @property
    def blocks(self) -> list[Block]:
        """All blocks, once the walk is over."""
        return self._frames[0].blocks

    def run(self, root: Any) -> None:
        """Walk the whole tree."""
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end"))
        unseen = None
        for event, element in walker:
            if event == "start" and self._skips(element):
                unseen = element
                walker.skip_subtree()
            elif event == "start":
                self._start(element)
                self._text(element.text)
            else:
                if element is not unseen:
                    self._end(element)
                unseen = None
                if element is not root:
                    self._text(element.tail)
        while len(self._frames) > 1:
            self._close_cell()
        self._frames[0].flush()

    def _skips(self, element: Any) -> bool:
        tag = element.tag
        if tag in _UNSEEN:
            if tag in ("iframe", "frame", "object", "embed"):
                self.counts["frames"] += 1
            return True
        if tag == "del":
            self.counts["deletions"] += 1
            return True
        if tag == "option":
            return element.get("selected") is None
        if element.get("hidden") is not None or _HIDING.search(element.get("style") or ""):
            self.counts["hidden"] += sum(len(part) for part in element.itertext())
            return True
        return False

    def _start(self, element: Any) -> None:
        tag = element.tag
        frame = self._frames[-1]
        if tag in _BLOCKS:
            frame.flush()
        if handler := _STARTS.get(tag):
            handler(self, element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            frame.level = int(tag[1])

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._frames[-1].flush()
        if handler := _ENDS.get(tag):
            handler(self, element)
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._frames[-1].level = None

    def _text(self, text: str | None) -> None:
        if not text:
            return
        buffer = self._frames[-1].buffer
        if self._pre:
            buffer.append(text.replace("\r\n", "\n"))
            return
        shown = _SPACE.sub(" ", text)
        if shown[0] == " " and (not buffer or buffer[-1][-1:] in (" ", "\n")):
            shown = shown[1:]
        if shown:
            buffer.append(shown)

    def _start_table(self, _: Any) -> None:
        self._tables.append([])
        self._frames.append(_Frame())  # text between cells, which browsers show before the table

    def _end_table(self, _: Any) -> None:
        if not self._tables:
            return
        stray = self._frames.pop()
        stray.flush()
        self._frames[-1].blocks += stray.blocks
        self._frames[-1].blocks += flow.table(self._tables.pop())

    def _start_row(self, _: Any) -> None:
        if self._tables:
            self._tables[-1].append([])

    def _start_cell(self, _: Any) -> None:
        self._frames.append(_Frame())

    def _end_cell(self, _: Any) -> None:
        self._close_cell()

    def _close_cell(self) -> None:
        frame = self._frames.pop()
        frame.flush()
        if self._tables and self._tables[-1]:
            self._tables[-1][-1].append(frame.blocks)
        else:
            self._frames[-1].blocks += frame.blocks

    def _start_list(self, element: Any) -> None:
        if element.tag == "ul":
            self._lists.append(("", 0))
            return
        start = element.get("start", "1").strip()
        form = _LIST_FORMS.get(element.get("type", ""), "decimal")
        self._lists.append((form, int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1))

    def _end_list(self, _: Any) -> None:
        if self._lists:
            self._lists.pop()

    def _start_item(self, element: Any) -> None:
        form, number = self._lists[-1] if self._lists else ("", 0)
        own = (element.get("value") or "").strip()
        if own.isdecimal() and len(own) < 7:
            number = int(own)
        self._frames[-1].mark = f"{formatted(number, form)}. " if form else "\u2022 "
        if self._lists:
            self._lists[-1] = (form, number + 1)

    def _end_item(self, _: Any) -> None:
        self._frames[-1].mark = ""

    def _break(self, _: Any) -> None:
        self._frames[-1].buffer.append("\n")

    def _start_pre(self, _: Any) -> None:
        self._pre += 1

    def _end_pre(self, _: Any) -> None:
        self._pre = max(self._pre - 1, 0)

    def _input(self, element: Any) -> None:
        kind = element.get("type", "text").lower()
        if kind in ("checkbox", "radio"):
            self._frames[-1].buffer.append("\u2612 " if element.get("checked") is not None else "\u2610 ")
        elif kind not in ("hidden", "password", "submit", "button", "image", "file"):
            self._text(element.get("value"))

    def _picture(self, _: Any) -> None:
        self.counts["pictures"] += 1


_Handler = Callable[[_Walk, Any], None]
_STARTS: Final[dict[str, _Handler]] = {
    "table": _Walk._start_table, "tr": _Walk._start_row, "td": _Walk._start_cell, "th": _Walk._start_cell,
    "ol": _Walk._start_list, "ul": _Walk._start_list, "li": _Walk._start_item, "br": _Walk._break,
    "pre": _Walk._start_pre, "input": _Walk._input, "img": _Walk._picture,
}  # fmt: skip
_ENDS: Final[dict[str, _Handler]] = {
    "table": _Walk._end_table, "td": _Walk._end_cell, "th": _Walk._end_cell, "ol": _Walk._end_list,
    "ul": _Walk._end_list, "li": _Walk._end_item, "pre": _Walk._end_pre,
}  # fmt: skip


def _warnings(counts: Counter[str]) -> list[ReadWarning]:
    messages = {
        "deletions": ("tracked_changes", "{} deletions were left out"),
        "hidden": ("hidden_text", "{} characters of hidden text were left out"),
        "frames": ("frames", "{} embedded pages or objects were not read"),
        "pictures": ("pictures", "{} pictures were not read"),
    }
    return [
        ReadWarning(code=code, message=message.format(counts[key]))
        for key, (code, message) in messages.items()
        if counts[key]
    ]
