"""Who must do what: planted duties are found there, and what only looks like one is not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import docreview
from docreview.errors import ConfigError
from docreview.obligations import ics, obligations
from docreview.obligations.calendar import _escaped, _folded

HEAD = (
    "This Agreement is made between Alder Freight Inc., a Delaware corporation (“Alder”), and Birchwood GmbH "
    "(the “Supplier”).\n\n"
)


def read(tmp_path, text):
    file = tmp_path / "contract.txt"
    file.write_text(HEAD + text, encoding="utf-8")
    return docreview.read(file)


def seen(document):
    return [(each.who.quote, each.kind, each.duty.quote) for each in obligations(document)]


DUTIES = [
    ("The Supplier shall deliver the goods.", [("The Supplier", "duty", "shall deliver the goods.")]),
    ("Alder agrees to pay the price.", [("Alder", "duty", "agrees to pay the price.")]),
    ("Neither party may assign this Agreement.", [("Neither party", "prohibition", "may assign this Agreement.")]),
    ("Supplier will not disclose it.", [("Supplier", "prohibition", "will not disclose it.")]),
    ("Alder is required to keep records.", [("Alder", "duty", "is required to keep records.")]),
    ("All taxes shall be paid by Alder.", [("Alder", "duty", "shall be paid by Alder.")]),
    ("Supplier, at its own expense, must insure them.", [("Supplier", "duty", "must insure them.")]),
    ("If goods fail, Supplier shall repair them, and Alder shall return them.",
     [("Supplier", "duty", "shall repair them"), ("Alder", "duty", "shall return them.")]),
    ("Alder, the Customer and the Supplier shall meet.",
     [("Alder, the Customer and the Supplier", "duty", "shall meet.")]),
    ("If it delays Supplier, Supplier shall tell Alder.", [("Supplier", "duty", "shall tell Alder.")]),
    ("Provided that Alder shall give notice, all is well.", [("Alder", "duty", "shall give notice, all is well.")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DUTIES)
def test_duties_with_their_party(tmp_path, text, expected):
    assert seen(read(tmp_path, text)) == expected


NONE = [
    "This Agreement shall be governed by the laws of England.",
    "Notices shall be in writing.",
    "If the Supplier shall fail to deliver, the price falls.",
    "Unless Alder shall otherwise agree, it stands.",
    "The obligations of Supplier shall survive.",
    "Supplier's liability shall not exceed USD 5.",
    "Alder shall be entitled to a discount.",
    "Alder may terminate at any time.",
    "The Supplier shall not be liable for delay.",
    "Supplier shall not be required to work on Sundays.",
    "Nothing in this Agreement shall oblige, and in no event Supplier shall be deemed, to sell.",
    "The goods which Supplier shall deliver are new.",
    "Goods that Alder will need are listed.",
    "Supplier shall own the drawings.",
    "If the goods shall be delivered by the Supplier, all is well.",
    "WHEREAS, Alder agrees to buy bolts.",
    "Payments to Alder shall bear interest.",
]


@pytest.mark.parametrize("text", NONE)
def test_what_only_looks_like_a_duty(tmp_path, text):
    assert seen(read(tmp_path, text)) == []


def test_a_list_belongs_to_the_sentence_that_opens_it(tmp_path):
    document = read(
        tmp_path, "Supplier shall:\n(a) deliver the goods;\n(b) insure them; and\n(c) tell Alder.\n\nThe end."
    )
    (one,) = obligations(document)
    assert one.citation.quote.endswith("(c) tell Alder.")


def test_every_piece_is_the_documents_own(tmp_path):
    document = read(tmp_path, "Upon request, Supplier shall within ten (10) days after the invoice repay the price.")
    (one,) = obligations(document)
    for citation in (one.who, one.duty, one.citation, one.deadline.citation, one.trigger):
        assert document[citation.span] == citation.quote
    assert one.trigger.quote == "Upon request"


DATED = "“Start Date” means 31 January 2026.\n\n"
MARCH = "2026-01-31 + 30 days = 2026-03-02"
DEADLINES = [
    ("Alder shall pay on or before 3 March 2026.", "2026-03-03", ""),
    ("Alder shall pay within thirty (30) days after the Start Date.", "2026-03-02", MARCH),
    ("Within one month after the Start Date, Alder shall pay.", "2026-02-28",
     "2026-01-31 + 1 month = 2026-02-28 (the month has no day 31, so its last day counts)"),
    ("Alder shall pay within thirty (60) days after the Start Date.", None, ""),
    ("Alder shall pay within ten (10) Business Days after the Start Date.", None, ""),
    ("Alder shall pay within ten (10) days after the Other Date.", None, ""),
    ("Alder shall pay promptly.", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "iso", "arithmetic"), DEADLINES)
def test_dates_are_worked_out_only_from_a_quoted_anchor(tmp_path, text, iso, arithmetic):
    (one,) = obligations(read(tmp_path, DATED + text))
    assert (one.deadline.date, one.deadline.arithmetic) == (iso, arithmetic)
    assert bool(one.deadline.anchor) == bool(arithmetic)


@pytest.mark.parametrize(
    "text",
    ["Alder shall keep records for at least five years.", "Alder shall provide a warranty of two years."],
)
def test_a_length_of_time_is_no_deadline(tmp_path, text):
    (one,) = obligations(read(tmp_path, text))
    assert one.deadline is None


AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_only_confirmed_dates_enter_the_calendar(tmp_path):
    found = obligations(read(tmp_path, "Alder shall pay by 3 March 2026.\n\nSupplier shall deliver by 4 April 2026."))
    calendar = ics(found, [found[0].id], AT)
    assert "DTSTART;VALUE=DATE:20260303\r\nDTEND;VALUE=DATE:20260304\r\n" in calendar
    assert calendar.count("BEGIN:VEVENT") == 1
    assert "20260404" not in calendar
    assert "BEGIN:VEVENT" not in ics(found, [], AT)


@pytest.mark.parametrize("name", ["nobody", "dateless"])
def test_what_has_no_date_can_not_be_confirmed(tmp_path, name):
    found = obligations(read(tmp_path, "Alder shall pay promptly."))
    with pytest.raises(ConfigError):
        ics(found, [found[0].id if name == "dateless" else name], AT)


@given(st.text(max_size=300))
def test_lines_of_a_calendar_fold_and_unfold(text):
    line = "SUMMARY:" + _escaped(text)
    folded = _folded(line)
    assert all(len(part.encode("utf-8", "surrogatepass")) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line
    assert not any(c < " " for c in line)


def test_text_is_escaped():
    assert _escaped("a;b,c\\d\ne") == "a\\;b\\,c\\\\d\\ne"
