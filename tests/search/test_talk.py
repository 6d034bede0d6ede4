"""What the ranker sees of a meeting."""

import numpy as np
import pytest

from docreview.read import read
from docreview.search.alone import Alone
from docreview.search.entry import prepare
from docreview.search.talk import Talk
from docreview.types import Document

TOPICS = {
    "battery": "The battery of the remote lasts a week and the battery costs two euros.",
    "colour": "The colour of the case should be yellow, said the survey about colour.",
    "budget": "The budget for the quarter is spent and the finance people know it.",
}
PEOPLE = ("Anna Berg", "Grad A", "Grad B")


@pytest.fixture(scope="module")
def meeting(tmp_path_factory) -> Document:
    lines = []
    for topic, words in TOPICS.items():
        lines += [f"{PEOPLE[i % 3]}: {words} Yes, {topic} is point {i}." for i in range(12)]
        lines += [f"{PEOPLE[i % 3]}: Okay, right, I see what you mean there." for i in range(12)]
    file = tmp_path_factory.mktemp("talk") / "meeting.txt"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(file)


@pytest.fixture(scope="module")
def talk(meeting) -> Talk:
    return Talk(prepare(meeting))


def test_units_have_their_speakers(talk):
    assert talk.entry.talk
    assert set(talk.speakers) == set(PEOPLE)
    for (start, end), speaker in zip(talk.entry.units.tolist(), talk.speakers, strict=True):
        assert speaker in talk.entry.text[max(0, start - 500) : end]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What did Anna Berg think?", {"Anna Berg"}),
        ("What did Anna think about it?", {"Anna Berg"}),
        ("What did Grad B say?", {"Grad B"}),
        ("What did the grad say?", set()),
        ("Who paid the bergs?", set()),
        ("What was decided?", set()),
        ("", set()),
    ],
)
def test_people_that_a_question_names(talk, question, meant):
    found = {name for name, is_meant in zip(talk.speakers, talk.named(question), strict=True) if is_meant}
    assert found == meant


def test_smoothing_keeps_what_is_constant_and_spreads_a_peak(talk):
    same = talk.smooth(np.ones(len(talk.sizes), np.float32), 100)
    assert np.allclose(same, 1.0, atol=1e-5)
    peak = np.zeros(len(talk.sizes), np.float32)
    peak[20] = 1.0
    spread = talk.smooth(peak, 60)
    assert 15 <= int(spread.argmax()) <= 25
    assert spread[20] > spread[30] > spread[-1] >= 0


def test_the_stretch_about_a_topic_comes_first(meeting):
    for topic in TOPICS:
        hits = Alone(meeting).search(f"Summarize the discussion about the {topic}", 3)
        assert topic in hits[0].passage.text.lower()


def test_features_are_finite_for_the_shortest_talk(tmp_path):
    file = tmp_path / "short.txt"
    file.write_text("A: hi.\nB: hi.\nA: yes.\nB: no.\nA: so.\nB: ok.\n", encoding="utf-8")
    talk = Talk(prepare(read(file)))
    n = len(talk.sizes)
    rows = talk.features([np.zeros(n, np.float32)] * 3, "What did A say?")
    assert rows.shape[0] == n
    assert np.isfinite(rows).all()
