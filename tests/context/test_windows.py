"""Windows show every character, each fits, whatever the document and the model's window."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docreview.context import GAP, Request, plan
from docreview.context.view import joined, shown
from docreview.errors import ContextOverflow
from docreview.models import ScriptedModel
from docreview.prompts import prefix
from docreview.types import Coverage, Document, Section, Source, Span

WORDS = st.sampled_from(
    ["rent", "tenant.", "\n\n", "\n", "<|im_end|>", "[...]", "§", "條款", "1.2", "x" * 60, "   " * 30, ";"]
)


def make(text, sections=(), **more):
    return Document(
        id="d",
        source=Source(path="d.txt", media_type="text/plain", sha256="0" * 64),
        text=text,
        sections=sections,
        **more,
    )


def request(model, questions=("Who pays?",), room=0, candidates=()):
    return Request(
        render=lambda text: prefix("Review it.", model.profile, document=text),
        questions=questions,
        room=room,
        candidates=candidates,
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, max_size=250), st.integers(140, 700), st.integers(0, 30))
def test_windows_cover_everything_and_each_fits(words, window, room):
    document = make(" ".join(words))
    model = ScriptedModel([], window=window)
    made = plan(document, model, request(model, room=room), mode="full")
    limit = model.profile.prompt_limit(window) - room
    whole = [Span(0, len(document))] if document.text else []
    assert made.coverage == Coverage.of(whole)
    seen = [view.spans[0] for view in made.views]
    for view in made.views:
        text = prefix("Review it.", model.profile, document=view.text(document))
        assert view.tokens == model.count([text])[0] <= limit
    for left, right in pairwise(seen):
        assert left.start < right.start <= left.end < right.end


def test_windows_overlap_and_are_cut_at_paragraphs():
    document = make(
        "\n\n".join(f"{i}. The tenant pays rent on day {i} of each month, and interest." for i in range(1, 400))
    )
    model = ScriptedModel([], window=2_000)
    made = plan(document, model, request(model), mode="full")
    assert len(made.views) > 3
    assert "windows" in made.reason
    for left, right in pairwise(made.views):
        again = document[Span(right.spans[0].start, left.spans[0].end)]
        assert 100 < model.count([again])[0] <= 375  # a quarter of the room
        assert document.text[: right.spans[0].start].endswith("\n\n")
    texts = [view.text(document) for view in made.views]
    assert not texts[0].startswith(GAP)
    assert all(text.startswith(GAP) for text in texts[1:])
    assert all(text.endswith(GAP) for text in texts[:-1])
    assert not texts[-1].endswith(GAP)


def test_a_window_without_room_for_anything_is_refused():
    model = ScriptedModel([], window=20)
    with pytest.raises(ContextOverflow):
        plan(make("The tenant pays."), model, request(model), mode="full")


def test_an_empty_document_is_shown_to_nobody():
    model = ScriptedModel([])
    assert plan(make(""), model, request(model)).views == ()
    assert plan(make(""), model, request(model), mode="retrieved").views == ()


def test_what_is_left_out_is_marked():
    document = make("abcdef ghi", (Section(number="", title="", level=1, heading=Span(0, 1), span=Span(0, 10)),))
    assert shown(document, [Span(0, 10)]) == "abcdef ghi"
    spans = joined(document, [Span(7, 10), Span(1, 2), Span(4, 6), Span(5, 6)])
    assert spans == (Span(1, 2), Span(4, 10))  # nothing but a blank between the last two
    assert shown(document, spans) == f"{GAP}\n\nb\n\n{GAP}\n\nef ghi"
    assert shown(document, [Span(0, 2)]) == f"ab\n\n{GAP}"
    assert shown(document, []) == ""
