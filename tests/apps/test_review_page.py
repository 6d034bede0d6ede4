"""The Review page, used as a reviewer uses it."""

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from streamlit.testing.v1 import AppTest

from docreview.app.options import VARIABLE, Options
from docreview.decisions import Decisions, Entry, apply
from docreview.types import Span
from tests.decisions.decided_folders import TEXT, at, document, review, write


def script():
    from apps.review.views.review import page

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


def test_ones_own_verdicts_are_taken_back_the_last_first(app, out):
    assert app.button("do-back").disabled
    law = current(app)
    press(app, "do-accept")
    rent = current(app)
    press(app, "do-reject")
    Decisions(out).add(Entry(doc="a.txt", by="Bo", clause="Insurance", verdict="accepted"), seen=2)
    app.run()
    for back in (rent, law):
        press(app, "do-back")
        assert current(app) == back
    assert app.button("do-back").disabled, "what is left is another's"
    last = Decisions(out).entries()[-2:]
    assert [(e.verdict, e.clause, e.by) for e in last] == [
        ("withdrawn", "Rent", "Ann"),
        ("withdrawn", "Governing Law", "Ann"),
    ]
    assert "1 of 5 decided" in app.get("progress")[0].proto.text


def test_a_second_press_before_the_page_moved_on_is_left_out(app, out):
    law = Entry(doc="a.txt", by="Ann", clause="Governing Law", span=at("the laws of Ireland"), verdict="accepted")
    Decisions(out).add(law, seen=0)
    press(app, "do-accept")
    assert len(Decisions(out).entries()) == 1
    assert "Saved as number 1; a second press" in said(app)


def test_the_last_decision_leaves_nothing_open(app, out):
    for _ in range(5):
        press(app, "do-accept")
    assert len(Decisions(out).entries()) == 5
    assert "5 of 5 decided" in app.get("progress")[0].proto.text


def test_next_and_previous(app):
    first = current(app)
    assert app.button("do-previous").disabled
    press(app, "do-next")
    second = current(app)
    assert second != first
    press(app, "do-previous")
    assert current(app) == first
    app.radio[0].set_value(second).run()
    assert current(app) == second


def test_editing_the_answer(app, out):
    press(app, "do-edit")
    assert app.text_input("answer").value == "Ireland"
    app.text_input("answer").set_value("Éire").run()
    press(app, "save-edit")
    (entry,) = Decisions(out).entries()
    assert (entry.verdict, entry.value, entry.quote_span) == ("edited", "Éire", None)
    assert "editing" not in app.session_state


def test_an_edit_can_be_left(app, out):
    press(app, "do-edit")
    press(app, "cancel-edit")
    assert Decisions(out).entries() == []
    assert not [field for field in app.text_input if field.key == "answer"]


def chosen(app, words):
    app.session_state["selection"] = ("a.txt", at(words))
    app.run()
    assert not app.exception
    return app


def test_selected_words_become_a_clause_that_was_missed(app, out):
    chosen(app, "thirty (30) days' notice")
    app.selectbox("add-question").set_value("Insurance").run()
    app.text_input("add-answer").set_value("30 days").run()
    press(app, "add")
    (entry,) = Decisions(out).entries()
    assert (entry.verdict, entry.clause, entry.value) == ("added", "Insurance", "30 days")
    assert entry.quote == "thirty (30) days' notice"
    assert len(app.radio[0].options) == 6
    done = apply(review(), Decisions(out).entries("a.txt"), document())
    assert [c.value for c in done.clauses if c.name == "Insurance"] == ["30 days"]
    assert not [button for button in app.button if button.key == "add"], "the words are no longer selected"


def test_selected_words_become_the_place_of_a_clause(app, out):
    chosen(app, "governed by the laws of Ireland")
    press(app, "move")
    (entry,) = Decisions(out).entries()
    assert (entry.verdict, entry.quote_span, entry.span) == (
        "edited", at("governed by the laws of Ireland"), at("the laws of Ireland"),
    )  # fmt: skip


def test_selected_words_go_with_an_edit(app, out):
    press(app, "do-edit")
    chosen(app, "Ireland")
    press(app, "save-edit")
    (entry,) = Decisions(out).entries()
    assert (entry.value, entry.quote_span) == ("Ireland", at("Ireland"))


def test_never_mind(app, out):
    chosen(app, "Ireland")
    press(app, "drop")
    assert not [button for button in app.button if button.key == "add"]
    assert Decisions(out).entries() == []


def test_two_people_at_once(app, out):
    law = at("the laws of Ireland")
    Decisions(out).add(Entry(doc="a.txt", by="Bo", clause="Governing Law", span=law, verdict="rejected"))
    press(app, "do-accept")
    assert len(Decisions(out).entries()) == 1, "nothing is lost, nothing is added"
    assert "Bo decided meanwhile: rejected" in said(app)


def test_who_has_seen_the_other_verdict_may_differ(app, out):
    law = at("the laws of Ireland")
    Decisions(out).add(Entry(doc="a.txt", by="Bo", clause="Governing Law", span=law, verdict="rejected"))
    app.run()
    app.radio[0].set_value(f"Governing Law|{law.start}-{law.end}").run()
    press(app, "do-accept")
    assert [entry.verdict for entry in Decisions(out).entries()] == ["rejected", "accepted"]


def test_comments_and_assignment(app, out):
    app.text_area("comment").set_value("Ask <b>legal</b>").run()
    press(app, "add-comment")
    app.selectbox("assignee").set_value("Ann").run()
    press(app, "assign")
    comment, assigned = Decisions(out).entries()
    assert (comment.kind, comment.note, comment.clause) == ("comment", "Ask <b>legal</b>", "Governing Law")
    assert (assigned.kind, assigned.assignee) == ("assignment", "Ann")
    assert "Ask &lt;b&gt;legal&lt;/b&gt;" in html(app)


def html(app):
    return "\n".join(each.proto.body for each in app.get("html"))


def test_a_second_review_is_blind(app, out, monkeypatch):
    press(app, "ask-second")
    law = at("the laws of Ireland")
    Decisions(out).add(Entry(doc="b.txt", by="Bo", clause="Governing Law", span=law, verdict="rejected", note=""))
    Decisions(out).add(Entry(doc="b.txt", by="Bo", kind="second_review", clause="Governing Law", span=law))
    app.selectbox("review-doc").set_value("b.txt").run()
    app.selectbox("review-show").set_value("Second review wanted").run()
    assert current(app) == f"Governing Law|{law.start}-{law.end}"
    assert "The first verdict is hidden" in html(app)
    assert "rejected by Bo" not in html(app)
    press(app, "do-accept")
    app.selectbox("review-show").set_value("Decided").run()
    assert "does not agree" in html(app)


@pytest.mark.parametrize(
    ("show", "count"),
    [
        ("Everything", 5), ("Undecided", 5), ("Found or unsure", 3), ("Not found (all of it was read)", 1),
        ("Not read", 1), ("Decided", 0),
    ],
)  # fmt: skip
def test_what_is_shown(app, show, count):
    app.selectbox("review-show").set_value(show).run()
    assert not app.exception
    assert len(app.radio[0].options if app.radio else []) == count


def test_one_question(app):
    app.selectbox("review-question").set_value("Rent").run()
    assert [name.split("|")[0] for name in keys(app)] == ["Rent", "Rent"]


def keys(app):
    return app.session_state["review-shown"]


def test_orders(app):
    app.selectbox("review-order").set_value("As in the text").run()
    assert [name.split("|")[0] for name in keys(app)][:3] == ["Rent", "Governing Law", "Rent"]
    press(app, "do-accept")
    app.selectbox("review-order").set_value("Undecided first").run()
    assert keys(app)[-1].startswith("Governing Law|"), "what is decided comes last"


def test_not_found_and_not_read_are_told_apart(app):
    app.selectbox("review-question").set_value("Insurance").run()
    assert "not found: all of the text was read" in html(app)
    app.selectbox("review-question").set_value("Notice").run()
    assert "not read: page 2 not read" in html(app)


def test_searching_the_text(app):
    app.text_input("words").set_value("IRELAND").run()
    assert "Place 1 of 1" in [each.value for each in app.caption]
    app.text_input("words").set_value("is").run()
    before = app.session_state["view"]
    press(app, "hit+1")
    assert app.session_state["view"][0].start > before[0].start
    app.text_input("words").set_value("nothing like it").run()
    assert any("nowhere" in each.value for each in app.caption)


def test_without_a_name_nothing_is_decided(out, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(out)).to_environment()
    app = AppTest.from_function(script, default_timeout=120).run()
    assert app.button("do-accept").disabled
    assert not app.button("do-next").disabled
    assert "Type it above" in app.info[0].value


def test_a_link_leads_to_a_place(out, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(out), reviewer="Ann").to_environment()
    app = AppTest.from_function(script, default_timeout=120)
    app.session_state["doc"], app.session_state["place"] = "b.txt", at("400 EUR")
    app.run()
    assert app.selectbox("review-doc").value == "b.txt"
    assert current(app).startswith("Rent|")


@pytest.mark.parametrize(
    "heard", [(0, 0), (-5, 3), (3, 2), (0, len(TEXT) + 1), ("0", 3), (None, None), (True, False), (1.5, 2)]
)
def test_a_selection_that_can_not_be_is_none(heard):
    from apps.review.source import _heard

    assert _heard({"selected": {"start": heard[0], "end": heard[1]}}, len(TEXT), 1).selected in (None, (0, 0))


def test_hostile_words_are_text(tmp_path, monkeypatch):
    from docreview.types import Citation, Clause, Coverage, Review

    folder = write(tmp_path / "out")
    evil = "<script>alert(1)</script> [x](http://a.b) ![y](http://a.b/c.png) :red[z]"
    (folder / "text" / "a.txt.txt").write_text(evil)
    citation = Citation(doc_id="d1", span=Span(0, len(evil)), quote=evil, verdict="verbatim")
    clause = Clause(name=evil, status="found", citations=(citation,), value=evil, note=evil)
    told = Review(doc_id="d1", checklist="contract", clauses=(clause,), coverage=Coverage(), reader="r", run_id="x")
    from docreview._json import dumps

    (folder / "reviews" / "a.txt.json").write_text(dumps(told))
    monkeypatch.setenv(VARIABLE, "")
    Options(out=str(folder), reviewer="Ann").to_environment()
    app = AppTest.from_function(script, default_timeout=120).run()
    assert not app.exception
    assert "<script>" not in html(app)
    shown = [*app.radio[0].options, *app.radio[0].proto.captions]
    assert shown
    assert not any(mark in text for text in shown for mark in ("<script", "](", ":red["))
