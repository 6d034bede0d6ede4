"""Two documents side by side: what was planted is found, where it is and for what it is, and nothing else."""

import pytest
from compare_samples import CONTRACT, TABLE, document
from hypothesis import given
from hypothesis import strategies as st

import docreview
from docreview.compare import compare


def seen(old, new):
    """The differences as (kind, old words, new words)."""
    comparison = compare(old, new)
    return [(d.kind, old[d.old] if d.old else "", new[d.new] if d.new else "") for d in comparison.differences]


def edited(*edits, text=CONTRACT):
    for before, after in edits:
        assert text.count(before) == 1
        text = text.replace(before, after)
    return document(text)


EDITS = [
    ("thirty (30) days", "sixty (60) days", ("number", "thirty (30)", "sixty (60)")),
    ("three (3) years", "five (5) years", ("number", "three (3)", "five (5)")),
    ("USD 40,000", "USD 45,000", ("money", "40,000", "45,000")),
    ("USD 40,000", "EUR 40,000", ("money", "USD", "EUR")),
    ("May 1, 2024", "June 1, 2024", ("date", "May", "June")),
    ("May 1, 2024", "May 1, 2025", ("date", "2024", "2025")),
    ("shall not exceed", "shall exceed", ("obligation", "not", "")),
    ("Neither party may assign", "Either party may assign", ("obligation", "Neither", "Either")),
    ("Customer shall pay", "Customer may pay", ("obligation", "shall", "may")),
    ("The Customer shall pay", "The Supplier shall pay", ("party", "Customer", "Supplier")),
    ("reasonable care", "due care", ("wording", "reasonable", "due")),
    ("written consent", "prior written consent", ("added", "", "prior")),
    ("with reasonable care and skill", "with care and skill", ("removed", "reasonable", "")),
    ("see Section 4.1", "see Section 5.1", ("number", "4.1", "5.1")),
    ("the fees paid", "the Fees paid", ("wording", "fees", "Fees")),
]


@pytest.mark.parametrize(("before", "after", "expected"), EDITS)
def test_an_edit_is_found_where_it_is_for_what_it_is(before, after, expected):
    old, new = document(CONTRACT), edited((before, after))
    assert seen(old, new) == [expected]
    (difference,) = compare(old, new).differences
    assert abs(difference.old_at - CONTRACT.index(before)) <= len(before)
    assert [pair.status for pair in compare(old, new).pairs].count("changed") == 1


SAME = [
    ("lines wrapped elsewhere", lambda text: text.replace(" the ", "\nthe ")),
    ("other white space", lambda text: text.replace("\n\n", "\n \n\n").replace(" of ", "  of\u00a0")),
    ("typographic quotation marks", lambda text: text.replace("'", "\u2019")),
    ("a hyphen at a line end", lambda text: text.replace("reasonable", "reason-\nable")),
    ("ligatures", lambda text: text.replace("fi", "\ufb01")),
    ("nothing", lambda text: text),
]


@pytest.mark.parametrize(("how", "change"), SAME)
def test_how_a_text_is_set_makes_no_difference(how, change):
    comparison = compare(document(CONTRACT), document(change(CONTRACT)))
    assert comparison.differences == (), how
    assert not any(pair.moved for pair in comparison.pairs)


def test_a_clause_that_was_put_in_is_added_and_the_rest_renumbered():
    old = document(CONTRACT)
    new = edited(
        ("2.2 Further", "2.2 The Customer gets a discount of two percent when it pays early.\n\n2.3 Further"),
    )
    comparison = compare(old, new)
    assert comparison.counts() == {"numbering": 1, "added": 1}
    (added,) = [pair for pair in comparison.pairs if pair.status == "added"]
    assert new[added.new.span].startswith("2.2 The Customer gets")
    (renumbered,) = [pair for pair in comparison.pairs if pair.renumbered]
    assert (renumbered.old.number, renumbered.new.number) == ("2.2", "2.3")
    assert not any(pair.moved for pair in comparison.pairs)


def test_a_reference_that_follows_its_clause_is_numbering():
    text = CONTRACT.replace("4. LIABILITY", "4. AUDIT\n\n4.1 The Customer audits books yearly.\n\n5. LIABILITY")
    text = text.replace("\n4.1 The Supplier's", "\n5.1 The Supplier's").replace("see Section 4.1", "see Section 5.1")
    assert ("numbering", "4.1", "5.1") in seen(document(CONTRACT), document(text))
    assert not [kind for kind, *_ in seen(document(CONTRACT), document(text)) if kind == "number"]


def test_a_clause_that_was_moved_is_known_again():
    part = CONTRACT[CONTRACT.index("2. FEES") : CONTRACT.index("3. TERM")]
    new = document(CONTRACT.replace(part, "") + part.replace("USD 40,000", "USD 41,000"))
    comparison = compare(document(CONTRACT), new)
    moved = [pair for pair in comparison.pairs if pair.moved]
    assert [pair.new.number for pair in moved] == ["2", "2.1", "2.2"]
    assert comparison.counts() == {"money": 1, "moved": 3}


def test_a_cell_of_a_table_is_compared():
    old, new = document(CONTRACT + TABLE), document(CONTRACT + TABLE.replace("118.40", "128.40"))
    assert seen(old, new) == [("number", "118.40", "128.40")]


def test_formats_do_not_matter(tmp_path, corpora):
    lease = docreview.read(corpora / "contracts" / "lease.docx")
    file = tmp_path / "lease.txt"
    file.write_text(lease.text.replace("seven (7) years", "nine (9) years"), encoding="utf-8")
    assert seen(lease, docreview.read(file)) == [("number", "seven (7)", "nine (9)")]


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("", "A text."), ("A text.", ""), ("\n\n\n", "x"), ("same", "same"), ("甲方应付款。", "甲方不应付款。")],
)
def test_odd_texts(old, new):
    old, new = document(old), document(new)
    check(compare(old, new))
    assert bool(compare(old, new).differences) == (old.text.strip() != new.text.strip())


def test_turns_of_a_transcript_are_compared(corpora):
    call = docreview.read(corpora / "twins" / "support-call.json")
    comparison = compare(call, call)
    assert len(comparison.pairs) >= len(call.turns)
    assert not comparison.differences


def check(comparison):
    """Every character of both is in exactly one piece; differences lie in their pieces, in order, and are none."""
    for document_, side in ((comparison.old, "old"), (comparison.new, "new")):
        spans = sorted(getattr(pair, side).span for pair in comparison.pairs if getattr(pair, side))
        assert "".join(document_[span] for span in spans) == document_.text
        for pair in comparison.pairs:
            at = getattr(pair, side).span.start if getattr(pair, side) else 0
            for difference in pair.differences:
                span = getattr(difference, side)
                assert getattr(difference, f"{side}_at") == (span.start if span else getattr(difference, f"{side}_at"))
                if span:
                    assert at <= span.start
                    assert span in getattr(pair, side).span
                    at = span.end
    assert all(d.old or d.new for d in comparison.differences)


PARAGRAPHS = st.sampled_from(
    [line for line in (CONTRACT + TABLE).split("\n\n") if line]
    + ["7. \u202e<b>\x00", "(a) it may not", "", "ﬁ “x” -\nb", "1.1 the the the"]
)
TEXTS = st.lists(PARAGRAPHS, max_size=9).map("\n\n".join)
WORDS = st.lists(
    st.sampled_from("shall not may 30 thirty (30) USD 5 the Buyer . , \n\n 1.1 May 2024 é ﬁ 甲 - \n".split(" ")),
    max_size=30,
)


@given(st.one_of(TEXTS, WORDS.map(" ".join)), st.one_of(TEXTS, WORDS.map(" ".join)))
def test_nothing_is_lost_and_the_other_way_round_is_the_mirror(a, b):
    old, new = document(a, "a.txt"), document(b, "b.txt")
    comparison = compare(old, new)
    check(comparison)
    assert compare(new, old) == comparison.mirrored()
    assert comparison.mirrored().mirrored() == comparison


@given(st.one_of(TEXTS, WORDS.map(" ".join)))
def test_equal_texts_differ_in_nothing(text):
    comparison = compare(document(text, "a.txt"), document(text, "b.txt"))
    check(comparison)
    assert comparison.counts() == {}


HOSTILE = [
    ("a word over and over", "a " * 30_000, "a b " * 15_000),
    ("digits", "9" * 60_000, "8" * 60_000),
    ("blank lines", "\n" * 200_000 + "x", "\n" * 200_000 + "y"),
    ("numbers", "1. " * 20_000, "1. 2. " * 10_000),
]


@pytest.mark.slow
@pytest.mark.parametrize(("what", "old", "new"), HOSTILE)
def test_hostile_texts_come_to_an_end(what, old, new):
    check(compare(document(old), document(new)))
