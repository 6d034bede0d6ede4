"""Reading pictures of text with tesseract (the `ocr` extra and the program of that name on the system)."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any, Final

from docreview.errors import ConfigError, MissingExtra, ReadError
from docreview.read.draft import Draft
from docreview.types import Page, ReadWarning, Span

_PAGE_SECONDS: Final = 90.0
_MOST_FRAMES: Final = 1000
_LEAST_CONFIDENT: Final = 0.0  # tesseract gives -1 to what is no word


@lru_cache(maxsize=8)
def require(language: str) -> None:
    """Check that OCR can run.

    Raises:
        MissingExtra: The Python packages are missing.
        ConfigError: The program or the language's data are missing.
    """
    if find_spec("pytesseract") is None or find_spec("PIL") is None:
        raise MissingExtra("OCR", "ocr")
    if shutil.which("tesseract") is None:
        advice = (
            "needs the program tesseract: apt install tesseract-ocr, brew install tesseract, or its Windows installer"
        )
        raise ConfigError("settings", "ocr", advice)
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()
    if missing := [part for part in language.split("+") if part not in listed]:
        raise ConfigError("settings", "ocr_language", f"tesseract has no data for {'+'.join(missing)}; install them")


class Ocr:
    """One document's OCR, with the time that is left for it."""

    def __init__(self, language: str, seconds: float) -> None:
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # four threads for a page cost twice the work
        self._language = language
        self._deadline = time.monotonic() + seconds

    def read(self, picture: Callable[[], Any]) -> tuple[str, float] | None:
        """Text of a picture and the mean confidence of its words (0..100); None when the time is up."""
        import pytesseract

        left = self._deadline - time.monotonic()
        if left <= 1:
            return None
        try:
            found = pytesseract.image_to_data(
                picture(),
                lang=self._language,
                timeout=min(left, _PAGE_SECONDS),
                output_type=pytesseract.Output.DICT,
            )
        except (RuntimeError, pytesseract.TesseractError):  # over its time, or a picture it can't take
            return "", 0.0
        return _text_of(found)


def _text_of(found: dict[str, list[Any]]) -> tuple[str, float]:
    """Words put together as tesseract saw them: a line a line, a blank line between paragraphs."""
    parts: list[str] = []
    confidences = []
    last: tuple[int, ...] = ()
    for i, word in enumerate(found["text"]):
        confidence = float(found["conf"][i])
        if confidence < _LEAST_CONFIDENT or not word.strip():
            continue
        place = (found["block_num"][i], found["par_num"][i], found["line_num"][i])
        if last:
            parts.append(" " if place == last else "\n" if place[:2] == last[:2] else "\n\n")
        parts.append(word)
        confidences.append(confidence)
        last = place
    return "".join(parts), sum(confidences) / len(confidences) if confidences else 0.0


def read_image(data: bytes, name: str, ocr: Ocr | None) -> Draft:
    """A picture file (PNG, JPEG, TIFF with one or more pages).

    Raises:
        ReadError: "unsupported" without OCR; "damaged", "too_large"; "empty" when no text was found.
    """
    if ocr is None:
        raise ReadError(name, "unsupported", "a picture; run OCR on it (--ocr)")
    from PIL import Image, UnidentifiedImageError

    try:
        texts = _frames_read(data, name, ocr)
    except Image.DecompressionBombError:
        raise ReadError(name, "too_large", "the picture has too many dots") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise ReadError(name, "damaged", "the picture can't be opened") from None
    return _draft_of(texts, name)


def _frames_read(data: bytes, name: str, ocr: Ocr) -> list[tuple[str, float] | None]:
    from PIL import Image, ImageSequence

    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF")) as image:
        if getattr(image, "n_frames", 1) > _MOST_FRAMES:
            raise ReadError(name, "too_large", f"over {_MOST_FRAMES:,} pages in one picture file")
        return [ocr.read(partial(frame.convert, "L")) for frame in ImageSequence.Iterator(image)]


def _draft_of(texts: list[tuple[str, float] | None], name: str) -> Draft:
    if not any(found and found[0] for found in texts):
        raise ReadError(name, "empty", "OCR found no text in it")
    pages, warnings, parts = [], [], []
    size = 0
    for number, found in enumerate(texts, 1):
        text, confidence = found or ("", 0.0)
        pages.append(Page(number=number, span=Span(size, size + len(text)) if text else None))
        code, message = ("ocr", f"read by OCR, mean confidence {confidence:.0f} of 100")
        if not text:
            code, message = "no_text_found", "OCR found no text in time; not read"
        warnings.append(ReadWarning(code=code, message=message, page=number))
        if text:
            parts.append(text)
            size += len(text) + 2
    return Draft(text="\n\n".join(parts), media_type="image/*", pages=tuple(pages), warnings=tuple(warnings))
