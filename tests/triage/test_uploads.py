import json
from dataclasses import replace
from pathlib import Path

import pytest

from docreview.config import Settings
from docreview.errors import OutputError
from docreview.read import read
from docreview.triage import add, triage
from docreview.triage.results import results
from docreview.triage.uploads import keep
from docreview.types import Failure, Review

READER = "planted_readers:Planted"
LEASE = (
    "This lease is made by and between the landlord and the tenant, who is to pay the rent on the first of each month."
    "\nGoverning law: State 0\n\nThe end.\n"
)
SETTINGS = Settings(jobs=1)


def rows(out):
    return {row["doc"]: row for row in map(json.loads, (out / "documents.jsonl").read_text().splitlines())}


def add_all(out, **more):
    return list(add(out, reader=READER, settings=SETTINGS, **more))


def text(number=0):
    return LEASE.replace("State 0", f"State {number}").encode()


@pytest.mark.parametrize(
    ("name", "doc"),
    [
        ("lease.txt", "uploads/lease.txt"),
        ("../../etc/passwd", "uploads/passwd"),
        ("C:\\Users\\ann\\lease.txt", "uploads/lease.txt"),
        ("..", "uploads/_"),
        (".hidden.txt", "uploads/_.hidden.txt"),
        ("con.txt", "uploads/_con.txt"),
        ("a<b>|c?.txt", "uploads/a_b__c_.txt"),
        ("line\nbreak\x00\u202eend.txt", "uploads/line_break__end.txt"),
        ("x" * 400 + ".docx.txt", "uploads/" + "x" * 150 + ".txt"),
        ("اتفاقية.txt", "uploads/اتفاقية.txt"),
    ],
)
def test_a_name_leads_nowhere_but_into_the_folder(tmp_path, name, doc):
    upload = keep(tmp_path, name, text())
    assert (upload.status, upload.doc) == ("kept", doc)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / doc]
    assert (tmp_path / doc).read_bytes() == text()
    assert bool(upload.message) == (doc.removeprefix("uploads/") != upload.name)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "save it again"),
        ("big.txt", b"x" * ((1 << 20) + 1), "split it"),
        ("program.exe", b"MZ\x00\x01" * 50, "docreview reads documents"),
        ("contracts.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 99, "unpack it"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 999, "save it as .docx"),
        ("contract.pdf", b"\x1f\x8b" + b"\0" * 99, "unpack it"),
    ],
)
def test_what_cannot_be_a_document_is_refused_with_what_to_do(tmp_path, name, data, says):
    upload = keep(tmp_path, name, data, settings=replace(SETTINGS, max_file_mib=1))
    assert (upload.status, upload.doc) == ("refused", "")
    assert says in upload.message
    assert not list(tmp_path.iterdir()), "nothing was written"


def test_nothing_is_overwritten(tmp_path):
    assert keep(tmp_path, "lease.txt", text(0)).doc == "uploads/lease.txt"
    second = keep(tmp_path, "LEASE.txt", text(1))
    assert (second.status, second.doc) == ("kept", "uploads/LEASE (2).txt")
    assert "LEASE (2).txt" in second.message
    same = keep(tmp_path, "other name.txt", text(0))
    assert (same.status, same.doc) == ("known", "uploads/lease.txt")
    assert (tmp_path / "uploads" / "lease.txt").read_bytes() == text(0)


def test_a_link_that_waits_there_is_not_followed(tmp_path):
    target = tmp_path / "outside.txt"
    (tmp_path / "out" / "uploads").mkdir(parents=True)
    (tmp_path / "out" / "uploads" / "lease.txt").symlink_to(target)
    assert keep(tmp_path / "out", "lease.txt", text()).doc == "uploads/lease (2).txt"
    assert not target.exists()


@pytest.mark.slow
def test_uploads_join_the_documents_that_are_there_and_outlive_later_runs(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "first.txt").write_bytes(text(1))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing")
    list(triage(folder, out, reader=READER, settings=SETTINGS))
    before = rows(out)
    assert keep(out, "first.txt", text(1)).status == "known"
    keep(out, "first.txt", text(2))
    keep(out, "bad.pdf", b"%PDF-1.7\nnothing else")
    (folder / "first.txt").unlink()  # what was reviewed before needs its file no more
    seen = []
    done = add_all(out, progress=seen.append)
    assert {type(each) for each in done} == {Failure, Review}
    assert (seen[-1].reviewed, seen[-1].quarantined, seen[-1].total) == (1, 1, 2)
    after = rows(out)
    assert list(after) == ["broken.pdf", "first.txt", "uploads/bad.pdf", "uploads/first.txt"]
    assert {doc: after[doc] for doc in before} == before
    assert after["uploads/bad.pdf"]["status"] == "quarantined"
    assert [each.doc for each in results(out)] == ["first.txt", "uploads/first.txt"]

    (folder / "first.txt").write_bytes(text(1))
    list(triage(folder, out, checklist="nda", reader=READER, settings=SETTINGS))
    again = rows(out)
    assert list(again) == list(after)
    assert again["uploads/first.txt"] == after["uploads/first.txt"], "an upload keeps its review"
    assert again["first.txt"]["checklist"] == "nda"


@pytest.mark.slow
def test_the_first_documents_of_a_folder_can_be_uploads(tmp_path):
    keep(tmp_path / "out", "first.txt", text(1))
    assert len(add_all(tmp_path / "out")) == 1
    assert add_all(tmp_path / "out") == [], "nothing is new"
    assert list(rows(tmp_path / "out")) == ["uploads/first.txt"]


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on_before_uploads(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(text(number))
    next(triage(folder, out, reader=READER, settings=SETTINGS))
    keep(out, "new.txt", text(9))
    with pytest.raises(OutputError, match="run its `docreview triage` command again"):
        add_all(out)


@pytest.mark.slow
def test_results_have_pages_sections_and_terms_as_they_were_read(tmp_path, corpora):
    file = corpora / "contracts" / "msa.pdf"
    list(triage(file, tmp_path / "out", reader=READER, settings=SETTINGS))
    (result,) = results(tmp_path / "out")
    document = read(file)
    assert result.document == replace(document, source=replace(document.source, path="msa.pdf"))
    assert len(result.document.pages) == 27
    assert result.document.sections

    (kept,) = (tmp_path / "out" / ".docreview" / "documents").iterdir()
    kept.write_text("{}")
    with pytest.raises(OutputError, match="damaged; run triage again"):
        list(results(tmp_path / "out"))
    kept.unlink()
    (bare,) = results(tmp_path / "out")
    assert (bare.document.text, bare.document.pages) == (document.text, ())
    assert Path(bare.document.source.path) == Path("msa.pdf")
