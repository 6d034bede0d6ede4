"""Values against annotated answers: the forms that annotators use, and the figures."""

import pytest

from docreview.evaluate.data import Contract
from docreview.evaluate.values import gold_date, gold_parties, measure, rows

TEXT = 'Dated June 1, 2004. Acme, Inc. ("Seller") and Beta GmbH. The laws of the State of Ohio govern.'


def contract(group: str, law: str = "Ohio") -> Contract:
    def place(words: str) -> list[dict[str, int]]:
        return [{"start": TEXT.index(words), "end": TEXT.index(words) + len(words)}]

    return Contract(
        doc=f"{group}.txt",
        group=group,
        kind="",
        text=TEXT,
        clauses={
            "Agreement Date": place("June 1, 2004"),
            "Governing Law": place("The laws of the State of Ohio govern."),
            "Parties": place("Acme, Inc.") + place("Seller") + place("Beta GmbH"),
        },
        answers={
            "Agreement Date": "6/1/2004",
            "Governing Law": law,
            "Parties": 'Acme, Inc. ("Seller"); Beta GmbH (individually "Party")',
            "Renewal Term": "",
        },
    )


@pytest.mark.parametrize(
    ("annotated", "ours"),
    [
        ("6/1/2004", "2004-06-01"),
        ("03/[]/2018", "2018-03-XX"),
        ("[]/[]/19[]", "19XX-XX-XX"),
        ("31/01/2025", "2025-01-31"),
        ("Perpetual", "perpetual"),
        ("", ""),
        ("soon", "soon"),
    ],
)
def test_annotated_dates_in_our_form(annotated, ours):
    assert gold_date(annotated) == ours


def test_annotated_parties():
    found = gold_parties('Acme, Inc. ("Seller", "Acme"); Beta GmbH; Acme and Beta (individually "Party")')
    assert [(party.name, party.called) for party in found] == [("Acme, Inc", ("Seller", "Acme")), ("Beta GmbH", ())]


def test_questions_without_an_annotated_clause_are_left_out():
    names = [row.name for row in rows([contract("a")])]
    assert names == ["Agreement Date", "Governing Law", "Parties", "Parties with the names they are given"]


def test_figures_count_exact_answers_and_names():
    figures = measure([contract("a"), contract("b", law="Texas"), contract("c"), contract("d")])
    assert figures["all"]["Agreement Date"] == {"n": 4, "right": 1.0}
    assert figures["all"]["Governing Law"] == {"n": 4, "right": 0.75}
    assert figures["all"]["Parties"] == {"n": 8, "precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert figures["held_out"]["Agreement Date"]["n"] == 1
