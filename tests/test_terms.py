"""Defined terms: where each is defined, and the sentence that does it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.read.structure import find_terms

CASES = [
    ('"Confidential Information" means all data. Nothing else.', ["Confidential Information"]),
    ("“Affiliate” shall mean any firm. It pays.", ["Affiliate"]),
    ("‘Purpose’ shall mean any discussion. 'Field' means law.", ["Purpose", "Field"]),
    ('This Services Agreement (the "Agreement") is made.', ["Agreement"]),
    ('They make goods (collectively, "Products") here.', ["Products"]),
    ('ACME, Inc. ("ACME" or the "Company") and Tom ("Tom").', ["ACME", "Company", "Tom"]),
    ("Tom Miller, hereinafter referred to as the Supplier, sells.", ["Supplier"]),
    ('The term "net price" shall mean the price.', ["net price"]),
    ('"Term" has the meaning set forth in Section 2.', ["Term"]),
    ('"Fee", as used herein, means 5 euros.', ["Fee"]),
    ("Definitions\n\nWorking Day means a day.\nYear shall mean 12 months.\n", ["Working Day", "Year"]),
    ("„Vertrag“ bezeichnet diesen Text. Die ACME (nachfolgend „Lieferant“) liefert.", ["Vertrag", "Lieferant"]),
    ("« Produits » désigne les biens.", ["Produits"]),
    ("“Servicios” significa los trabajos. ACME (en adelante, el “Cliente”) paga.", ["Servicios", "Cliente"]),
]


@pytest.mark.parametrize(("text", "terms"), CASES)
def test_terms(text: str, terms: list[str]) -> None:
    found = find_terms(text)
    assert [term.term for term in found] == terms
    for term in found:
        assert text[term.span.start : term.span.end] == term.term
        assert term.span in term.definition


@pytest.mark.parametrize(
    "text",
    [
        'He said "Good morning" to all.',
        "The label reads “Fragile”. It is blue.",
        "It's the customers' duty to pay (in full).",
        "This means nothing.",
        "",
    ],
)
def test_quotations_are_no_terms(text: str) -> None:
    assert find_terms(text) == ()


def test_the_definition_is_the_sentence() -> None:
    text = 'Before it. "Net Sales" means the price\nless taxes of ACME Inc. Germany; and more.  After it.'
    (term,) = find_terms(text)
    assert text[term.definition.start : term.definition.end] == (
        '"Net Sales" means the price\nless taxes of ACME Inc. Germany; and more.'
    )


@given(
    st.lists(st.sampled_from(['"', "“", "”", "(the ", ")", "Term", " means ", ". ", "\n", "hereinafter called ", "X"]))
)
def test_spans_hold_for_any_text(parts: list[str]) -> None:
    text = "".join(parts)
    found = find_terms(text)
    for term in found:
        assert term.definition.end <= len(text)
        assert term.span in term.definition
        assert term.term == " ".join(text[term.span.start : term.span.end].split())
    assert [t.span.start for t in found] == sorted({t.span.start for t in found})


@pytest.mark.parametrize(
    "text", ['"A" means ' * 20_000, '"' * 500_000, "(the " * 200_000, '"A' + " " * 1_000_000, "Ab " * 300_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    find_terms(text)
    assert time.process_time() - start < 30  # it ends
