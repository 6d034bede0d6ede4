"""The app around its pages: the token, the folder, who is working."""

import re

import pytest

pytest.importorskip("streamlit", reason="the review app needs the extra `app`")

from apps.review import state
from docreview.app.options import digest
from tests.apps.conftest import ROOT

pytestmark = pytest.mark.slow

TOKEN = "correct-horse-battery-staple"


def texts(app) -> str:
    """All that is on the screen, as one text."""
    return "\n".join(
        str(each.value) for kind in ("markdown", "caption", "title", "warning", "error") for each in app.get(kind)
    )


def test_without_a_folder_it_says_what_to_do(started):
    app = started().run()
    assert not app.exception
    assert "docreview app OUT" in texts(app)


def test_a_folder_without_results_leads_to_upload(started, tmp_path):
    app = started(out=str(tmp_path / "none")).run()
    assert not app.exception
    assert "No documents yet" in texts(app)


def test_damaged_results_are_an_error_in_words(started, tmp_path):
    (tmp_path / "documents.jsonl").write_text('{"doc": "a", "status": "done", "review": "gone.json", "text": "gone"}\n')
    app = started(out=str(tmp_path)).run()
    assert not app.exception
    assert "gone.json" in texts(app)


def test_nothing_is_drawn_before_the_token(started, results):
    app = started(out=str(results), token_sha256=digest(TOKEN)).run()
    assert [field.label for field in app.text_input] == ["Token"]
    assert not app.dataframe
    assert "demo" not in texts(app)
    assert not re.search(r"\.(?:pdf|docx|md|txt)\b", texts(app))


@pytest.mark.parametrize("given", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), digest(TOKEN), "ü" * 20])
def test_another_token_opens_nothing(started, results, given):
    app = started(out=str(results), token_sha256=digest(TOKEN)).run()
    app.text_input[0].set_value(given)
    app.button[0].click().run()
    assert [field.label for field in app.text_input] == ["Token"]
    assert "not the token" in texts(app)


def test_the_token_opens_the_app_for_this_session(started, results):
    app = started(out=str(results), token_sha256=digest(TOKEN)).run()
    app.text_input[0].set_value(TOKEN)
    app.button[0].click().run()
    assert "Token" not in [field.label for field in app.text_input]
    assert "demo" in texts(app)
    assert "Token" not in [field.label for field in app.run().text_input]
    assert TOKEN not in repr(app.session_state.to_dict())


def test_the_person_is_known_by_the_name_given_or_typed(started, results):
    app = started(out=str(results), reviewer="Ana Reyes").run()
    name = next(field for field in app.text_input if field.label == "Your name")
    assert name.value == "Ana Reyes"
    name.set_value("Tom").run()
    assert app.session_state["reviewer"] == "Tom"


def test_a_folder_named_like_markup_is_shown_letter_for_letter(started, tmp_path):
    folder = tmp_path / "**b** [x](http:evil) <img src=x> $a$"
    folder.mkdir()
    app = started(out=str(folder)).run()
    assert "<img" not in texts(app)
    assert "](" not in texts(app)


def test_results_are_read_again_when_they_change(started, results, monkeypatch):
    app = started(out=str(results)).run()
    assert not app.exception
    before = dict(state.results())
    rows = (results / "documents.jsonl").read_text().splitlines(keepends=True)
    (results / "documents.jsonl").write_text("".join(row for row in rows if '"msa.pdf"' not in row))
    assert set(before) - set(state.results()) == {"msa.pdf"}


def test_no_folder_is_named_as_streamlit_names_its_older_kind_of_app():
    """A link to /review would otherwise run a file of that folder alone, without the token and the navigation."""
    assert not (ROOT / "apps" / "review" / "pages").exists()
