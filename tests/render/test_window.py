"""What a screen shows of a long text at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.render import highlight
from docreview.render.window import codes, occurrences, sheet_at, sheets, window
from docreview.types import Span

texts = st.text(st.sampled_from("ab \n\r\x07\u202e\U0001d518<&"), max_size=200)


@given(texts, st.integers(1, 40))
def test_sheets_hold_every_character_once(text, size):
    cut = sheets(text, size)
    assert "".join(text[each.start : each.end] for each in cut) == text
    assert all(0 < len(each) <= size for each in cut)
    for offset in range(len(text)):
        assert offset in cut[sheet_at(cut, offset)]


def test_sheets_end_with_a_line_where_there_is_one():
    assert sheets("aaa\nbb\ncccccccccc", 5) == (Span(0, 4), Span(4, 7), Span(7, 12), Span(12, 17))
    assert sheets("") == ()


def test_a_window_is_a_sheet_and_its_neighbours():
    cut = sheets("x" * 50, 10)
    assert window(cut, 0) == Span(0, 20)
    assert window(cut, 2) == Span(10, 40)
    assert window(cut, 99) == window(cut, 4) == Span(30, 50)
    assert window(cut, -3) == Span(0, 20)
    assert window((), 0) is None
    assert sheet_at(cut, 10_000) == 4


@given(texts)
def test_codes_say_how_much_longer_the_shown_text_is(text):
    import html
    import re

    shown = html.unescape(re.sub("<[^>]*>", "", highlight(text, []))).replace("\r", "\r")
    assert len(shown) == len(text) + sum(length - 1 for _, length in codes(text))
    for offset, length in codes(text):
        assert length > 1
        assert not text[offset].isprintable()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ireland", [Span(8, 15), Span(24, 31)]),
        ("LAWS OF", [Span(0, 7)]),
        ("laws  of\nireland", [Span(0, 15)]),
        ("a.*", []),
        ("", []),
        ("  ", []),
        ("wales", []),
    ],
)
def test_words_are_found_in_any_case_and_across_lines(words, found):
    assert occurrences("laws\nof Ireland; trade: IRELAND (a+)", words) == found


def test_only_so_many_places():
    assert len(occurrences("a " * 1000, "a", most=7)) == 7
    assert occurrences("price (a+)", "(a+)") == [Span(6, 10)]
