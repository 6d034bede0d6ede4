"""The dispatcher: types, limits, errors, ids."""

import json
import os

import pytest
from office_files import docx, p, packed, pdf
from typer.testing import CliRunner

from docreview.cli import app
from docreview.config import Settings
from docreview.errors import ReadError
from docreview.read import read

TEXT = "This Agreement is made on 14 March 2023."
REFUSED = {
    "gzip": (b"\x1f\x8b\x08\0\0", "a.txt.gz", "unsupported"),
    "program": (b"MZ\x90\0\x03", "a.exe", "unsupported"),
    "program named as text": (b"MZ\x90\0\x03", "a.txt", "unsupported"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "a.doc", "unsupported"),
    "Outlook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le"),
        "a.msg",
        "unsupported",
    ),
    "encrypted Word": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "a.docx",
        "encrypted",
    ),
    "Word as one XML file": (b"<?xml version='1.0'?><w:wordDocument xmlns:w='x'/>", "a.xml", "unsupported"),
    "film": (b"\0\0\0\x18ftypmp42", "a.mp4", "unsupported"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "a.png", "unsupported"),
    "nothing": (b"", "a.txt", "empty"),
    "white space": (b" \n\t ", "a.txt", "empty"),
    "binary": (bytes(range(256)) * 20, "a.bin", "garbled"),
    "archive": (packed({"a.txt": "x"}), "a.zip", "unsupported"),
    "cut off": (packed({"word/document.xml": "x" * 999})[:80], "a.docx", "damaged"),
    "text named as PDF": (TEXT.encode(), "a.pdf", "damaged"),
    "text named as DOCX": (TEXT.encode(), "a.docx", "damaged"),
}


@pytest.fixture
def written(tmp_path):
    def write(data, name):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


@pytest.mark.parametrize(("data", "name", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_read_says_why(written, data, name, code):
    file = written(data, name)
    with pytest.raises(ReadError) as caught:
        read(file)
    assert caught.value.code == code
    assert str(caught.value).startswith(name)
    assert caught.value.path == str(file)


READ = {
    "text": (TEXT.encode(), "a.txt", "text/plain"),
    "no extension": (TEXT.encode(), "agreement", "text/plain"),
    "unknown extension": (TEXT.encode(), "a.contract", "text/plain"),
    "PDF": (pdf([[TEXT]]), "a.pdf", "application/pdf"),
    "PDF named as text": (pdf([[TEXT]]), "a.txt", "application/pdf"),
    "DOCX named as PDF": (
        docx(p(TEXT)),
        "a.pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "DOCX without extension": (
        docx(p(TEXT)),
        "a",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "RTF in a .doc": (rb"{\rtf1 " + TEXT.encode() + b"}", "a.doc", "application/rtf"),
    "HTML without extension": (b"<!doctype html><p>" + TEXT.encode(), "a", "text/html"),
    "HTML with a comment first": (b"<!-- x --><html><p>" + TEXT.encode(), "a", "text/html"),
    "XHTML": (b"<?xml version='1.0'?><html><body>" + TEXT.encode(), "a.xhtml", "text/html"),
    "capitals": (pdf([[TEXT]]), "A.PDF", "application/pdf"),
}


@pytest.mark.parametrize(("data", "name", "media_type"), READ.values(), ids=READ)
def test_content_decides_the_type(written, data, name, media_type):
    found = read(written(data, name))
    assert (found.text.strip(), found.source.media_type) == (TEXT, media_type)
    named_otherwise = "named" in next(key for key, row in READ.items() if row[1] == name and row[0] == data)
    assert any(warning.code == "misnamed" for warning in found.warnings) == named_otherwise


def test_text_that_only_looks_like_something_else_stays_text(written):
    for text in ("<html> is how a page begins.", "From: Anna\nTo: Bo\nWe agree.", "%PDF- is how a PDF begins"):
        if text.startswith("%PDF"):
            text = "A note. " + text
        assert read(written(text.encode(), "a.txt")).text == text


@pytest.mark.parametrize(
    "name", ["-rf --help.txt", ".hidden.txt", "a\u202etxt.exe.txt", "q'\"`.txt", "\U0001f4c4.txt", "n\nl.txt"]
)
def test_odd_names(written, name):
    assert read(written(TEXT.encode(), name)).text == TEXT


def test_missing_forbidden_and_odd_places(tmp_path):
    for path in (tmp_path / "no.txt", tmp_path, tmp_path / "x\0y", tmp_path / ("x" * 300)):
        with pytest.raises(ReadError) as caught:
            read(path)
        assert caught.value.code == "missing"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ReadError, match="regular"):
            read(tmp_path / "pipe")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_file_that_may_not_be_opened(written):
    file = written(b"x", "a.txt")
    file.chmod(0)
    with pytest.raises(ReadError) as caught:
        read(file)
    assert caught.value.code == "permission"


@pytest.mark.slow
def test_limits(written):
    big = written(b"word " * 300_000, "big.txt")
    for settings in (Settings(max_file_mib=1), Settings(max_text_mib=1)):
        with pytest.raises(ReadError) as caught:
            read(big, settings=settings)
        assert caught.value.code == "too_large"
    slow = written(docx(p("word ") * 60_000), "slow.docx")
    with pytest.raises(ReadError) as caught:
        read(slow, settings=Settings(read_seconds=0.01))
    assert caught.value.code == "timeout"
    with pytest.raises(ReadError) as caught:
        read(written(docx(p("word ") * 300_000), "fat.docx"), settings=Settings(read_memory_mib=250))
    assert caught.value.code == "memory"
    assert read(written(TEXT.encode(), "a.txt")).text == TEXT


def test_ids_come_from_content_and_reader(written):
    one, two = read(written(TEXT.encode(), "one.txt")), read(written(TEXT.encode(), "two.txt"))
    assert one.id == two.id
    assert one.source.sha256 == two.source.sha256
    assert read(written(TEXT.encode() + b" ", "one.txt")).id != one.id


def test_odd_characters_are_reported(written):
    found = read(written("a\x00b\x1b[31m \u202egnp.exe\u202c".encode(), "a.txt"))
    assert {"control_characters", "direction_characters"} <= {warning.code for warning in found.warnings}
    assert found.text == "a\x00b\x1b[31m \u202egnp.exe\u202c"


def test_command_line(written, tmp_path):
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = written(pdf([[TEXT]], encrypt=StandardEncryption(" pass word ", strength=128)), "a.pdf")
    secret = written(b" pass word \r\n", "secret")
    run = CliRunner().invoke
    assert run(app, ["read", str(locked), "--password-file", str(secret)]).stdout == TEXT + "\n"
    assert run(app, ["read", str(locked), "--ask-password"], input=" pass word \n").exit_code == 0
    whole = json.loads(run(app, ["read", str(locked), "--password-file", str(secret), "--json"]).stdout)
    assert whole["pages"] == [{"number": 1, "span": {"start": 0, "end": len(TEXT)}, "label": ""}]
    result = run(app, ["read", str(locked)])
    assert isinstance(result.exception, ReadError)
    assert result.exception.code == "encrypted"
