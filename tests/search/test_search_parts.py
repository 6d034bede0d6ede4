from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_samples import CAP, END, LAW, contract

from docreview.search import entry as entries
from docreview.search.bm25 import Bm25
from docreview.search.entry import prepare
from docreview.search.fuse import by_rank
from docreview.search.lexical import Lexical
from docreview.search.library import places
from docreview.search.resolve import Resolver, query_terms
from docreview.search.tuned import pair_ids
from docreview.search.units import LONG, units
from docreview.search.words import pieces, pieces_table, stem, terms, words
from docreview.types import Document, Source, Span, Turn


def document(text, turns=()):
    source = Source(path="x.txt", media_type="text/plain", sha256="0")
    return Document(id="x", source=source, text=text, turns=turns)


@given(st.text(alphabet="aB .;,\n?é\u0e01़\u4e00-(1)", max_size=2500))
@settings(max_examples=150, deadline=None)
def test_units_hold_every_word_and_never_overlap(text):
    spans = units(document(text))
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    seen = set().union(*(range(a, b) for a, b in spans))
    assert all(text[i].isspace() for i in range(len(text)) if i not in seen)
    assert all(b - a <= LONG for a, b in spans)


def test_units_of_talk_stay_inside_their_line():
    text = "Anna: Yes.\nBen: No.\nAnna: Why not? It is late.\n"
    said = [(6, 10, "Anna"), (16, 19, "Ben"), (26, 46, "Anna")]
    turns = tuple(Turn(speaker=who, span=Span(a, b)) for a, b, who in said)
    found = [text[a:b] for a, b in units(document(text, turns))]
    assert found == ["Anna: Yes.", "Ben: No.", "Anna: Why not? It is late."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Section 12.3(b)", ["section", "12", "3", "b"]),
        ("Müller's café", ["müller", "s", "café"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
        ("—…“”", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_terms():
    assert terms("the") == ()
    assert terms("สัญญา")[0] == "สั"
    assert terms("契約書") == ("契約", "約書")
    for family in (
        ["assign", "assigns", "assigned", "assigning"],
        ["terminate", "termination", "terminated"],
        ["party", "parties"],
    ):
        assert len({stem(word) for word in family}) == 1, family
    assert stem("law") != stem("lawn")


def test_pieces_are_those_of_the_models_own_tokenizer():
    from importlib.resources import files

    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(files("docreview.assets").joinpath("minilm-tokenizer.json").read_text("utf-8"))
    for word in ["indemnification", "café", "sublicensees", "hereinabove", "12", "müller", "xyzzyq"]:
        assert list(pieces(word)) == tokenizer.encode(word, add_special_tokens=False).ids, word
    assert len(pieces_table()) == 30_522


def test_bm25_within_a_document_equals_the_library_index():
    entry = prepare(document(contract("Alphatron Ltd", LAW, END, CAP)))
    texts = [query_terms(entry.text[a:b]) for a, b in entry.units.tolist()]
    for question in ("Which law governs?", "liability of either party", "nothing of this kind xyz", ""):
        wanted = Lexical.of_terms(texts).scores(query_terms(question))
        np.testing.assert_allclose(Bm25(entry).scores(query_terms(question)), wanted, rtol=1e-4, atol=1e-5)


def test_pairs_do_not_cross_units():
    ids, starts = np.array([1, 2, 3, 4, 5]), np.array([0, 2, 2, 3, 5])
    buckets, edges = pair_ids(ids, starts)
    assert len(buckets) == 2
    assert edges.tolist() == [0, 1, 1, 1, 2]


def test_an_entry_comes_back_as_it_was(tmp_path):
    made = document(contract("Alphatron \ud800 Ltd", LAW))
    entry = prepare(made)
    entries.save(entry, made, tmp_path / "e.npz")
    assert entries.load_document(tmp_path / "e.npz") == made
    again = entries.load(tmp_path / "e.npz")
    assert (again.text, again.vocabulary, again.sections, again.turns) == (
        entry.text,
        entry.vocabulary,
        entry.sections,
        entry.turns,
    )
    for name in ("units", "passages", "ids", "starts", "vectors"):
        np.testing.assert_array_equal(getattr(again, name), getattr(entry, name))


def test_signature_lines_make_no_transcript():
    text = "This contract is long. " * 40 + "\nBy: A\nTitle: B\nBy: C\nTitle: D\nBy: E\nTitle: F\n"
    turns = []
    for who in ("By", "Title"):
        at = 0
        while (at := text.find(f"{who}: ", at)) >= 0:
            turns.append(Turn(speaker=who, span=Span(at + len(who) + 2, at + len(who) + 3)))
            at += 1
    assert not prepare(document(text, tuple(sorted(turns, key=lambda t: t.span)))).talk


def test_fusion_by_rank():
    fused = by_rank([["a", "b", "c"], ["b", "d"]])
    assert [key for key, _ in fused] == ["b", "a", "d", "c"]
    assert by_rank([]) == []


CARDS = [
    ["services", "agreement", "alphatron", "borealis"],
    ["services", "agreement", "gammadyne", "deltaville"],
    ["lease", "agreement", "epsilon", "landlord"],
]


@pytest.mark.parametrize(
    ("query", "documents", "question"),
    [
        (
            "Consider the Services Agreement of Alphatron and Borealis; which law governs it?",
            (0,),
            "which law governs it?",
        ),
        ("Which law governs the Gammadyne contract?", (1,), "Which law governs the contract?"),
        ("Which law governs?", None, None),
        ("services agreement", None, None),
        ("", None, None),
    ],
)
def test_which_document_a_question_names(query, documents, question):
    cards = [[term for word in card for term in terms(word)] for card in CARDS]
    spread = {term: 1 for card in cards for term in card} | {terms("services")[0]: 3, terms("agreement")[0]: 3}
    named = Resolver(cards, spread).resolve(query)
    assert (named and named.documents) == documents
    assert (named and named.question) == question


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_places_use_each_allowed_unit_once(scores):
    spans = [(i * 100, i * 100 + 90) for i in range(len(scores))]
    allowed = [i % 5 != 3 for i in range(len(scores))]
    found = places(scores, spans, allowed)
    assert sorted(i for group in found for i in group) == [i for i, ok in enumerate(allowed) if ok]
    assert all(group == list(range(group[0], group[-1] + 1)) for group in found)
