"""A PDF page as it is printed, with places marked on it."""

from __future__ import annotations

import base64
import io
from contextlib import closing
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read import pdf_pdfium
from docreview.read.boxes import on_page
from docreview.read.pdf_lines import page_text, paragraph_starts, shown

_MARK: Final = (255, 214, 64, 90)
_ACTIVE: Final = (64, 150, 230, 110)
_MOST_DOTS: Final = 4_000_000


def draw(job: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The page as PNG; runs in the parsers' process.

    Args:
        job: `name`, `password`, `index` (from 0), `width` in dots, `quotes`: words to mark wherever they stand on the
            page, as the document has them; `active`: the number of the one that stands out, or None.
        data: The file.

    Returns:
        `{"png"}` in base64, and `{"marked"}`: the numbers of the quotes that were found on the page.

    Raises:
        ReadError: "missing" when there is no such page.
    """
    with pdf_pdfium.opened(data, job["name"], job["password"]) as document:
        if not 0 <= job["index"] < len(document):
            raise ReadError(job["name"], "missing", f"there is no page {job['index'] + 1}, of {len(document)}")
        with closing(document[job["index"]]) as page:
            across, down = page.get_size()
            scale = min(job["width"] / max(across, 1), (_MOST_DOTS / max(across * down, 1)) ** 0.5)
            with closing(page.render(scale=scale)) as bitmap:
                picture = bitmap.to_pil().convert("RGB")
        boxes = _boxes(document, job)
    _paint(picture, boxes, scale, job["active"])
    held = io.BytesIO()
    picture.save(held, "PNG")
    return {"png": base64.b64encode(held.getvalue()).decode(), "marked": sorted({number for number, _ in boxes})}


def _boxes(document: Any, job: dict[str, Any]) -> list[tuple[int, list[float]]]:
    """Boxes of every place of every quote, in points from the top left corner."""
    with pdf_pdfium.text_page(document, job["index"]) as (_, layer):
        lines = pdf_pdfium.lines_of(layer)
        text = shown(page_text(lines, paragraph_starts(lines))[0])
    found = []
    for number, quote in enumerate(job["quotes"]):
        start = text.find(quote) if quote else -1
        while start >= 0:
            wanted = {"index": job["index"], "text": text, "start": start, "end": start + len(quote)}
            found += [(number, box[1:]) for box in on_page(document, wanted)]
            start = text.find(quote, start + len(quote))
    return found


def _paint(picture: Any, boxes: list[tuple[int, list[float]]], scale: float, active: int | None) -> None:
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(layer)
    for number, (left, top, right, bottom) in sorted(boxes, key=lambda box: box[0] == active):
        corners = [left * scale, top * scale, right * scale, bottom * scale]
        pen.rectangle(corners, fill=_ACTIVE if number == active else _MARK)
    picture.paste(layer, mask=layer)
