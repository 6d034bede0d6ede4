"""The forgiving form of text: what it evens out, what it keeps apart, and its way back to the source."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docreview._text import LINE_HYPHEN, Folded, joined

SAME = [
    ("“Buyer”", '"Buyer"'),
    ("the  Buyer\n  pays", "THE BUYER PAYS"),
    ("10–20", "10-20"),
    ("a — b", "a--b"),
    ("ﬁnal oﬀer", "final offer"),
    ("Straße", "STRASSE"),
    ("İstanbul ıssız", "İSTANBUL ISSIZ".lower()),
    ("Ὀδυσσεύς", "ὈΔΥΣΣΕΎΣ"),
    ("e\u0301te\u0301", "été"),
    ("\u1112\u1161\u11ab", "한"),
    ("ｶﾞ", "ガ"),
    ("５０％", "50%"),
    ("no\u200bthing", "nothing"),
    ("ter\xadmi\xad\nnation", "termination"),
    ("ter\ufffe\nmination", "termination"),
    ("第一\n条", "第一条"),
    ("ความ\nลับ", "ความลับ"),
    ("( a )", "(a)"),
    ("Yeah , I 'm in .", "Yeah, I'm in."),
]
APART = [
    ("10²", "102"),
    ("½", "1/2"),
    ("1½", "11/2"),
    ("①", "1"),
    ("m²", "m2"),
    ("H₂O", "H2O"),
    ("5'", '5"'),
    ("not withstanding", "notwithstanding"),
    ("re-sign", "resign"),
    ("10-20", "10 20"),
    ("1, 000", "1,000"),
    (", 000", ",000"),
    ("12 . 5", "12.5"),
    ("1 .5", "1.5"),
    ("10 -5", "10-5"),
    ("$5", "€5"),
    ("cafe", "café"),
    ("thirty(30)", "thirty 30"),
    ("٥", "5"),
    ("the Party's", "the Partys"),
    ("and/or", "and or"),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_set_otherwise_is_the_same(left: str, right: str) -> None:
    assert Folded(left).key == Folded(right).key


@pytest.mark.parametrize(("left", "right"), APART)
def test_another_word_or_number_is_not(left: str, right: str) -> None:
    assert Folded(left).key != Folded(right).key


def test_a_hyphen_at_a_line_end_is_marked() -> None:
    assert Folded("termi-\n  nation").key == f"termi{LINE_HYPHEN}nation"
    assert Folded("termi-\n  nation").solid == "termination"
    assert Folded("10-\n20").key == "10-20"  # never between numbers
    assert Folded("the Buyer —\nand").key == "the buyer-and"


MESSY = st.text(
    st.sampled_from("aAzß ﬁİıe\u0301\u0307\u200b\xad\n\t-–—\"'“”’.…,5½²第ก\u0e31한\u1161\u11ab\u093fक()%$"), max_size=60
)


@given(MESSY | st.text(max_size=60))
def test_every_form_leads_back(text: str) -> None:
    folded = Folded(text)
    assert len(folded.flat) == len(text)
    for at in range(len(folded.key)):
        found = folded.source(at, at + 1)
        if found is not None:
            start, end = found
            assert 0 <= start < end <= len(text)
            assert folded.to_key(start) == at
    for at in range(len(folded.solid)):
        assert folded.key[folded.from_solid(at)] == folded.solid[at]


@given(MESSY | st.text(max_size=60))
@example("ß\u0301한")
def test_spaces_and_composition_do_not_matter(text: str) -> None:
    form = Folded(text).key
    assert Folded(text.replace(" ", "\u00a0")).key == form
    assert Folded(unicodedata.normalize("NFC", text)).key == form
    assert Folded(unicodedata.normalize("NFD", text)).key == form


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        ("a", "b", True),
        ("a", "5", True),
        ("a", " ", False),
        ("a", "-", False),
        ("第", "一", False),
        ("二", "十", True),
        ("ก", "\u0e31", True),
        ("क", "\u093f", True),
        ("5", "²", True),
    ],
)
def test_what_a_quote_may_not_part(left: str, right: str, together: bool) -> None:
    assert joined(left, right) is together


def test_white_space_beside_a_trade_mark_keeps_words_apart():
    folded = Folded("Probiotic™ Water")
    assert folded.key == Folded("probiotictm water").key
    assert folded.key != Folded("probiotictmwater").key


def test_characters_without_width_do_not_hide_an_inch_mark():
    assert Folded('2\ufeff" pipe').key == Folded('2" pipe').key
