"""PDF files: PDFium reads, pypdf is asked where PDFium's text is doubtful and takes over where it fails.

Text is as extracted: one line of text for each printed line, a blank line between paragraphs where the distance
shows one, a hyphen that was printed at a line's end kept as "-" before its line break. Characters that stand for
nothing (controls) become U+FFFD. Only ever run in a child process.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read import pdf_pdfium, pdf_pypdf
from docreview.read.draft import Draft
from docreview.read.ocr import Ocr
from docreview.read.pdf_lines import joints, page_text, paragraph_starts, shown
from docreview.read.quality import doubtful, garbled, suspect, unreadable
from docreview.types import OutlineEntry, Page, ReadWarning, Span

MOST_PAGES: Final = 20_000
_JUDGE_PAGES: Final = 12
_JUDGE_SECONDS: Final = 6.0
_DOUBTED: Final = ("damaged_page", "garbled")
_STAMP: Final = 200  # characters; a picture over the page with less text on it is rather a scan with a stamp
_WORDS: Final = re.compile(r"\w{2,}")


@dataclass(slots=True)
class _Sheet:
    """A page while it is looked at. `problem` is a warning code when its text can't be used."""

    text: str
    blank: bool = False
    problem: str = ""
    note: str = ""
    confidence: float = 0.0  # of OCR, 0..100


@dataclass(slots=True)
class _Facts:
    labels: list[str]
    outline: tuple[OutlineEntry, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    warnings: list[ReadWarning] = field(default_factory=list)


def read_pdf(
    data: bytes,
    name: str,
    *,
    password: str | None = None,
    engine: str = "pdfium",
    seconds: float = 50.0,
    ocr: Ocr | None = None,
) -> Draft:
    """A PDF as text with pages.

    Args:
        engine: "pdfium", or "pypdf" where PDFium has died on the file.
        seconds: Pages that pypdf can't do in this time count as not read.
        ocr: What reads pages without usable text; without it they count as not read.

    Raises:
        ReadError: The file can't be opened; or no page has text: "empty" or "garbled".
    """
    found = None
    if engine == "pdfium":
        with suppress(_Unopened):
            found = _by_pdfium(data, name, password, ocr)
    sheets, facts = found or _by_pypdf(data, name, password, seconds)
    return _draft(name, sheets, facts)


class _Unopened(Exception):
    """PDFium can't open the file; pypdf may."""


def _by_pdfium(data: bytes, name: str, password: str | None, ocr: Ocr | None) -> tuple[list[_Sheet], _Facts]:
    try:
        with pdf_pdfium.opened(data, name, password) as document:
            return _all_of(document, data, name, password, ocr)
    except ReadError as error:
        if error.code == "encrypted" and (not password or password.isascii()):
            raise
        raise _Unopened from None


def _all_of(
    document: Any, data: bytes, name: str, password: str | None, ocr: Ocr | None
) -> tuple[list[_Sheet], _Facts]:
    count = _page_count(len(document), name)
    sheets = [_sheet(document, i) for i in range(count)]
    facts = _Facts(
        labels=pdf_pdfium.labels(document, count),
        outline=pdf_pdfium.outline(document, count),
        metadata=pdf_pdfium.metadata(document),
        warnings=pdf_pdfium.warnings(document),
    )
    _ask_second_engine(data, name, password, sheets)
    if ocr is not None:
        _ask_ocr(document, sheets, ocr)
    return sheets, facts


def _page_count(count: int, name: str) -> int:
    if count == 0:
        raise ReadError(name, "empty", "the file has no page")
    if count > MOST_PAGES:
        raise ReadError(name, "too_large", f"{count:,} pages, at most {MOST_PAGES:,} are read; split it")
    return count


def _sheet(document: Any, index: int) -> _Sheet:
    import pypdfium2

    try:
        with pdf_pdfium.text_page(document, index) as (page, layer):
            lines = pdf_pdfium.lines_of(layer)
            text, _ = page_text(lines, paragraph_starts(lines))
            blank = not text and pdf_pdfium.is_blank(page)
            stamped = 0 < len(text) < _STAMP and pdf_pdfium.mostly_picture(page)
    except pypdfium2.PdfiumError:
        return _Sheet("", problem="damaged_page")
    if not text:
        return _Sheet("", blank=blank, problem="no_text_layer")
    note = "suspect_text" if suspect(text) else "picture_page" if stamped else ""
    return _Sheet(text, problem="garbled" if garbled(text) else "", note=note)


def _ask_ocr(document: Any, sheets: Sequence[_Sheet], ocr: Ocr) -> None:
    """Let OCR read the pages without usable text, as far as its time goes."""
    for index, sheet in enumerate(sheets):
        if sheet.blank or not (sheet.problem or sheet.note in ("picture_page", "suspect_text")):
            continue
        found = ocr.read(partial(pdf_pdfium.rendered, document, index))
        if found is None:
            return
        text, confidence = found
        unusable = sheet.problem or sheet.note == "suspect_text"
        if text and (unusable or len(_WORDS.findall(text)) > len(_WORDS.findall(sheet.text))):
            sheet.text, sheet.problem, sheet.note, sheet.confidence = text, "", "ocr", confidence
        elif sheet.problem == "no_text_layer":
            sheet.problem = "no_text_found"


def _ask_second_engine(data: bytes, name: str, password: str | None, sheets: Sequence[_Sheet]) -> None:
    """Let pypdf read the pages whose text is doubtful or missing, the first few of each kind, and take the better."""
    wanted = [i for i, sheet in enumerate(sheets) if sheet.problem in _DOUBTED or doubtful(sheet.text)]
    empty = [i for i, sheet in enumerate(sheets) if not sheet.text and not sheet.blank and i not in wanted]
    blank = [i for i, sheet in enumerate(sheets) if sheet.blank]
    asked = sorted(set(wanted[:_JUDGE_PAGES]) | set(empty[: _JUDGE_PAGES // 2]))
    if not asked and not blank:
        return
    others: dict[int, str] = {}
    truly_blank: set[int] = set()
    with suppress(ReadError):
        reader = pdf_pypdf.opened(data, name, password)
        others = pdf_pypdf.texts(reader, asked, _JUDGE_SECONDS)
        truly_blank = pdf_pypdf.blanks(reader, blank, _JUDGE_SECONDS)
    for index in blank:
        sheets[index].blank = index in truly_blank
    for index, other in others.items():
        _judge(sheets[index], other.strip())


def _judge(sheet: _Sheet, other: str) -> None:
    if not other or garbled(other):
        return
    if not sheet.text or sheet.problem:
        sheet.text, sheet.problem, sheet.note = other, "", "other_engine"
    elif unreadable(other) < unreadable(sheet.text) and len(_WORDS.findall(other)) >= len(_WORDS.findall(sheet.text)):
        sheet.text, sheet.note = other, "other_engine"


def _by_pypdf(data: bytes, name: str, password: str | None, seconds: float) -> tuple[list[_Sheet], _Facts]:
    deadline = time.monotonic() + seconds * 0.9
    reader = pdf_pypdf.opened(data, name, password)
    count = _page_count(len(reader.pages), name)
    facts = _Facts(
        labels=pdf_pypdf.labels(reader, count),
        outline=pdf_pypdf.outline(reader),
        metadata=pdf_pypdf.metadata(reader),
        warnings=[ReadWarning(code="other_engine", message="PDFium could not read the file; pypdf did")],
    )
    texts = pdf_pypdf.texts(reader, range(count), deadline - time.monotonic())
    return [_pypdf_sheet(texts.get(i)) for i in range(count)], facts


def _pypdf_sheet(text: str | None) -> _Sheet:
    if text is None:
        return _Sheet("", problem="damaged_page")
    text = text.strip()
    return _Sheet(text, problem="garbled" if garbled(text) else "" if text else "no_text_layer")


_PROBLEMS: Final = {
    "no_text_layer": "no text layer (a scan?); not read",
    "damaged_page": "the page is damaged or takes too long; not read",
    "garbled": "the font has no map to characters; not read",
    "no_text_found": "no text layer, and OCR found no text in the picture; not read",
}
_NOTES: Final = {
    "other_engine": "PDFium and pypdf disagree on the page; pypdf's text was better",
    "picture_page": "a picture covers the page and it has little text (a scan with a stamp?); the picture was not read",
    "suspect_text": "many characters could not be decoded, others may be wrong (a font with a wrong map?); try --ocr",
    "ocr": "read by OCR, mean confidence {:.0f} of 100",
}


def _draft(name: str, sheets: Sequence[_Sheet], facts: _Facts) -> Draft:
    readable = [sheet for sheet in sheets if sheet.text and not sheet.problem]
    if not readable:
        raise _nothing(name, sheets)
    parts: list[str] = []
    pages = []
    size = 0
    kept = [_kept(sheet) for sheet in sheets]
    for number, (text, joint) in enumerate(zip(kept, [*_joints(kept), ""], strict=True), 1):
        span = Span(size, size + len(text)) if text else None
        pages.append(Page(number=number, span=span, label=facts.labels[number - 1]))
        parts += (text, joint)
        size += len(text) + len(joint)
    return Draft(
        text="".join(parts),
        media_type="application/pdf",
        pages=tuple(pages),
        outline=facts.outline,
        metadata=facts.metadata,
        warnings=(*facts.warnings, *_page_warnings(sheets)),
    )


def _kept(sheet: _Sheet) -> str:
    """The page's part of the text. A page on which nothing is drawn was read: it is a line break."""
    if sheet.blank:
        return "\n"
    return "" if sheet.problem else shown(sheet.text)


def _joints(kept: Sequence[str]) -> list[str]:
    """As `joints`, over pages that were not read."""
    present = [i for i, text in enumerate(kept) if text]
    found = [""] * (len(kept) - 1)
    for i, joint in zip(present, joints([kept[i] for i in present]), strict=False):
        found[i] = joint
    return found


def _page_warnings(sheets: Sequence[_Sheet]) -> list[ReadWarning]:
    found = []
    for number, sheet in enumerate(sheets, 1):
        if sheet.problem and not sheet.blank:
            found.append(ReadWarning(code=sheet.problem, message=_PROBLEMS[sheet.problem], page=number))
        if sheet.note:
            message = _NOTES[sheet.note].format(sheet.confidence)
            found.append(ReadWarning(code=sheet.note, message=message, page=number))
    return found


def _nothing(name: str, sheets: Sequence[_Sheet]) -> ReadError:
    problems = {sheet.problem for sheet in sheets if not sheet.blank}
    if not problems:
        return ReadError(name, "empty", "its pages are blank")
    if "garbled" in problems:
        return ReadError(name, "garbled", "its fonts have no map to characters; run OCR on it (--ocr)")
    if problems == {"damaged_page"}:
        return ReadError(name, "damaged", "no page could be read; try to repair it, or print it anew")
    return ReadError(name, "empty", f"no text layer on {len(sheets)} pages (a scan?); run OCR on it (--ocr)")
