"""Answers that are the document's own sentences: found where they were planted, or refused."""

import tomllib
from importlib.resources import files

import pytest

from docreview.checklist import load
from docreview.chunk import sentence_spans
from docreview.read import read
from docreview.readers.answering import Finder
from docreview.readers.answering.chance import chances, limits
from docreview.readers.answering.known import known
from docreview.readers.answering.running import Running
from docreview.readers.answering.signals import NAMES, Signals
from docreview.readers.answering.wants import holds, wanted
from docreview.search.entry import prepare
from docreview.search.rank import Ranker
from docreview.types import Span

FILLER = [
    "The parties shall meet four times a year at the seat of the buyer.",
    "Headings are for convenience and do not affect the meaning of this Agreement.",
    "The supplier shall keep its staff informed of the safety rules of the site.",
    "Each delivery is accompanied by a list of the goods and their weights.",
    "Goods that were refused are kept apart and collected within a week.",
]
TRUTH = "The buyer shall return empty pallets to the depot in Marlow within twelve days."


def contract(tmp_path, *planted, name="a.txt"):
    """Boilerplate with sentences planted between, the first after two paragraphs."""
    paragraphs = []
    for i in range(24):
        if i % 8 == 2 and i // 8 < len(planted):
            paragraphs.append(f"{i + 1}.9 {planted[i // 8]}")
        paragraphs.append(f"{i + 1}.1 {FILLER[i % 5]} {FILLER[(i + 2) % 5]}")
    file = tmp_path / name
    file.write_text("SUPPLY AGREEMENT\n\n" + "\n\n".join(paragraphs), encoding="utf-8")
    return read(file)


def test_a_planted_sentence_is_found_at_its_place(tmp_path):
    document = contract(tmp_path, TRUTH)
    found = Finder(document).find("Within how many days must empty pallets be returned?")
    assert found.via == "sentence search"
    assert TRUTH in document[found.places[0].spans[0]]
    assert found.places[0].score >= limits().answer


def test_text_that_stands_there_twice_is_found_in_both_places(tmp_path):
    document = contract(tmp_path, TRUTH, FILLER[0], TRUTH)
    spans = [
        place.spans[0] for place in Finder(document).find("When must empty pallets be returned to the depot?").places
    ]
    starts = [i for i in range(len(document)) if document.text.startswith(TRUTH, i)]
    assert len(starts) == 2
    assert [sum(start in span for span in spans) for start in starts] == [1, 1]


@pytest.mark.parametrize(
    "question",
    [
        "Who owns the patents?",
        "What is the monthly rent?",
        "How many shares does the director hold?",
        "Which colour does the logo have?",
        "Is there a pension scheme?",
        "???",
        "",
    ],
)
def test_what_the_document_does_not_say_is_refused(tmp_path, question):
    found = Finder(contract(tmp_path, TRUTH)).find(question)
    assert found.places == ()
    assert found.reason


def test_an_empty_document_answers_nothing(tmp_path):
    from dataclasses import replace

    document = replace(contract(tmp_path), text="", sections=(), terms=(), pages=())
    assert Finder(document).find("Which law governs?").places == ()


def test_a_defined_term_is_answered_by_its_definition(corpora):
    document = read(corpora / "contracts" / "msa.pdf")
    for question in ("What is a Business Day?", "what does business day mean", "Define Business Days."):
        found = Finder(document).find(question)
        assert found.via == "definition"
        assert document[found.places[0].spans[0]].startswith("“Business Day” means")
    assert Finder(document).find("What is a bathing day?").via != "definition"


def test_a_question_of_a_checklist_is_answered_by_its_model(corpora):
    document = read(corpora / "contracts" / "lease.docx")
    finder = Finder(document)
    found = finder.find("Which law governs this lease?")
    assert found.via == "clause model, Governing Law"
    assert "State of New York" in document[found.places[0].spans[0]]
    absent = finder.find("Is source code held in escrow?")
    assert (absent.via, absent.places) == ("clause model, Source Code Escrow", ())
    assert "found nothing" in absent.reason


def test_in_talk_an_answer_comes_with_its_question(corpora):
    document = read(corpora / "transcripts" / "support-call.txt")
    place = Finder(document).find("How long does the rollback take?").places[0]
    asked, said = (document[span] for span in place.spans)
    assert asked.endswith("How long does it take?")
    assert said.startswith("The rollback itself takes about twenty-five minutes")


def test_an_nda_is_asked_the_questions_of_ndas(corpora):
    found = Finder(read(corpora / "contracts" / "nda-mutual.pdf")).find(
        "Must the information be returned or destroyed?"
    )
    assert found.via == "clause model, Return or destruction"
    assert found.note == 'the clause model takes this as yes to "Must information be returned or destroyed at the end?"'


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Which law governs?", "Governing Law"),
        ("What is the governing law of this agreement?", "Governing Law"),
        ("When does the lease expire?", "Expiration Date"),
        ("May the tenant assign?", "Anti-Assignment"),
        ("Is the vendor's liability capped?", "Cap on Liability"),
        ("Is there a most favoured nation clause?", "Most Favored Nation"),
        ("Who are the parties?", "Parties"),
        ("How much notice stops the renewal?", "Notice Period to Terminate Renewal"),
    ],
)
def test_questions_that_a_trained_model_knows(question, name):
    assert known(question, ("contract",))[0].question.name == name


@pytest.mark.parametrize(
    "question",
    [
        "How can the agreement be changed?",
        "What is the law of gravity?",
        "How long is the bank guarantee valid?",
        "Who pays the taxes?",
        "When are the robots delivered?",
        "What is the late fee?",
        "What is the price of the licence?",
        "Can she be dismissed without notice?",
        "Which insurer covers her family?",
        "",
    ],
)
def test_questions_that_none_knows(question):
    assert known(question, ("contract", "nda")) == ()


def test_each_checklists_own_wording_is_known_as_itself():
    for checklist in ("contract", "nda", "transcript"):
        for question in load(checklist).questions:
            best = known(question.text, (checklist,))
            assert best, question.text
            assert best[0].likeness >= 0.99


def test_every_other_wording_belongs_to_a_question():
    table = tomllib.loads(files("docreview.readers.answering").joinpath("wordings.toml").read_text(encoding="utf-8"))
    for checklist, rows in table.items():
        assert set(rows) <= set(load(checklist).names)
        assert all(rows.values())


@pytest.mark.parametrize(
    ("question", "want"),
    [
        ("How much is the rent?", "money"),
        ("When does it end?", "date"),
        ("How long is the term?", "duration"),
        ("How much notice is needed?", "duration"),
        ("How many days of leave?", "duration"),
        ("How many homes do they run?", "number"),
        ("Who pays?", "person"),
        ("Where is the seat?", "place"),
        ("Why was it stopped?", "reason"),
        ("May the tenant sublet?", "rule"),
        ("Describe the services.", ""),
        ("What is the purpose?", ""),
    ],
)
def test_what_a_question_asks_for(question, want):
    assert wanted(question) == want


@pytest.mark.parametrize(
    ("want", "text", "there"),
    [
        ("money", "a fee of USD 500", True),
        ("money", "a fee as agreed", False),
        ("duration", "for thirty (30) days", True),
        ("duration", "on Monday", False),
        ("date", "on 3 May 2024", True),
        ("date", "in good order", False),
        ("number", "contains 8,450 feet", True),
        ("number", "contains some feet", False),
        ("reason", "because it rained", True),
        ("rule", "the tenant shall not", True),
        ("rule", "the tenant", False),
        ("", "anything", False),
    ],
)
def test_what_a_sentence_holds(want, text, there):
    assert holds(want, text) is there


def test_running_lines_are_left_out_of_sentences(corpora):
    document = read(corpora / "contracts" / "nda-mutual.pdf")
    running, text = Running(document), document.text
    end = text.index("embodies")
    whole = Span(text.rindex("Brightwater / Calloway", 0, end), end)
    assert document[whole].count("\n") > 1
    assert document[running.without(whole)].startswith("Section 2.4")
    assert running.without(Span(whole.start, whole.start + 8)) == Span(whole.start, whole.start + 8)
    plain = read(corpora / "contracts" / "employment.md")
    assert all(Running(plain).without(Span(*s)) == Span(*s) for s in sentence_spans(plain.text))


def test_signals_have_their_names_and_lie_in_range(corpora):
    import numpy as np

    for name in ("contracts/lease.docx", "transcripts/sales-call.json"):
        signals = Signals(Ranker(prepare(read(corpora / name))))
        groups, rows = signals.rows("How much is the deposit, and when is it returned?")
        assert rows.shape == (len(groups), len(NAMES))
        assert np.isfinite(rows).all()
        assert ((rows[:, :4] >= 0) & (rows[:, :4] <= 1.001)).all()
        assert all(0 <= chance <= 1 for chance in chances(rows, "prose"))


def test_the_same_question_gets_the_same_answer(corpora):
    document = read(corpora / "contracts" / "msa.pdf")
    question = "Where are the supplier's data centres?"
    assert Finder(document).find(question) == Finder(document).find(question)
