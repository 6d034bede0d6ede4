import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.chunk.sentences import sentence_spans


def pieces(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One thing. Another thing.", ["One thing.", "Another thing."]),
        ("Acme Inc. and Beta Ltd. agree. They sign.", ["Acme Inc. and Beta Ltd. agree.", "They sign."]),
        ("See Sec. 4.2 and No. 7 of it. Then stop.", ["See Sec. 4.2 and No. 7 of it.", "Then stop."]),
        ("12.3. Governing Law. This holds.", ["12.3. Governing Law.", "This holds."]),
        ("Section 9. Term. It lasts.", ["Section 9. Term.", "It lasts."]),
        ("It pays:\n(a) rent; and\n(b) tax.", ["It pays:\n(a) rent; and", "(b) tax."]),
        ("It pays: (i) rent; (ii) tax.", ["It pays: (i) rent;", "(ii) tax."]),
        ("with the\nSeller and the\nBuyer.", ["with the\nSeller and the\nBuyer."]),
        ("TITLE\n\nText here", ["TITLE", "Text here"]),
        ('the "Company." Next one.', ['the "Company."', "Next one."]),
        ("signed by J. Smith today. Done.", ["signed by J. Smith today.", "Done."]),
        ("on Jan. 5, 2020 it ends.", ["on Jan. 5, 2020 it ends."]),
        ("契約は終了する。次の文。", ["契約は終了する。", "次の文。"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text(alphabet='aB1. ;:?!()"\n\tñ。 \u2028\x1c', max_size=200), st.integers(0, 20), st.integers(0, 200))
def test_every_character_is_in_exactly_one_sentence(text: str, start: int, end: int) -> None:
    end = min(end, len(text))
    start = min(start, end)
    spans = sentence_spans(text, start, end)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert "".join(re.sub(r"\s", "", text[a:b]) for a, b in spans) == "".join(text[start:end].split())


@pytest.mark.parametrize(
    "unit", ["1. ", "A. ", ". ", '."', "a;", "; ", "\n ", ";\n and", "Section 1. ", "(", "\t", "x" + 20 * " ", "a"]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    short, long = unit * 2_000, unit * 60_000
    began = time.process_time()
    sentence_spans(short)
    middle = time.process_time()
    sentence_spans(long)
    assert time.process_time() - middle < 100 * (middle - began) + 0.5  # 30 times as long, not 900 times
