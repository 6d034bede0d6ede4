"""Out and back, character for character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.governance import find_pii, redact, restore
from docreview.governance.pii import Numbered, PiiSpan
from docreview.governance.pii.batch import redact_rows
from docreview.types import Span
from tests.governance.test_pii_find import FOUND, pieces

LETTER = "Attn: Kurt Dresch, (404) 815-5909, k.dresch@example.com. Dear Mr. Dresch, [PERSON_1] wrote to Kurt Dresch."
texts = st.one_of(st.text(), st.lists(pieces, max_size=8).map("".join))


def test_one_value_has_one_surrogate_and_none_that_the_text_holds():
    done = redact(LETTER)
    assert done.text == "Attn: [PERSON_2], [PHONE_1], [EMAIL_1]. Dear [PERSON_3], [PERSON_1] wrote to [PERSON_2]."
    assert restore(done) == LETTER
    assert str(done) == done.text
    assert "Kurt" not in repr(done)


@given(texts)
def test_what_was_taken_out_comes_back(text):
    assert restore(redact(text)) == text


@given(texts)
def test_redacting_twice_is_redacting_once(text):
    once = redact(text).text
    assert redact(once).text == once


@given(texts)
def test_nothing_found_remains(text):
    assert find_pii(redact(text).text) == ()


@given(texts, st.data())
def test_places_map_both_ways(text, data):
    done = redact(text)
    for piece in done.replacements:
        assert done.to_redacted(piece.original) == piece.redacted
        assert done.to_original(piece.redacted) == piece.original
        assert text[piece.original.start : piece.original.end] == piece.value
    if text:
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        back = done.to_original(done.to_redacted(Span(start, end)))
        assert back.start <= start < end <= back.end


@given(texts)
def test_an_answer_about_it_can_be_restored_too(text):
    known = Numbered()
    done = redact(text.replace("_", " "), surrogates=known)
    assert restore(done.text, known) == text.replace("_", " ")


def test_other_surrogates_stay_as_they_are():
    assert restore("[PERSON_1] and [PERSON_9]", {"[PERSON_1]": "Ann"}) == "Ann and [PERSON_9]"
    with pytest.raises(ValueError, match="whose"):
        restore("[PERSON_1]")


def test_spans_of_ones_own():
    done = redact("Ann Roe lives here", [PiiSpan(0, 3, "PERSON", 1.0), PiiSpan(2, 7, "PERSON", 0.5)])
    assert done.text == "[PERSON_1] lives here"
    with pytest.raises(ValueError, match="behind"):
        redact("x", [PiiSpan(0, 3, "PERSON", 1.0)])


def test_rows_keep_their_order():
    rows = list(redact_rows({"text": text} for text, *_ in FOUND))
    assert len(rows) == len(FOUND)
    for row, (text, _, value) in zip(rows, FOUND, strict=True):
        assert value not in row["redacted"]
        assert any(text[s["start"] : s["end"]] == value for s in row["spans"])
    with pytest.raises(ValueError, match="row 2"):
        list(redact_rows([{"text": ""}, {"words": ""}]))
