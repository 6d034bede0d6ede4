"""The Queue page, used as a reviewer uses it."""

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from streamlit.testing.v1 import AppTest

from docreview.app.options import VARIABLE, Options
from docreview.decisions import Decisions, Entry, second_reviews
from tests.decisions.decided_folders import CLAUSES, write

LOST = {
    "doc": "scan.pdf", "source": "scan.pdf", "sha256": None, "status": "quarantined", "error": "empty",
    "message": "there is no text in it", "seconds": 1.0,
}  # fmt: skip


def script():
    from apps.review.views.queue import page

    page()


@pytest.fixture
def out(tmp_path):
    folder = write(tmp_path / "out", ("a.txt", "b.txt", "c.txt"), [LOST])
    for number, clause in enumerate(CLAUSES):
        span = clause.citations[0].span if clause.citations else None
        entry = Entry(doc="a.txt", by="Bo", clause=clause.name, span=span, verdict="accepted")
        Decisions(folder).add(entry, seen=number)
    return folder


@pytest.fixture
def app(out, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(out), reviewer="Ann").to_environment()
    opened = AppTest.from_function(script, default_timeout=120).run()
    assert not opened.exception
    return opened


def column(app, name="Document"):
    return list(app.dataframe[0].value[name])


def html(app):
    return "\n".join(each.proto.body for each in app.get("html"))


def test_the_riskiest_first_and_what_could_not_be_read_is_there(app):
    assert column(app) == ["c.txt", "b.txt", "a.txt", "scan.pdf"]
    assert column(app, "Status") == ["new", "new", "done", "quarantined"]
    assert column(app, "Decided")[2] == 1.0


def test_filters(app):
    app.multiselect("queue-states").set_value(["done"]).run()
    assert column(app) == ["a.txt"]
    app.multiselect("queue-states").set_value([]).run()
    app.text_input("queue-words").set_value("no text").run()
    assert column(app) == ["scan.pdf"]
    app.text_input("queue-words").set_value("no such words").run()
    assert not [table for table in app.dataframe if "Document" in table.value and "Risk" in table.value]
    assert "No document fits" in app.info[0].value
    assert not app.exception


def test_assigning_a_document(app, out):
    app.selectbox("queue-doc").set_value("b.txt").run()
    app.selectbox("queue-assignee").set_value("Ann").run()
    app.button("queue-assign").click().run()
    (entry,) = [entry for entry in Decisions(out).entries() if entry.kind == "assignment"]
    assert (entry.doc, entry.by, entry.assignee) == ("b.txt", "Ann", "Ann")
    assert column(app, "Assigned to") == ["", "Ann", "", ""]
    app.multiselect("queue-people").set_value(["Ann"]).run()
    assert column(app) == ["b.txt"]


def test_somebody_else_assigned_it_meanwhile(app, out):
    app.selectbox("queue-doc").set_value("b.txt").run()
    app.selectbox("queue-assignee").set_value("Ann").run()
    Decisions(out).add(Entry(doc="b.txt", by="Cy", kind="assignment", assignee="Cy"), seen=5)
    app.button("queue-assign").click().run()
    assert "Cy decided meanwhile: assigned to Cy" in app.info[0].value
    assert column(app, "Assigned to") == ["", "Cy", "", ""]


def test_a_document_in_quarantine_says_why_and_can_not_be_opened(app):
    app.selectbox("queue-doc").set_value("scan.pdf").run()
    assert app.button("queue-open").disabled
    assert "there is no text in it" in html(app)


def test_opening_a_document(app):
    app.selectbox("queue-doc").set_value("b.txt").run()
    app.button("queue-open").click().run()
    assert not app.exception
    assert app.session_state["doc"] == "b.txt"


def test_a_sample_for_a_second_review(app, out):
    app.number_input("queue-percent").set_value(40.0).run()
    app.button("queue-ask").click().run()
    asked = second_reviews(Decisions(out).entries())
    assert len(asked) == 2
    assert all(each.asked.by == "Ann" for each in asked.values())
    assert app.button("queue-ask").disabled, "asked for once"
    app.checkbox("queue-second").set_value(True).run()
    assert column(app) == ["a.txt"]


def test_without_a_name_nothing_is_decided(out, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(out)).to_environment()
    app = AppTest.from_function(script, default_timeout=120).run()
    assert app.button("queue-assign").disabled
    assert app.button("queue-ask").disabled
    assert not app.button("queue-open").disabled, "reading needs no name"
