"""A review as people left it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.decisions import Entry, apply, items, second_reviews, status
from docreview.types import Clause, Span
from tests.decisions.decided_folders import CLAUSES, TEXT, at, citation, document, review

IRELAND = at("the laws of Ireland")
RENT = at("The rent is 400 EUR")
LIABLE = at("Liability is not limited")


def said(*rows):
    return [
        Entry(**{"doc": "a.txt", "by": "Ann", "at": "2026-11-20T10:00:00Z", "seq": number} | each)
        for number, each in enumerate(rows, 1)
    ]


def on(clause, span, verdict, **more):
    return {"clause": clause, "span": span, "verdict": verdict} | more


def left(*rows, told=None):
    done = apply(told or review(), said(*rows), document())
    return done, {name: [c for c in done.clauses if c.name == name] for name in {c.name for c in done.clauses}}


def test_without_decisions_nothing_changes():
    assert apply(review(), [], document()) == review()


def test_accepted_and_rejected_places():
    done, by = left(
        on("Rent", LIABLE, "accepted"), on("Rent", RENT, "rejected"), on("Governing Law", IRELAND, "accepted")
    )
    (rent,) = by["Rent"]
    assert (rent.status, rent.citations[0].span, rent.note) == ("found", LIABLE, "")
    assert by["Governing Law"][0].status == "found"
    assert [decision.verdict for decision in done.decisions] == ["accepted", "rejected", "accepted"]
    assert done.findings == ()


def test_a_verdict_taken_back_leaves_what_the_reader_said():
    place = {"quote_span": RENT, "quote": "The rent is 400 EUR"}
    rows = (
        on("Governing Law", IRELAND, "rejected"),
        on("Governing Law", IRELAND, "withdrawn"),
        on("Insurance", None, "added", **place),
        on("Insurance", RENT, "withdrawn"),
        on("Rent", LIABLE, "flagged"),
        on("Rent", None, "rejected"),
        on("Rent", LIABLE, "withdrawn"),
    )
    done, _ = left(*rows)
    assert done.findings == ()
    assert [c for c in done.clauses if c.citations[:1] != (citation("The rent is 400 EUR"),)] == [
        c for c in review().clauses if c.citations[:1] != (citation("The rent is 400 EUR"),)
    ]
    stands = {(item.clause, item.span): item for item in items(review(), said(*rows))}
    assert stands["Governing Law", IRELAND].status == "unreviewed"
    assert stands["Governing Law", IRELAND].entry is None
    assert len(stands["Governing Law", IRELAND].entries) == 2
    assert ("Insurance", RENT) not in stands
    assert [stands["Rent", span].status for span in (RENT, LIABLE)] == ["rejected", "unreviewed"]
    assert status(said(*rows))["a.txt", "Governing Law", IRELAND] == "unreviewed"


def test_a_second_review_after_a_verdict_was_taken_back():
    asked = {"clause": "Rent", "span": RENT}
    first = [on("Rent", RENT, "accepted"), asked | {"kind": "second_review"}, on("Rent", RENT, "rejected", by="Bo")]
    key = ("a.txt", "Rent", RENT)
    by_second = second_reviews(said(*first, on("Rent", RENT, "withdrawn", by="Bo")))[key]
    assert (by_second.first.verdict, by_second.second) == ("accepted", None)
    by_first = second_reviews(said(*first, on("Rent", RENT, "withdrawn")))[key]
    assert (by_first.first, by_first.second.verdict, by_first.agree) == (None, "rejected", None)


@pytest.mark.parametrize(("whole", "outcome"), [(True, "not_found"), (False, "not_read")])
def test_a_question_whose_places_are_all_rejected(whole, outcome):
    _, by = left(on("Governing Law", IRELAND, "rejected"), told=review(whole=whole))
    (law,) = by["Governing Law"]
    assert (law.status, law.citations) == (outcome, ())


def test_an_edit_has_the_persons_answer_and_a_proved_place():
    place = at("governed by the laws of Ireland")
    _, by = left(
        on("Governing Law", IRELAND, "edited", value="Eire", quote_span=place, quote=TEXT[place.start : place.end])
    )
    (law,) = by["Governing Law"]
    assert (law.status, law.value, law.score) == ("found", "Eire", None)
    assert law.citations[0].quote == "governed by the laws of Ireland"
    assert law.citations[0].verdict == "verbatim"


def test_an_edit_of_the_answer_alone_keeps_the_place_and_of_the_place_alone_the_answer():
    _, by = left(on("Governing Law", IRELAND, "edited", value="Eire"))
    assert (by["Governing Law"][0].citations[0].span, by["Governing Law"][0].value) == (IRELAND, "Eire")
    _, by = left(on("Governing Law", IRELAND, "edited", quote_span=at("Ireland"), quote="Ireland"))
    assert (by["Governing Law"][0].citations[0].span, by["Governing Law"][0].value) == (at("Ireland"), "Ireland")


def test_a_clause_that_the_reader_missed():
    place = at("thirty (30) days' notice")
    added = on("Notice", None, "added", value="30 days", quote_span=place, quote="thirty (30) days' notice")
    _, by = left(added)
    (notice,) = by["Notice"]
    assert (notice.status, notice.value, notice.citations[0].span) == ("found", "30 days", place)
    _, by = left(added, on("Notice", place, "accepted", by="Bo"))
    assert (by["Notice"][0].status, by["Notice"][0].value) == ("found", "30 days")
    _, by = left(added, on("Notice", place, "rejected", by="Bo"))
    assert by["Notice"][0].status == "not_read", "what the reader said of it"


@pytest.mark.parametrize(("place", "quote"), [(at("Ireland"), "Iceland"), (Span(0, 100_000), "x"), (at("Ireland"), "")])
def test_a_place_that_does_not_hold_the_words_is_refused_and_said(place, quote):
    done, by = left(
        on("Governing Law", IRELAND, "edited", value="X", quote_span=place, quote=quote),
        on("Notice", None, "added", quote_span=place, quote=quote),
    )
    assert by["Governing Law"] == [CLAUSES[0]]
    assert by["Notice"] == [CLAUSES[4]]
    assert [finding.severity for finding in done.findings] == ["error", "error"]
    assert "decision 1" in done.findings[0].message
    assert not any("Ireland" in finding.message for finding in done.findings)


@pytest.mark.parametrize("row", [on("Rent", Span(3, 5), "accepted"), on("Unknown", None, "accepted")])
def test_a_decision_about_something_that_is_gone_is_said(row):
    done, _ = left(row)
    assert done.clauses == review().clauses
    assert "not in this review" in done.findings[0].message


def test_nothing_is_there():
    assert left(on("Insurance", None, "accepted"))[1]["Insurance"][0].status == "not_found"
    assert left(on("Insurance", None, "rejected"))[1]["Insurance"][0].status == "unsure"
    assert left(on("Notice", None, "accepted"))[1]["Notice"][0].status == "not_read", "a person's word reads no page"


def test_flagged_and_unsure():
    _, by = left(on("Governing Law", IRELAND, "flagged", note="ask"), on("Rent", RENT, "unsure"))
    assert (by["Governing Law"][0].status, by["Governing Law"][0].note) == ("found", "ask")
    assert by["Rent"][0].status == "unsure"


def test_the_last_word_counts_and_a_word_on_the_whole_question_holds_for_its_places():
    _, by = left(on("Rent", None, "rejected"), on("Rent", RENT, "accepted"))
    assert [clause.citations[0].span for clause in by["Rent"]] == [RENT]
    _, by = left(on("Rent", RENT, "accepted"), on("Rent", None, "rejected"))
    assert by["Rent"][0].status == "not_found"
    _, by = left(on("Rent", None, "edited", value="500"))
    assert [clause.value for clause in by["Rent"]] == ["500", None]


def test_status_and_items():
    rows = said(
        on("Governing Law", IRELAND, "accepted"), on("Rent", RENT, "rejected"), on("Rent", RENT, "flagged"),
        on("Notice", None, "added", quote_span=at("Ireland"), quote="Ireland"),
        {"kind": "comment", "clause": "Rent", "span": RENT, "note": "?"},
    )  # fmt: skip
    assert status(rows) == {
        ("a.txt", "Governing Law", IRELAND): "verified",
        ("a.txt", "Rent", RENT): "flagged",
        ("a.txt", "Notice", at("Ireland")): "edited",
    }
    found = items(review(), rows)
    assert [(item.clause, item.status) for item in found] == [
        ("Governing Law", "verified"), ("Rent", "flagged"), ("Rent", "unreviewed"), ("Insurance", "unreviewed"),
        ("Notice", "unreviewed"), ("Notice", "edited"),
    ]  # fmt: skip
    assert len(found[1].entries) == 3
    assert (found[5].proposal, found[5].place) == (None, at("Ireland"))


def test_several_failures_of_one_question_are_all_kept():
    failed = (*CLAUSES, Clause(name="Tax", status="failed", note="a"), Clause(name="Tax", status="failed", note="b"))
    assert apply(review(failed), [], document()).clauses == failed


def test_second_reviews():
    ask = {"kind": "second_review", "clause": "Rent", "span": RENT, "assignee": "Bo"}
    rows = [on("Rent", RENT, "accepted"), ask]
    (found,) = second_reviews(said(*rows)).values()
    assert (found.second, found.agree) == (None, None)
    (found,) = second_reviews(said(*rows, on("Rent", RENT, "rejected"))).values()
    assert found.second is None, "nobody is a second reviewer of oneself"
    (found,) = second_reviews(said(*rows, on("Rent", RENT, "rejected", by="Bo"))).values()
    assert found.agree is False
    (found,) = second_reviews(said(*rows, on("Rent", RENT, "accepted", by="Bo"))).values()
    assert found.agree is True


spans = st.builds(lambda a, n: Span(a, min(a + n, len(TEXT))), st.integers(0, len(TEXT) - 1), st.integers(1, 40))
decided = st.builds(
    lambda clause, span, verdict, value, place, right: {
        "clause": clause.name, "verdict": verdict, "value": value,
        "span": None if verdict == "added" else span or (clause.citations[0].span if clause.citations else None),
    } | ({"quote_span": place, "quote": TEXT[place.start : place.end] if right else "no such words"}
         if verdict in ("edited", "added") else {}),
    st.sampled_from(CLAUSES), st.none() | spans,
    st.sampled_from(["accepted", "rejected", "edited", "flagged", "unsure", "added"]),
    st.none() | st.text(max_size=5), spans, st.booleans(),
)  # fmt: skip


@given(st.lists(decided, max_size=12))
def test_every_place_is_the_documents_own_and_no_question_is_lost(rows):
    done = apply(review(), said(*rows), document())
    assert {clause.name for clause in done.clauses} == {clause.name for clause in CLAUSES}
    for clause in done.clauses:
        for each in clause.citations:
            assert TEXT[each.span.start : each.span.end] == each.quote
    assert len(done.decisions) == len(rows)
    assert apply(review(), said(*rows), document()) == done


def test_a_citation_of_the_fixture_is_right():
    assert citation("Ireland").quote == "Ireland"
