"""The seeded generator."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview import checklist
from docreview.errors import ConfigError
from docreview.evaluate.corpora.make import document, make


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 10**6))
def test_the_offsets_are_those_of_the_text(seed, number):
    made = document(seed, number)
    text = made.text
    assert made.planted
    for category, start, end in made.planted:
        planted = text[start:end]
        assert planted == planted.strip() != ""
        assert category in (*checklist.load("contract").names, *checklist.load("transcript").names)
    assert not set("[]{}|") & set(text)


def test_truth_points_into_the_files(tmp_path):
    assert len(list(make(tmp_path, n=120, seed=3))) == 120
    found = rows(tmp_path)
    assert {row["doc"] for row in found} == {p.name for p in tmp_path.glob("*.txt")}
    for row in found:
        assert (tmp_path / row["doc"]).read_bytes().decode()[row["start"] : row["end"]] == row["text"]


def test_the_same_text_stands_twice_now_and_then(tmp_path):
    list(make(tmp_path, n=120, seed=3))
    count = Counter((row["doc"], row["category"], row["text"]) for row in rows(tmp_path))
    assert sum(n == 2 for n in count.values()) >= 10


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed, n in (("a", 5, 30), ("b", 5, 40), ("c", 6, 30)):
        list(make(tmp_path / name, n=n, seed=seed))
    files = sorted(p.name for p in (tmp_path / "a").glob("*.txt"))
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)
    other = {p.read_bytes() for p in (tmp_path / "c").glob("*.txt")}
    assert not other & {p.read_bytes() for p in (tmp_path / "a").glob("*.txt")}


def test_documents_vary_in_kind_length_and_wording(tmp_path):
    made = list(make(tmp_path, n=300, seed=1))
    assert {m.kind for m in made} == {"contract", "transcript"}
    sizes = sorted(m.size for m in made)
    assert sizes[-10] > 8 * sizes[10]
    assert {row["category"] for row in rows(tmp_path)} == {
        *checklist.load("contract").names,
        *checklist.load("transcript").names,
    }
    wordings = {row["text"] for row in rows(tmp_path) if row["category"] == "Governing Law"}
    assert len(wordings) > 60


def test_other_formats_hold_the_planted_words(tmp_path):
    for package in ("reportlab", "docx"):
        pytest.importorskip(package)
    from docreview.read import read

    list(make(tmp_path, n=20, seed=2, formats=("pdf", "docx", "vtt", "srt", "json")))
    texts = {}
    for row in rows(tmp_path):
        assert row["start"] is row["end"] is None
        if row["doc"] not in texts:
            texts[row["doc"]] = " ".join(read(tmp_path / row["doc"]).text.split())
        if not row["doc"].endswith(".pdf"):  # a page may end inside a clause
            assert row["text"] in texts[row["doc"]]
    assert {name.rpartition(".")[2] for name in texts} == {"pdf", "docx", "vtt", "srt", "json"}


def test_only_transcripts_when_only_their_formats_are_asked_for(tmp_path):
    assert {m.kind for m in make(tmp_path, n=5, seed=2, formats=("vtt",))} == {"transcript"}


@pytest.mark.parametrize("formats", [(), ("doc",), ("txt", "odt")])
def test_unknown_formats_are_refused(tmp_path, formats):
    with pytest.raises(ConfigError, match="formats"):
        next(make(tmp_path, n=1, seed=1, formats=formats))
