import io
import os

import pytest
from office_files import pdf

from docreview.config import Settings
from docreview.errors import ReadError
from docreview.read import pdf_boxes, pool, read
from docreview.read.pdf import read_pdf
from docreview.read.quality import garbled
from docreview.types import Span

CLAUSE = "The liability of either party shall not exceed one million euros."
LONG = "Either party may terminate this agreement at any time by giving ninety days of notice to"


@pytest.fixture
def written(tmp_path):
    def write(data, name="a.pdf"):
        file = tmp_path / name
        file.write_bytes(data)
        return file

    return write


FONT = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def raw_pdf(content, *, resources=f"<< {FONT} >>", more=()):
    """A PDF of one page by hand; `more` are objects from number 10 on."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources {resources} >>",
        4: f"<< /Length {len(content)} >> stream\n{content}\nendstream",
        **dict(enumerate(more, 10)),
    }
    out = "%PDF-1.4\n"
    table = ["0000000000 65535 f "]
    for number in range(1, max(objects) + 1):
        table.append(f"{len(out):010} 00000 n " if number in objects else "0000000000 65535 f ")
        out += f"{number} 0 obj {objects[number]} endobj\n" if number in objects else ""
    rows = "\n".join(table)
    tail = f"trailer << /Root 1 0 R /Size {len(table)} >>\nstartxref\n{len(out)}\n%%EOF"
    return (out + f"xref\n0 {len(table)}\n{rows}\n" + tail).encode("latin-1")


def test_pages_have_their_own_text_and_paragraphs_are_apart(written):
    pages = [["1. Liability.", CLAUSE, None, "2. Law.", "Austria."], [], ["The end."]]
    found = read(written(pdf(pages, title="The Lease")))
    assert found.metadata["title"] == "The Lease"
    texts = [found[page.span] for page in found.pages]
    assert texts == [f"1. Liability.\n{CLAUSE}\n\n2. Law.\nAustria.", "\n", "The end."]
    assert found.text == texts[0] + "\n\n" + texts[1] + "\n\n" + texts[2]
    assert not found.unread_pages


def test_a_sentence_goes_on_over_a_page_number(written):
    pages = [[LONG, LONG, LONG, None, None, "1"], ["the other party.", "It may", "do so.", None, None, "2"]]
    assert read(written(pdf(pages))).text == "\n".join([LONG] * 3) + "\n1\nthe other party.\nIt may\ndo so.\n\n2"


def test_both_engines_find_the_same_words(written):
    data = pdf([[CLAUSE, LONG], [CLAUSE]])
    ours, theirs = (read_pdf(data, "a.pdf", engine=engine).text.split() for engine in ("pdfium", "pypdf"))
    assert ours == theirs


def test_a_hyphen_at_a_line_end_stays_with_its_line_break(written):
    found = read(written(pdf([["This agree-", "ment is made."]])))
    assert found.text == "This agree-\nment is made."


def test_a_page_without_text_layer_is_named_and_not_read(written):
    from pypdf import PdfReader, PdfWriter

    drawn = raw_pdf("10 10 m 300 300 l S")
    writer = PdfWriter()
    for data in (pdf([[CLAUSE]]), drawn):
        writer.append(PdfReader(io.BytesIO(data)))
    file = written(b"")
    writer.write(file)
    found = read(file)
    assert found.unread_pages == (2,)
    assert [(warning.code, warning.page) for warning in found.warnings] == [("no_text_layer", 2)]
    with pytest.raises(ReadError, match="OCR") as caught:
        read(written(drawn))
    assert caught.value.code == "empty"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n", "damaged"),
        (b"not a PDF at all", "damaged"),
        (raw_pdf(""), "empty"),
        (raw_pdf("BT /F1 12 Tf 72 700 Td (\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10) Tj ET"), "garbled"),
    ],
    ids=["header only", "text", "blank", "controls"],
)
def test_what_can_t_be_read_says_so(written, data, code):
    with pytest.raises(ReadError) as caught:
        read(written(data))
    assert caught.value.code == code


@pytest.mark.parametrize("engine", ["pdfium", "pypdf"])
def test_passwords(engine):
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = pdf([[CLAUSE]], encrypt=StandardEncryption("opens sesame", ownerPassword="owner", strength=128))
    for password in (None, "wrong"):
        with pytest.raises(ReadError) as caught:
            read_pdf(locked, "a.pdf", password=password, engine=engine)
        assert caught.value.code == "encrypted"
    assert read_pdf(locked, "a.pdf", password="opens sesame", engine=engine).text == CLAUSE
    owned = pdf([[CLAUSE]], encrypt=StandardEncryption("", ownerPassword="owner", strength=128))
    assert read_pdf(owned, "a.pdf", engine=engine).text == CLAUSE


def test_filled_in_form_fields_are_read(written):
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    sheet.drawString(72, 700, "Name of the tenant:")
    sheet.acroForm.textfield(name="tenant", value="Thornfield Analytics Ltd", x=200, y=690, width=200, height=20)
    sheet.save()
    assert "Thornfield Analytics Ltd" in read(written(out.getvalue())).text


def test_labels_and_outline(written):
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    for number in (1, 2):
        sheet.drawString(72, 700, f"Text of page {number}.")
        sheet.bookmarkPage(f"p{number}")
        sheet.addOutlineEntry(f"Chapter {number}", f"p{number}", level=0)
        sheet.showPage()
    sheet.addPageLabel(0, "ROMAN_LOWER", 4)
    sheet.save()
    data = out.getvalue()
    for draft in (read_pdf(data, "a.pdf"), read_pdf(data, "a.pdf", engine="pypdf")):
        assert [(entry.title, entry.level, entry.page) for entry in draft.outline] == [
            ("Chapter 1", 1, 1),
            ("Chapter 2", 1, 2),
        ]
        assert [page.label for page in draft.pages] == ["iv", "v"]


@pytest.mark.slow
def test_a_page_that_kills_pdfium_does_no_harm(written):
    """Each form draws the next one twice, 29 deep: PDFium's process ends, or runs out of time; so may pypdf's."""
    form = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {} 0 R >> >> /Length 11 >>"
    forms = [form.format(11 + i) + " stream\n/X Do /X Do\nendstream" for i in range(29)]
    forms.append("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 1 >> stream\n \nendstream")
    data = raw_pdf(
        f"BT /F1 12 Tf 72 700 Td ({CLAUSE}) Tj ET /X Do",
        resources=f"<< {FONT} /XObject << /X 10 0 R >> >>",
        more=forms,
    )
    try:
        found = read(written(data), settings=Settings(read_seconds=10))
    except ReadError as error:
        assert error.code in ("timeout", "memory", "crashed")  # noqa: PT017
    else:
        assert CLAUSE in found.text
    assert read(written(pdf([[CLAUSE]]), "b.pdf")).text == CLAUSE


def turned(rotation):
    """A PDF whose second page is written sideways and shown upright."""
    from pypdf import PdfReader, PdfWriter
    from reportlab.pdfgen import canvas

    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(595, 842))
    sheet.drawString(72, 700, "First.")
    sheet.showPage()
    sheet.rotate(rotation)
    sheet.translate(*{0: (0, 0), 90: (0, -595), 180: (-595, -842), 270: (-842, 0)}[rotation])
    sheet.drawString(72, 400, "Some words here.")
    sheet.drawString(72, 386, CLAUSE)
    sheet.save()
    writer = PdfWriter(clone_from=PdfReader(out))
    writer.pages[1].rotate(rotation)
    shown = io.BytesIO()
    writer.write(shown)
    return shown.getvalue()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_lie_where_the_words_are_shown(written, rotation):
    file = written(turned(rotation))
    document = read(file)
    span = Span(document.text.index("words here"), document.text.index("liability") + len("liability"))
    first, second = pdf_boxes(file, document, span)
    height = 842 if rotation % 180 == 0 else 595
    assert (first.page, second.page) == (2, 2)
    assert first.x0 == pytest.approx(72 + 35, abs=4)
    assert second.x0 == pytest.approx(72, abs=1)
    assert first.y0 < height - 400 < first.y1  # the base line lies in the box
    assert second.y0 < height - 386 < second.y1
    assert 30 < first.x1 - first.x0 < 80
    assert 8 < first.y1 - first.y0 < 16
    assert pdf_boxes(file, document, Span(0, 6))[0].page == 1


def test_boxes_need_the_same_file(written):
    document = read(written(pdf([[CLAUSE]])))
    changed = written(pdf([["Another text."]]))
    with pytest.raises(ReadError, match="changed"):
        pdf_boxes(changed, document, Span(0, 3))


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("", False),
        (CLAUSE, False),
        ("1. Definitions ............................................ 4", False),
        ("$1,200.00 (5)% 1/2/2020 +49(0)30-1234 12.5 % 3-4 $(7) 100 0", False),
        ("\u2610 Yes \u2612 No ___________ \u00a7\u00a7 4, 5", False),
        ("\u672c\u5951\u7d04\u306f\u65e5\u672c\u6cd5\u306b\u6e96\u62e0\u3059\u308b\u3002", False),
        ("\u0e2a\u0e31\u0e0d\u0e0d\u0e32\u0e09\u0e1a\u0e31\u0e1a\u0e19\u0e35\u0e49", False),
        ("\ue001\ue002\ue003 \ue004\ue005 agreement", True),
        ("7KLV\x03$JUHHPHQW\x03LV\x03PDGH", True),
        ("5(&20('$&,\u00cf1", True),
        ("/12/7/33 /4/18 /77/3", True),
        ("(cid:12)(cid:7)(cid:33)", True),
        ("\ufffd\ufffd\ufffd\ufffd x", True),
    ],
)
def test_garbled_text_is_told_from_odd_text(text, bad):
    assert garbled(text) is bad


def test_the_real_contracts_have_their_published_words(shared):
    import re
    from collections import Counter

    def words(text):
        return Counter(re.findall(r"\w+", text.replace("-\n", "").replace("-", "").lower()))

    files = sorted((shared / "cuad/dev/pdf").glob("*.pdf"), key=os.path.getsize)[:12]
    for file in files:
        ours = words(read(file).text)
        theirs = words((shared / "cuad/dev/contracts" / f"{file.stem}.txt").read_text(encoding="utf-8"))
        assert (ours & theirs).total() >= 0.95 * theirs.total(), file.name


@pytest.mark.slow
def test_many_threads_read_at_once(written):
    from concurrent.futures import ThreadPoolExecutor

    files = [written(pdf([[f"Document number {i}."]]), f"{i}.pdf") for i in range(12)]
    with ThreadPoolExecutor(4) as threads:
        texts = list(threads.map(lambda file: read(file).text, files))
    assert texts == [f"Document number {i}." for i in range(12)]
    pool.close()
    assert read(files[0]).text == texts[0]
