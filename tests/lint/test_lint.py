"""Faults of drafting: each is planted at a known place, and beside it what only looks like one."""

import json

import pytest

import docreview
from docreview.lint import RULES, lint
from docreview.types import Span

BODY = "The parties shall perform what is set out here with reasonable care and skill and in good faith at all times."
SECTIONS = "".join(
    f"{i}. {title}\n\n{i}.1 {BODY}\n\n{i}.2 {BODY}\n\n"
    for i, title in enumerate(("SERVICES", "FEES", "TERM", "LIABILITY", "NOTICES", "GENERAL"), 1)
)


def read(tmp_path, text):
    file = tmp_path / "contract.txt"
    file.write_text(text, encoding="utf-8")
    return docreview.read(file)


def found(document, rule):
    """What a rule shows first, as text."""
    return [document[finding.citations[0].span] for finding in lint(document, [rule])]


FAULTS = [
    ("number-in-words", "Notice of thirty (60) days is given.", ["thirty (60)"]),
    ("number-in-words", "It pays one hundred fifty thousand dollars ($15,000) a year.",
     ["one hundred fifty thousand dollars ($15,000)"]),
    ("number-in-words", "A fee of two percent (2.5%) is due.", ["two percent (2.5%)"]),
    ("number-in-words", "Notice of thirty (30) days, twenty-four (24) hours, one hundred and twenty (120) days, "
     "five million (5,000,000) shares, Six (6,000,000) Million shares, one half of one percent (0.5%), "
     "the first two thirty (30) day periods, one (i) copy, three (3) million dollars ($3,000,000), "
     "ONE MILLION, TWO HUNDRED THOUSAND DOLLARS ($1,200,000).", []),
    ("placeholder", "Dated [●] between [insert name of customer] and the Supplier, for TBD days.",
     ["[●]", "[insert name of customer]", "TBD"]),
    ("placeholder", "It is made in the city of ________, on the land.", ["________"]),
    ("placeholder", "By: ________ Name: ________\n\nSee [Schedule 1], [sic] and [***] as redacted.", []),
    ("impossible-date", "It ends on February 29, 2021, and on 31 June 2020.", ["February 29, 2021", "31 June 2020"]),
    ("impossible-date", "It ends on February 29, 2020. Page 32   May 2004", []),
    ("contradicting-date", 'Made on May 1, 2020 (the "Effective Date"). "Effective Date" means June 1, 2020.',
     ['May 1, 2020 (the "Effective Date")']),
    ("contradicting-date", 'Made on May 1, 2020 (the "Effective Date"). "End Date" means June 1, 2020.', []),
    ("unused-term", 'The "Fee" means money. "Net Sales" means sales. "Local Network (LAN)" means cables. The Fee '
     "is due. The LAN works.", ["Net Sales"]),
    ("defined-twice", '"Fee" means money. The Fee is due. "Fee" means all sums.', ["Fee"]),
    ("defined-twice", '"Fee" means money. "Fee" has the meaning given in 3. The Fee is due.', []),
    ("party-name", "Acme Inc. sells. Acme, Inc. pays. Acme Inc. ends it. It sues Acme LLC then.", ["Acme LLC"]),
    ("party-name", "Acme Inc. and its affiliate Acme LLC sell. Acme Inc. pays.", []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "expected"), FAULTS)
def test_a_fault_is_found_where_it_is(tmp_path, rule, text, expected):
    assert found(read(tmp_path, text + "\n"), rule) == expected


@pytest.mark.parametrize(
    ("reference", "dangling"),
    [
        ("as said in Section 4.7, they pay", ["Section 4.7"]),
        ("as said in Section 9.4(b) below, they pay", ["Section 9.4"]),
        ("as said in Section 4.2, they pay", []),
        ("as said in Section 4.7 of the Lease Agreement, they pay", []),
        ("under Section 4.7, Section 4.8 and Section 4.9 of the Lease, they pay", []),
        ("under 17 C.F.R. Section 4.7, they pay", []),
        ("the Lease ends under Articles 4.7 or 4.8 thereof, and they pay", []),
    ],
)
def test_references(tmp_path, reference, dangling):
    assert found(read(tmp_path, f"{SECTIONS}7. LAST\n\n7.1 Where, {reference}.\n"), "dangling-reference") == dangling


def test_a_text_that_lost_its_numbers_is_one_fault(tmp_path):
    text = SECTIONS + " ".join(f"See Section {n}.{m}." for n in (1, 2, 3) for m in (5, 6, 7)) + "\n"
    (finding,) = lint(read(tmp_path, text), ["dangling-reference"])
    assert finding.severity == "info"
    assert len(finding.citations) == 9


def test_attachments(tmp_path):
    prices = "Prices are in Exhibit A and in Schedule 2, and Exhibit C to the Lease."
    text = f"{SECTIONS}7. PRICES\n\n{prices}\n\nExhibit A\n\nOne.\n"
    assert found(read(tmp_path, text), "missing-attachment") == ["Schedule 2"]
    assert found(read(tmp_path, "AMENDMENT No. 1\n\n" + text), "missing-attachment") == []


def test_duplicate_numbers(tmp_path):
    text = SECTIONS.replace("4.2 The", f"4.2 {BODY}\n\n4.2 The third, and\n\n4.3 The")
    document = read(tmp_path, text)
    (finding,) = lint(document, ["duplicate-number"])
    assert [text[c.span.start :][:7] for c in finding.citations] == ["4.2 The", "4.2 The"]
    assert [c.quote for c in finding.citations] == ["4.2", "4.2"]
    assert finding.citations[0].span.end <= finding.citations[1].span.start
    assert (
        found(read(tmp_path, text.replace("4.3", "4.4").replace("4.2 The third", "4.3 The third")), "duplicate-number")
        == []
    )


def test_undefined_terms(tmp_path):
    use = "They test the Accepted Goods with care and repair goods that were accepted late. "
    head = '"Fee" means money. "Buyer" means Ann. "Site" means Rome. The Fee, the Buyer, the Site. '
    assert found(read(tmp_path, head + use * 4), "undefined-term") == ["Accepted Goods"]
    assert found(read(tmp_path, head + use * 3), "undefined-term") == []
    assert found(read(tmp_path, head + use * 4 + 'Goods that pass (the "Accepted Goods").'), "undefined-term") == []


def test_findings_are_the_documents_own_characters_in_order(corpora):
    document = docreview.read(corpora / "contracts" / "msa.pdf")
    findings = lint(document)
    assert [f.citations[0].span for f in findings] == sorted(f.citations[0].span for f in findings)
    assert all(c.quote == document[c.span] and isinstance(c.span, Span) for f in findings for c in f.citations)


@pytest.mark.parametrize(
    "unit", ["Section 1.1, ", "(", "thirty ", "[ ", "_ ", '"A" or ', "Exhibit A ", "The Net Sale ", "1. "]
)
def test_hostile_text_ends(tmp_path, unit):
    assert isinstance(lint(read(tmp_path, "1.1 A\n\n" + unit * (40_000 // len(unit)))), tuple)


def test_the_command(tmp_path):
    from typer.testing import CliRunner

    from docreview.cli import app

    good, bad = tmp_path / "a.txt", tmp_path / "b.pdf"
    good.write_text("Notice of thirty (60) days.\n", encoding="utf-8")
    bad.write_bytes(b"%PDF-1.4 nothing")
    result = CliRunner().invoke(app, ["lint", str(bad), str(good), "--json"])
    assert result.exit_code == 1
    (row,) = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert (row["rule"], row["citations"][0]["quote"]) == ("number-in-words", "thirty (60)")
    assert CliRunner().invoke(app, ["lint", str(good), "--rule", "nothing"]).exit_code != 0
    assert set(RULES) >= {row["rule"]}
