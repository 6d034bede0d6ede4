"""Odd documents through every verb: a clear result, never an exception."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import docreview
from docreview.checklist import load
from docreview.cli import app
from docreview.read.quality import misread

ROOT = Path(__file__).parents[2]
CONTRACT = (ROOT / "corpora/contracts/joint-development.txt").read_text(encoding="utf-8")
CONFUSED = {"l": "1", "o": "0", "e": "c", "m": "rn", "h": "b", "i": "l", "S": "5", "t": "f"}


def noisy(text: str, share: float = 0.12, seed: int = 7) -> str:
    """The text as a bad scan is read: letters confused and lost, lines broken anywhere."""
    rnd = random.Random(seed)

    def one(letter: str) -> str:
        if letter in CONFUSED and rnd.random() < share:
            return CONFUSED[letter]
        if letter.isalpha() and rnd.random() < share / 6:
            return ""
        return "\n" if letter == " " and rnd.random() < share / 3 else letter

    return "".join(map(one, text))


def german() -> str:
    return (ROOT / "corpora/multilingual/de.txt").read_text(encoding="utf-8")


ODD: dict[str, Callable[[], str]] = {
    "two-lines": lambda: "Hello.\nWorld.\n",
    "one-word": lambda: "Agreement",
    "german": german,
    "noise": lambda: noisy(CONTRACT),
    "half-german": lambda: CONTRACT + "\n\n" + german() * 3,
    "one-line": lambda: CONTRACT.replace("\n", " "),
    "no-letters": lambda: "1 2 3 4 5\n" * 40,
}
VERBS = {
    "review": ["review", "FILE"],
    "review as JSON": ["review", "FILE", "--json"],
    "nda": ["review", "FILE", "--checklist", "nda"],
    "transcript": ["review", "FILE", "--checklist", "transcript"],
    "lint": ["lint", "FILE"],
    "obligations": ["obligations", "FILE"],
    "playbook": ["playbook", "check", "FILE"],
    "ask": ["ask", "FILE", "Which law governs?"],
}


@pytest.fixture
def file(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / f"{request.param}.txt"
    path.write_text(ODD[request.param](), encoding="utf-8")
    return path


def run(verb: str, file: Path):
    return CliRunner().invoke(app, [str(file) if part == "FILE" else part for part in VERBS[verb]])


@pytest.mark.slow
@pytest.mark.parametrize("file", ODD, indirect=True)
@pytest.mark.parametrize("verb", VERBS)
def test_odd_documents_have_a_clear_result(verb, file):
    done = run(verb, file)
    assert done.exit_code == 0, done.output
    assert done.output.strip()
    assert "Traceback" not in done.output


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_a_file_without_text_is_refused_by_name(verb, text, tmp_path):
    file = tmp_path / "void.txt"
    file.write_text(text, encoding="utf-8")
    done = run(verb, file)
    assert done.exit_code in (1, 2)
    assert "void.txt" in done.output + str(done.exception or "")


@pytest.mark.slow
def test_triage_has_a_row_for_every_odd_document(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in {"void": lambda: "", **ODD}.items():
        (folder / f"{name}.txt").write_text(text(), encoding="utf-8")
    done = CliRunner().invoke(app, ["triage", str(folder), "-o", str(tmp_path / "out")])
    assert done.exit_code == 1, done.output
    rows = [json.loads(line) for line in (tmp_path / "out/documents.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(ODD) + 1


def findings(text: str, tmp_path: Path, checklist: str = "contract"):
    file = tmp_path / "it.txt"
    file.write_text(text, encoding="utf-8")
    return docreview.review(docreview.read(file), checklist)


@pytest.mark.parametrize(
    ("code", "language"),
    [("de", "German"), ("fr", "French"), ("ja", "Japanese"), ("ar", "Arabic"), ("hi", "Hindi"), ("pt", "Portuguese")],
)
def test_another_language_is_named_with_the_questions_that_are_not_judged(code, language, tmp_path):
    text = (ROOT / f"corpora/multilingual/{code}.txt").read_text(encoding="utf-8")
    result = findings(text, tmp_path)
    names = load("contract").names
    said = [finding.message for finding in result.findings if finding.rule == "language"]
    assert len(said) == 1
    assert f"in {language}," in said[0]
    assert f"{len(names)} of {len(names)} questions" in said[0]
    assert all(name in said[0] for name in names)
    assert {clause.status for clause in result.clauses} <= {"not_read", "unsure"}


def test_english_is_not_called_foreign(tmp_path):
    assert findings(CONTRACT, tmp_path).findings == ()


def test_questions_that_the_english_part_answers_are_not_among_the_unjudged(tmp_path):
    result = findings(ODD["half-german"](), tmp_path)
    found = {clause.name for clause in result.clauses if clause.status == "found"}
    assert found
    listed = next(f.message for f in result.findings if f.rule == "language").split("questions: ")[1].split(", ")
    assert not found & set(listed)
    assert not [clause for clause in result.clauses if clause.status == "not_found"]


def test_hardly_any_text_and_misread_text_are_told(tmp_path):
    assert [f.rule for f in findings("Hello.\nWorld.\n", tmp_path).findings] == ["short"]
    assert "misread" in [f.rule for f in findings(noisy(CONTRACT), tmp_path).findings]


@pytest.mark.parametrize(
    "text",
    [
        CONTRACT,
        "The 1st, 2nd and 3rd of 2019, Section 4a, Exhibit B2, Form 10K, 5kg, H2O, MP3s and 7500 units. " * 20,
        "The 49ers and the frequency2 band. " + CONTRACT,
        "c0ntrol1ed once. " + CONTRACT,
    ],
)
def test_clean_text_is_not_called_misread(text):
    assert misread(text) == 0


@pytest.mark.slow
def test_a_document_of_three_hundred_pages(tmp_path):
    result = findings((CONTRACT + "\n\n") * (900_000 // len(CONTRACT)), tmp_path)
    assert "found" in {clause.status for clause in result.clauses if clause.name == "Governing Law"}
    assert len(result.coverage) > 890_000


def test_verbs_that_know_english_rules_tell_what_they_did_not_judge(tmp_path):
    file = tmp_path / "de.txt"
    file.write_text(german(), encoding="utf-8")
    for verb in ("lint", "obligations"):
        assert "are in German and were not judged" in run(verb, file).output
