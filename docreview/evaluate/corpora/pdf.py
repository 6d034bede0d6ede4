"""Sources written as PDF (reportlab), the same bytes every time; and scans of them, without a text layer."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docreview.errors import MissingExtra
from docreview.evaluate.corpora.sources import Block, blocks

_NOTHING: Final[Mapping[str, Any]] = {}
_MARGIN: Final = 68.0


def as_pdf(body: str, options: Mapping[str, Any]) -> bytes:
    """A PDF of the body.

    Args:
        body: Stripped text.
        options: A source's header; its `[pdf]` table may hold size ("A4", "Letter"), font ("Times", "Helvetica"),
            points, footer, outline, password, front (pages before page 1, labelled i, ii, ...),
            whole (false: paragraphs may run on over the page).

    Raises:
        MissingExtra: reportlab is not installed.
    """
    try:
        from reportlab.platypus.doctemplate import BaseDocTemplate
    except ImportError:
        raise MissingExtra("writing PDFs", "corpora") from None
    wish = options.get("pdf", _NOTHING)
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=_size(wish), title=options["title"], author="docreview corpora", subject=options["type"],
        invariant=1, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        **_encryption(wish),
    )  # fmt: skip
    document.addPageTemplates(_templates(document, wish))
    if wish.get("outline"):
        document.afterFlowable = lambda flowable: _outline(document, flowable, int(wish.get("front", 0)))
    document.multiBuild(list(_story(body, wish)))
    return out.getvalue()


def _size(wish: Mapping[str, Any]) -> tuple[float, float]:
    from reportlab.lib import pagesizes

    size: tuple[float, float] = pagesizes.LETTER if wish.get("size") == "Letter" else pagesizes.A4
    return size


def _encryption(wish: Mapping[str, Any]) -> dict[str, Any]:
    if not wish.get("password"):
        return {}
    from reportlab.lib.pdfencrypt import StandardEncryption

    return {"encrypt": StandardEncryption(wish["password"], ownerPassword=wish["password"] + "-owner", strength=128)}


def _templates(document: Any, wish: Mapping[str, Any]) -> list[Any]:
    from reportlab.platypus import Frame, PageTemplate

    width, height, gap = document.width, document.height, 18.0
    half = (width - gap) / 2
    one = [Frame(_MARGIN, _MARGIN, width, height, id="whole", leftPadding=0, rightPadding=0)]
    two = [
        Frame(_MARGIN + i * (half + gap), _MARGIN, half, height, id=f"half{i}", leftPadding=0, rightPadding=0)
        for i in (0, 1)
    ]
    front = int(wish.get("front", 0))

    def decorate(canvas: Any, doc: Any) -> None:
        number = doc.page
        if front and number in (1, front + 1):
            canvas.addPageLabel(number - 1, "ROMAN_LOWER" if number == 1 else "ARABIC", 1)
        label = ("i" * number) if number <= front else str(number - front)
        canvas.setFont("Helvetica", 8)
        canvas.drawString(_MARGIN, 36, str(wish.get("footer", "")))
        canvas.drawRightString(_MARGIN + width, 36, label if front else f"Page {label}")

    return [
        PageTemplate(id="one", frames=one, onPage=decorate),
        PageTemplate(id="two", frames=two, onPage=decorate),
    ]


def _outline(document: Any, flowable: Any, front: int) -> None:
    level = getattr(flowable, "outline_level", None)
    if level is None:
        return
    key, text = f"heading-{document.seq.nextf('outline')}", flowable.getPlainText()
    document.canv.bookmarkPage(key)
    document.canv.addOutlineEntry(text, key, level, closed=level > 0)
    document.notify("TOCEntry", (level, text, document.page - front, key))


def _story(body: str, wish: Mapping[str, Any]) -> Iterator[Any]:
    from reportlab.platypus import KeepTogether, NextPageTemplate, PageBreak, Spacer
    from reportlab.platypus.tableofcontents import TableOfContents

    styles = _styles(str(wish.get("font", "Times")), float(wish.get("points", 11)), float(wish.get("leading", 1.32)))
    for block in blocks(body):
        if block.kind == "page":
            yield PageBreak()
        elif block.kind == "contents":
            yield TableOfContents(levelStyles=[styles["contents0"], styles["contents1"]], dotsMinLevel=0)
        elif block.kind == "columns":
            yield NextPageTemplate("two" if block.level == 2 else "one")
            yield PageBreak()
        elif block.kind == "table":
            yield _table(block, styles)
            yield Spacer(1, 10)
        elif block.kind == "paragraph" and wish.get("whole", True):
            yield KeepTogether([_paragraph(block, styles)])
        else:
            yield _paragraph(block, styles)


def _paragraph(block: Block, styles: Mapping[str, Any]) -> Any:
    from reportlab.platypus import Paragraph

    if block.kind == "lines":
        return Paragraph("<br/>".join(html.escape(row[0]) or "&nbsp;" for row in block.rows), styles["lines"])
    paragraph = Paragraph(html.escape(block.text, quote=False), styles[f"{block.kind}{block.level}"])
    if block.kind == "heading" and block.level < 3:
        paragraph.outline_level = block.level - 1
    return paragraph


def _table(block: Block, styles: Mapping[str, Any]) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import Paragraph, Table, TableStyle

    cells = [[Paragraph(html.escape(cell, quote=False), styles["cell"]) for cell in row] for row in block.rows]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    longest = [min(40, max(6, *map(len, column))) for column in zip(*block.rows, strict=True)]
    widths = [f"{100 * one / sum(longest):.1f}%" for one in longest]
    return Table(cells, colWidths=widths, repeatRows=1, style=TableStyle(style), spaceBefore=6)


def _styles(font: str, points: float, leading: float) -> dict[str, Any]:
    from reportlab.lib.styles import ParagraphStyle

    plain, bold = ("Times-Roman", "Times-Bold") if font == "Times" else ("Helvetica", "Helvetica-Bold")

    def style(name: str, size: float, **rest: Any) -> ParagraphStyle:
        return ParagraphStyle(name, **{"fontName": plain, "fontSize": size, "leading": size * leading, **rest})

    body: dict[str, Any] = {"spaceAfter": points * 0.65, "alignment": 4}
    head: dict[str, Any] = {"fontName": bold, "spaceBefore": 8, "spaceAfter": points * 0.5, "keepWithNext": 1}
    return {
        "title0": style("title0", points + 5, fontName=bold, alignment=1, spaceAfter=18, spaceBefore=6),
        "heading1": style("heading1", points + 1.5, **head),
        "heading2": style("heading2", points, **head),
        "heading3": style("heading3", points, **{**head, "fontName": plain}),
        **{f"paragraph{i}": style(f"paragraph{i}", points, leftIndent=22 * i, **body) for i in range(4)},
        **{f"contents{i}": style(f"contents{i}", points, leftIndent=18 * i) for i in range(2)},
        "lines": style("lines", points, spaceAfter=points),
        "cell": style("cell", points - 1.5, leading=points * 1.1),
    }


def as_scan(pdf: bytes, options: Mapping[str, Any]) -> bytes:
    """Pages of a PDF as black-and-white images, a little turned and specked: what a copier makes of paper.

    `[scan]` in the header may hold dpi, degrees, specks (per page) and seed.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    import random

    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise MissingExtra("writing scans", "corpora") from None
    import pypdfium2

    wish = options["scan"]
    rng = random.Random(int(wish.get("seed", 1)))  # noqa: S311
    images = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            grey = page.render(scale=float(wish.get("dpi", 150)) / 72, grayscale=True).to_pil()
            turn = rng.uniform(-1, 1) * float(wish.get("degrees", 0.6))
            grey = grey.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=255)
            draw = ImageDraw.Draw(grey)
            for _ in range(int(wish.get("specks", 120))):
                x, y = rng.randrange(grey.width), rng.randrange(grey.height)
                draw.ellipse((x, y, x + rng.choice((0, 0, 1, 2)), y + rng.choice((0, 1, 1))), fill=0)
            images.append(grey.point(lambda value: 255 if value > 140 else 0).convert("1"))
    return _images_to_pdf(images, float(wish.get("dpi", 150)), str(options["title"]))


def _images_to_pdf(images: list[Any], dpi: float, title: str) -> bytes:
    import time

    out = io.BytesIO()
    when = time.struct_time((2025, 1, 1, 0, 0, 0, 2, 1, 0))
    images[0].save(
        out, "PDF", save_all=True, append_images=images[1:], resolution=dpi, title=title,
        creationDate=when, modDate=when, producer="copier",
    )  # fmt: skip
    return out.getvalue()
