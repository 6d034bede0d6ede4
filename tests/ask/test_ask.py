"""`docreview.ask`: answers as values, shown, saved, on the command line; libraries; errors."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import docreview
from docreview import _json
from docreview.ask import Answer, Cited, Searched, Sentence, Unproven
from docreview.ask.answer import clock
from docreview.cli import app
from docreview.errors import ConfigError, LibraryError, ReadError
from docreview.evaluate.asking import figures, run
from docreview.governance.audit import AuditLog, verify
from docreview.search import build
from docreview.verify import locate


@pytest.fixture(scope="module")
def library(corpora, tmp_path_factory):
    folder = tmp_path_factory.mktemp("library") / "lib"
    build(corpora / "contracts", folder)
    return folder


@pytest.fixture
def lease(corpora):
    return docreview.read(corpora / "contracts" / "lease.docx")


def test_an_answer_is_the_documents_own_sentence_with_its_place(corpora, lease):
    for target in (lease, corpora / "contracts" / "lease.docx", str(corpora / "contracts" / "lease.docx")):
        answer = docreview.ask(target, "What is the security deposit?")
        assert answer.status == "answered"
        assert answer.extractive
        sentence = answer.sentences[0]
        assert sentence.text == "Section 2.04. Tenant has deposited with Landlord $61,262.50 as security."
        citation = sentence.citations[0]
        assert lease[citation.span] == citation.quote
        assert (citation.verdict, citation.doc_id) == ("verbatim", lease.id)
        assert sentence.cited[0].where == "lease.docx, Section 2.04"
        assert answer.searched.complete
        assert answer.searched.characters == len(lease)


def test_an_abstention_says_why_and_what_was_searched(lease):
    answer = docreview.ask(lease, "How many parking spaces does the tenant get?")
    assert (answer.status, answer.sentences) == ("abstained", ())
    assert "likely enough" in answer.reason
    assert answer.searched.documents == ("lease.docx",)
    assert all(cited.citation.quote == lease[cited.citation.span] for cited in answer.closest)
    assert "No answer:" in str(answer)
    assert "Closest places, not an answer:" in str(answer)


def test_talk_is_cited_with_speaker_and_time(corpora):
    answer = docreview.ask(corpora / "transcripts" / "negotiation-call.srt", "What was decided?")
    cited = answer.sentences[0].cited[0]
    assert cited.citation.speaker == "Elise Vanterpool"
    assert cited.where == "negotiation-call.srt, Elise Vanterpool at 1:36"
    court = docreview.ask(corpora / "transcripts" / "deposition.txt", "What did Brisbois say about number 3?")
    assert "It was loud" in court.sentences[0].text.replace("He said that it", "It")
    assert not any(word.isdigit() and len(word) == 2 for word in court.sentences[0].text.split())
    assert court.citations[0].page is not None


def test_a_page_that_was_not_read_keeps_the_search_from_being_complete(lease):
    from docreview.types import Page

    half = replace(lease, pages=(Page(number=1, span=docreview.Span(0, len(lease))), Page(number=2, span=None)))
    answer = docreview.ask(half, "Are pets allowed?")
    assert not answer.searched.complete
    assert "not all of its text" in str(answer)


@pytest.mark.slow
def test_a_library_is_asked_for_the_document_that_is_meant(library):
    answer = docreview.ask(library, "Which law governs the Northlight services agreement?")
    assert answer.searched.documents == ("msa.pdf",)
    assert answer.searched.of == 11
    assert "England and Wales" in answer.sentences[0].text
    assert answer.citations[0].page == 14
    assert "msa.pdf, page 14" in str(answer)
    named = docreview.ask(library, "Which law governs?", doc="lease.docx")
    assert named.searched.documents == ("lease.docx",)


def test_the_words_that_name_a_document_are_not_asked_for_in_it(library):
    answer = docreview.ask(library, "Which law governs the lease between Pell Street Realty and Oakline?")
    assert answer.searched.documents == ("lease.docx",)
    assert answer.via == "clause model, Governing Law"
    assert "New York" in answer.sentences[0].text


@pytest.mark.slow
def test_a_question_about_several_documents_gets_one_sentence_of_each(library):
    answer = docreview.ask(library, "Which law governs?")
    documents = [sentence.cited[0].document for sentence in answer.sentences]
    assert len(documents) == len(set(documents)) > 4
    assert len(answer.searched.documents) == 8
    assert "8 of 11 documents" in str(answer)


def test_what_no_document_of_a_library_says_is_refused(library):
    answer = docreview.ask(library, "How many polar bears does the zoo keep?")
    assert answer.status == "abstained"
    assert len(answer.searched.documents) > 1


def test_errors_say_what_to_do(corpora, library, lease, tmp_path):
    with pytest.raises(LibraryError, match="docreview index"):
        docreview.ask(corpora / "contracts", "Which law governs?")
    with pytest.raises(ReadError):
        docreview.ask(tmp_path / "none.pdf", "Which law governs?")
    with pytest.raises(LibraryError, match="no document is called"):
        docreview.ask(library, "Which law governs?", doc="none.pdf")
    with pytest.raises(ConfigError, match="one document"):
        docreview.ask(lease, "Which law governs?", doc="lease.docx")
    with pytest.raises(ValueError, match="empty"):
        docreview.ask(lease, "  ")


def test_impossible_answers_cannot_be_built(lease):
    searched = Searched(documents=("a",), of=1, places=1, characters=1, complete=True)
    with pytest.raises(ValueError, match="has a citation"):
        Sentence(text="So it is.", cited=())
    with pytest.raises(ValueError, match="says why"):
        Answer(question="?", via="x", reader="r", extractive=True, searched=searched)


def test_an_answer_is_saved_and_loaded(lease):
    for question in ("Which law governs?", "Are pets allowed?"):
        answer = docreview.ask(lease, question)
        assert _json.load(Answer, _json.dumps(answer)) == answer


def test_html_is_escaped(lease):
    bad = "<img src=x onerror=alert(1)>"
    citation = locate("This Lease is governed by and construed", lease)
    assert citation
    cited = Cited(citation=citation, document=bad, section=bad)
    answer = Answer(
        question=bad,
        sentences=(Sentence(text=bad, cited=(cited,)),),
        unproven=(Unproven(text=bad, quote=bad, problem=bad, closest=cited),),
        closest=(cited,),
        note=bad,
        via=bad,
        reader=bad,
        extractive=False,
        searched=Searched(documents=(bad,), of=2, places=1, characters=1, complete=True),
    )
    page = answer._repr_html_()
    assert "<img" not in page
    assert page.count("&lt;img") >= 8
    assert "Not proven" in page
    assert bad in str(answer)


def test_times_are_written_as_people_read_them():
    assert [clock(s) for s in (0, 59.9, 96, 3725)] == ["0:00", "0:59", "1:36", "1:02:05"]


@pytest.mark.slow
def test_the_command_line(corpora, library, tmp_path):
    runner = CliRunner()
    lease = str(corpora / "contracts" / "lease.docx")
    done = runner.invoke(app, ["ask", lease, "What is the security deposit?"])
    assert done.exit_code == 0
    assert "$61,262.50" in done.stdout
    done = runner.invoke(app, ["ask", lease, "Are pets allowed?", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["status"] == "abstained"
    done = runner.invoke(app, ["ask", str(library), "Which law governs?", "--doc", "lease.docx"])
    assert "New York" in done.stdout
    done = runner.invoke(app, ["ask", lease, "Which law governs?", "--model", "embedded"])
    assert done.exit_code == 0
    assert "extractive, no language model" in done.stdout.replace("\n", " ")
    assert runner.invoke(app, ["ask", lease, " "]).exit_code == 2
    assert runner.invoke(app, ["ask", lease, "x?", "--context", "hybrid"]).exit_code == 2


def test_question_and_answer_are_logged_and_nothing_of_them_in_clear(lease, tmp_path):
    log = AuditLog(tmp_path / "log", key=tmp_path / "key")
    answer = docreview.ask(lease, "What is the security deposit?", log=log)
    docreview.ask(lease, "Are Oakline's pets allowed?", log=log)
    log.close()
    lines = "".join(f.read_text() for f in (tmp_path / "log" / "segments").rglob("*") if f.is_file())
    for word in ("deposit", "61,262", "pets", "lease.docx", "Oakline"):
        assert word not in lines
    kinds = [json.loads(line)["kind"] for line in lines.splitlines() if line.startswith('{"seq"')]
    assert kinds == [
        "run_started", "document_read", "run_ended", "run_started", "document_read", "abstention", "run_ended",
    ]  # fmt: skip
    assert verify(tmp_path / "log", key=tmp_path / "key")["intact"]
    assert answer.status == "answered"


@pytest.mark.slow
def test_questions_with_answers_for_the_corpora_keep_their_figures(corpora):
    rows = list(run(corpora))
    test = figures([row for row in rows if row.set == "test"])
    assert test["questions"] == 78
    assert test["answered_without_answer"] <= 1
    assert test["first"] >= 0.8
    assert test["coverage"] >= 0.5


def test_text_in_another_language_is_not_called_searched(corpora):
    answer = docreview.ask(corpora / "multilingual" / "de.txt", "Which law governs?")
    assert answer.status == "abstained"
    assert not answer.searched.complete
    assert "language that this reader was not made for" in answer.note
