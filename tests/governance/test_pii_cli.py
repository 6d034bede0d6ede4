"""`docreview redact`, `restore` and `forget` as a shell sees them; and the PDF that comes out."""

import io
import json
import re
import zlib

import pytest
from typer.testing import CliRunner

from docreview import read
from docreview.cli import app
from docreview.governance import redact
from docreview.governance.pii.pdf import redacted_pdf

LETTER = "Dear Kurt Dresch,\n\ncall (404) 815-5909 or write to k.dresch@example.com.\n\nJane Roe, General Counsel\n"
CANARIES = (b"Dresch", b"815-5909", b"k.dresch", b"Jane Roe", b"Secret Title", b"Hidden", b"Bookmark of Kurt")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words, code=0):
        done = CliRunner().invoke(app, [str(w) for w in words])
        assert done.exit_code == code, done.output
        return done

    return call


def test_rows_in_rows_out(run, tmp_path):
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in (LETTER, "", "nothing")))
    run("redact", "--jsonl", "in.jsonl", "--out", "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [len(row["spans"]) for row in rows] == [4, 0, 0]
    assert set(rows[0]["spans"][0]) == {"start", "end", "label", "score"}
    assert rows[0]["redacted"].startswith("Dear [PERSON_1],\n\ncall [PHONE_1] or write to [EMAIL_1].")
    assert rows[2]["redacted"] == "nothing"
    (tmp_path / "in.jsonl").write_text('{"words": 1}\n')
    assert "row 1" in run("redact", "--jsonl", "in.jsonl", code=2).output


def test_documents_with_a_vault_and_back(run, tmp_path):
    (tmp_path / "a.txt").write_text(LETTER)
    (tmp_path / "b.html").write_text(f"<p>{LETTER}</p>")
    key = ("--vault", "m.vault", "--key-file", "key")
    run("redact", "a.txt", "b.html", "--out", "out", *key)
    first, second = ((tmp_path / "out" / f"000{n}.txt").read_text() for n in (1, 2))
    assert "[PERSON_1]" in first
    assert "[PERSON_1]" in second
    assert "Dresch" not in first + second
    assert run("restore", "out/0001.txt", *key).stdout == LETTER
    (tmp_path / "names.txt").write_text("Kurt Dresch\n")
    assert run("forget", "names.txt", *key).stdout == "1\n"
    assert "[PERSON_1]" in run("restore", "out/0001.txt", *key).stdout


def test_one_document_to_stdout_and_what_was_found(run, tmp_path):
    (tmp_path / "a.txt").write_text(LETTER)
    assert run("redact", "a.txt").stdout.startswith("Dear [PERSON_1],")
    row = json.loads(run("redact", "a.txt", "--json", "--kinds", "phone").stdout)
    assert [LETTER[s["start"] : s["end"]] for s in row["spans"]] == ["(404) 815-5909"]


@pytest.mark.parametrize(
    "words",
    [
        ("redact",),
        ("redact", "a.txt", "--kinds", "NAME"),
        ("redact", "a.txt", "--pdf"),
        ("redact", "a.txt", "--key-file", "k"),
    ],
)  # fmt: skip
def test_wrong_use(run, tmp_path, words):
    (tmp_path / "a.txt").write_text("x")
    run(*words, code=2)


def test_a_document_that_cannot_be_read_is_said_and_the_rest_is_done(run, tmp_path):
    (tmp_path / "a.txt").write_text(LETTER)
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 nothing")
    run("redact", "b.pdf", "a.txt", "--out", "out", code=1)
    assert (tmp_path / "out" / "0002.txt").exists()


def original_pdf():
    """Two revisions, with the secrets in text, metadata, a bookmark, an annotation and an attachment."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.annotations import FreeText
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setTitle("Secret Title")
    canvas.setAuthor("Kurt Dresch")
    for page in range(2):
        for number, line in enumerate(
            [*LETTER.splitlines(), f"This is page {page + 1} of the agreement between the parties."]
        ):
            canvas.drawString(72, 720 - 14 * number, line)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    writer.add_outline_item("Bookmark of Kurt Dresch", 0)
    writer.add_annotation(0, FreeText(text="Hidden", rect=(50, 50, 200, 150)))
    writer.add_attachment("names.txt", b"Jane Roe")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def everything_in(data):
    """The bytes of a PDF, and of all its streams unpacked."""
    pieces = [data]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        raw = match[1]
        if raw.rstrip().endswith(b"~>"):
            import base64

            raw = (
                base64.a85decode(raw.strip(), adobe=False)
                if raw.startswith(b"<~")
                else base64.a85decode(b"<~" + raw.strip(), adobe=True)
            )
        try:
            pieces.append(zlib.decompress(raw))
        except zlib.error:
            pieces.append(raw)
    return b"\n".join(pieces)


def test_nothing_of_the_original_is_in_the_pdf(tmp_path):
    source = tmp_path / "letter.pdf"
    source.write_bytes(original_pdf())
    document = read(source)
    done = redact(document.text)
    made, unshown = redacted_pdf(document, done)
    assert unshown == 0
    raw = everything_in(made)
    assert not [canary for canary in CANARIES if canary in raw or canary.decode().encode("utf-16-be") in raw]
    (tmp_path / "out.pdf").write_bytes(made)
    back = read(tmp_path / "out.pdf")
    assert len(back.pages) == 2
    assert "This is page 2 of the agreement" in back.text
    assert "[PERSON_1]" in back.text
    assert not any(canary.decode() in back.text for canary in CANARIES)
    assert back.outline == ()


def test_long_pages_go_on_and_odd_characters_are_counted(tmp_path):
    place = tmp_path / "long.txt"
    place.write_text("word " * 4000 + "\n" + "line\n" * 200 + "\U00012000")
    document = read(place)
    made, unshown = redacted_pdf(document, redact(document.text))
    (tmp_path / "long.pdf").write_bytes(made)
    assert unshown == 1
    assert read(tmp_path / "long.pdf").text.split().count("word") == 4000
