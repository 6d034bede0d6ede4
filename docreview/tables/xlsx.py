"""XLSX with every text written as text: no formulas, no links, nothing that the file format can't hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from docreview.tables.csv import Cell

MOST_CHARACTERS: Final = 32_767
"""What Excel holds in a cell, in UTF-16 units."""
MOST_ROWS: Final = 1_048_576
_GOES_ON: Final = " … [goes on in the next row]"
_WENT_ON: Final = "[part {number} of {count}] … "
_ROOM: Final = MOST_CHARACTERS - 80
_NONCHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")

Tint = Literal["green", "yellow", "red"]
COLOURS: Final[dict[Tint, str]] = {"green": "#C6EFCE", "yellow": "#FFEB9C", "red": "#FFC7CE"}


@dataclass(frozen=True, slots=True)
class Tinted:
    """A cell with a background. The colour only repeats what a legend and other words say."""

    value: Cell
    tint: Tint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: `widths` in characters, one for each column; `wrap` names columns whose text is wrapped."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell | Tinted]]
    widths: Sequence[int]
    wrap: frozenset[str] = frozenset()


def pieces(text: str) -> list[str]:
    """The text as cells can hold it, in pieces that say that they go on; characters that XML forbids become U+FFFD."""
    text = _NONCHARACTERS.sub("\ufffd", text)
    if _units(text) <= MOST_CHARACTERS:
        return [text]
    cut: list[str] = []
    while text:
        kept = _ROOM
        while _units(text[:kept]) > _ROOM:
            kept -= (_units(text[:kept]) - _ROOM + 1) // 2
        cut.append(text[:kept])
        text = text[kept:]
    last = len(cut) - 1
    return [
        (_WENT_ON.format(number=i + 1, count=last + 1) if i else "") + piece + (_GOES_ON if i < last else "")
        for i, piece in enumerate(cut)
    ]


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)


def write_xlsx(path: str | os.PathLike[str], sheets: Iterable[Sheet]) -> None:
    """Write sheets with a frozen, filtered header. The same rows give the same bytes. Memory stays small.

    A text that is too long for a cell goes on in the row below, and says so. A sheet with more rows than Excel can show
    ends in a row that says how many are left out.
    """
    import xlsxwriter  # type: ignore[import-untyped]

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(os.fspath(path), options)
    book.set_properties({"created": datetime(2000, 1, 1)})  # fixed, so that equal rows give equal files
    styles = _Styles(book)
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, styles)
    book.close()


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self._made: dict[tuple[bool, Tint | None], Any] = {}

    def of(self, wrap: bool, tint: Tint | None) -> Any:
        """The format of a cell."""
        if (wrap, tint) not in self._made:
            look: dict[str, Any] = {"valign": "top"}
            look |= {"text_wrap": True} if wrap else {}
            look |= {"bg_color": COLOURS[tint]} if tint else {}
            self._made[wrap, tint] = self._book.add_format(look)
        return self._made[wrap, tint]


def _fill(target: Any, sheet: Sheet, styles: _Styles) -> None:
    for column, (name, width) in enumerate(zip(sheet.header, sheet.widths, strict=True)):
        target.set_column(column, column, width)
        target.write_string(0, column, name, styles.head)
    target.freeze_panes(1, 1)
    wraps = [name in sheet.wrap for name in sheet.header]
    count = left_out = 0
    for row in (line for whole in sheet.rows for line in _lines(whole)):
        if count == MOST_ROWS - 2:
            left_out += 1
            continue
        count += 1
        for column, cell in enumerate(row):
            value, tint = (cell.value, cell.tint) if isinstance(cell, Tinted) else (cell, None)
            if value is not None or tint:
                _write(target, count, column, value, styles.of(wraps[column], tint))
    if left_out:
        target.write_string(count + 1, 0, f"{left_out} more rows do not fit in Excel; CSV has all", styles.head)
    target.autofilter(0, 0, max(count, 1), len(sheet.header) - 1)


def _lines(row: Sequence[Cell | Tinted]) -> Iterator[list[Cell | Tinted]]:
    """A row; where a text is too long for a cell, more rows below it with the rest and the same other cells."""
    values = [cell.value if isinstance(cell, Tinted) else cell for cell in row]
    cut = [pieces(value) if isinstance(value, str) else [value] for value in values]
    for i in range(max(map(len, cut), default=0)):
        cells = [part[i] if i < len(part) else part[0] if len(part) == 1 else None for part in cut]
        yield [Tinted(c, old.tint) if isinstance(old, Tinted) else c for c, old in zip(cells, row, strict=True)]


def _write(target: Any, row: int, column: int, cell: Cell, style: Any) -> None:
    if isinstance(cell, str):
        target.write_string(row, column, cell, style)
    elif cell is not None:
        target.write_number(row, column, cell, style)
    else:
        target.write_blank(row, column, None, style)
