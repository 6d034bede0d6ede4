"""Days of a contract: which there are, where they come from, and which of them a person confirmed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

import docreview
from docreview.checklist import load
from docreview.decisions import Entry
from docreview.timeline import OBLIGATION, confirmed, timeline, to_ics, word_on
from docreview.types import Clause, Coverage, Review, Span
from docreview.verify import locate

TEXT = (
    "SERVICES AGREEMENT\n\nThis Agreement is made between Alder Inc. (“Customer”) and Birch GmbH (“Supplier”).\n\n"
    "1. Term. It begins on July 1, 2024 and ends on August 31, 2027.\n\n"
    "2. Renewal. It renews unless a party gives notice six months before its end.\n\n"
    "3. Delivery. Supplier shall deliver the plan by March 31, 2025. Customer shall pay promptly.\n"
)
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHECKLIST = load("contract")


@pytest.fixture
def document(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    return docreview.read(tmp_path / "a.txt")


def clause(document, name, quote, value, **more):
    citation = locate(quote, document)
    return Clause(**{"name": name, "status": "found", "value": value, "citations": (citation,), **more})


def review(document, *clauses):
    whole = Coverage.of([Span(0, len(document))])
    return Review(
        doc_id=document.id, checklist="contract", clauses=clauses, coverage=whole, reader="t", run_id="0" * 16
    )


@pytest.fixture
def events(document):
    found = review(
        document,
        clause(document, "Expiration Date", "ends on August 31, 2027", "2027-08-31"),
        clause(document, "Notice Period to Terminate Renewal", "notice six months before its end", "6 months (P6M)"),
        clause(document, "Effective Date", "begins on July 1, 2024", "2024-07-XX", status="unsure"),
        clause(document, "Governing Law", "SERVICES AGREEMENT", "2020-01-01"),
    )
    return timeline(document, found, CHECKLIST)


def test_days_of_the_review_and_of_obligations_by_day(events):
    assert [(each.kind, each.question, each.date) for each in events] == [
        ("duty", OBLIGATION, "2025-03-31"),
        ("notice", "Notice Period to Terminate Renewal", "2027-02-28"),
        ("date", "Expiration Date", "2027-08-31"),
        ("date", "Effective Date", None),
        ("duty", OBLIGATION, None),
    ]
    notice = events[1]
    assert notice.how == "2027-08-31 - 6 months = 2027-02-28 (the month has no day 31, so its last day counts)"
    assert [each.quote for each in notice.sources] == ["ends on August 31, 2027"]
    assert not events[3].sure
    assert "2024-07-XX" in events[3].how
    assert len({each.id for each in events}) == 5


@pytest.mark.parametrize(
    ("end", "period"),
    [
        ("perpetual", "6 months (P6M)"),
        ("2027-08-31", "before its end"),
        (None, None),
        ("0001-01-01", "9999 years (P9999Y)"),
    ],
)
def test_a_last_day_for_notice_is_worked_out_only_from_a_day_and_a_length(document, end, period):
    found = review(
        document,
        clause(document, "Expiration Date", "ends on August 31, 2027", end),
        clause(document, "Notice Period to Terminate Renewal", "notice six months before its end", period),
    )
    assert "notice" not in {each.kind for each in timeline(document, found, CHECKLIST)}


def test_two_ends_settle_no_last_day_for_notice(document):
    found = review(
        document,
        clause(document, "Expiration Date", "ends on August 31, 2027", "2027-08-31"),
        clause(document, "Expiration Date", "July 1, 2024", "2024-07-01"),
        clause(document, "Notice Period to Terminate Renewal", "notice six months before its end", "6 months (P6M)"),
    )
    assert "notice" not in {each.kind for each in timeline(document, found, CHECKLIST)}


def said(event, day, by="Ann", **more):
    return replace(word_on(event, "a.txt", by, day), **more)


def test_the_last_word_on_a_day_counts(events):
    first, second, *_ = events
    words = [said(first, date(2025, 3, 31)), said(second, date(2027, 2, 1)), said(second, date(2027, 2, 27))]
    assert confirmed(events, words) == {first.id: "2025-03-31", second.id: "2027-02-27"}
    assert confirmed(events, [*words, said(first, None)]) == {second.id: "2027-02-27"}
    assert confirmed(events, []) == {}


def test_other_entries_confirm_nothing(events):
    first = events[0]
    accepted = Entry(
        doc="a.txt", by="Ann", clause=first.question, span=first.span, verdict="accepted", value="2025-03-31"
    )
    elsewhere = said(first, date(2025, 3, 31), span=first.span.shift(1))
    assert confirmed(events, [accepted, elsewhere]) == {}


def test_only_confirmed_days_are_in_the_calendar(events):
    days = {events[1].id: "2027-02-15", events[2].id: "2027-08-31", "unknown": "2027-01-01"}
    text = to_ics(events, days, AT).replace("\r\n ", "")
    assert text.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20270215" in text
    assert "the day is a person's" in text, "the document says another day"
    assert "SUMMARY:Expiration Date" in text
    assert "2025" not in text.split("DTSTAMP")[0]
    assert "BEGIN:VEVENT" not in to_ics(events, {}, AT)


@pytest.mark.parametrize(
    "wrong", [{"value": "31.3.2025"}, {"value": "2025-02-30"}, {"span": None}, {"verdict": "accepted"}]
)
def test_a_word_on_a_day_is_a_day_at_a_place(events, wrong):
    with pytest.raises(ValueError):
        said(events[0], date(2025, 3, 31), **wrong)
