"""CSV that a spreadsheet opens as it is meant: UTF-8 with its mark, and text that could be a formula guarded."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | None


def guarded(text: str) -> str:
    """The text, with an apostrophe in front when a spreadsheet could take it for a formula (OWASP, CSV injection)."""
    text = text.replace("\x00", "\\x00")
    return "'" + text if text.startswith(_FORMULA) else text


def write_csv(path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table; numbers stay numbers. The exact text of a quote is in findings.jsonl, not here."""
    with open(path, "w", encoding="utf-8-sig", errors="replace", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
