"""Where characters of a PDF page are printed."""

from __future__ import annotations

import ctypes
from typing import Any, Final, NamedTuple

from docreview.read import pdf_pdfium
from docreview.read.pdf_lines import Line, page_text, paragraph_starts, shown

_FINE: Final = 100  # PDFium rounds to whole units: ask in hundredths of a point


class Box(NamedTuple):
    """A rectangle on a page as it is shown (rotation and crop applied): points from its top left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


def find(job: dict[str, Any], data: bytes) -> list[list[float]]:
    """Boxes of pieces of pages, one for each line; runs in the parsers' process.

    Args:
        job: `name`, `password`, and `pages`: for each its `index` (from 0), `text` (as it was read), `start` and `end`
            in that text.
        data: The file.
    """
    with pdf_pdfium.opened(data, job["name"], job["password"]) as document:
        return [box for wanted in job["pages"] for box in on_page(document, wanted)]


def on_page(document: Any, wanted: dict[str, Any]) -> list[list[float]]:
    """Boxes of a piece of one page, with the page's number first; see `find`."""
    with pdf_pdfium.text_page(document, wanted["index"]) as (page, layer):
        return [[wanted["index"] + 1, *box] for box in _of_lines(page, layer, wanted)]


def _of_lines(page: Any, layer: Any, wanted: dict[str, Any]) -> list[tuple[float, float, float, float]]:
    lines = pdf_pdfium.lines_of(layer)
    text, offsets = page_text(lines, paragraph_starts(lines))
    if shown(text) != wanted["text"]:
        return []  # another engine's text
    boxes = []
    for line, offset in zip(lines, offsets, strict=True):
        first, last = max(wanted["start"] - offset, 0), min(wanted["end"] - offset, len(line.text))
        if first < last and (box := _of_line(page, layer, line, first, last)):
            boxes.append(box)
    return boxes


def _of_line(page: Any, layer: Any, line: Line, first: int, last: int) -> tuple[float, float, float, float] | None:
    import pypdfium2.raw as pdfium

    corners = []
    rect = pdfium.FS_RECTF()
    for index in range(line.at + first, line.at + last):
        if pdfium.FPDFText_GetLooseCharBox(layer, index, rect) and rect.left != rect.right:
            corners += [(rect.left, rect.top), (rect.right, rect.bottom)]
    if not corners:
        return None
    points = [_shown(pdfium, page, x, y) for x, y in corners]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _shown(pdfium: Any, page: Any, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own coordinates, seen from the top left corner of the page as shown."""
    across, down = ctypes.c_int(), ctypes.c_int()
    width, height = round(page.get_width() * _FINE), round(page.get_height() * _FINE)
    pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE
