"""Differences judged by a playbook: which position got better or worse, and that nothing is said of the rest."""

import io
import json
import zipfile

import pytest
from test_playbook import book, read, reviewed
from typer.testing import CliRunner

from docreview.cli import app
from docreview.compare import compare
from docreview.compare.page import comparison_page
from docreview.compare.redline import redline
from docreview.compare.show import lines
from docreview.playbook import load, shifts
from docreview.playbook.shift import notes, summary, with_playbook

DAYS = [
    {"level": "preferred", "text": "10 days", "period_at_most": "10 days"},
    {"level": "acceptable", "text": "30 days", "period_at_most": "30 days"},
    {"level": "walk_away", "text": "60 days and more", "period_at_least": "60 days"},
]
PAY = "1. Payment\n\n1.1 Customer pays each invoice within {} days of receiving it.\n\n"
TEXT = PAY + "1.2 Supplier keeps records of it.\n"
REST = (
    "2. Records\n\n2.1 Supplier keeps records of all that it does here, for seven years.\n\n"
    "3. Notices\n\n3.1 A notice is given in writing and is read by those who receive it.\n\n"
)


def judged(tmp_path, old, new, positions=DAYS, **rule):
    rule = {"questions": [], "locate": ["pays each invoice"], "fallback": "Ten days.", **rule}
    for name in ("old", "new"):
        (tmp_path / name).mkdir(exist_ok=True)
    pair = read(tmp_path / "old", old), read(tmp_path / "new", new)
    reviews = [reviewed(document, name="Other", status="not_found") for document in pair]
    comparison = compare(*pair)
    return comparison, shifts(comparison, *reviews, book(tmp_path, positions, **rule))


WAYS = [  # days before, days after, levels, way
    ("ten (10)", "thirty (30)", ("preferred", "acceptable"), "worse"),
    ("thirty (30)", "ten (10)", ("acceptable", "preferred"), "better"),
    ("ten (10)", "ninety (90)", ("preferred", "walk_away"), "worse"),
    ("ninety (90)", "sixty (60)", ("walk_away", "walk_away"), "same"),
    ("ten (10)", "nine (9)", ("preferred", "preferred"), "same"),
    ("ten (10)", "fifty (50)", ("preferred", "needs_review"), "unclear"),
    ("fifty (50)", "ninety (90)", ("needs_review", "walk_away"), "worse"),
    ("ninety (90)", "fifty (50)", ("walk_away", "needs_review"), "unclear"),
    ("ten (10)", "ten (12)", ("preferred", "needs_review"), "unclear"),  # words and digits differ: nobody can tell
]


@pytest.mark.parametrize(("old", "new", "levels", "way"), WAYS)
def test_a_difference_is_judged_on_both_sides(tmp_path, old, new, levels, way):
    comparison, found = judged(tmp_path, TEXT.format(old), TEXT.format(new))
    ((shift,),) = found.at
    assert (shift.before.level, shift.after.level) == levels
    assert shift.way == way == found.clauses[0].way
    assert found.counts() == {way: 1}
    assert len(comparison.differences) == 1


def test_words_beside_the_clause_are_not_judged(tmp_path):
    new = (
        TEXT.format("ten (10)").replace("Supplier keeps records", "Supplier keeps full records")
        + "\n1.3 And more of it.\n"
    )
    comparison, found = judged(tmp_path, TEXT.format("ten (10)"), new)
    assert len(comparison.differences) == 2
    assert found.at == ((), ())
    assert [shift.way for shift in found.clauses] == ["same"]
    assert notes(comparison, found) == {}


def test_a_sentence_that_comes_in_behind_the_clause_does_not_touch_it(tmp_path):
    new = TEXT.format("ten (10)").replace("receiving it.", "receiving it. Supplier sends a reminder to it in writing.")
    _, found = judged(tmp_path, TEXT.format("ten (10)"), new)
    assert found.at == ((),)


@pytest.mark.parametrize(
    ("absent", "level", "way"),
    [("missing", "missing", "worse"), ("acceptable", "acceptable", "worse"), ("unacceptable", "walk_away", "worse")],
)
def test_a_clause_that_goes_leaves_what_its_absence_is(tmp_path, absent, level, way):
    old = TEXT.format("ten (10)")
    new = "1. Payment\n\n1.2 Supplier keeps records of it.\n"
    comparison, found = judged(tmp_path, old, new, absent=absent)
    touched = [shift for at in found.at for shift in at]
    assert {(shift.before.level, shift.after.level, shift.way) for shift in touched} == {("preferred", level, way)}
    assert any(difference.kind == "removed" for difference in comparison.differences)


def test_a_clause_that_moved_is_judged_where_it_went(tmp_path):
    _, found = judged(tmp_path, PAY.format("ten (10)") + REST, REST + PAY.format("ninety (90)"))
    assert [shift.way for at in found.at for shift in at] == ["worse"]


def test_it_is_shown_everywhere(tmp_path):
    comparison, found = judged(tmp_path, TEXT.format("ten (10)"), TEXT.format("ninety (90)"), title="Pay <fast>")
    told = "Playbook own: Pay <fast>: preferred (10 days) → walk-away (60 days and more): worse. Propose: Ten days."
    said = notes(comparison, found)
    assert [line.strip() for line in lines(comparison, said)][-1] == told
    assert next(summary(found)) == "playbook own: 1 worse"
    page = comparison_page(comparison, said, summary=list(summary(found)))
    assert '<p class="note worse">Playbook own: Pay &lt;fast&gt;: preferred' in page
    with zipfile.ZipFile(io.BytesIO(redline(comparison, said))) as package:
        comments = package.read("word/comments.xml").decode()
    assert told.replace("<", "&lt;").replace(">", "&gt;") in comments
    whole = with_playbook(comparison, found)
    (difference,) = [each for pair in whole["pairs"] for each in pair["differences"]]
    assert difference["playbook"][0]["after"] == {"level": "walk_away", "position": "p2", "why": "60 days and more"}
    assert whole["playbook"]["counts"] == {"worse": 1}


def test_every_shipped_playbook_says_same_of_the_same(tmp_path):
    text = TEXT.format("ten (10)")
    document = read(tmp_path, text)
    review = reviewed(document, name="Other", status="not_found")
    for name in ("vendor-msa", "nda-recipient"):
        found = shifts(compare(document, document), review, review, load(name))
        assert found.at == ()
        assert not list(summary(found))[1:]


def test_the_verb(tmp_path):
    files = []
    for name, place in (("old", "Delaware"), ("new", "Nevada")):
        file = tmp_path / f"{name}.txt"
        file.write_text(
            f"The laws of {place} govern this Agreement.\n\nSupplier delivers the goods.\n", encoding="utf-8"
        )
        files.append(str(file))
    done = CliRunner().invoke(app, ["compare", *files, "--playbook", "vendor-msa", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    (difference,) = [d for pair in json.loads(done.stdout)["pairs"] for d in pair["differences"]]
    assert [(s["clause"], s["before"]["level"]) for s in difference["playbook"]] == [("governing-law", "preferred")]
    shown = CliRunner().invoke(app, ["compare", *files, "--playbook", "vendor-msa"], catch_exceptions=False).stdout
    assert "Playbook vendor-msa: Governing law: preferred" in shown
