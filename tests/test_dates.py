"""Dates and periods: what is read, what is refused, and the arithmetic."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview._dates import Period, moved, period_of

READ = {
    "thirty (30) days after the Effective Date": (30, "day", 1),
    "within 10 days of receipt": (10, "day", 1),
    "no later than sixty days prior to the Expiration Date": (60, "day", -1),
    "a 30-day period following the notice": (30, "day", 1),
    "a period of two years from the date hereof": (2, "year", 1),
    "one hundred and eighty (180) calendar days before the end of the term": (180, "day", -1),
    "a hundred days after delivery": (100, "day", 1),
    "twenty four months after signature": (24, "month", 1),
    "Twenty-One (21) Days From Service": (21, "day", 1),
    "one (1) week after": (1, "week", 1),
    "the third anniversary of the Effective Date": (3, "year", 1),
    "the 5th anniversary of the Closing": (5, "year", 1),
    "eighteen (18) months, at the latest, after closing": (18, "month", 1),
    "on the date that is 12 months after the Commencement Date": (12, "month", 1),
    "not less than ninety days in advance of expiry": (90, "day", -1),
}


@pytest.mark.parametrize("text", READ)
def test_a_period_is_read(text):
    assert period_of(text) == Period(*READ[text])


REFUSED = {
    "thirty (60) days after notice": "differ",
    "ten (10) business days after notice": "holidays",
    "five working days after notice": "holidays",
    "thirty (30) days' prior written notice": "after or before what",
    "30 days of notice": "after or before what",
    "30 days or 2 months after notice": "2 periods",
    "one year and six months after the Effective Date": "2 periods",
    "after the Effective Date": "no periods",
    "days after": "no periods",
    "the last day of the month following ten days after receipt": "further day",
    "the day before the third anniversary of the Effective Date": "further day",
    "the second day of each month": "no periods",
    "the 2019 year": "after or before what",
    "": "no periods",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_certain_is_refused(text):
    assert REFUSED[text] in str(period_of(text))


@pytest.mark.parametrize(
    ("start", "period", "end", "remark"),
    [
        ("2024-01-31", Period(1, "month", 1), "2024-02-29", True),
        ("2023-01-31", Period(1, "month", 1), "2023-02-28", True),
        ("2024-02-29", Period(1, "year", 1), "2025-02-28", True),
        ("2024-02-29", Period(4, "year", 1), "2028-02-29", False),
        ("2024-03-31", Period(1, "month", -1), "2024-02-29", True),
        ("2024-03-15", Period(14, "month", -1), "2023-01-15", False),
        ("2024-12-31", Period(1, "day", 1), "2025-01-01", False),
        ("2024-03-01", Period(1, "week", -1), "2024-02-23", False),
        ("2024-11-30", Period(1, "month", 1), "2024-12-30", False),
    ],
)
def test_dates_are_moved(start, period, end, remark):
    found, said = moved(date.fromisoformat(start), period)
    assert found.isoformat() == end
    assert bool(said) == remark


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 9999))
def test_days_are_calendar_days(start, days):
    assert moved(start, Period(days, "day", 1))[0] == start + timedelta(days)
    assert moved(moved(start, Period(days, "day", -1))[0], Period(days, "day", 1))[0] == start


def test_there_is_an_end_of_time():
    with pytest.raises(OverflowError):
        moved(date(2024, 1, 1), Period(9000, "year", 1))
    with pytest.raises(OverflowError):
        moved(date(2, 1, 1), Period(900, "day", -1))


@given(st.text())
def test_any_text_is_read_or_refused(text):
    found = period_of(text)
    assert isinstance(found, (Period, str))
