"""The Ask page, used as a person uses it."""

import json
import threading

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from apps.review.asking import Asking
from docreview.ask import Conversation
from docreview.models import ScriptedModel
from docreview.triage.results import results
from tests.apps.conftest import HOSTILE
from tests.apps.screens import choose, html, markdown, press, unharmed

pytestmark = pytest.mark.slow

LAW = "Which law governs this contract?"
SAID = (
    "See <img src=x onerror=alert(1)> [here](http://evil.example/) ![p](http://evil.example/p.png) :smile: "
    "$\\frac{1}{2}$"
)


def ask(app, question):
    app.chat_input[0].set_value(question).run()
    assert not app.exception
    return app


def document(out, name):
    return next(each.document for each in results(out) if each.doc == name)


@pytest.fixture
def app(alone, few):
    return choose(alone("ask", out=str(few)), "ask-doc", "supply.docx")


def test_the_answer_is_the_documents_words_and_leads_to_their_place(app, few):
    ask(app, LAW)
    assert LAW in html(app)
    assert "no language model" in html(app)
    press(app, "ask-0-0-0")
    span = app.session_state["place"]
    assert app.session_state["doc"] == "supply.docx"
    said = " ".join(document(few, "supply.docx")[span].split())
    assert said.removesuffix(".")[-60:] in html(app).replace("&#x27;", "'")


def test_not_found_is_said_only_when_all_was_read(app):
    ask(app, "How many parking spaces does the astronaut get?")
    assert "Not found." in html(app)
    assert "All of it was read" in html(app)
    assert "all of its text" in html(app)


def test_earlier_questions_stay_on_the_page(app):
    ask(ask(app, LAW), "What is the astronaut's name?")
    assert html(app).index(LAW) < html(app).index("astronaut&#x27;s name")
    choose(app, "ask-doc", "msa.pdf")
    assert LAW not in html(app), "each document has its own conversation"
    choose(app, "ask-doc", "supply.docx")
    assert LAW in html(app)


def test_an_empty_question_changes_nothing(app):
    ask(app, "   ")
    assert not app.chat_message


def test_all_documents_are_asked_without_an_index_of_ones_own(alone, own):
    app = choose(alone("ask", out=str(own)), "ask-about", "All documents of the folder")
    ask(app, "Which law governs the pump supply agreement?")
    assert "of 5 documents" in html(app)
    assert (own / ".docreview" / "library" / "library.json").is_file()
    press(app, "ask-0-0-0")
    opened = document(own, app.session_state["doc"])
    assert "governed" in opened[app.session_state["place"]]


def test_a_library_is_asked_and_missing_documents_are_said(alone, corpora, tmp_path):
    from docreview.search import build

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lease.txt").write_text(
        "1. Law. This lease is governed by the laws of Ireland.\n", encoding="utf-8"
    )
    build(tmp_path / "in", tmp_path / "lib")
    app = alone("ask", out=str(tmp_path / "none"), library=str(tmp_path / "lib"))
    ask(app, LAW)
    assert "Ireland" in html(app)
    assert "not in the folder of results" in html(app)


def test_with_nothing_to_ask_the_page_says_what_to_do(alone, tmp_path):
    assert "Upload" in markdown(alone("ask", out=str(tmp_path)))


def test_hostile_words_are_shown_as_the_text_that_they_are(alone, few):
    app = choose(alone("ask", out=str(few)), "ask-doc", HOSTILE)
    ask(app, "When shall Supplier deliver?")
    ask(app, "# **Who** [is](http://evil.example) <b>Supplier</b> :smile:?")
    assert "&lt;b&gt;Supplier&lt;/b&gt;" in html(app)
    unharmed(app)


def scripted(tmp_path, *replies):
    file = tmp_path / "script.jsonl"
    file.write_text("".join(json.dumps({"reply": reply}) + "\n" for reply in replies), encoding="utf-8")
    return f"scripted:{file}"


def finished(app):
    """The page after the model has ended."""
    assert app.session_state["ask-now"].wait(60)
    app.run()
    assert not app.exception
    return app


def cites(sentence, quote):
    return f"<|tool_call_start|>[cite(sentence={sentence!r}, quote={quote!r})]<|tool_call_end|>"


def test_a_model_answers_in_the_background_and_only_what_is_proven_counts(alone, few, tmp_path):
    quote = document(few, "sow-3.docx").text.strip().splitlines()[0]
    model = scripted(tmp_path, cites("It has this title.", quote), "done")
    app = choose(alone("ask", out=str(few), model=model), "ask-doc", "sow-3.docx")
    ask(app, "What is it called?")
    finished(app)
    assert "1. It has this title." in html(app)
    assert "no language model" not in html(app)
    assert "ask-now" not in app.session_state


def test_a_models_words_are_text_and_unproven_ones_are_marked(alone, few, tmp_path):
    app = choose(alone("ask", out=str(few), model=scripted(tmp_path, SAID, SAID)), "ask-doc", "sow-3.docx")
    finished(ask(app, "What?"))
    assert "Not proven, not an answer" in html(app)
    assert "&lt;img src=x onerror=alert(1)&gt;" in html(app)
    unharmed(app)


def test_a_model_that_cannot_be_loaded_is_said_and_the_documents_still_answer(alone, few, tmp_path):
    app = alone("ask", out=str(few), model=f"scripted:{tmp_path}/none.jsonl")
    assert "none.jsonl" in html(app)
    ask(choose(app, "ask-doc", "supply.docx"), LAW)
    assert "no language model" in html(app)


class Slow:
    """Says nothing until it is let go."""

    def __init__(self):
        self.asked, self.go = threading.Event(), threading.Event()

    def __call__(self, _):
        self.asked.set()
        assert self.go.wait(60)
        return "word " * 200


def test_a_question_can_be_stopped(alone, few):
    slow = Slow()
    talk = Conversation(document(few, "sow-3.docx"), model=ScriptedModel(slow))
    asking = Asking("What?", talk, threading.Lock()).start()
    app = alone("ask", out=str(few))
    app.session_state["ask-now"] = asking
    app.run()
    assert slow.asked.wait(60)
    assert app.chat_input[0].disabled
    press(app, "ask-stop")
    slow.go.set()
    assert asking.wait(60)
    assert talk.answers[0].reason == "it was stopped"
    app.run()
    assert not app.exception
    assert "ask-now" not in app.session_state


def test_a_question_that_waits_for_another_can_be_stopped(few):
    turn = threading.Lock()
    with turn, Conversation(document(few, "sow-3.docx")) as talk:
        asking = Asking("What?", talk, turn).start()
        asking.stop()
        assert asking.wait(60)
    assert "waited" in str(asking.error)
    assert not talk.answers
