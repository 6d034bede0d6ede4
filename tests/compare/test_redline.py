"""The redline: accepting all is the new text, rejecting all the old one, and word processors open it."""

import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace

import lxml.html
import pytest
from compare_samples import CONTRACT, TABLE, W, document, resolved, squeezed
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from typer.testing import CliRunner

import docreview
from docreview.cli import app
from docreview.compare import compare
from docreview.compare.page import comparison_page
from docreview.compare.redline import redline
from docreview.compare.show import lines, plain
from docreview.types import Page, Span

PART = CONTRACT[CONTRACT.index("2. FEES") : CONTRACT.index("3. TERM")]
CHANGES = [
    ("nothing", lambda t: t),
    ("a word", lambda t: t.replace("thirty (30)", "sixty (60)")),
    ("a clause added", lambda t: t.replace("3. TERM", "2.3 Interest is due on sums paid late.\n\n3. TERM")),
    ("a clause added at the end", lambda t: t + "\n\n7. LAST\n\n7.1 This is the last clause of all.\n"),
    ("a clause removed", lambda t: t.replace(PART, "")),
    ("a clause moved and changed", lambda t: t.replace(PART, "") + PART.replace("40,000", "41,000")),
    ("a cell", lambda t: t.replace("118.40", "128.40")),
    ("a paragraph split", lambda t: t.replace(" and goes on", "\n\nand goes on")),
    ("paragraphs joined", lambda t: t.replace("FEES\n\n2.1", "FEES 2.1")),
    ("everything", lambda t: "Something else entirely.\n\nIn two paragraphs."),
    ("all of it gone", lambda t: ""),
]


@pytest.mark.parametrize(("what", "change"), CHANGES)
def test_accepting_all_is_the_new_text_and_rejecting_all_the_old(what, change):
    old, new = document(CONTRACT + TABLE), document(change(CONTRACT + TABLE))
    made = redline(compare(old, new))
    assert resolved(made, accept=True) == new.text, what
    assert resolved(made, accept=False) == old.text, what
    assert made == redline(compare(old, new))


PIECES = [*"shall not 30 ( ) the Buyer . 1.1 甲 <&>".split(), "\n\n", "\n", "\t", "  ", "\n\n\n"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)


@given(WORDS, WORDS)
@example("( ( shall", "( \n\n (")
def test_any_two_texts(a, b):
    made = redline(compare(document(a), document(b)))
    assert resolved(made, accept=True) == b
    assert squeezed(resolved(made, accept=False)) == squeezed(a)


@pytest.fixture
def pair(tmp_path, corpora):
    """A lease and an edited copy of it, as files."""
    old = corpora / "contracts" / "lease.docx"
    new = tmp_path / "new.txt"
    text = docreview.read(old).text
    new.write_text(
        text.replace("seven (7) years", "nine (9) years").replace("is not liable", "is liable"), encoding="utf-8"
    )
    return old, new


def test_our_own_reader_reads_it_with_its_changes(pair, tmp_path):
    old, new = map(docreview.read, pair)
    file = tmp_path / "redline.docx"
    file.write_bytes(redline(compare(old, new)))
    read = docreview.read(file)
    assert read.text == new.text.strip()
    assert {warning.code for warning in read.warnings} == {"tracked_changes", "comments"}


def test_comments_name_what_matters(pair):
    old, new = map(docreview.read, pair)
    with zipfile.ZipFile(io.BytesIO(redline(compare(old, new)))) as package:
        comments = etree.fromstring(package.read("word/comments.xml"))
        body = etree.fromstring(package.read("word/document.xml"))
    assert ["".join(c.itertext()) for c in comments] == [
        "Number changed: “seven (7)” → “nine (9)”",
        "Obligation turned: “not” → “”",
    ]
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference"):
        assert [node.get(f"{W}id") for node in body.iter(W + name)] == ["0", "1"]
    changes = [node.get(f"{W}id") for node in body.iter(f"{W}ins", f"{W}del")]
    assert len(changes) == len(set(changes))


def test_characters_that_xml_cannot_hold_do_not_break_it():
    made = redline(compare(document("a \x00 b"), document("a \x0b c \x1b")))
    assert resolved(made, accept=True) == "a \ufffd c \ufffd"


def test_python_docx_opens_it(pair):
    docx = pytest.importorskip("docx")
    made = docx.Document(io.BytesIO(redline(compare(*map(docreview.read, pair)))))
    assert any("OAKLINE" in paragraph.text for paragraph in made.paragraphs)


@pytest.mark.slow
def test_libreoffice_opens_it(pair, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed (soffice)")
    (tmp_path / "redline.docx").write_bytes(redline(compare(*map(docreview.read, pair))))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [office, profile, "--headless", "--convert-to", "fodt", "--outdir", tmp_path, tmp_path / "redline.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    made = etree.parse(tmp_path / "redline.fodt")
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    assert len(list(made.iter(f"{text}insertion"))) == 1
    assert len(list(made.iter(f"{text}deletion"))) == 2
    assert len(list(made.iter("{urn:oasis:names:tc:opendocument:xmlns:office:1.0}annotation"))) == 2


def test_the_page_holds_both_texts_and_nothing_live():
    attack = '7. <script>alert(1)</script> & "x" onload=alert(1)\n\n'
    old, new = document(CONTRACT + attack), document((CONTRACT + attack).replace(PART, "") + PART)
    root = lxml.html.document_fromstring(comparison_page(compare(old, new)))
    assert len(root.findall(".//script")) == 1  # the page's own
    for name, text in (("old", old.text), ("new", new.text)):
        shown = root.xpath(f"//div[contains(@class, 'sides')]/div[@class='{name}']")
        held = "".join(div.text_content() for div in shown)
        assert all(line in held for line in text.split("\n\n"))
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_the_page_can_show_some_kinds_alone():
    old = document(
        "1. Fees\nThe fee is $5.\n\n2. Law\nIrish law governs.\n\n3. Delivery\nSupplier shall deliver the goods.\n"
    )
    new = document(old.text.replace("$5", "$9").replace("shall", "may"))
    comparison = compare(old, new)
    root = lxml.html.document_fromstring(comparison_page(comparison, kinds={"money"}))
    assert {mark.get("title") for mark in root.iter("mark")} == {"money"}
    assert [each.text_content() for each in root.iter("summary")] == ["1 unchanged", "1 with other differences"]
    assert "Supplier may deliver" in root.text_content(), "folded away, not left out"
    everything = comparison_page(comparison, kinds=set(comparison.counts()))
    assert everything == comparison_page(comparison)


def test_the_command_writes_all_three(pair, tmp_path):
    old, new = map(str, pair)
    html, docx = tmp_path / "c.html", tmp_path / "r.docx"
    result = CliRunner().invoke(app, ["compare", old, new, "--html", str(html), "--redline", str(docx)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "1 obligation, 1 number"
    assert "    number: “seven (7)” → “nine (9)”" in result.stdout.splitlines()
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert zipfile.is_zipfile(docx)
    data = json.loads(CliRunner().invoke(app, ["compare", old, new, "--json"]).stdout)
    assert data["counts"] == {"obligation": 1, "number": 1}
    (number,) = [d for p in data["pairs"] for d in p["differences"] if d["kind"] == "number"]
    start, end = number["new"]["span"]
    assert docreview.read(new).text[start:end] == number["new"]["text"] == "nine (9)"


def test_pages_that_could_not_be_read_are_named():
    old = document(CONTRACT)
    new = replace(old, pages=(Page(number=1, span=Span(0, len(CONTRACT))), Page(number=2, span=None)))
    comparison = compare(old, new)
    said = "not compared: page 2 of the new document could not be read"
    assert list(lines(comparison)) == ["no differences", said]
    assert said in comparison_page(comparison)
    assert plain(comparison)["new"]["unread_pages"] == [2]
