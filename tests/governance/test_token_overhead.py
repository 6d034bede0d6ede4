"""governance/token_overhead.csv is what the tokenizers that are here say of our own agreement."""

import csv
from pathlib import Path

import pytest

from docreview.evaluate.papers.overhead import SHIPPED, found_in, token_overhead

FILE = Path(__file__).parents[2] / "governance" / "token_overhead.csv"


def rows(text):
    return list(csv.DictReader(text.splitlines()))


def test_the_shipped_tokenizers_rows(corpora):
    kept = FILE.read_text(encoding="utf-8")
    assert token_overhead(corpora, found_in(None), kept) == kept
    assert len({row["language"] for row in rows(kept)}) == 14
    alone = rows(token_overhead(corpora, found_in(None)))
    assert {row["tokenizer"] for row in alone} == {SHIPPED}
    assert all(row in rows(kept) for row in alone)


@pytest.mark.slow
def test_the_rows_of_other_tokenizers(corpora, shared):
    kept = FILE.read_text(encoding="utf-8")
    here = found_in(shared / "tokenizers")
    measured = rows(token_overhead(corpora, here))
    assert {row["tokenizer"] for row in rows(kept)} == set(here)
    assert measured == rows(kept)
    thai = {row["tokenizer"]: float(row["ratio_to_english"] or 0) for row in measured if row["language"] == "th"}
    assert thai["gpt-2"] > 3 * thai["llama-3"] > 3
    assert thai[SHIPPED] == 0, "it can't write Thai"


def test_a_changed_text_shows(corpora, tmp_path):
    (tmp_path / "multilingual").mkdir()
    for file in (corpora / "multilingual").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / "multilingual" / file.name).write_text(text.replace("days", "weeks plus"), encoding="utf-8")
    kept = FILE.read_text(encoding="utf-8")
    assert token_overhead(tmp_path, found_in(None), kept) != kept
