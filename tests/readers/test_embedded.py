import textwrap
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview._dates import single_date
from docreview.checklist import Checklist, Question, load
from docreview.errors import ConfigError
from docreview.readers import load_reader, weights
from docreview.readers.nda import units
from docreview.types import Document, Source, Span, Turn

PARAGRAPH = (
    "The parties shall meet from time to time to review the progress of the work and shall keep each other informed. "
)
LAW = "This Agreement shall be governed by and construed in accordance with the laws of the State of Delaware."
ASSIGN = "Neither party may assign this Agreement without the prior written consent of the other party."
CONTRACT = f"""DISTRIBUTOR AGREEMENT

This Distributor Agreement (the "Agreement") is entered into as of March 4, 2019 (the "Effective Date") by and between
Northwind Instruments, Inc., a Delaware corporation ("Northwind"), and Bluebird Trading Ltd. ("Distributor").

1. Term. {PARAGRAPH * 4}

2. Governing Law. {LAW}

3. {PARAGRAPH * 5}

4. Assignment. {ASSIGN}
"""
NDA = """MUTUAL NON-DISCLOSURE AGREEMENT

1. The Receiving Party shall not reverse engineer any objects that embody the Confidential Information.

2. Upon termination the Receiving Party shall return or destroy all Confidential Information.
"""


def document(text: str, **more) -> Document:
    return Document(id="d", source=Source(path="d.txt", media_type="text/plain", sha256="0"), text=text, **more)


@pytest.fixture(scope="module")
def reader():
    return load_reader("embedded")


def calls(reading, name: str) -> list:
    return [c.arguments for c in reading.calls if c.arguments.get("name") == name]


def test_planted_clauses_are_found_where_they_stand(reader) -> None:
    reading = reader.read(document(CONTRACT), load("contract"))
    for name, sentence in (("Governing Law", LAW), ("Anti-Assignment", ASSIGN)):
        best = max(calls(reading, name), key=lambda row: row["score"])
        assert best["quote"] == sentence
        assert CONTRACT[best["start"] : best["end"]] == sentence
        assert best["sure"]
    assert calls(reading, "Governing Law")[0]["value"] == "Delaware"


def test_names_titles_and_dates_are_a_few_words(reader) -> None:
    reading = reader.read(document(CONTRACT), load("contract"))
    title = max(calls(reading, "Document Name"), key=lambda row: row["score"])
    assert title["quote"].lower() == "distributor agreement"
    dates = [row for row in calls(reading, "Agreement Date") if "quote" in row]
    assert [row["quote"] for row in dates] == ["March 4, 2019"]
    assert dates[0]["value"] == "2019-03-04"
    parties = {row["quote"] for row in calls(reading, "Parties")}
    assert any("Northwind" in quote for quote in parties)
    assert all(len(quote) < 200 for quote in parties)


def test_every_question_gets_an_answer_and_the_type_comes_first(reader) -> None:
    reading = reader.read(document(CONTRACT), load("contract"))
    assert reading.calls[0].name == "record_type"
    assert reading.calls[0].arguments["type"] == "distributor"
    assert {c.arguments["name"] for c in reading.calls[1:]} == set(load("contract").names)
    assert len({c.id for c in reading.calls}) == len(reading.calls)
    assert reading.coverage.spans == (Span(0, len(CONTRACT)),)


def test_a_lower_score_gives_more_and_the_same_on_top(reader) -> None:
    usual = reader.read(document(CONTRACT), load("contract"))
    every = reader.read(document(CONTRACT), load("contract"), min_score=0.001)
    few = {(c.arguments["name"], c.arguments["start"]) for c in usual.calls if c.name == "record_clause"}
    many = {(c.arguments["name"], c.arguments["start"]) for c in every.calls if c.name == "record_clause"}
    assert few < many
    assert all(0.001 <= c.arguments["score"] <= 1 for c in every.calls if c.name == "record_clause")


def test_overlapping_answers_to_one_question_are_not_given(reader) -> None:
    shown = reader.read(document(CONTRACT), load("contract"))
    every = reader.read(document(CONTRACT), load("contract"), min_score=0.001)
    for name in load("contract").names:
        sure = [row for row in calls(every, name) if "start" in row and row["sure"]]
        for rows in ([row for row in calls(shown, name) if "start" in row], sure):
            assert all(left["end"] <= right["start"] for left, right in pairwise(rows)), name


def test_nda_questions_are_answered_with_evidence(reader) -> None:
    reading = reader.read(document(NDA), load("nda"), min_score=0.001)
    assert reading.calls[0].arguments["type"] == "nda"
    for name, word in (("nda-11", "reverse engineer"), ("nda-16", "destroy")):
        best = max(calls(reading, name), key=lambda row: row.get("score", 0))
        assert word in best["quote"]
        assert best["value"] == "entailed"


def test_lines_of_a_page_do_not_cut_the_evidence_of_an_nda() -> None:
    clause = (
        "Upon expiration or termination the Receiving Party shall promptly return or destroy all Confidential "
        "Information and all copies of it and certify that it has done so in writing."
    )
    page = "\n".join(textwrap.wrap(f"The Parties agree as follows. {clause} {PARAGRAPH * 2}", 90))
    assert clause in [page[a:b].replace("\n", " ") for a, b in units(page)]
    flowing = f"{PARAGRAPH * 3}\nThe Recipient may keep\n(a) one copy; and\n(b) back-ups."
    assert [flowing[a:b] for a, b in units(flowing)][-3:] == [
        "The Recipient may keep",
        "(a) one copy; and",
        "(b) back-ups.",
    ]


def test_questions_that_no_model_knows_are_left_to_others(reader) -> None:
    own = Checklist(name="own", title="Own", questions=(Question(name="Parking", text="Where?", kind="text"),))
    assert [c.name for c in reader.read(document(CONTRACT), own).calls] == ["record_type"]


def test_a_document_of_turns_is_a_transcript(reader) -> None:
    text = "Good morning everybody, let us begin."
    turns = (Turn(speaker="A", span=Span(0, len(text))),)
    first = reader.read(document(text, turns=turns), load("contract")).calls[0]
    assert first.arguments == {"type": "transcript", "score": 1.0}


def test_the_same_document_gives_the_same_calls(reader) -> None:
    one, two = (load_reader("embedded").read(document(CONTRACT), load("contract"), min_score=0.001) for _ in range(2))
    assert one.calls == two.calls
    assert load_reader("embedded").name == reader.name


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["contract", "nda"]))
def test_any_text_is_read_and_every_quote_is_exact(text: str, checklist: str) -> None:
    reading = load_reader("embedded").read(document(text), load(checklist), min_score=0.001)
    for call in reading.calls:
        if call.name == "record_clause":
            row = call.arguments
            assert text[row["start"] : row["end"]] == row["quote"] != ""


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["1. ", '"A" ', "A. ", "\n\n", "Acme Inc. ", "a" * 50, "● ", "January 1, 2020 "])
def test_hostile_text_ends(reader, unit: str) -> None:
    reading = reader.read(document(unit * (60_000 // len(unit))), load("contract"), min_score=0.001)
    assert len(reading.coverage) > 50_000


def test_an_unknown_reader_is_named(reader) -> None:
    with pytest.raises(ConfigError, match="oracle"):
        load_reader("oracle")


def test_weights_are_versioned_and_saved_to_the_same_bytes(tmp_path) -> None:
    arrays = {"a": np.arange(3), "b.c": np.ones((2, 2), np.int8)}
    one = weights.save(tmp_path / "one.npz", arrays, {"kind": "test"})
    assert one == weights.save(tmp_path / "two.npz", arrays, {"kind": "test"})
    back = weights.parse((tmp_path / "one.npz").read_bytes(), "one.npz")
    assert back.sha256 == one
    assert back.meta["kind"] == "test"
    assert list(back.group("b")) == ["c"]
    with pytest.raises(ConfigError, match="not a weights file"):
        weights.parse(b"junk", "junk.npz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 4, 2019", "2019-03-04"),
        ("the 4th day of March, 2019", "2019-03-04"),
        ("14 Sept. 2001", None),
        ("14 Sep. 2001", "2001-09-14"),
        ("2020-02-29", "2020-02-29"),
        ("February 30, 2020", None),
        ("3/4/2019", None),
        ("March 4, 2019 until April 5, 2020", None),
        ("as of March 4, 2019, that is March 4, 2019", "2019-03-04"),
        ("____________", None),
    ],
)
def test_dates_are_read_only_when_they_are_plain(text: str, expected: str | None) -> None:
    assert single_date(text) == expected
