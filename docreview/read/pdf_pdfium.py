"""Pages of a PDF through PDFium: fast, but it can abort the process on a hostile file. Only ever used in a child."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read.pdf_lines import Line
from docreview.types import OutlineEntry, ReadWarning

_BREAKS: Final = re.compile("\r\n|\n|\r|\ufffe\r?\n?|\x02\r?\n?")
_WRONG_PASSWORD: Final = 4
_DRAWN_ANNOTATIONS: Final = (3, 13, 20)  # FreeText, Stamp, Widget: what they show is part of the page
_MOST_OUTLINE: Final = 5000
_DPI: Final = 300
_MOST_DOTS: Final = 25_000_000


@contextmanager
def opened(data: bytes, name: str, password: str | None) -> Iterator[Any]:
    """The document.

    Raises:
        ReadError: "encrypted" or "damaged".
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data, password=password)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _WRONG_PASSWORD:
            problem = "the password is wrong" if password else "a password is needed to open it"
            raise ReadError(name, "encrypted", problem) from None
        raise ReadError(name, "damaged", "not a PDF that can be opened; try to repair it, or print it anew") from None
    with closing(document):
        yield document


@contextmanager
def text_page(document: Any, index: int) -> Iterator[tuple[Any, Any]]:
    """A page and its text layer, filled-in form fields, stamps and typed comments included."""
    import pypdfium2.raw as pdfium

    page = document[index]
    if _has_drawn_annotations(pdfium, page) and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_PRINT) == 1:
        page.close()
        page = document[index]
    with closing(page), closing(page.get_textpage()) as layer:
        yield page, layer


def _has_drawn_annotations(pdfium: Any, page: Any) -> bool:
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page), 1000)):
        annotation = pdfium.FPDFPage_GetAnnot(page, i)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in _DRAWN_ANNOTATIONS:
            return True
    return False


def lines_of(layer: Any) -> list[Line]:
    """The lines of a text layer, blank ones left out."""
    import pypdfium2.raw as pdfium

    raw = layer.get_text_range(errors="replace")
    shifted = len(raw) != pdfium.FPDFText_CountChars(layer)
    lines, at = [], 0
    for stop in (*_BREAKS.finditer(raw), None):
        end = stop.start() if stop else len(raw)
        text = raw[at:end].rstrip(" \t")
        begin = at + len(text) - len(text := text.lstrip(" \t"))
        if text:
            hyphen = stop is not None and stop[0][0] in "\ufffe\x02"
            index = pdfium.FPDFText_GetCharIndexFromTextIndex(layer, begin) if shifted else begin
            lines.append(_placed(pdfium, layer, text, index, hyphen))
        at = stop.end() if stop else end
    return lines


def _placed(pdfium: Any, layer: Any, text: str, index: int, hyphen: bool) -> Line:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(layer, index, x, y)
    first, last = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(layer, index, first)
    pdfium.FPDFText_GetLooseCharBox(layer, index + len(text) - 1, last)
    height = abs(first.top - first.bottom)
    return Line(text, index, y.value, first.left, last.right, height, hyphen)


def is_blank(page: Any) -> bool:
    """Whether nothing at all is drawn on the page."""
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFPage_CountObjects(page) == 0 and pdfium.FPDFPage_GetAnnotCount(page) == 0)


def mostly_picture(page: Any) -> bool:
    """Whether one picture covers at least half of the page."""
    import pypdfium2.raw as pdfium

    size = page.get_width() * page.get_height()
    for image in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2), 50):
        left, bottom, right, top = image.get_bounds()
        if 2 * (right - left) * (top - bottom) >= size > 0:
            return True
    return False


def rendered(document: Any, index: int) -> Any:
    """A page as a grey picture (Pillow) of 300 dots an inch, fewer where it would be over 25 million dots."""
    with closing(document[index]) as page:
        width, height = page.get_size()
        scale = min(_DPI / 72, (_MOST_DOTS / max(width * height, 1)) ** 0.5)
        with closing(page.render(scale=scale, grayscale=True)) as bitmap:
            return bitmap.to_pil().copy()


def metadata(document: Any) -> dict[str, str]:
    """Title, author and the like, as the file says."""
    found: dict[str, str] = {}
    with suppress(UnicodeDecodeError):
        found = document.get_metadata_dict(skip_empty=True)
    names = {
        "Title": "title",
        "Author": "author",
        "CreationDate": "created",
        "ModDate": "modified",
        "Producer": "producer",
    }
    return {ours: str(found[theirs]) for theirs, ours in names.items() if theirs in found}


def labels(document: Any, count: int) -> list[str]:
    """The printed number of each page; empty where the file gives none."""
    with suppress(UnicodeDecodeError):
        return [document.get_page_label(i) or "" for i in range(count)]
    return [""] * count


def outline(document: Any, count: int) -> tuple[OutlineEntry, ...]:
    """The bookmarks, at most 5,000, nested at most 15 deep."""
    entries = []
    for bookmark in islice(document.get_toc(), _MOST_OUTLINE):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        page = index + 1 if index is not None and 0 <= index < count else None
        with suppress(UnicodeDecodeError):
            entries.append(OutlineEntry(title=bookmark.get_title().strip(), level=bookmark.level + 1, page=page))
    return tuple(entries)


def warnings(document: Any) -> list[ReadWarning]:
    """What the file holds beside its pages."""
    import pypdfium2.raw as pdfium

    found = []
    if pdfium.FPDF_GetFormType(document) in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        message = "an XFA form: what was filled in may not be in its pages; print it to PDF and read that"
        found.append(ReadWarning(code="xfa_form", message=message))
    if (count := pdfium.FPDFDoc_GetAttachmentCount(document)) > 0:
        found.append(ReadWarning(code="attachments", message=f"{count} files attached inside the PDF were not read"))
    return found
