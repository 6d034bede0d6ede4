import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.render import highlight

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "</pre></mark><iframe src='//evil'>",
    '" onmouseover="alert(1)" x=\'',
    "<!-- --><![CDATA[ ]]>",
    "javascript:alert(1)",
]


def seen(markup):
    """What a browser shows: no tags, entities resolved."""
    return html.unescape(re.sub(r"<[^<>]*>", "", markup))


def tags(markup):
    return set(re.findall(r"<\s*([a-zA-Z!]+)", markup))


@pytest.mark.parametrize("attack", ATTACKS)
def test_everything_is_escaped(attack):
    markup = highlight(f"a {attack} b", [(2, 2 + len(attack), attack), (0, 4, attack)])
    assert tags(markup) <= {"span", "mark", "div"}
    assert seen(markup) == f"a {attack} b"
    assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'"[^"]*"', '""', markup))


def test_direction_overrides_and_control_characters_are_shown():
    markup = highlight("total \u202e005 USD\u202c \x00\x1b[31m", [(0, 5, "x\u202ey")])
    assert not set(markup) & set("\u202e\x00\x1b")
    assert "\\u202e" in markup


def test_overlapping_marks_share_a_piece_with_both_labels():
    markup = highlight("abcdef", [(0, 4, "One"), (2, 6, "Two")])
    assert seen(markup) == "abcdef"
    assert re.findall(r'title="([^"]*)"', markup) == ["One", "One · Two", "Two"]
    assert {'id="m0"', 'id="m1"'} <= set(re.findall(r'id="[^"]*"', markup))


def test_every_mark_has_its_anchor_once():
    spans = [(0, 6, "a"), (0, 6, "b"), (0, 3, "c"), (3, 6, "d"), (2, 4, "e")]
    ids = re.findall(r'id="(m\d)"', highlight("abcdef", spans))
    assert sorted(ids) == ["m0", "m1", "m2", "m3", "m4"]


def test_scripts_run_in_their_own_direction():
    text = "English\nهذه الاتفاقية\n本合同\n"
    markup = highlight(text, [(8, 20, "Arabic"), (22, 25, "Chinese")])
    assert seen(markup) == text
    assert markup.count('<div dir="auto">') == 3
    assert ">本合同</mark>" in markup


@pytest.mark.parametrize("span", [(0, 0), (3, 2), (-1, 2), (0, 99)])
def test_a_place_outside_the_text_is_refused(span):
    with pytest.raises(ValueError, match="no place"):
        highlight("text", [(*span, "x")])


def test_a_prefix_stays_in_its_attribute():
    with pytest.raises(ValueError, match="prefix"):
        highlight("text", [(0, 1, "x")], prefix='"><b ')


TEXTS = st.text(st.sampled_from("ab<&>\"'\n\r\té本ا\u202e"), min_size=1, max_size=60)


@given(TEXTS.flatmap(lambda t: st.tuples(st.just(t), st.lists(st.tuples(*[st.integers(0, len(t))] * 2)))))
def test_no_character_is_lost_or_moved(case):
    text, pairs = case
    spans = [(min(p), max(p), "L") for p in pairs if p[0] != p[1]]
    markup = highlight(text * 400, [*spans, (0, len(text) * 400, "all")])
    assert seen(markup) == (text * 400).replace("\u202e", "\\u202e")
    assert len(set(re.findall(r'id="[^"]*"', markup))) == len(spans) + 1
