"""XLSX with every text written as text: no formulas, no links, nothing that the file format can't hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from docreview.export.csv import Cell

MOST_CHARACTERS: Final = 32_767
"""What Excel holds in a cell, in UTF-16 units."""
MOST_ROWS: Final = 1_048_576
_CUT: Final = " … [cut: {left} more characters; all of it is in findings.jsonl]"
_NONCHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: `widths` in characters, one for each column; `wrap` names columns whose text is wrapped."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int]
    wrap: frozenset[str] = frozenset()


def fitting(text: str) -> str:
    """The text as a cell can hold it: what is cut is said, and characters that XML forbids become U+FFFD."""
    text = _NONCHARACTERS.sub("\ufffd", text)
    if _units(text) <= MOST_CHARACTERS:
        return text
    kept = MOST_CHARACTERS - 80
    while _units(text[:kept]) > MOST_CHARACTERS - 80:
        kept -= (_units(text[:kept]) - (MOST_CHARACTERS - 80) + 1) // 2
    return text[:kept] + _CUT.format(left=len(text) - kept)


def _units(text: str) -> int:
    return len(text) + sum(c > "\uffff" for c in text)


def write_xlsx(path: str | os.PathLike[str], sheets: Iterable[Sheet]) -> None:
    """Write sheets with a frozen, filtered header. The same rows give the same bytes. Memory stays small.

    A sheet with more rows than Excel can show ends in a row that says how many are left out.
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
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "cell": book.add_format({"valign": "top"}),
    }
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, styles)
    book.close()


def _fill(target: Any, sheet: Sheet, styles: dict[str, Any]) -> None:
    for column, (name, width) in enumerate(zip(sheet.header, sheet.widths, strict=True)):
        target.set_column(column, column, width)
        target.write_string(0, column, name, styles["head"])
    target.freeze_panes(1, 1)
    count = left_out = 0
    for row in sheet.rows:
        if count == MOST_ROWS - 2:
            left_out += 1
            continue
        count += 1
        for column, cell in enumerate(row):
            _write(target, count, column, cell, styles["wrap" if sheet.header[column] in sheet.wrap else "cell"])
    if left_out:
        target.write_string(count + 1, 0, f"{left_out} more rows do not fit in Excel; see clauses.csv", styles["cell"])
    target.autofilter(0, 0, max(count, 1), len(sheet.header) - 1)


def _write(target: Any, row: int, column: int, cell: Cell, style: Any) -> None:
    if isinstance(cell, str):
        target.write_string(row, column, fitting(cell), style)
    elif cell is not None:
        target.write_number(row, column, cell, style)
