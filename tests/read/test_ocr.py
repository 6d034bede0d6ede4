import io
import shutil

import pytest
from office_files import pdf

from docreview.config import Settings
from docreview.errors import ConfigError, ReadError
from docreview.read import read

WORDS = "The liability of either party"
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="the program tesseract is absent")
OCR = Settings(ocr=True)


def picture(kind="PNG", pages=1):
    from PIL import Image, ImageDraw, ImageFont

    sheets = []
    for number in range(1, pages + 1):
        sheet = Image.new("L", (1400, 300), 255)
        ImageDraw.Draw(sheet).text((60, 100), f"{WORDS} {number}", fill=0, font=ImageFont.load_default(size=60))
        sheets.append(sheet)
    out = io.BytesIO()
    more = {"save_all": True, "append_images": sheets[1:]} if pages > 1 else {}
    sheets[0].save(out, kind, **more)
    return out.getvalue()


def scan(*, stamp=""):
    """A PDF whose first page has text and whose second page is a picture of text."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(700, 150))
    sheet.drawString(72, 100, "A page with text.")
    sheet.showPage()
    sheet.drawImage(ImageReader(io.BytesIO(picture())), 0, 0, 700, 150)
    if stamp:
        sheet.drawString(10, 10, stamp)
    sheet.save()
    return out.getvalue()


@pytest.fixture
def written(tmp_path):
    def write(data, name):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


@needs_tesseract
def test_a_scanned_page_is_read_only_when_asked(written):
    file = written(scan(), "a.pdf")
    plain, read_out = read(file), read(file, settings=OCR)
    assert plain.unread_pages == (2,)
    assert read_out.unread_pages == ()
    assert read_out[read_out.pages[1].span] == f"{WORDS} 1"
    assert [(warning.code, warning.page) for warning in read_out.warnings] == [("ocr", 2)]
    assert "confidence" in read_out.warnings[0].message
    assert plain.id != read_out.id


@needs_tesseract
def test_a_scan_with_a_stamp_is_noticed(written):
    file = written(scan(stamp="ACME-000017"), "a.pdf")
    assert [(warning.code, warning.page) for warning in read(file).warnings] == [("picture_page", 2)]
    assert WORDS in read(file, settings=OCR).text


@needs_tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_pictures(written, kind):
    pages = 2 if kind == "TIFF" else 1
    file = written(picture(kind, pages), f"a.{kind.lower()}")
    found = read(file, settings=OCR)
    assert [found[page.span] for page in found.pages] == [f"{WORDS} {n}" for n in range(1, pages + 1)]
    with pytest.raises(ReadError, match="--ocr"):
        read(file)


@needs_tesseract
def test_what_ocr_can_t_do_is_said(written):
    with pytest.raises(ConfigError, match="xyz"):
        read(written(scan(), "a.pdf"), settings=Settings(ocr=True, ocr_language="xyz"))
    with pytest.raises(ReadError) as caught:
        read(written(picture()[:400], "cut.png"), settings=OCR)
    assert caught.value.code == "damaged"
    left = read(written(scan(), "a.pdf"), settings=Settings(ocr=True, ocr_seconds=0.5))
    assert left.unread_pages == (2,)


def test_a_missing_program_is_named(written, monkeypatch):
    from docreview.read import ocr

    ocr.require.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match="tesseract"):
        read(written(pdf([["x"]]), "a.pdf"), settings=OCR)
    ocr.require.cache_clear()
