"""The choice between all of a document and its best passages, and the speed that it rests on."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_windows import make, request

from docreview.context import Speed, Speeds, Stopwatch, plan
from docreview.context.speed import SQUARE, fit
from docreview.models import ScriptedModel
from docreview.types import DefinedTerm, Section, Span

FILLER = "".join(f"The garden has {i} trees, and squirrel number {i} lives in it.\n\n" for i in range(1, 200))
DEFINED = '"Fee" means 5 EUR for each day.'
LATE = "If the Fee is paid late, interest of 4 per cent is due."
TEXT = f"1. Definitions\n{DEFINED}\n\n{FILLER}2. Interest\n\n{LATE}\n\n{FILLER}"


def lease():
    second = TEXT.index("2. Interest")
    return make(
        TEXT,
        (
            Section(number="1", title="Definitions", level=1, heading=Span(0, 14), span=Span(0, second)),
            Section(
                number="2", title="Interest", level=1, heading=Span(second, second + 11), span=Span(second, len(TEXT))
            ),
        ),
    )


def with_terms(document):
    start = TEXT.index(DEFINED)
    term = DefinedTerm(term="Fee", span=Span(start + 1, start + 4), definition=Span(start, start + len(DEFINED)))
    return make(document.text, document.sections, terms=(term,))


def test_everything_is_shown_when_it_fits_and_is_fast_enough():
    model = ScriptedModel([])
    made = plan(lease(), model, request(model), speed=Speed(linear=1e-4, square=0.0), budget_seconds=60)
    assert made.mode == "full"
    assert len(made.views) == 1
    assert made.seconds == pytest.approx(made.tokens * 1e-4)
    assert made.views[0].text(lease()) == TEXT
    assert made.line().startswith(f"full: {made.tokens:,} tokens in 1 prompt, about 1 s to read (")
    assert "about 1 s to read, about 3.0 minutes to answer (" in replace(made, answering=180.0).line()


def test_best_passages_when_it_would_take_too_long():
    model = ScriptedModel([])
    speed = Speed(linear=0.01, square=0.0)
    ask = request(model, ["What interest is due when a payment is late?"])
    made = plan(with_terms(lease()), model, ask, speed=speed, budget_seconds=30)
    assert made.mode == "retrieved"
    assert "would take" in made.reason
    assert made.seconds <= 30
    shown = made.views[0].text(lease())
    assert LATE in shown
    assert "2. Interest" in shown  # the heading of its section
    assert DEFINED in shown  # the definition of a term that it uses
    assert shown.index(DEFINED) < shown.index("2. Interest") < shown.index(LATE)  # in document order
    assert "[...]" in shown
    assert len(made.coverage) < len(TEXT)
    assert not made.coverage.complete(lease())


def test_candidates_of_another_reader_come_first_in_hybrid():
    model = ScriptedModel([])
    odd = TEXT.index("squirrel number 150 ")
    ask = request(model, ["What interest is due?"], candidates=[Span(odd, odd + 10)])
    speed = Speed(linear=0.01, square=0.0)
    made = plan(lease(), model, ask, speed=speed, budget_seconds=1)
    assert made.mode == "hybrid"
    assert any(odd in span for span in made.coverage.spans)
    assert plan(lease(), model, ask, mode="retrieved").mode == "retrieved"


def test_without_a_known_speed_or_a_budget_everything_is_shown():
    model = ScriptedModel([])
    assert plan(lease(), model, request(model), budget_seconds=0.001).mode == "full"
    slow = Speed(linear=10.0, square=0.0)
    assert plan(lease(), model, request(model), speed=slow, budget_seconds=None).mode == "full"
    assert plan(lease(), model, request(model), speed=slow, mode="full").mode == "full"
    with pytest.raises(ValueError, match="no such context"):
        plan(lease(), model, request(model), mode="half")


@pytest.mark.parametrize("window", [400, 1_000, 4_000])
@pytest.mark.parametrize("mode", ["retrieved", "hybrid"])
def test_passages_fit_the_window(window, mode):
    model = ScriptedModel([], window=window)
    made = plan(lease(), model, request(model, ["garden?", "Fee?", "interest?"], room=20), mode=mode)
    assert 0 < made.tokens <= model.profile.prompt_limit(window) - 20


@given(st.floats(1e-6, 1e-1), st.floats(0, 1e-7), st.lists(st.integers(300, 100_000), min_size=1, max_size=9))
def test_a_measured_speed_predicts_what_was_measured(linear, square, lengths):
    truth = Speed(linear=linear, square=square)
    lengths = [*lengths, 300, 40_000]
    found = fit([(n, truth.seconds(n)) for n in lengths])
    for n in (500, 5_000, 100_000):
        assert found.seconds(n) == pytest.approx(truth.seconds(n), rel=1e-3)
    assert found.tokens(truth.seconds(20_000)) == pytest.approx(20_000, abs=30)


def test_a_short_measurement_gets_the_known_share_of_attention():
    found = fit([(1_000, 2.0), (2_000, 4.0)])
    assert found.square == pytest.approx(SQUARE * found.linear)
    assert found.seconds(100_000) > 100 * found.seconds(1_000) * 1.5
    assert fit([]) is None


def test_speeds_are_kept_by_model_and_damaged_files_are_nothing(tmp_path):
    file = tmp_path / "cache" / "speeds.json"
    speeds = Speeds(file)
    one, other = {"backend": "mlx", "weights": "a"}, {"backend": "mlx", "weights": "b"}
    assert speeds.of(one) is None
    speeds.add(one, [(1_000, 1.0), (2_000, 2.1)])
    assert Speeds(file).of(one | {"folder": "/elsewhere"}) == speeds.of(one)
    assert speeds.of(other) is None
    for _ in range(5):
        speeds.add(one, [(1_000, 3.0)])
    assert speeds.of(one).seconds(1_000) == pytest.approx(3.0)  # the last reads count
    speeds.add(other, [(10, 1.0)])
    speeds.add(other, [(1_000, 0.001)])
    assert speeds.of(other) is None  # too short to say anything
    assert speeds.answering(one) is None
    speeds.answered(one, 40, 80.0)
    speeds.answered(one, 10, 5.0)
    assert speeds.answering(one) == pytest.approx(1.7)
    assert speeds.of(one).seconds(1_000) == pytest.approx(3.0)
    for bad in ("{", "[1]", '{"x": [[["a", 1]]]}'):
        file.write_text(bad)
        assert speeds.of(one) is None
    speeds.add(one, [(1_000, 1.0)])
    assert speeds.of(one)


def test_a_stopwatch_passes_progress_on():
    seen = []
    watch = Stopwatch(lambda done, total: seen.append((done, total)))
    watch(5, 10)
    watch(10, 10)
    assert seen == [(5, 10), (10, 10)]
    assert [n for n, _ in watch.points] == [5, 10]
    assert watch.points[0][1] <= watch.points[1][1]
