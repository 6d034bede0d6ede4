"""The Review page, used as a reviewer uses it."""

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from streamlit.testing.v1 import AppTest

from docreview.app.options import VARIABLE, Options
from docreview.decisions import Decisions, Entry, apply
from docreview.types import Span
from tests.decisions.decided_folders import TEXT, at, document, review, write


def script():
    from apps.review.pages.review import page

    page()


@pytest.fixture
def out(tmp_path):
    return write(tmp_path / "out", ("a.txt", "b.txt"))


@pytest.fixture
def app(out, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(out), reviewer="Ann").to_environment()
    opened = AppTest.from_function(script, default_timeout=120).run()
    assert not opened.exception
    return opened


def press(app, key):
    app.button(key).click().run()
    assert not app.exception
    return app


def current(app):
    return app.radio[0].value


def said(app):
    return "\n".join(str(each.value) for kind in ("warning", "error", "info", "toast") for each in app.get(kind))


def test_it_opens_at_the_first_thing_to_decide(app):
    assert app.selectbox("review-doc").value == "a.txt"
    assert current(app) == f"Governing Law|{at('the laws of Ireland').start}-{at('the laws of Ireland').end}"
    assert len(app.radio[0].options) == 5


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("do-accept", "accepted"), ("do-reject", "rejected"), ("do-flag", "flagged"), ("do-unsure", "unsure")],
)
def test_a_verdict_is_saved_and_the_next_thing_comes(app, out, key, verdict):
    before = current(app)
    press(app, key)
    (entry,) = Decisions(out).entries()
    assert (entry.verdict, entry.by, entry.doc, entry.clause) == (verdict, "Ann", "a.txt", "Governing Law")
    assert entry.span == at("the laws of Ireland")
    assert entry.seconds is not None
    assert current(app) != before
