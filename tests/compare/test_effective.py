"""Amendments: what is certain is applied where it belongs, and nothing of them is dropped."""

import json

import lxml.html
import pytest
from compare_samples import CONTRACT, document
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import docreview
from docreview.cli import app
from docreview.compare.effective import effective
from docreview.compare.show_effective import effective_page, lines

CLAUSE = CONTRACT[CONTRACT.index("3.1 This") : CONTRACT.index("3.2 Further")].strip()
APPLIED = [
    ('In clause 2.1, "USD 40,000" is replaced by "USD 50,000".', "USD 40,000", "USD 50,000"),
    ("In Section 2.1 of the Agreement, the words “thirty (30)” are hereby deleted and replaced with “sixty (60)”.",
     "thirty (30)", "sixty (60)"),
    ("Section 3.1 is hereby amended by deleting “three (3)” and inserting in its place “five (5)”.",
     "three (3)", "five (5)"),
    ("The parties agree that Section 3.1 is amended by replacing \"May 1, 2024\" with \"June 1, 2024\".",
     "May 1, 2024", "June 1, 2024"),
    ("Section 3.1 (Term) is hereby amended and restated in its entirety to read as follows:\n\n“3.1 It ends in 2030.”",
     CLAUSE, "3.1 It ends in 2030."),
    ("Section 3.1 is deleted in its entirety and replaced with the following:\n\n3.1 It ends in 2031.",
     CLAUSE, "3.1 It ends in 2031."),
    ("Section 3.1 of the Agreement is hereby deleted in its entirety.", CLAUSE, ""),
]  # fmt: skip


@pytest.mark.parametrize(("order", "old", "new"), APPLIED)
def test_an_order_is_applied_where_it_belongs(order, old, new):
    amendment = document(f"AMENDMENT\n\n{order}\n\nSigned by both.\n", "amendment.txt")
    terms = effective(document(CONTRACT), [amendment])
    assert terms.text == CONTRACT.replace(old, new)
    (change,) = terms.changes
    assert "".join(terms.words(change.old)) == old
    assert (amendment[change.new] if change.new else "") == new


@pytest.mark.parametrize(
    "order",
    [
        "The following is added as Section 2.3:\n\n2.3 Interest is due on late sums.",
        "A new Section 2.3 is hereby added to the Agreement as follows: “2.3 Interest is due on late sums.”",
    ],
)
def test_a_new_clause_stands_after_the_one_before_it(order):
    terms = effective(document(CONTRACT), [document(f"AMENDMENT\n\n{order}\n\nSigned.\n", "amendment.txt")])
    assert "prevail.\n\n2.3 Interest is due on late sums." in terms.text
    before, _, after = terms.text.partition("\n\n2.3 Interest is due on late sums.")
    assert (before + after).startswith(CONTRACT[: CONTRACT.index("3. TERM")].rstrip())
    assert (before + after).count("3. TERM") == 1


UNCLEAR = [
    ('In clause 9.1, "USD 40,000" is replaced by "USD 50,000".', "no clauses have the number 9.1"),
    ('In clause 2.1, "USD 44,000" is replaced by "USD 50,000".', "not in the clause"),
    ('In clause 4.1, "the" is replaced by "a".', "times in the clause"),
    ('In clause 2.1(b), "USD 40,000" is replaced by "USD 50,000".', "no clauses"),
    ('In clause 2.1, "USD 40,000" is replaced by "USD 50,000" from May 2025.', "says more"),
    ('Subject to payment, in clause 2.1, "USD 40,000" is replaced by "USD 50,000".', "says more"),
    ("Section 3.1 is deleted if the Customer pays.", "no rule"),
    ("Section 3.1 is not deleted.", "no rule"),
    ("Section 3.1 is amended to read as follows: “3.1 “Term” means “May”.\n\nIt is “long”.”", "not clear"),
    ("Section 3.1 is amended to read as follows:\n\n3.1 It ends in 2031.\n\nIt may be renewed.", "not clear"),
    ("The following is added as Section 2.2:\n\n2.2 Interest is due.", "already"),
    ("The price in clause 2.1 is changed from USD 40,000 to USD 50,000.", "no rule"),
    ("The Customer waives its claims.", "no rule"),
]


@pytest.mark.parametrize(("order", "reason"), UNCLEAR)
def test_what_is_not_certain_is_listed_and_not_applied(order, reason):
    amendment = document(f"PARTIES\n\n{order}\n\nSigned by both.\n", "amendment.txt")
    terms = effective(document(CONTRACT), [amendment])
    assert terms.text == CONTRACT
    assert not terms.changes
    assert any(reason in passage.reason for passage in terms.unapplied)
    assert any("NOT APPLIED" in line for line in lines(terms))


def test_a_second_amendment_changes_what_the_first_gave():
    first = document('A1\n\nIn clause 2.1, "USD 40,000" is replaced by "USD 50,000".', "a1.txt")
    second = document('A2\n\nIn clause 2.1, "USD 50,000" is replaced by "USD 60,000".', "a2.txt")
    terms = effective(document(CONTRACT), [first, second])
    assert terms.text == CONTRACT.replace("USD 40,000", "USD 60,000")
    assert [part.source for part in terms.changes[1].old] == [1]
    assert {part.source for part in terms.held} == {0, 2}


ORDERS = st.lists(
    st.sampled_from([*(case[0] for case in (*APPLIED, *UNCLEAR)), "1. GENERAL", "Other words."]), max_size=6
)


@given(ORDERS, ORDERS)
def test_nothing_of_an_amendment_is_dropped(one, two):
    amendments = [document("\n\n".join(said), f"{i}.txt") for i, said in enumerate((one, two))]
    terms = effective(document(CONTRACT), amendments)
    for source, amendment in enumerate(amendments, 1):
        spans = [item.span for item in (*terms.changes, *terms.others) if item.source == source]
        missing = [
            char for at, char in enumerate(amendment.text) if char.isalpha() and not any(at in span for span in spans)
        ]
        assert not missing
    assert all(terms.documents[part.source][part.span] for part in terms.held)


def test_the_order_and_its_amendment_of_our_corpora(corpora):
    paths = [str(corpora / "contracts" / "sow-3.docx"), str(corpora / "twins" / "sow-3-amendment-1.txt")]
    terms = effective(docreview.read(paths[0]), [docreview.read(paths[1])])
    assert [change.number for change in terms.changes] == ["2.1", "4.1", "6.2", "6.3"]
    assert any("Milestone date of D4" in terms.documents[1][passage.span] for passage in terms.unapplied)
    assert any("Henrik Vasterholm" in terms.documents[1][passage.span] for passage in terms.unapplied)
    root = lxml.html.document_fromstring(effective_page(terms))
    marked = [mark.text_content() for mark in root.iter("mark")]
    assert marked == ["31 January 2026", "GBP 912,500", "80 terabytes", "13 October 2025"]
    assert root.xpath("string(//div[@class='effective'])") == terms.text


def test_the_command(tmp_path, corpora):
    paths = [str(corpora / "contracts" / "sow-3.docx"), str(corpora / "twins" / "sow-3-amendment-1.txt")]
    text, html = tmp_path / "terms.txt", tmp_path / "terms.html"
    result = CliRunner().invoke(app, ["effective", *paths, "--text", str(text), "--html", str(html)])
    assert result.exit_code == 0
    assert "clause 6.3, by sow-3-amendment-1.txt: “1 September 2025” → “13 October 2025”" in result.stdout
    assert "ends on 31 January 2026" in text.read_text(encoding="utf-8")
    data = json.loads(CliRunner().invoke(app, ["effective", *paths, "--json"]).stdout)
    assert data["text"] == text.read_text(encoding="utf-8")
