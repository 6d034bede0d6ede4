from docreview.checklist import Checklist, Question
from docreview.triage.risk import assess

QUESTIONS = (
    Question(name="Cap on Liability", text="?", kind="yes_no", weight=3, expected=True),
    Question(name="Non-Compete", text="?", kind="yes_no", weight=3),
    Question(name="nda-1", text="?", kind="hypothesis", weight=1, title="Marking"),
    Question(name="Parties", text="?", kind="parties", weight=0),
)
CHECKLIST = Checklist(name="x", title="X", questions=QUESTIONS)


def risk(*statuses, places=None, unread=()):
    return assess(CHECKLIST, dict(zip(CHECKLIST.names, statuses, strict=True)), places or {}, unread)


def test_what_is_missing_found_or_open_is_said_in_words():
    outcome = risk("not_found", "found", "unsure", "not_found", places={"Non-Compete": 2}, unread=(3, 4))
    assert outcome.points == 3 + 3 + 0.5 + 2
    assert outcome.why == ("no Cap on Liability found", "Non-Compete (2)", "2 pages not read", "unsure: Marking")


def test_a_good_document_has_no_risk():
    assert risk("found", "not_found", "not_found", "found") == risk("found", "not_found", "not_found", "not_found")
    assert (risk("found", "not_found", "not_found", "found").points, risk("found", *["not_found"] * 3).why) == (0, ())


def test_what_was_not_read_counts_and_is_summed_up():
    outcome = risk("not_read", "not_read", "failed", "not_read")
    assert (outcome.points, outcome.why) == (3.5, ("2 questions not read", "failed: Marking"))


def test_many_unread_pages_count_at_most_ten():
    assert risk("found", "not_found", "not_found", "found", unread=range(1, 500)).points == 10
