import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.checklist import Checklist, Question
from docreview.readers.scripted import ScriptedReader
from docreview.review import BELOW, question_status, review
from docreview.types import Coverage, Document, Page, Source, Span, Turn

TEXT = "Governing law is that of Utah. Liability is capped at USD 5. Either party may leave at will. " * 3
QUESTIONS = Checklist(
    name="small",
    title="Small",
    questions=(Question(name="Law", text="?", kind="place"), Question(name="Cap", text="?", kind="yes_no")),
)


def document(text=TEXT, **more):
    source = Source(path="a.txt", media_type="text/plain", sha256="0" * 64)
    return Document(id="d1", source=source, text=text, **more)


def clause(where, name="Law", text=TEXT, **more):
    start = text.index(where)
    values = {"name": name, "start": start, "end": start + len(where), "quote": where, "score": 0.9, "sure": True}
    return ("record_clause", values | more)


def reviewed(*calls, doc=None, **more):
    options = {k: more.pop(k) for k in ("min_score",) if k in more}
    return review(doc or document(), QUESTIONS, reader=ScriptedReader(calls, **more), **options)


def statuses(result):
    return [(c.name, c.status) for c in result.clauses]


def test_a_proven_quote_is_found_with_its_place():
    doc = document(pages=(Page(number=1, span=Span(0, 20)), Page(number=2, span=Span(20, len(TEXT)))))
    result = reviewed(clause("capped at USD 5", "Cap", value="5"), ("record_absent", {"name": "Law"}), doc=doc)
    assert statuses(result) == [("Law", "not_found"), ("Cap", "found")]
    found = result.clauses[1]
    assert (found.value, found.citations[0].quote, found.citations[0].page) == ("5", "capped at USD 5", 2)
    assert found.citations[0].verdict == "verbatim"


def test_speaker_and_time_come_with_the_quote():
    turn = Turn(speaker="Ann", span=Span(0, 30), start_s=12.5)
    citation = reviewed(clause("Utah"), doc=document(turns=(turn,))).clauses[0].citations[0]
    assert (citation.speaker, citation.start_s) == ("Ann", 12.5)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "Governing law is that of Iowa."},
        {"quote": "governing law is that of Utah."},
        {"start": 1},
        {"end": 10_000},
        {"start": -5},
        {"start": 30, "end": 0},
        {"start": "0"},
        {"start": True},
        {"start": 0.0},
        {"quote": ""},
        {"quote": None},
        {"score": 1.5},
        {"score": float("nan")},
        {"score": "high"},
        {"sure": "yes"},
        {"sure": 1},
        {"value": 3},
        {"extra": 1},
    ],
)
def test_a_call_that_does_not_fit_is_no_citation_and_not_lost(change):
    result = reviewed(clause("Governing law is that of Utah.", **change))
    law = [c for c in result.clauses if c.name == "Law"]
    assert [c.status for c in law] == ["failed"]
    assert not law[0].citations
    assert "refused" in law[0].note
    assert "Utah" not in law[0].note, "notes hold no document text"


@pytest.mark.parametrize(
    "call",
    [
        ("delete_everything", {"name": "Nobody's"}),
        ("record_clause", {}),
        ("record_clause", {"name": "Price", "start": 0, "end": 4, "quote": "Gove", "score": 1.0, "sure": True}),
        ("record_absent", {"name": ["Law"]}),
        ("record_type", {"type": "NDA"}),
    ],
)
def test_a_call_for_no_question_becomes_a_finding(call):
    result = reviewed(call)
    assert [f.rule for f in result.findings] == ["reader-call"]
    assert {c.status for c in result.clauses} == {"not_read"}


def test_a_question_without_an_answer_is_not_called_not_found():
    assert statuses(reviewed()) == [("Law", "not_read"), ("Cap", "not_read")]


def absent():
    return [("record_absent", {"name": name}) for name in QUESTIONS.names]


def test_not_found_needs_all_of_the_document():
    assert {c.status for c in reviewed(*absent()).clauses} == {"not_found"}
    part = Coverage.of([Span(0, 50)])
    half = reviewed(*absent(), coverage=part)
    assert {c.status for c in half.clauses} == {"not_read"}
    assert "50 of" in half.clauses[0].note
    scan = document(pages=(Page(number=1, span=Span(0, len(TEXT))), Page(number=2, span=None)))
    unread = reviewed(*absent(), doc=scan)
    assert {(c.status, c.note) for c in unread.clauses} == {("not_read", "page 2 not read")}


GERMAN = "Dieser Vertrag wird zwischen den Parteien geschlossen und ist nach dem Recht der Schweiz auszulegen. " * 8


def test_a_language_that_the_reader_does_not_know_is_not_judged():
    doc = document(GERMAN)
    quote = clause("nach dem Recht der Schweiz", text=GERMAN)
    result = reviewed(quote, ("record_absent", {"name": "Cap"}), doc=doc, languages=("en",))
    assert statuses(result) == [("Law", "unsure"), ("Cap", "not_read")]
    assert result.coverage.spans == ()
    assert [f.rule for f in result.findings] == ["language"]
    assert statuses(reviewed(*absent(), doc=doc, languages=None)) == [("Law", "not_found"), ("Cap", "not_found")]


def test_the_best_candidate_comes_first_and_unsure_ones_stay_unsure():
    weak = clause("Either party", score=0.4, sure=False)
    result = reviewed(weak, clause("Utah", score=0.7), clause("Governing law", score=0.8))
    assert [(c.status, c.score) for c in result.clauses if c.name == "Law"] == [
        ("found", 0.8),
        ("found", 0.7),
        ("unsure", 0.4),
    ]


def test_two_calls_for_one_place_are_one_clause():
    result = reviewed(clause("Utah", score=0.4, sure=False), clause("Utah", score=0.9))
    assert [(c.status, c.score) for c in result.clauses if c.name == "Law"] == [("found", 0.9)]


class Thresholded(ScriptedReader):
    """Shows what scores 0.5 or more unless asked for less, as trained readers do."""

    def read(self, document, checklist, *, min_score=None):
        return super().read(document, checklist, min_score=0.5 if min_score is None else min_score)


def test_a_lower_score_adds_candidates_and_changes_no_outcome():
    calls = [clause("Utah", score=0.9), clause("Either party", score=0.01, sure=False), absent()[1]]
    plain = review(document(), QUESTIONS, reader=Thresholded(calls))
    low = review(document(), QUESTIONS, reader=Thresholded(calls), min_score=0.001)
    assert [c.score for c in low.clauses if c.citations] == [0.9, 0.01]
    assert [c.note for c in low.clauses if c.citations] == ["", BELOW]
    for name in QUESTIONS.names:
        assert len({question_status(c for c in r.clauses if c.name == name) for r in (plain, low)}) == 1


def test_a_higher_score_leaves_candidates_out_and_does_not_say_not_found():
    result = reviewed(clause("Utah", score=0.8), *absent()[1:], min_score=0.95)
    assert statuses(result) == [("Law", "unsure"), ("Cap", "not_found")]
    assert "left out" in result.clauses[0].note


def test_equal_inputs_give_equal_ids_and_others_do_not():
    one, two = reviewed(clause("Utah")), reviewed(clause("Utah"))
    assert one == two
    others = {reviewed(name="scripted-2").run_id, reviewed(min_score=0.1).run_id, one.run_id}
    assert len(others) == 3


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["Law", "Cap", "?"]),
                "start": st.integers(-3, 60),
                "end": st.integers(-3, 60),
                "quote": st.sampled_from([TEXT[:10], TEXT[5:20], "xx"]),
                "score": st.floats(0, 1),
                "sure": st.booleans(),
            }
        )
    )
)
def test_every_citation_is_the_documents_own_text(calls):
    doc = document()
    result = reviewed(*[("record_clause", call) for call in calls])
    assert {c.name for c in result.clauses} == set(QUESTIONS.names)
    for citation in (citation for c in result.clauses for citation in c.citations):
        assert doc[citation.span] == citation.quote
