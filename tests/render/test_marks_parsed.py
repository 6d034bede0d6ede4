"""The highlighter as an HTML parser reads it: the text is the text, and nothing else gets in."""

import re

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.render import highlight

ALLOWED = {"div", "mark", "span"}
ATTRIBUTES = {"div": {"dir"}, "mark": {"class", "id", "title"}, "span": {"id"}}
ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil></sCrIpT>",
    "<script\x0b>alert(1)</script>".replace("\x0b", " "),
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert&#40;1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "</mark></div><script>alert(1)</script><div><mark>",
    "</pre></mark><iframe src='//evil'>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<style>*{background:url(//evil)}</style>",
    "<link rel=stylesheet href=//evil>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "<base href=//evil>",
    "<form action=//evil><button>go</button></form>",
    "<object data=//evil></object><embed src=//evil>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "javascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    '" onmouseover="alert(1)" x=\'',
    "' onfocus='alert(1)' autofocus='",
    "`onmouseover=alert(1)`",
    "\"><img src=x onerror=alert(1)>",
    "<!-- --><![CDATA[ ]]><?php echo 1 ?>",
    "<!doctype html><html><body onload=alert(1)>",
    "--><script>alert(1)</script><!--",
    "&lt;b&gt; &amp; &#60;script&#62; &notit; &AMP",
    "<<b>script>alert(1)<</b>/script>",
    "<x\nonclick=alert(1)\n>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= 1 %>",
    "[x](javascript:alert(1)) ![x](https://evil/x.png) **bold** $\\href{javascript:1}{x}$",
    "＜script＞alert(1)＜/script＞",
    "<plaintext><xmp><noscript><template>",
]  # fmt: skip


def parsed(markup):
    return lxml.html.fragment_fromstring(markup, create_parent="article")


def check(markup, text):
    """The parser finds the text, our elements, our attributes, each id once."""
    root = parsed(markup)
    assert root.text_content() == text
    ids = []
    for element in root.iterdescendants():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        ids += [element.get("id")] if "id" in element.attrib else []
        assert re.fullmatch(r"[A-Za-z0-9-]+", element.get("id", "m0"))
        assert element.get("class") in (None, "faint", "many")
        assert element.get("dir") in (None, "auto")
    assert len(ids) == len(set(ids))
    return root


def shown(text):
    """A text as it is to be seen: what steers a terminal or turns the direction is written as its code."""
    hidden = {*range(9), 11, 12, *range(14, 32), 127, 0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068}
    return "".join(
        (f"\\x{ord(c):02x}" if ord(c) < 128 else f"\\u{ord(c):04x}") if ord(c) in hidden else c for c in text
    )


def test_there_are_attacks_enough():
    assert len(set(ATTACKS)) == len(ATTACKS) > 28


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_the_text_it_is_in_the_text_and_in_labels(attack):
    text = f"before {attack} after"
    end = 7 + len(attack)
    root = check(highlight(text, [(7, end, attack), (0, 9, attack), (end - 2, len(text), "L")], faint={1}), text)
    assert attack in root.find(".//mark").get("title")


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_prefix_leaves_its_attribute(attack):
    with pytest.raises(ValueError, match="prefix"):
        highlight("text", [(0, 1, "x")], prefix=attack)


SCRIPTS = [
    ("هذه الاتفاقية مبرمة بين الطرفين", [(4, 13, "a"), (9, 20, "b")]),
    ("הסכם זה (the “Agreement”) נחתם ביום 3.4.2024", [(9, 24, "a"), (0, 12, "b")]),
    ("本合同由甲方与乙方签订，有效期三年。", [(0, 3, "a"), (2, 8, "b")]),
    ("นี่คือสัญญา กำหนดสามปี", [(0, 5, "a"), (5, 11, "b")]),
    ("यह अनुबंध तीन वर्षों", [(0, 2, "a"), (1, 9, "b")]),
    ("𝔸 🏳️‍🌈 e\u0301 ﬁn", [(0, 1, "a"), (2, 8, "b"), (8, 10, "c")]),
]


@pytest.mark.parametrize(("text", "spans"), SCRIPTS)
def test_scripts_of_the_world_keep_their_characters_and_order(text, spans):
    lines = f"{text}\nEnglish\n{text}"
    root = check(highlight(lines, spans), lines)
    rows = root.xpath("./div/div[@dir='auto']")
    assert [row.text_content() for row in rows] == [f"{text}\n", "English\n", text]
    for start, end, label in spans:
        pieces = [mark for mark in root.iter("mark") if label in mark.get("title").split(" · ")]
        assert "".join(mark.text_content() for mark in pieces) == text[start:end]


ANY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x0d"),
        st.sampled_from("<>&\"'/=`;!-\n\t אب本ก\u202e\u2066\u200f"),
    ),
    min_size=1,
    max_size=80,
)
CASES = ANY.flatmap(
    lambda text: st.tuples(
        st.just(text),
        st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)), ANY), max_size=8),
    )
)


@given(CASES)
def test_any_text_with_any_marks_reads_back(case):
    text, marks = case
    spans = [(min(a, b), max(a, b), label) for a, b, label in marks if a != b]
    root = check(highlight(text, spans), shown(text))
    covered = "".join(shown(c) for i, c in enumerate(text) if any(a <= i < b for a, b, _ in spans))
    assert "".join(mark.text_content() for mark in root.iter("mark")) == covered
