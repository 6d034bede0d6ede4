"""The annotated sources of `corpora/`: a TOML header, then text in a small subset of Markdown.

Answers are planted where they stand: `<<Governing Law = England | This Agreement is governed by ...>>`. Several labels
are joined by `;`, marks may nest. A label is a category, a transcript item, a hypothesis (`nda-3 = entailed`), a flaw
(`!placeholder = what is wrong`) or personal data (`@email`). The text that a user sees has no marks.
`curly = true` in the header curls quotation marks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError

_MARK: Final = re.compile(r"<<(?P<labels>[^|<>]+)\|\s?|(?P<close>>>)")
_HEADING: Final = re.compile(r"(#{1,4}) (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One planted fact: `quote` is the text inside the mark with white space evened out, `value` may be empty."""

    name: str
    value: str
    quote: str
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A piece of a document. `kind` is title, heading, paragraph, lines, table, page, contents or columns.

    `level` is the depth of a heading (from 1) or the indentation of a paragraph (from 0); `rows` belong to tables and
    to lines that stay as they are.
    """

    kind: str
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One annotated source: header, and body with its marks."""

    name: str
    header: Mapping[str, Any]
    body: str


def read_source(path: Path) -> Source:
    """Read an annotated source.

    Raises:
        ConfigError: It has no TOML header.
    """
    parts = path.read_text(encoding="utf-8").split("+++\n", 2)
    if len(parts) != 3 or parts[0]:
        raise ConfigError(str(path), "+++", "the TOML header between two +++ lines is missing")
    header, body = tomllib.loads(parts[1]), parts[2].strip("\n") + "\n"
    return Source(name=path.stem, header=header, body=_curled(body) if header.get("curly") else body)


def _curled(text: str) -> str:
    opened = re.sub(r'(^|[\s(\[])"', "\\1\N{LEFT DOUBLE QUOTATION MARK}", text, flags=re.MULTILINE)
    return opened.replace('"', "\N{RIGHT DOUBLE QUOTATION MARK}").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def strip(body: str) -> tuple[str, tuple[Mark, ...]]:
    """The text without marks, and the marks in the order in which they open.

    Raises:
        ValueError: A mark is not closed, or closed without being open.
    """
    out: list[str] = []
    size, last = 0, 0
    opened: list[tuple[str, int]] = []
    done: list[tuple[int, str, int]] = []
    for token in _MARK.finditer(body):
        out.append(body[last : token.start()])
        size += len(out[-1])
        last = token.end()
        if token["close"] is None:
            opened.append((token["labels"], size))
            continue
        if not opened:
            raise ValueError(f"a mark is closed but not open: ...{body[token.start() - 60 : token.end()]!r}")
        labels, start = opened.pop()
        done.append((start, labels, size))
    if opened:
        raise ValueError(f"a mark is not closed: {opened[-1][0]!r}")
    text = "".join(out) + body[last:]
    done.sort(key=lambda item: (item[0], -item[2]))
    return text, tuple(mark for start, labels, end in done for mark in _labels(labels, text[start:end]))


def _labels(labels: str, text: str) -> list[Mark]:
    quote = " ".join(re.sub(r"^#+ |^> ", "", text, flags=re.MULTILINE).split())
    pairs = [label.partition("=") for label in labels.split(";")]
    return [Mark(name=name.strip(), value=value.strip(), quote=quote) for name, _, value in pairs]


def blocks(text: str) -> list[Block]:
    """The blocks of a stripped body, in order."""
    return [_block(piece) for piece in re.split(r"\n{2,}", text.strip("\n"))]


def _block(piece: str) -> Block:
    if heading := _HEADING.fullmatch(piece):
        depth = len(heading[1])
        return Block(kind="heading" if depth > 1 else "title", text=heading[2], level=depth - 1)
    if piece in ("<page>", "<contents>"):
        return Block(kind=piece[1:-1])
    if piece in ("<columns>", "</columns>"):
        return Block(kind="columns", level=2 if piece == "<columns>" else 1)
    lines = piece.split("\n")
    if all(line.startswith(">") for line in lines):
        return Block(kind="lines", rows=tuple((line[2:],) for line in lines))
    if all(line.startswith("|") for line in lines):
        rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
        return Block(kind="table", rows=tuple(row for row in rows if set("".join(row)) - set("-: ")))
    indent = (len(piece) - len(piece.lstrip(" "))) // 2
    return Block(kind="paragraph", text=" ".join(piece.split()), level=indent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One turn: who, and the pieces (about a sentence each) with their times in seconds."""

    speaker: str
    pieces: tuple[tuple[str, float, float], ...]

    @property
    def text(self) -> str:
        """The whole turn."""
        return " ".join(piece for piece, _, _ in self.pieces)


WORDS_A_SECOND: Final = 2.6


def turns(body: str) -> tuple[list[Said], list[Mark]]:
    """The turns of an annotated transcript body (one `Speaker: text` a line) and their marks.

    Times follow from the number of words. A piece never ends inside a mark, so that every quote stands in one piece.
    In a deposition, marks name who examines for `Q` and THE WITNESS for `A`.
    """
    court = {"A": "THE WITNESS"}
    said: list[Said] = []
    marks: list[Mark] = []
    clock = 0.0
    for line in filter(None, body.split("\n")):
        speaker, _, text = line.partition(": ")
        pieces = []
        for piece in _pieces(text):
            clean, found = strip(piece)
            if examiner := re.search(r"EXAMINATION BY (.+)", clean):
                court["Q"] = examiner[1]
            marks += [replace(mark, speaker=court.get(speaker, speaker)) for mark in found]
            end = clock + max(0.6, len(clean.split()) / WORDS_A_SECOND)
            pieces.append((clean, round(clock, 2), round(end, 2)))
            clock = end + 0.12
        said.append(Said(speaker=speaker, pieces=tuple(pieces)))
        clock += 0.35
    return said, marks


def _pieces(text: str) -> list[str]:
    out, start = [], 0
    for end in re.finditer(r"[.?!] (?=\S)", text):
        piece = text[start : end.end() - 1]
        if piece.count("<<") == piece.count(">>") and len(piece.split()) > 5:
            out.append(piece)
            start = end.end()
    return [*out, text[start:]]
