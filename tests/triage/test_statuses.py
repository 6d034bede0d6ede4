"""The five outcomes of a question are told apart in every output, and none is blank."""

import csv
import json
import re
import zipfile

import pytest

from docreview import review
from docreview._json import dumps
from docreview.checklist import load
from docreview.cli._table import table
from docreview.read import read
from docreview.readers.scripted import ScriptedReader
from docreview.render.document import document_page
from docreview.review import question_status
from docreview.tables.csv import write_csv
from docreview.tables.xlsx import Sheet, write_xlsx
from docreview.triage import one, rows, sheets

TEXT = "This Agreement is governed by the laws of Ohio. No party may assign it. It renews for one year at a time. " * 2
WORDS = ("found", "not found", "not read", "unsure", "failed")
OUTCOMES = {
    "Governing Law": "found",
    "Anti-Assignment": "unsure",
    "Insurance": "not_found",
    "Non-Compete": "failed",
    "Exclusivity": "not_read",
}


def place(name: str, quote: str, *, sure: bool, at: int | None = None) -> tuple[str, dict[str, object]]:
    start = TEXT.index(quote) if at is None else at
    row = {"name": name, "start": start, "end": start + len(quote), "quote": quote, "score": 0.9, "sure": sure}
    return "record_clause", {**row, "value": None}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    file = tmp_path_factory.mktemp("in") / "deal.txt"
    file.write_text(TEXT, encoding="utf-8")
    calls = [
        place("Governing Law", "governed by the laws of Ohio", sure=True),
        place("Anti-Assignment", "No party may assign it", sure=False),
        ("record_absent", {"name": "Insurance"}),
        place("Non-Compete", "shall not compete anywhere", sure=True, at=10),
    ]
    document = read(file)
    return document, review(document, "contract", reader=ScriptedReader(calls))


def test_each_question_ends_as_it_should(outcome):
    _, made = outcome
    for name, status in OUTCOMES.items():
        assert question_status(c for c in made.clauses if c.name == name) == status


def test_the_table_and_json(outcome):
    document, made = outcome
    checklist = load("contract")
    shown = table(document, made, checklist)
    assert re.search(r"^Governing Law +found ", shown, re.MULTILINE)
    assert re.search(r"^Anti-Assignment +unsure ", shown, re.MULTILINE)
    for title, name in (("Not found", "Insurance"), ("Failed", "Non-Compete"), ("Not read", "Exclusivity")):
        assert re.search(rf"^{title}\b.*: .*{name}", shown, re.MULTILINE)
    saved = {clause["name"]: clause["status"] for clause in json.loads(dumps(made))["clauses"]}
    assert OUTCOMES.items() <= saved.items()


def test_the_page_of_the_document(outcome):
    document, made = outcome
    page = document_page(one.entry("deal.txt", "deal", document, made, load("contract")), document, made)
    for word in WORDS:
        assert f"<h2>{word} <span>" in page


def test_the_row_of_the_queue_counts_each(outcome):
    document, made = outcome
    counts = one.entry("deal.txt", "deal", document, made, load("contract")).row["questions"]
    assert {name: counts[name] for name in ("found", "unsure", "not_found", "failed")} == {
        "found": 1,
        "unsure": 1,
        "not_found": 1,
        "failed": 1,
    }
    assert counts["not_read"] == len(load("contract").names) - 4


def test_cells_of_tables_say_which(outcome, tmp_path):
    _, made = outcome
    checklist = load("contract")
    clauses = rows.by_question(made, checklist)
    cells = {name: sheets._cell(rows.answer(checklist[name].label, clauses[name])) for name in OUTCOMES}
    assert cells["Governing Law"] == "governed by the laws of Ohio"
    assert cells["Anti-Assignment"].startswith("unsure: ")
    assert cells["Insurance"] == "not found"
    assert cells["Non-Compete"].startswith("failed: ")
    assert cells["Exclusivity"].startswith("not read: ")
    write_xlsx(tmp_path / "a.xlsx", [Sheet(name="A", header=list(cells), rows=[list(cells.values())], widths=[9] * 5)])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/"))
    assert all(word in text for word in ("unsure: ", "not found", "failed: ", "not read: "))
    lines = [[line["category"], line["status"]] for group in clauses.values() for line in rows.evidence(group)]
    write_csv(tmp_path / "a.csv", ["category", "status"], lines)
    with open(tmp_path / "a.csv", encoding="utf-8-sig", newline="") as file:
        assert OUTCOMES.items() <= {row["category"]: row["status"] for row in csv.DictReader(file)}.items()
