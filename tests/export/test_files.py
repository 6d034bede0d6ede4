"""Every format of an export, opened as its readers open it."""

import csv
import hashlib
import io
import json
import zipfile
from importlib.resources import files

import docx
import jsonschema
import lxml.html
import openpyxl
import pytest
from folders import TEXT, decide, found, lease, make_document, make_folder, make_review, place
from lxml import etree
from typer.testing import CliRunner

from docreview._json import load
from docreview.cli import app
from docreview.decisions import Decisions, Entry
from docreview.errors import AuditError, ConfigError, OutputError
from docreview.export import FORMATS, export, folder, records, saved
from docreview.export.records import ClauseRecord, DocumentRecord, EntryRecord, schema
from docreview.governance.audit import AuditLog, show
from docreview.playbook import load as playbook

GREEN, YELLOW, RED, PLAIN = "FFC6EFCE", "FFFFEB9C", "FFFFC7CE", "00000000"


@pytest.fixture
def out(tmp_path):
    return lease(tmp_path / "out")


@pytest.fixture
def decided(out):
    decide(out, "Governing Law", "The laws of Delaware govern this lease.")
    decide(out, "Parties", "The tenant", "rejected", by="Bo", note="=cmd|' /C calc'!A0")
    decide(out, "Parties", "this lease", "flagged")
    decide(out, "Insurance", "USD 400", "added", value="@SUM(A1)")
    return out


def made(out, to, **options):
    path = out.parent / FORMATS[to][0]
    export(folder(out, **options), to, path)
    return path


def evidence(path):
    head, *rows = openpyxl.load_workbook(path)["Evidence"].iter_rows()
    names = [cell.value for cell in head]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_the_workbook_has_its_sheets_with_frozen_filtered_heads(decided):
    book = openpyxl.load_workbook(made(decided, "xlsx", playbook=playbook("vendor-msa")))
    assert book.sheetnames == ["Answers", "Evidence", "Playbook", "Log", "Legend"]
    assert all(sheet.freeze_panes == "B2" and sheet.auto_filter.ref for sheet in book)
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "Playbook" not in openpyxl.load_workbook(made(decided, "xlsx")).sheetnames


def test_colours_say_who_verified_what(decided):
    rows = {(row["Category"].value, row["Quote"].value): row for row in evidence(made(decided, "xlsx"))}
    law = rows["Governing Law", "The laws of Delaware govern this lease."]
    assert (law["Decision"].value, law["Decided by"].value, law["Quote"].fill.fgColor.rgb) == ("verified", "Ann", GREEN)
    rejected = rows["Parties", "The tenant"]
    assert (rejected["Decision"].value, rejected["Quote"].fill.fgColor.rgb) == ("rejected", RED)
    assert rejected["Comment"].value == "Bo: =cmd|' /C calc'!A0"
    assert rows["Parties", "this lease"]["Quote"].fill.fgColor.rgb == RED
    added = rows["Insurance", "USD 400"]
    assert (added["Answer"].value, added["Quote"].fill.fgColor.rgb) == ("@SUM(A1)", GREEN)
    assert rows["Cap on Liability", None]["Status"].fill.fgColor.rgb == YELLOW
    assert rows["Renewal Term", "30 days"]["Quote"].fill.fgColor.rgb == PLAIN


def test_answers_name_who_decided_and_what_was_not_read(decided):
    head, first, second = openpyxl.load_workbook(made(decided, "xlsx"))["Answers"].iter_rows()
    names = [cell.value for cell in head]
    law = first[names.index("Governing Law")]
    assert law.value == "Delaware (verified by Ann)"
    assert first[names.index("Parties")].fill.fgColor.rgb == RED, "what is flagged goes before what is rejected"
    assert second[0].value == "scan.pdf"
    assert second[names.index("Governing Law")].value == "not read"


def test_no_citation_is_dropped(out):
    quotes = [row["Quote"].value for row in evidence(made(out, "xlsx")) if row["Category"].value == "Renewal Term"]
    assert quotes == ["30 days", "USD 400"]
    lines = [json.loads(line) for line in made(out, "jsonl").read_text(encoding="utf-8").splitlines()]
    renewal = next(line for line in lines if line.get("question") == "Renewal Term")
    assert [place["quote"] for place in renewal["citations"]] == ["30 days", "USD 400"]


def test_a_quote_longer_than_a_cell_is_whole_in_the_workbook_and_the_csv(tmp_path):
    text = "x" * 20_000 + "𝔘" * 20_000
    document = make_document(text)
    review = make_review(document, found(document, "Parties", (0, len(text))))
    out = make_folder(tmp_path / "out", ("lease.txt", document, review))
    rows = [row["Quote"].value for row in evidence(made(out, "xlsx"))]
    assert len(rows) == 2
    assert sum(row.count("𝔘") for row in rows) == 20_000
    assert rows[0].endswith("[goes on in the next row]")
    with open(made(out, "csv"), encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["quote"] == text


def test_the_csv_guards_formulas_and_names_decisions(decided):
    with open(made(decided, "csv"), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    added = next(row for row in rows if row["category"] == "Insurance")
    assert (added["answer"], added["decision"], added["decided_by"]) == ("'@SUM(A1)", "edited", "Ann")


def test_the_log_holds_every_entry(decided):
    _, *rows = openpyxl.load_workbook(made(decided, "xlsx"))["Log"].iter_rows(values_only=True)
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (1, "Ann", "accepted"),
        (2, "Bo", "rejected"),
        (3, "Ann", "flagged"),
        (4, "Ann", "added"),
    ]


def test_every_line_fits_the_schema_that_is_shipped(decided):
    shipped = files("docreview.export").joinpath("records.schema.json").read_text(encoding="utf-8")
    assert shipped == schema(), "write docreview.export.records.schema() to it again"
    check = jsonschema.Draft202012Validator(json.loads(shipped))
    lines = made(decided, "jsonl", playbook=playbook("vendor-msa")).read_text(encoding="utf-8").splitlines()
    values = [json.loads(line) for line in lines]
    for value in values:
        check.validate(value)
        assert not check.is_valid(value | {"more": 1}), "unknown keys are refused"
        assert not check.is_valid(value | {"version": 2})
    assert {value["record"] for value in values} == {"document", "clause", "verdict", "entry"}
    assert load(ClauseRecord, lines[1]).question == "Parties"
    assert [load(DocumentRecord, line).error for line in lines if '"quarantined"' in line] == ["empty"]
    assert [load(EntryRecord, line).verdict for line in lines[-4:]] == ["accepted", "rejected", "flagged", "added"]


def test_records_say_how_much_was_read(tmp_path):
    document = make_document(TEXT)
    review = make_review(document, found(document, "Parties", place("The tenant")), seen=50, unread=(3,))
    out = make_folder(tmp_path / "out", ("lease.txt", document, review))
    first = next(iter(records(folder(out))))
    assert (first.characters, first.characters_read, first.unread_pages) == (len(TEXT), 50, (3,))


def paragraphs(path):
    return [paragraph.text for paragraph in docx.Document(path).paragraphs]


def test_the_memo_says_what_was_found_by_whom_and_what_was_read(decided):
    told = paragraphs(made(decided, "docx", playbook=playbook("vendor-msa")))
    at = told.index("The laws of Delaware govern this lease.")
    start, end = place("The laws of Delaware govern this lease.")
    assert told[at + 1] == f"[characters {start}–{end}]"
    assert told[at - 1].startswith("Delaware  (found, score 0.90, accepted by Ann at ")
    assert f"Not found: all {len(TEXT)} characters were read" in told
    assert "Rejected by a person" in told
    assert "Deviations from the playbook vendor-msa" in told
    tables = [
        [cell.text for cell in row.cells] for table in docx.Document(made(decided, "docx")).tables for row in table.rows
    ]
    assert ["scan.pdf", "empty: no text layer"] in tables
    assert any(row[1:4] == ["Bo", "rejected", "Parties"] for row in tables)


def test_the_memo_never_says_not_found_of_what_was_not_read(tmp_path):
    document = make_document(TEXT)
    bare = found(document, "Cap on Liability", status="not_read", score=None, note="page 3 not read")
    out = make_folder(tmp_path / "out", ("lease.txt", document, make_review(document, bare, unread=(3,))))
    told = paragraphs(made(out, "docx"))
    assert not any(line.startswith("Not found") for line in told)
    assert "page 3 not read: Cap on Liability" in told
    assert any(line.startswith("Page 3 could not be read") for line in told)


HOSTILE = "<b>&amp;</b> \x0b\x1f control \u202egnal USD\u202c 100 مرحبا 契約 𝔘 ]]> \ufffe _x0041_"


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_hostile_text_is_text_in_every_format(tmp_path, to):
    document = make_document(HOSTILE)
    review = make_review(document, found(document, "Parties", (0, len(HOSTILE)), value="=1+1", note="<script>"))
    out = make_folder(tmp_path / "out", ("<i>=a.txt", document, review))
    path = made(out, to)
    raw = path.read_bytes()
    if to == "docx":
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if name.endswith((".xml", ".rels")):
                    etree.fromstring(package.read(name))
        told = "\n".join(paragraphs(path))
        assert "\\x0b\\x1f control \\u202egnal USD" in told
        assert "\u202e" not in told
    elif to == "html":
        page = lxml.html.fromstring(raw.decode())
        assert not page.findall(".//i")
        assert not page.findall(".//b")
        assert len(page.findall(".//script")) == 1, "only our own"
        assert "<b>&amp;</b>" in page.text_content()
        assert b"Content-Security-Policy" in raw
    elif to == "xlsx":
        assert [row["Quote"].data_type for row in evidence(path)] == ["s"]
    else:
        assert raw.decode("utf-8-sig")


@pytest.mark.parametrize("to", sorted(FORMATS))
def test_the_same_review_gives_the_same_bytes(decided, to):
    first = made(decided, to).read_bytes()
    assert made(decided, to).read_bytes() == first
    assert not list(decided.parent.glob(".tmp-*"))


def test_right_to_left_paragraphs_are_set_so(tmp_path):
    text = "عقد إيجار بين الطرفين"
    document = make_document(text)
    out = make_folder(
        tmp_path / "out", ("lease.txt", document, make_review(document, found(document, "Parties", (0, 9))))
    )
    with zipfile.ZipFile(io.BytesIO(made(out, "docx").read_bytes())) as package:
        body = package.read("word/document.xml").decode()
    assert body.count("<w:bidi/>") == body.count("<w:rtl/>") == 1


def test_what_people_said_of_a_document_or_of_a_question_of_their_own_is_kept(out):
    decide(out, "Car Parking", "USD 400", "added", value="two cars")
    decisions = Decisions(out)
    decisions.add(Entry(doc="lease.txt", by="Bo", kind="comment", note="see the old lease"), seen=1)
    decisions.add(Entry(doc="scan.pdf", by="Bo", kind="assignment", assignee="Cy"), seen=2)
    log = list(openpyxl.load_workbook(made(out, "xlsx"))["Log"].iter_rows(min_row=2, values_only=True))
    assert [(row[3], row[4], row[7]) for row in log] == [
        ("added", "lease.txt", None),
        ("comment", "lease.txt", "see the old lease"),
        ("assignment", "scan.pdf", "Cy"),
    ]
    assert "Car Parking" in [row["Category"].value for row in evidence(made(out, "xlsx"))]
    told = paragraphs(made(out, "docx"))
    assert "Car Parking" in told
    assert "Said of documents that are not here, or could not be read" in told


def test_a_decision_whose_words_are_gone_is_said(out):
    entry = decide(out, "Insurance", "USD 400", "added")
    line = (out / "decisions.jsonl").read_text(encoding="utf-8")
    (out / "decisions.jsonl").write_text(line.replace("USD 400", "USD 500"), encoding="utf-8")
    told = f"decision {entry.seq}: its place does not hold the characters that were chosen; it was not applied"
    first = next(iter(records(folder(out))))
    assert told in first.notes
    assert told in paragraphs(made(out, "docx"))


def test_a_saved_review_needs_its_own_document(tmp_path, corpora):
    run = CliRunner()
    path = corpora / "contracts" / "nda-oneway.txt"
    review = tmp_path / "review.json"
    review.write_text(run.invoke(app, ["review", str(path), "--json"]).stdout, encoding="utf-8")
    shown = run.invoke(app, ["export", str(review), "--to", "jsonl", "--document", str(path)], catch_exceptions=False)
    lines = [json.loads(line) for line in (tmp_path / "export.jsonl").read_text(encoding="utf-8").splitlines()]
    assert shown.stdout.strip() == str(tmp_path / "export.jsonl")
    assert lines[0]["doc"] == "nda-oneway.txt"
    assert {line["record"] for line in lines[1:]} == {"clause"}
    with pytest.raises(ConfigError, match="--document"):
        run.invoke(app, ["export", str(review), "--to", "jsonl"], catch_exceptions=False)
    with pytest.raises(ConfigError, match="another document"):
        saved(review, make_document("Another text."))


def test_what_cannot_be_written_or_read_is_said(out, tmp_path):
    with pytest.raises(OutputError, match="holds no results"):
        folder(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="can't be written"):
        export(folder(out), "csv", tmp_path / "file" / "x.csv")


def test_an_export_is_logged_with_its_hash_or_does_not_stay(out, tmp_path):
    log = AuditLog(tmp_path / "log")
    path = tmp_path / "made.csv"
    export(folder(out), "csv", path, log=log)
    (event,) = [event for event in show(tmp_path / "log") if event.kind == "export"]
    assert event.data["output_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (event.data["documents"], event.data["failures"]) == (1, 1)
    log.close()
    (tmp_path / "blocked").write_text("no folder")
    with pytest.raises(AuditError):
        export(folder(out), "csv", tmp_path / "second.csv", log=AuditLog(tmp_path / "blocked"))
    assert not (tmp_path / "second.csv").exists()
