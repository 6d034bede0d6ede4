"""The committed documents: bytes, answers, and the counts that users were promised."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from docreview import checklist
from docreview.errors import ConfigError
from docreview.evaluate.corpora import check, manifest

FOLDER = Path(__file__).parents[2] / "corpora"
ENTRIES = manifest(FOLDER)


def of(folder: str) -> list:
    return [entry for entry in ENTRIES if entry.file.startswith(folder + "/")]


def test_every_file_has_the_bytes_and_the_answers_of_the_manifest():
    assert list(check(FOLDER)) == []


def test_every_document_is_in_the_manifest():
    on_disk = {
        str(p.relative_to(FOLDER))
        for d in ("contracts", "transcripts", "twins", "multilingual")
        for p in (FOLDER / d).iterdir()
    }
    assert on_disk == {entry.file for entry in ENTRIES}


def test_there_are_contracts_transcripts_and_scans_in_many_formats():
    assert len(of("contracts")) >= 12
    assert len(of("transcripts")) >= 6
    assert sum(entry.scan for entry in ENTRIES) == 2
    assert {entry.format for entry in of("contracts")} == {"pdf", "docx", "txt", "md", "html", "eml"}
    assert {entry.format for entry in ENTRIES} >= {"vtt", "srt", "whisper", "qmsum", "simple", "court", "txt"}
    assert max(entry.pages or 0 for entry in ENTRIES) >= 25


def test_all_together_stay_small():
    sizes = {path: path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert sum(sizes.values()) <= 6_000_000
    assert all(sizes[FOLDER / entry.file] <= 300_000 for entry in ENTRIES if entry.scan)


def test_every_category_and_every_kind_of_item_is_planted_somewhere():
    assert {one.category for entry in ENTRIES for one in entry.answer} == set(checklist.load("contract").names)
    assert {one.kind for entry in ENTRIES for one in entry.item} == set(checklist.load("transcript").names)


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.hypothesis], ids=lambda e: e.file)
def test_an_nda_answers_all_hypotheses(entry):
    assert sorted(h.name for h in entry.hypothesis) == sorted(checklist.load("nda").names)
    assert all(bool(h.quote) == (h.label != "not mentioned") for h in entry.hypothesis)


def test_the_hypotheses_have_different_answers():
    labels = [{h.name: h.label for h in e.hypothesis} for e in ENTRIES if e.hypothesis]
    assert len(labels) == 2
    assert {label for one in labels for label in one.values()} == {"entailed", "contradicted", "not mentioned"}
    assert labels[0] != labels[1]


@pytest.mark.parametrize("entry", of("transcripts"), ids=lambda e: e.file)
def test_a_transcript_has_many_turns(entry):
    from docreview.read import read

    assert 60 <= len(read(FOLDER / entry.file).turns) <= 300


def test_the_same_agreement_stands_in_many_languages_article_by_article():
    languages = {entry.language: (FOLDER / entry.file).read_text(encoding="utf-8") for entry in of("multilingual")}
    assert languages.keys() >= {"en", "de", "fr", "es", "pt", "it", "hi", "th", "vi", "id", "ar", "zh", "ja", "ko"}
    for text in languages.values():
        assert len(text.strip().split("\n\n")) == 13
        assert all(figure in text for figure in ("2025", "2027", "28", "Morgenrot Foods Ltd"))


def test_the_encrypted_document_opens_with_its_password_only():
    from docreview.errors import ReadError
    from docreview.read import read

    (entry,) = (e for e in ENTRIES if e.password)
    with pytest.raises(ReadError):
        read(FOLDER / entry.file)
    assert "Processor" in read(FOLDER / entry.file, password=entry.password).text


def test_a_scan_is_never_read_as_empty_text():
    from docreview.errors import ReadError
    from docreview.read import read

    with pytest.raises(ReadError, match="text layer"):
        read(FOLDER / "contracts/consulting-scan.pdf")


def test_check_names_a_changed_file_a_lost_quote_and_a_missing_file(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "c")
    file = tmp_path / "c/contracts/nda-oneway.txt"
    file.write_text(file.read_text("utf-8").replace("eighteen (18) months", "eighty (80) months"), "utf-8")
    (tmp_path / "c/contracts/employment.md").unlink()
    problems = list(check(tmp_path / "c"))
    assert any(p.startswith("contracts/employment.md: the file is missing") for p in problems)
    assert any(p.startswith("contracts/nda-oneway.txt: its bytes") for p in problems)
    assert any("eighteen (18) months" in p for p in problems)
    assert all("nda-oneway" in p or "employment" in p for p in problems)


@pytest.mark.parametrize("text", ["", "x = [", "[[document]]\nfile = 1\n", "[[document]]\nfile = 'a'\nnovelty = 1\n"])
def test_a_manifest_that_does_not_fit_is_named(tmp_path, text):
    (tmp_path / "manifest.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"manifest\.toml"):
        manifest(tmp_path)
