"""The queue: the riskiest first, with how far people are; and what is drawn for quality control."""

from datetime import UTC, datetime, timedelta

import pytest

from docreview.decisions import Decisions, Entry
from docreview.errors import OutputError
from docreview.triage.queue import decided, matching, queue, sample, worklist
from docreview.types import Clause
from tests.decisions.decided_folders import CLAUSES, at, proposal, review, write

LAW = at("the laws of Ireland")
LOST = {
    "doc": "scan.pdf", "source": "scan.pdf", "sha256": None, "status": "quarantined", "error": "empty",
    "message": "no text layer", "seconds": 1.0,
}  # fmt: skip


@pytest.fixture
def out(tmp_path):
    return write(tmp_path / "out", ("a.txt", "b.txt", "c.txt"), [LOST])


def decide(out, doc, clause, span, verdict="accepted", **more):
    decisions = Decisions(out)
    seen = len(decisions.entries())
    return decisions.add(
        Entry(doc=doc, by="Ann", clause=clause, span=span, verdict=verdict, **more), seen=more.pop("seen", seen)
    )


def everything(out, doc):
    for clause in CLAUSES:
        decide(out, doc, clause.name, clause.citations[0].span if clause.citations else None)


def test_the_riskiest_first_and_nothing_is_left_out(out):
    rows = queue(out)
    assert [row.doc for row in rows] == ["c.txt", "b.txt", "a.txt", "scan.pdf"]
    assert (rows[3].state, rows[3].why, rows[3].progress) == ("quarantined", ("no text layer",), None)
    assert (rows[0].state, rows[0].items, rows[0].progress) == ("new", 5, 0.0)
    assert rows[0].counts["unreviewed"] == 5


def test_progress_assignee_and_comments(out):
    decide(out, "a.txt", "Governing Law", LAW)
    decide(out, "a.txt", "Rent", at("The rent is 400 EUR"), "flagged")
    everything(out, "b.txt")
    Decisions(out).add(Entry(doc="b.txt", by="Ann", kind="assignment", assignee="Bo"))
    Decisions(out).add(Entry(doc="b.txt", by="Ann", kind="comment", note="?"))
    by = {row.doc: row for row in queue(out)}
    assert (by["a.txt"].state, by["a.txt"].decided, by["a.txt"].progress) == ("started", 1, 0.2)
    assert by["a.txt"].counts["flagged"] == 1
    assert (by["b.txt"].state, by["b.txt"].progress, by["b.txt"].assignee, by["b.txt"].comments) == (
        "done",
        1.0,
        "Bo",
        1,
    )
    assert by["c.txt"].assignee == ""


def test_second_reviews_are_open_until_somebody_else_decides(out):
    decide(out, "a.txt", "Governing Law", LAW)
    Decisions(out).add(Entry(doc="a.txt", by="Ann", kind="second_review", clause="Governing Law", span=LAW))
    assert [row.doc for row in matching(queue(out), second=True)] == ["a.txt"]
    Decisions(out).add(Entry(doc="a.txt", by="Bo", clause="Governing Law", span=LAW, verdict="rejected"), seen=2)
    assert matching(queue(out), second=True) == []


def test_age_is_that_of_the_review(out):
    row = queue(out)[0]
    later = datetime.fromisoformat(row.at) + timedelta(days=3)
    assert row.age_days(later) == 3.0
    assert queue(out)[3].age_days(datetime.now(UTC)) is None


def test_filters(out):
    decide(out, "a.txt", "Governing Law", LAW, "rejected")
    rows = queue(out)

    def docs(**filters):
        return [row.doc for row in matching(rows, **filters)]

    assert docs() == ["c.txt", "b.txt", "a.txt", "scan.pdf"]
    assert docs(words="A.TXT insurance") == ["a.txt"]
    assert docs(types=["supply"]) == ["c.txt", "b.txt", "a.txt"]
    assert docs(states=["quarantined", "started"]) == ["a.txt", "scan.pdf"]
    assert docs(statuses=["rejected"]) == ["a.txt"]
    assert docs(assignees=[""]) == docs()
    assert docs(assignees=["Bo"]) == []
    assert docs(words="nothing like it") == []


def test_a_work_list_shows_what_tables_show_and_all_that_was_decided_on():
    weak = [proposal("Rent", word, status="unsure", score=0.1) for word in TEXT_WORDS]
    told = review((*CLAUSES[:1], *weak))
    assert len([item for item in worklist(told, []) if item.clause == "Rent"]) == 12
    last = Entry(doc="a.txt", by="Ann", clause="Rent", span=weak[-1].citations[0].span, verdict="accepted", seq=1)
    assert len([item for item in worklist(told, [last]) if item.clause == "Rent"]) == 13


TEXT_WORDS = (
    "SUPPLY", "AGREEMENT", "rent", "400", "EUR", "Agreement", "governed", "laws", "Ireland", "Either", "party",
    "thirty", "notice", "Liability",
)  # fmt: skip


def test_the_order_of_the_checklist():
    from docreview.checklist import load

    checklist = load("contract")
    clauses = [Clause(name=name, status="not_found") for name in reversed(checklist.names)]
    assert [item.clause for item in worklist(review(clauses), [], checklist)] == list(checklist.names)


def test_a_sample_is_drawn_by_the_seed_alone(out):
    for doc in ("a.txt", "b.txt", "c.txt"):
        everything(out, doc)
    drawn = sample(out, 20, seed=7)
    assert len(drawn) == 3
    assert drawn == sample(out, 20, seed=7, decisions=Decisions(out))
    assert any(sample(out, 20, seed=seed) != drawn for seed in range(5))
    assert sample(out, 0) == []
    assert len(sample(out, 100)) == 15
    assert len(sample(out, 1)) == 1, "rounded up"
    assert set(sample(out, 20, 7)) <= set(sample(out, 50, 7))
    for wrong in (-1, 101):
        with pytest.raises(ValueError, match="percentage"):
            sample(out, wrong)


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(OutputError, match="triage"):
        queue(tmp_path)


def test_a_damaged_review_is_named(out):
    (out / "reviews" / "a.txt.json").write_text("{}")
    with pytest.raises(OutputError, match=r"a\.txt\.json"):
        queue(out)


def test_a_folder_as_people_left_it(out):
    rent, liable = at("The rent is 400 EUR"), at("Liability is not limited")
    decide(out, "a.txt", "Governing Law", LAW, "rejected")
    decide(out, "a.txt", "Rent", rent, "edited", value="400")
    decide(out, "b.txt", "Rent", rent)
    decide(out, "b.txt", "Rent", liable, "rejected")
    decide(out, "b.txt", "Insurance", None)
    by = {result.doc: result.review for result in decided(out)}
    assert [(d.clause, d.verdict) for d in by["a.txt"].decisions] == [("Governing Law", "rejected")], (
        "Rent is half done"
    )
    assert {(d.clause, d.verdict) for d in by["b.txt"].decisions} == {("Rent", "accepted"), ("Insurance", "accepted")}
    assert [c.citations[0].span for c in by["b.txt"].clauses if c.name == "Rent"] == [rent]
    assert by["c.txt"].decisions == ()
