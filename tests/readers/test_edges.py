"""Names and titles are whole words, with nothing opened and left unclosed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.readers.edges import tidied, tidy
from docreview.readers.settle import Candidate

DEED = (
    "MUTUAL NON-DISCLOSURE AGREEMENT between (1) HALCYON SKINCARE PTE. LTD. (the “Principal”) and (2) MARLOWE & FINCH "
    'HOLDINGS PLC (“Distributor”), by its President ARCA CAPITAL LLC and Veridian Systems Limited ("Supplier"), '
    "Jo Smith. ______Rose Realty ---------Elm Inc"
)


@pytest.mark.parametrize(
    ("found", "whole", "category"),
    [
        ("SKINCARE PTE. LTD.", "HALCYON SKINCARE PTE. LTD.", "Parties"),
        ("& FINCH HOLDINGS PLC", "MARLOWE & FINCH HOLDINGS PLC", "Parties"),
        ("FINCH HOLDINGS PLC (", "MARLOWE & FINCH HOLDINGS PLC", "Parties"),
        ("“Distributor", "Distributor", "Parties"),
        ("“Distributor”", "“Distributor”", "Parties"),
        ("CAPITAL LLC", "ARCA CAPITAL LLC", "Parties"),
        ('Veridian Systems Limited ("', "Veridian Systems Limited", "Parties"),
        ('Supplier"', "Supplier", "Parties"),
        ("Distributor”)", "Distributor", "Parties"),
        ("and Veridian Systems Limited", "Veridian Systems Limited", "Parties"),
        ("Distributor”), by", "Distributor", "Parties"),
        ("Smith", "Smith", "Parties"),
        ("-DISCLOSURE AGREEMENT", "NON-DISCLOSURE AGREEMENT", "Document Name"),
        ("DISCLOSURE AGR", "NON-DISCLOSURE AGREEMENT", "Document Name"),
        ("Rose Realty", "Rose Realty", "Parties"),
        ("Elm Inc", "Elm Inc", "Parties"),
        ("SKINCARE PTE. LTD. (", "SKINCARE PTE. LTD. (", "Governing Law"),
    ],
)
def test_edges_are_mended(found, whole, category):
    at = DEED.index(found)
    start, end = tidy(DEED, at, at + len(found), category)
    assert DEED[start:end] == whole


@given(st.text(alphabet='Ab c&-(“”"Inc.\n', max_size=60), st.data())
def test_a_place_stays_a_place_and_mending_twice_changes_nothing_in_its_words(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = tidy(text, start, end, "Parties")
    assert 0 <= first <= last <= len(text)
    assert (first < last) == (start < end)


def test_of_two_that_become_the_same_the_likelier_stays_and_other_extents_too():
    at = DEED.index("SKINCARE")
    whole = Candidate("Parties", at, at + 18, 0.9)
    part = Candidate("Parties", at - 8, at - 1, 0.4)
    other = Candidate("Parties", at, at + 8, 0.2, other=True)
    same = Candidate("Parties", at - 8, at + 18, 0.1, other=True)
    law = Candidate("Governing Law", at, at + 3, 0.5)
    kept = tidied(DEED, [law, whole, part, other, same])
    assert kept[0] == law
    assert [(DEED[c.start : c.end], c.score) for c in kept[1:]] == [
        ("HALCYON SKINCARE PTE. LTD.", 0.9),
        ("SKINCARE", 0.2),
    ]
