"""A redacted document as PDF: built anew from the redacted text, page by page.

Nothing of the original file is copied: no streams, revisions, metadata, bookmarks, annotations or attachments. So
nothing that was taken out can lie below a black bar. Layout, pictures and scans are lost; that is the price.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.errors import MissingExtra
from docreview.types import Document, Span

if TYPE_CHECKING:
    from docreview.governance.pii.redact import Redacted

_SIZE, _LEADING, _MARGIN = 9.0, 12.0, 54.0
_FONTS: Final = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
)
_UNSHOWN: Final = "\u25a1"


def redacted_pdf(document: Document, redacted: Redacted, *, font: Path | None = None) -> tuple[bytes, int]:
    """The file, and how many characters its font can't show (boxes or question marks stand in their place).

    Args:
        font: A TrueType font; by default one that systems usually have, else one for Latin letters alone.

    Raises:
        MissingExtra: reportlab is not installed.
    """
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise MissingExtra("redacted PDFs", "pii") from None
    name, shown = _font(font)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    canvas.setProducer("docreview")
    width, height = canvas._pagesize
    instead = _UNSHOWN if _UNSHOWN in shown else "?"
    missing = 0
    for page in _pages(document, redacted):
        lines = []
        for line in page.expandtabs(4).splitlines():
            clean = "".join(c if c in shown else instead for c in line)
            missing += sum(c not in shown for c in line)
            lines += list(_wrapped(clean, name, width - 2 * _MARGIN))
        _draw(canvas, lines, name, height)
    canvas.save()
    return buffer.getvalue(), missing


def _pages(document: Document, redacted: Redacted) -> Iterator[str]:
    """The redacted text of each page; all of it where the document has none."""
    spans = [page.span for page in document.pages if page.span is not None]
    if not spans:
        yield redacted.text
        return
    at = 0
    for number, _ in enumerate(spans, 1):
        last = number == len(spans)
        end = (
            len(redacted.text)
            if last
            else redacted.to_redacted(Span(spans[number].start, spans[number].start + 1)).start
        )
        yield redacted.text[at : max(at, end)]
        at = max(at, end)


def _font(path: Path | None) -> tuple[str, frozenset[str]]:
    """The name of a registered font, and the characters that it has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for place in [path] if path is not None else [Path(p) for p in _FONTS]:
        try:
            font: Any = TTFont("docreview", str(place))
        except TTFError:
            continue
        pdfmetrics.registerFont(font)
        return "docreview", frozenset(map(chr, font.face.charToGlyph)) | {" "}
    return "Helvetica", frozenset(bytes(range(32, 127)).decode() + bytes(range(161, 256)).decode("latin-1"))


def _wrapped(line: str, font: str, width: float) -> Iterator[str]:
    """Pieces of a line that fit the page, broken at spaces where there are some."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    while stringWidth(line, font, _SIZE) > width:
        fits = max(1, int(len(line) * width / stringWidth(line, font, _SIZE)))
        while fits > 1 and stringWidth(line[:fits], font, _SIZE) > width:
            fits -= 1
        cut = line.rfind(" ", 1, fits + 1)
        yield line[: cut if cut > 0 else fits]
        line = line[cut + 1 if cut > 0 else fits :]
    yield line


def _draw(canvas: Any, lines: list[str], font: str, height: float) -> None:
    """One page, or as many as the lines need."""
    fit = int((height - 2 * _MARGIN) / _LEADING)
    for start in range(0, max(len(lines), 1), fit):
        text = canvas.beginText(_MARGIN, height - _MARGIN)
        text.setFont(font, _SIZE, _LEADING)
        text.textLines(lines[start : start + fit], trim=0)
        canvas.drawText(text)
        canvas.showPage()
