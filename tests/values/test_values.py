"""What clauses answer, with clauses that look alike and must not be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.types import Span
from docreview.values import ANCHORS, Answer, counts, money, normalise, parties, percent

QUESTIONS = (
    *ANCHORS,
    "Expiration Date",
    "Renewal Term",
    "Notice Period to Terminate Renewal",
    "Governing Law",
    "Parties",
    "Cap on Liability",
    "Exclusivity",
)


def value(name: str, quote: str, **more: object) -> str | None:
    answer = normalise(name, quote, **more)  # type: ignore[arg-type]
    return answer.value if answer else None


DATES = {
    "22 Dec. 2017": "2017-12-22",
    "the 1s t day of June, 2004": "2004-06-01",
    "October 1,1996": "1996-10-01",
    "the 20th day of Friday, March 2020": "2020-03-20",
    "12-23-2019": "2019-12-23",
    "29/3/18": "2018-03-29",
    "9/9/97": "1997-09-09",
    "03/01/05": "2005-XX-XX",
    "this ____ day of March, 2018": "2018-03-XX",
    "[ ] day of [ ], 2020 (": "2020-XX-XX",
    "_____ day of ________, 19____": "19XX-XX-XX",
    "July 2013": "2013-07-XX",
    "1st day of December": "XXXX-12-01",
    "[*]": None,
    "30/30/2019": None,
    "Section 3.2.1 of version 1/2": None,
    "31 April 2019": None,
    "": None,
}


@pytest.mark.parametrize("quote", DATES)
def test_an_agreements_date(quote):
    assert value("Agreement Date", quote) == DATES[quote]


def test_other_dates_of_the_document_tell_day_from_month():
    assert value("Agreement Date", "03/04/2019", document="from 03/04/2019 until 25/12/2019") == "2019-04-03"
    assert value("Agreement Date", "03/04/2019", document="from 03/04/2019 until 12/25/2019") == "2019-03-04"
    assert value("Agreement Date", "03/04/2019", document="03/04/2019, 12/25/2019, 25/12/2019") == "2019-XX-XX"


SIGNED = Answer(kind="date", value="2004-06-01", iso="2004-06-01", marks=(Span(0, 1),))
EFFECTIVE = Answer(kind="date", value="2005-02-28", iso="2005-02-28", marks=(Span(0, 1),))
BOTH = {"Agreement Date": SIGNED, "Effective Date": EFFECTIVE}


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("shall commence on March 15, 2018 and will expire on March 14, 2020", "2018-03-15"),
        ("This Agreement takes effect on the date first written above.", "2004-06-01"),
        ("effective when the conditions precedent have been met", None),
        ("This Agreement expires on March 14, 2020.", None),
    ],
)
def test_an_effective_date(quote, expected):
    assert value("Effective Date", quote, anchors={"Agreement Date": SIGNED}) == expected


ENDS = {
    "shall commence on March 15, 2018 and will expire on March 14, 2020": "2020-03-14",
    "TERM: November 01, 2014 to October 31, 2017": "2017-10-31",
    "The initial term will be for two (2) year(s) commencing on the Effective Date.": "2007-02-28",
    "continues for sixty (60) months from the date hereof": "2009-06-01",
    "until the fifth (5th) anniversary of the Effective Date": "2010-02-28",
    "shall commence on January 20, 2014 and continue in effect for six (6) months.": "2014-07-20",
    "This Agreement shall be valid for an indefinite period.": "perpetual",
    "shall continue in effect until terminated in accordance with Section 9": "perpetual",
    "The term of this Agreement is twenty-four (24) months.": "2007-02-28",
    "ten (10) years after the First Commercial Sale": "10 years",
    "twelve (12) full calendar months from the Effective Date": "2006-02-28",
    "for thirty (60) days from the Effective Date": None,
    "the later of (i) three years from the Effective Date and (ii) the Closing": None,
    "from the Effective Date for three (3) years, subject to the prior termination rights": "2008-02-28",
    "This Agreement shall expire if the Adviser ceases to serve as adviser to the Fund.": "perpetual",
    "The Appointment may be terminated by either party giving at least 12 months' notice": "perpetual",
    "The licences shall not be terminable or revocable for any reason.": "perpetual",
    "This Agreement shall terminate upon the termination of the Offering.": None,
    'effective on the closing and no later than May 2, 2019 (such date, the "Effective Date")': None,
    "for three years from the Launch Date": "3 years",
    "until completion of the Research Program, unless sooner terminated": None,
    "terminates upon thirty (30) days' written notice": None,
    "may be renewed for one additional year": None,
}


@pytest.mark.parametrize("quote", ENDS)
def test_an_end(quote):
    assert value("Expiration Date", quote, anchors=BOTH) == ENDS[quote]


def test_an_end_that_is_counted_shows_its_arithmetic_and_needs_its_anchor():
    quote = "for two (2) years from the Effective Date"
    found = normalise("Expiration Date", quote, anchors=BOTH)
    assert str(found) == "2007-02-28 = Effective Date 2005-02-28 + 2 years"
    alone = normalise("Expiration Date", quote)
    assert (alone.kind, str(alone)) == ("duration", "2 years (P2Y)")


def test_an_end_that_says_no_start_is_marked():
    found = normalise("Expiration Date", "The term is two (2) years.", anchors=BOTH)
    assert str(found) == "2007-02-28 = not said from when; if from the Effective Date 2005-02-28 + 2 years"


def test_an_open_anchor_moves_by_whole_years_only():
    open_date = {"Effective Date": Answer(kind="date", value="2017-02-XX", marks=(Span(0, 1),))}
    assert value("Expiration Date", "four (4) years from the Effective Date", anchors=open_date) == "2021-02-XX"
    assert value("Expiration Date", "10 days from the Effective Date", anchors=open_date) == "10 days"
    assert value("Expiration Date", "eighteen (18) months from the Effective Date", anchors=open_date) == "2018-08-XX"
    open_month = {"Effective Date": Answer(kind="date", value="2017-XX-XX", marks=(Span(0, 1),))}
    assert value("Expiration Date", "12 months from the Effective Date", anchors=open_month) == "2018-XX-XX"
    assert value("Expiration Date", "18 months from the Effective Date", anchors=open_month) == "18 months"


DEFINED = {
    'launched on May 1, 2001 (the "Launch Date").': "2004-05-01",
    '"Launch Date" means May 1, 2001.': "2004-05-01",
    '"Launch Date" means the day after May 1, 2001.': "3 years",
    'May 1, 2001 (the "Launch Date"); "Launch Date" means June 1, 2002.': "3 years",
    'paid on May 1, 2001. The "Launch Date" is the first sale.': "3 years",
    "The Launch Date is May 1, 2001.": "3 years",
}


@pytest.mark.parametrize("document", DEFINED)
def test_a_term_is_counted_from_a_day_that_the_document_defines(document: str) -> None:
    quote = "for three years from the Launch Date"
    assert value("Expiration Date", quote, document=document, anchors=BOTH) == DEFINED[document]


def test_the_definition_is_quoted_in_the_arithmetic() -> None:
    document = 'The site opened on May 1, 2001 (the "Launch Date").'
    found = normalise("Expiration Date", "for three years from the Launch Date", document=document)
    assert str(found) == '2004-05-01 = Launch Date (May 1, 2001 (the "Launch Date")) 2001-05-01 + 3 years'


RENEWALS = {
    "shall automatically renew for successive one-year terms": "successive 1 year (R/P1Y)",
    "will renew automatically from year to year": "successive 1 year (R/P1Y)",
    "continue on a month to month basis until terminated": "successive 1 month (R/P1M)",
    "renewed for one (1) additional three (3) year period": "3 years (P3Y)",
    "extended for an additional period of half a year": "6 months (P6M)",
    "continue for three (3) years (the Initial Term), renew for additional one (1) year terms unless notice is given "
    "ninety (90) days before the end": "successive 1 year (R/P1Y)",
    "shall thereafter automatically renew for an unlimited period of time": "perpetual",
    "may be extended for one (1) year upon the parties' mutual agreement": None,
    "The term is two years.": None,
}


@pytest.mark.parametrize("quote", RENEWALS)
def test_a_renewal(quote):
    found = normalise("Renewal Term", quote)
    assert (str(found) if found else None) == RENEWALS[quote]


NOTICES = {
    "at least one hundred twenty (120) days advance written notice": "120 days",
    "renews for one year unless notice is given no later than sixty (60) days prior to the end": "60 days",
    "notice of non-renewal no less than 6 months prior to expiration": "6 months",
    "upon ten (10) business days' prior notice": "10 business days",
    "a term of three years": None,
    "no later than [* * *] days prior to the end": None,
    "thirty (60) days' prior notice": None,
}


@pytest.mark.parametrize("quote", NOTICES)
def test_a_notice_period(quote):
    assert value("Notice Period to Terminate Renewal", quote) == NOTICES[quote]


LAWS = {
    "governed by the laws of the State of New York, without regard to its conflict of law provisions": "New York",
    "THE LAWS OF THE STATE OF DELAWARE": "Delaware",
    "construed in accordance with Ohio law": "Ohio",
    "governed by Swiss law": "Switzerland",
    "the law of England and Wales": "England and Wales",
    "the laws of the Province of Ontario and the federal laws of Canada applicable therein": "Ontario, Canada",
    "the laws of California and the laws of Hong Kong": "California; Hong Kong",
    "the laws of the State of New York, United States": "New York",
    "except to the extent governed by the United States Trademark Act, the laws of Texas": "Texas",
    "the laws of the People's Republic of China": "People's Republic of China",
    "laws of the State of West Virginia": "West Virginia",
    "the laws of [***]": None,
    "the laws of this Agreement": None,
    "in the courts of Delaware": None,
    "without regard to the laws of Texas": None,
    "New Yorkers have laws": None,
}


@pytest.mark.parametrize("quote", LAWS)
def test_a_governing_law(quote):
    assert value("Governing Law", quote) == LAWS[quote]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not exceed $1,500,000.50", ["$ 1,500,000.5"]),
        ("Five Million Dollars ($5,000,000)", ["$ 5,000,000"]),
        ("US$ 2.5 million and EUR 300", ["USD 2,500,000", "EUR 300"]),
        ("£10,000 or 200 Canadian dollars", ["GBP 10,000", "CAD 200"]),
        ("Four Million Dollars ($5,000,000)", ["$ 4,000,000", "$ 5,000,000"]),
        ("Section 5,000 and 30 days, item $x", []),
        ("dollars per unit", []),
    ],
)
def test_money(text, expected):
    assert [one.value for one in money(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five percent (5%) of Net Sales", ["5%"]),
        ("12.5 % and ten per cent", ["12.5%", "10%"]),
        ("a percentage of 30 units", []),
    ],
)
def test_percentages(text, expected):
    assert [one.value for one in percent(text)] == expected


def test_counts():
    found = counts("at least 3,000 pagers within 30 days for $500 and 5% of 20 units")
    assert [one.value for one in found] == ["3000 pagers", "20 units"]


@pytest.mark.parametrize(
    ("name", "quote", "expected"),
    [
        ("Anti-Assignment", "may not assign without the prior written consent of the other party.",
         "Yes: without the prior written consent of the other party"),
        ("Exclusivity", "appoints Distributor as its non-exclusive distributor", "No"),
        ("Exclusivity", "an exclusive licence for A and a non-exclusive licence for B", "Yes"),
        ("Third Party Beneficiary", "Nothing confers any right upon any third party.", "No"),
        ("Third Party Beneficiary", "Each Affiliate is a third party beneficiary.", "Yes"),
        ("Cap on Liability", "shall not exceed USD 1,000,000", "Yes: USD 1,000,000"),
        ("Cap on Liability", "not exceed the fees paid in the twelve months before the claim.",
         "Yes: formula: fees paid in the twelve months before the claim"),
        ("Revenue/Profit Sharing", "shall pay 8% of Net Sales", "Yes: 8%"),
        ("Warranty Duration", "for ninety (90) days after delivery", "Yes: 90 days (P90D)"),
        ("Audit Rights", "   ", "None"),
        ("Document Name", "SERVICES AGREEMENT", "None"),
    ],
)  # fmt: skip
def test_yes_and_no(name, quote, expected):
    assert str(normalise(name, quote)) == expected


CONTRACT = """This Agreement is between Acme, Inc., a Delaware corporation ("Seller"), and Beta Tools GmbH, hereinafter
referred to as "Beta" (Seller and Beta each a "Party"). Beta pays Seller."""


def places(*names: str) -> list[Span]:
    return [Span(CONTRACT.index(name), CONTRACT.index(name) + len(name)) for name in names]


def test_parties_have_the_names_they_are_given():
    found = parties(CONTRACT, places("Acme, Inc.", "Seller", "Beta Tools GmbH", "Seller and Beta each a"))
    assert [str(party) for party in found] == ["Acme, Inc. (“Seller”)", "Beta Tools GmbH (“Beta”)"]


def test_a_partys_quote_has_its_given_name_and_a_given_name_is_no_party():
    party, term = places("Acme, Inc.", "Seller")
    assert value("Parties", "Acme, Inc.", document=CONTRACT, span=party) == "Acme, Inc. (“Seller”)"
    assert value("Parties", "Seller", document=CONTRACT, span=term) is None


@given(st.sampled_from(QUESTIONS), st.text(max_size=200))
def test_any_text_gives_a_value_that_was_read_from_it_or_none(name, quote):
    found = normalise(name, quote, document=quote, span=Span(0, len(quote)) if quote else None)
    if found is not None:
        assert all(mark.end <= len(quote) for mark in found.marks)


PIECES = st.sampled_from(
    "30 thirty (30) days months notice prior renew successive until $ % 1,000 "
    "2019 May March 4, the laws of Texas _ [ ] / - Effective Date ( ) \" . ; \n".split(" ")
)  # fmt: skip


@given(st.sampled_from(QUESTIONS), st.lists(PIECES, max_size=30).map(" ".join))
def test_scrambled_clauses_never_break(name, quote):
    found = normalise(name, quote, document=quote, anchors=BOTH)
    assert found is None or (found.value and all(quote[mark.start : mark.end].strip() for mark in found.marks))
