"""Playbooks: planted clauses and their verdicts, and what must not be decided."""

import json

import pytest

import docreview
from docreview._json import dumps
from docreview.checklist import load as checklist
from docreview.errors import ConfigError, OutputError
from docreview.playbook import SHIPPED, check, load, suggest
from docreview.playbook.amounts import money, percentages, periods
from docreview.playbook.saved import saved_reviews
from docreview.playbook.words import compiled, occurrences
from docreview.types import Clause, Coverage, Decision, Review, Span
from docreview.verify import locate

HEAD = "This Agreement is between Alder Inc. (“Customer”) and Birch Ltd. (“Supplier”).\n\n"


def book(tmp_path, positions, **rule):
    rule = {"id": "law", "title": "Law", "questions": ["Governing Law"], **rule}
    lines = ['title = "T"', 'checklist = "contract"', 'us = ["Customer"]', 'them = ["Supplier"]', "[[clause]]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in rule.items()]
    for i, position in enumerate(positions):
        fields = {"id": f"p{i}", "text": "position", **position}
        lines += ["[[clause.position]]", *(f"{key} = {json.dumps(value)}" for key, value in fields.items())]
    file = tmp_path / "own.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return load(str(file))


def read(tmp_path, text):
    file = tmp_path / "contract.txt"
    file.write_text(HEAD + text, encoding="utf-8")
    return docreview.read(file)


def reviewed(document, quote=None, status="found", *, name="Governing Law", seen=None, decisions=()):
    citations = (
        (
            locate(quote, document).citations
            if hasattr(locate(quote, document), "citations")
            else (locate(quote, document),)
        )
        if quote
        else ()
    )
    clause = Clause(name=name, status=status, citations=citations)
    coverage = Coverage(spans=(Span(0, seen or len(document.text)),))
    common = {"doc_id": document.id, "checklist": "contract", "reader": "r", "run_id": "1"}
    return Review(clauses=(clause,), coverage=coverage, decisions=tuple(decisions), **common)


def verdict(tmp_path, text, positions, *, status="found", mode="strict", **rule):
    document = read(tmp_path, text)
    result = check(document, reviewed(document, text, status), book(tmp_path, positions, **rule), mode)[0]
    for citation in result.finding.citations:
        assert document[citation.span] == citation.quote
    return result.judgement


GOOD, BAD = {"level": "acceptable"}, {"level": "walk_away"}
VERDICTS = [
    # text, condition, verdict where it is an acceptable position, verdict where it is a walk-away one
    ("The laws of Delaware govern this Agreement.", {"places": ["delaware"]}, "acceptable", "unacceptable"),
    ("The laws of Nevada govern this Agreement.", {"places": ["Delaware"]}, "needs_review", "needs_review"),
    ("The laws of Delaware or the laws of Texas apply.", {"places": ["Delaware"]}, "needs_review", "needs_review"),
    ("It ends on thirty (30) days' notice.", {"period_at_most": "30 days"}, "acceptable", "unacceptable"),
    ("It ends on thirty (60) days' notice.", {"period_at_most": "30 days"}, "needs_review", "needs_review"),
    ("It ends on one month's notice to them.", {"period_at_most": "30 days"}, "needs_review", "needs_review"),
    ("It ends on one month's notice to them.", {"period_at_most": "31 days"}, "acceptable", "unacceptable"),
    ("It ends on ten Business Days' notice.", {"period_at_most": "15 days"}, "needs_review", "needs_review"),
    ("It ends within 20 days, or within 90 days.", {"period_at_most": "30 days"}, "needs_review", "needs_review"),
    ("Its liability is limited to USD 2,000,000.", {"money_at_least": "USD 1,000,000"}, "acceptable", "unacceptable"),
    ("Its liability is limited to EUR 2,000,000.", {"money_at_least": "USD 1,000,000"}, "needs_review", "needs_review"),
    ("Its liability is limited to $2 million.", {"money_at_least": "USD 1,000,000"}, "acceptable", "unacceptable"),
    ("It pays interest of two per cent (2%) a year.", {"percent_at_most": 3}, "acceptable", "unacceptable"),
    ("Supplier may assign this Agreement freely.", {"says": ["may assign"]}, "acceptable", "unacceptable"),
    ("Nothing here says that Supplier may assign.", {"says": ["may assign"]}, "needs_review", "needs_review"),
    ("Supplier shall not assign this Agreement.", {"says": ["shall not assign"]}, "acceptable", "unacceptable"),
    ("Supplier shall not assign this Agreement.", {"says": ["assign*"]}, "needs_review", "needs_review"),
    ("Supplier shall assign this Agreement.", {"lacks": ["consent"]}, "acceptable", "unacceptable"),
    ("Either party may end this Agreement.", {"mutual": True}, "acceptable", "unacceptable"),
    ("Customer may end this Agreement now.", {"mutual": True}, "needs_review", "needs_review"),
    ("Customer may end this Agreement now.", {"by": "us"}, "acceptable", "unacceptable"),
    ("Supplier may end it when either party is sold.", {"mutual": True}, "needs_review", "needs_review"),
    ("In no event is either party liable for it.", {"mutual": True}, "acceptable", "unacceptable"),
    ("Supplier may end this Agreement now.", {"by": "us"}, "needs_review", "needs_review"),
    ("Customer may, and Supplier may, end this Agreement.", {"by": "us"}, "needs_review", "needs_review"),
    ("This Agreement may be ended at will.", {"by": "us"}, "needs_review", "needs_review"),
]


@pytest.mark.parametrize(("text", "condition", "good", "bad"), VERDICTS)
def test_positions_decide_what_the_words_decide_and_nothing_else(tmp_path, text, condition, good, bad):
    assert verdict(tmp_path, text, [GOOD | condition]) == good
    assert verdict(tmp_path, text, [BAD | condition]) == bad


def test_a_walk_away_position_goes_before_an_acceptable_one(tmp_path):
    positions = [GOOD | {"says": ["assign"]}, BAD | {"says": ["freely"]}]
    assert verdict(tmp_path, "Supplier may assign this Agreement freely.", positions) == "unacceptable"


@pytest.mark.parametrize(("mode", "expected"), [("strict", "needs_review"), ("permissive", "acceptable")])
def test_an_unsure_place_counts_only_when_permissive(tmp_path, mode, expected):
    text, good = "Supplier may assign this Agreement freely.", [GOOD | {"says": ["assign"]}]
    assert verdict(tmp_path, text, good, status="unsure", mode=mode) == expected


@pytest.mark.parametrize(("mode", "expected"), [("strict", "needs_review"), ("permissive", "acceptable")])
def test_strict_asks_for_every_place(tmp_path, mode, expected):
    document = read(tmp_path, "Supplier may assign this Agreement freely.\n\nCustomer may assign some of its rights.")
    rule = book(tmp_path, [GOOD | {"says": ["freely"]}], questions=[], locate=["may assign"])
    assert check(document, reviewed(document, name="Other", status="not_found"), rule, mode)[0].judgement == expected


@pytest.mark.parametrize(("mode", "expected"), [("strict", "needs_review"), ("permissive", "acceptable")])
def test_strict_asks_for_all_of_the_document(tmp_path, mode, expected):
    text = "Supplier may assign this Agreement freely."
    document, own = read(tmp_path, text + "\n\nMore."), book(tmp_path, [GOOD | {"says": ["freely"]}])
    assert check(document, reviewed(document, text, seen=len(document.text) - 5), own, mode)[0].judgement == expected


def test_a_quote_that_is_a_heading_needs_review(tmp_path):
    document, own = read(tmp_path, "INSURANCE\n\nWords."), book(tmp_path, [GOOD | {"says": ["x"]}])
    result = check(document, reviewed(document, "INSURANCE"), own)[0]
    assert (result.judgement, result.finding.citations[0].quote) == ("needs_review", "INSURANCE")


def test_a_quote_is_widened_to_its_sentence(tmp_path):
    document = read(tmp_path, "Nothing here obliges anyone at all, save that Supplier may assign this Agreement.")
    rule = book(tmp_path, [GOOD | {"says": ["may assign this agreement"]}])
    result = check(document, reviewed(document, "assign this Agreement"), rule)[0]
    assert result.finding.citations[0].quote.startswith("Nothing")
    assert result.judgement == "needs_review"


@pytest.mark.parametrize("absent", ["missing", "acceptable", "unacceptable"])
def test_absence_is_judged_only_when_all_was_read(tmp_path, absent):
    document, own = read(tmp_path, "Words."), book(tmp_path, [GOOD | {"says": ["x"]}], absent=absent)
    assert check(document, reviewed(document, status="not_found"), own)[0].judgement == absent
    assert check(document, reviewed(document, status="not_found", seen=5), own)[0].judgement == "not_read"
    assert check(document, reviewed(document, status="not_read"), own)[0].judgement == "not_read"
    assert check(document, reviewed(document, status="failed"), own)[0].judgement == "needs_review"
    assert check(document, reviewed(document, status="not_found", name="Insurance"), own)[0].judgement == "not_read"


def test_what_the_playbook_leaves_out_is_said(tmp_path):
    document = read(tmp_path, "Supplier keeps insurance.")
    results = check(
        document,
        reviewed(document, "Supplier keeps insurance", name="Insurance"),
        book(tmp_path, [GOOD | {"says": ["x"]}]),
    )
    assert [(each.clause, each.judgement) for each in results][1] == ("Insurance", "not_covered")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_playbooks_fit_their_checklist(name):
    playbook = load(name)
    assert len(playbook.clause) >= {"vendor-msa": 15, "nda-recipient": 12}[name]
    known = set(checklist(playbook.checklist).names)
    assert {q for rule in playbook.clause for q in rule.questions} <= known
    assert set(playbook.passive) <= known
    for rule in playbook.clause:
        assert rule.fallback
        assert {position.level for position in rule.position} & {"preferred", "acceptable"}
        assert len({position.id for position in rule.position}) == len(rule.position)


WRONG = [
    'title = "T"\nchecklist = "contract"\nclause = []\nsurprise = 1',
    "title = ",
    'title="T"\nchecklist="contract"\n[[clause]]\nid="a"\ntitle="A"\nposition=[]',
    'title="T"\nchecklist="contract"\n[[clause]]\nid="a"\ntitle="A"\nlocate=["x"]\n[[clause.position]]\nid="p"\nlevel="preferred"\ntext="t"',
    'title="T"\nchecklist="contract"\n[[clause]]\nid="a"\ntitle="A"\nlocate=["... x"]\nposition=[]',
    'title="T"\nchecklist="contract"\n[[clause]]\nid="a"\ntitle="A"\nlocate=["x"]\n[[clause.position]]\nid="p"\nlevel="preferred"\n'
    'text="t"\nperiod_at_most="soon"',
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_playbook_that_does_not_fit_is_refused(tmp_path, text):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load(str(file))


WORDS = [
    ("shall not exceed", "It shall\nnot  exceed ten.", True),
    ("terminat*", "before Termination.", True),
    ("fee|fees due", "All FEES due.", True),
    ("may ... end", "may, at its own choice, end it", True),
    ("may ... end", "may go on. The end", False),
    ("sign", "assign, design, signs", False),
]


@pytest.mark.parametrize(("pattern", "text", "there"), WORDS)
def test_patterns_of_words(pattern, text, there):
    assert bool(compiled(pattern).search(text)) is there


DENIED = [
    ("Supplier may not assign it", "assign", True),
    ("except that it may assign", "assign", True),
    ("not later than May it may assign", "assign", False),
    ("including without limitation to assign", "assign", False),
    ("It does not work; it may assign", "assign", False),
    ("if it does not, Supplier shall assign", "assign", False),
    ("not, without consent, assign", "assign", True),
]


@pytest.mark.parametrize(("text", "pattern", "denied"), DENIED)
def test_negation(text, pattern, denied):
    plain, behind = occurrences(pattern, text, Span(0, len(text)))
    assert (bool(behind), bool(plain)) == (denied, not denied)


def test_amounts_are_read_only_where_they_are_certain():
    text = "30 days, twenty-four (24) hours, thirty (60) days, USD 5, £1.5 million, 3%, a day, the year"
    whole = Span(0, len(text))
    assert [(each.low, each.high) for each in periods(text, whole)] == [(30, 30), (1, 1)]
    assert [(each.low, each.unit) for each in money(text, whole)] == [(5, "USD"), (1_500_000, "GBP")]
    assert [each.low for each in percentages(text, whole)] == [3]


def test_suggest_counts_what_people_did(tmp_path):
    document = read(tmp_path, "The laws of Delaware govern this Agreement.")
    kinds = [("accepted", None), ("edited", "Texas"), ("rejected", None)]
    reviews = [
        reviewed(document, "The laws of Delaware govern this Agreement", decisions=[
            Decision(clause="Governing Law", verdict="rejected", by="a", at="2026-01-01T00:00:00Z"),
            Decision(clause="Governing Law", verdict=verdict, by="a", at="2026-01-02T00:00:00Z", value=value)])
        for verdict, value in kinds
    ]  # fmt: skip
    own = book(tmp_path, [GOOD | {"places": ["Delaware"]}])
    (row,) = suggest(reviews, own)
    assert (row.clause, row.reviews, row.accepted, row.edited, row.rejected) == ("law", 3, 1, 1, 1)
    assert (row.positions, row.values) == ({"p0": 1}, {"Texas": 1})
    (other,) = suggest([reviewed(document, "The laws", name="Insurance")], own)
    assert (other.clause, other.found) == ("", 1)


def test_saved_reviews_and_the_decisions_of_a_folder(tmp_path):
    document = read(tmp_path, "Words.")
    folder = tmp_path / "out"
    (folder / "reviews").mkdir(parents=True)
    (folder / "reviews" / "a.json").write_text(dumps(reviewed(document, status="not_found")))
    (folder / "documents.jsonl").write_text('{"doc":"a","status":"done","review":"reviews/a.json"}\n')
    (folder / "decisions.jsonl").write_text(
        '{"doc":"a","clause":"Governing Law","verdict":"accepted","by":"x","at":"2026-01-01T00:00:00Z"}\n'
    )
    (review,) = saved_reviews([folder])
    assert review.decisions[0].verdict == "accepted"
    (alone,) = saved_reviews([folder / "reviews" / "a.json"])
    assert not alone.decisions
    with pytest.raises(ConfigError):
        list(saved_reviews([folder / "documents.jsonl"]))
    with pytest.raises(OutputError):
        list(saved_reviews([tmp_path / "out" / "reviews"]))
