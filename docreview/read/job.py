"""What runs in the parsers' process: bytes in, a whole document as plain data out."""

from __future__ import annotations

import re
import sys
import zlib
from dataclasses import replace
from typing import Any, Final

from docreview._json import plain
from docreview.config import MIB
from docreview.errors import ReadError
from docreview.read import boxes, picture
from docreview.read.draft import Draft
from docreview.read.ocr import Ocr, read_image
from docreview.types import ReadWarning, Section

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
_DIRECTION: Final = re.compile("[\u202a\u202b\u202d\u202e\u2066-\u2068]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DEEP: Final = 5000


def run(job: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Parse one document.

    Args:
        job: `name`, `kind`, `engine`, `password`, `seconds`, `max_text_mib`, `ocr`, `ocr_language`, `ocr_seconds`; for
            kind "boxes" what `docreview.read.boxes.find` takes, for "picture" what `docreview.read.picture.draw` takes.
        data: The file.

    Returns:
        `{"document": ...}` with all of a `Document` but its id and source, and its `media_type`; or
        `{"error": {"code", "message", "page"}}`.
    """
    sys.setrecursionlimit(_DEEP)
    try:
        if job["kind"] == "boxes":
            return {"boxes": boxes.find(job, data)}
        if job["kind"] == "picture":
            return picture.draw(job, data)
        return {"document": _finished(_parsed(job, data), job)}
    except ReadError as error:
        return {"error": {"code": error.code, "message": error.reason, "page": error.page}}
    except RecursionError:
        return {"error": {"code": "damaged", "message": "its parts are nested too deeply", "page": None}}
    except zlib.error:
        return {"error": {"code": "damaged", "message": "its compressed data are broken", "page": None}}


def _parsed(job: dict[str, Any], data: bytes) -> Draft:
    kind, name = job["kind"], job["name"]
    ocr = Ocr(job["ocr_language"], job["ocr_seconds"]) if job["ocr"] else None
    if kind == "pdf":
        from docreview.read.pdf import read_pdf

        password, engine, seconds = job["password"], job["engine"], job["seconds"]
        return read_pdf(data, name, password=password, engine=engine, seconds=seconds, ocr=ocr)
    if kind == "image":
        return read_image(data, name, ocr)
    if kind == "zip":
        from docreview.read.package import read_package

        return read_package(data, name)
    if kind == "html":
        from docreview.read.html import read_html

        return read_html(data, name)
    if kind == "eml":
        from docreview.read.eml import read_eml

        return read_eml(data, name)
    if kind == "rtf":
        from docreview.read.rtf import read_rtf

        return read_rtf(data, name)
    from docreview.read.text import read_text

    return read_text(data, name)


def _finished(draft: Draft, job: dict[str, Any]) -> dict[str, Any]:
    """Checks that hold for every format, then the structure of the text."""
    from docreview.read.structure import find_sections, find_terms

    text = _SURROGATE.sub("\ufffd", draft.text)
    if len(text) > job["max_text_mib"] * MIB:
        raise ReadError(job["name"], "too_large", f"{len(text):,} characters of text, over {job['max_text_mib']} Mi")
    if not text.strip():
        besides = "".join(f"; {warning.message}" for warning in draft.warnings)
        raise ReadError(job["name"], "empty", f"there is no text in it{besides}")
    sections = draft.sections
    if sections is None or (sections and not draft.turns):  # of talk the format alone knows the sections
        sections = _sections(sections or (), find_sections(text))
    terms = () if draft.turns else find_terms(text)
    known = {warning.code for warning in draft.warnings}
    odd = [warning for warning in _odd_characters(text) if warning.code not in known]
    draft = replace(draft, text=text, sections=sections, warnings=(*draft.warnings, *odd))
    return {**plain(draft), "terms": plain(terms)}


def _sections(styled: tuple[Section, ...], found: tuple[Section, ...]) -> tuple[Section, ...]:
    """Headings as the file styles them, unless they are so few that the text itself shows many more."""
    return styled if len(styled) >= 3 and 2 * len(styled) >= len(found) else found


def _odd_characters(text: str) -> list[ReadWarning]:
    warnings = []
    if controls := _CONTROL.findall(text):
        nuls = controls.count("\0")
        message = f"{len(controls)} control characters in the text" + (f", {nuls} of them NUL" if nuls else "")
        warnings.append(ReadWarning(code="control_characters", message=message))
    if turns := _DIRECTION.findall(text):
        message = f"{len(turns)} characters that change the direction of writing: what is shown may read differently"
        warnings.append(ReadWarning(code="direction_characters", message=message))
    if lost := text.count("\ufffd"):
        warnings.append(ReadWarning(code="lost_characters", message=f"{lost} characters could not be decoded"))
    return warnings
