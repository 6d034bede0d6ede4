"""Passages: exact, complete, without overlap, inside sections, sized."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.chunk import chunk
from docreview.read.structure import find_sections
from docreview.read.text import read_text
from docreview.tokens import load_counter
from docreview.types import Document, Passage, Section, Source, Span, Turn

SOURCE = Source(path="x.txt", media_type="text/plain", sha256="0" * 64)
BODY = "The parties shall do all that is needed for this purpose, and shall bear their own costs of it. "


def document(text: str, sections: tuple[Section, ...] = (), turns: tuple[Turn, ...] = ()) -> Document:
    return Document(id="d", source=SOURCE, text=text, sections=sections, turns=turns)


def check(whole: Document, passages: tuple[Passage, ...], most: int) -> None:
    """Passages tile all text that is not blank, in order, none over the limit."""
    at = 0
    for passage in passages:
        assert whole.text[at : passage.span.start].strip() == ""
        assert passage.text == whole[passage.span] == passage.text.strip()
        assert 0 < len(passage.text) <= most
        assert passage.doc_id == whole.id
        at = passage.span.end
    assert whole.text[at:].strip() == ""


WORDS = st.lists(
    st.sampled_from(
        [
            "1. Term. ",
            "2. Law. ",
            "\n\n",
            "\n",
            " ",
            "   ",
            "word",
            "Long. ",
            "a; ",
            "ß",
            "é",
            "。",
            "ARTICLE I\n",
            "\u2028",
            BODY,
        ]
    ),
    max_size=40,
).map("".join)


@given(WORDS, st.integers(1, 300))
@settings(max_examples=200)
def test_passages_tile_any_text(text: str, most: int) -> None:
    whole = document(text, find_sections(text))
    check(whole, chunk(whole, max_chars=most), most)


@given(WORDS, st.integers(2, 60))
def test_passages_keep_to_the_tokens(text: str, most: int) -> None:
    counter = load_counter()
    whole = document(text, find_sections(text))
    passages = chunk(whole, max_chars=400, counter=counter, max_tokens=most)
    check(whole, passages, 400)
    assert [passage.tokens for passage in passages] == counter.count([passage.text for passage in passages])
    assert all((passage.tokens or 0) <= most or len(passage.text) == 1 for passage in passages)


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.text("ab .?", min_size=1, max_size=90).filter(str.strip)), max_size=20
    ),
    st.integers(5, 200),
)
def test_passages_tile_transcripts(turns: list[tuple[str, str]], most: int) -> None:
    text, made = "", []
    for speaker, words in turns:
        text += f"{speaker}: "
        made.append(Turn(speaker=speaker, span=Span(len(text), len(text) + len(words))))
        text += words + "\n"
    whole = document(text, turns=tuple(made))
    passages = chunk(whole, max_chars=most)
    check(whole, passages, most)
    for passage in passages:
        spoken = [turn.speaker for turn in made if turn.span.overlaps(passage.span)]
        assert passage.speakers == tuple(dict.fromkeys(spoken))


def test_passages_stay_in_their_sections() -> None:
    text = f"1. Payment. {BODY * 3}\n2. Term and Termination. {BODY * 20}\n3. Law. {BODY * 2}"
    passages = chunk(document(text, find_sections(text)), max_chars=600)
    assert (passages[0].section, passages[-1].section) == ("1 Payment", "3 Law")
    assert {p.section for p in passages[1:-1]} == {"2 Term and Termination"}
    assert all(len(p.text) > 300 for p in passages[1:-1])
    assert all(p.text.endswith(".") for p in passages)


def test_a_bare_heading_goes_with_its_first_child() -> None:
    text = f"1. Scope. {BODY * 2}\n2. COMMERCIAL TERMS\n\n2.1 Sites. {BODY * 2}\n2.2 Fees. {BODY * 2}"
    passages = chunk(document(text, find_sections(text)))
    assert [p.section for p in passages] == ["1 Scope", "2.1 Sites", "2.2 Fees"]
    assert passages[1].text.startswith("2. COMMERCIAL TERMS")


def test_paragraphs_come_before_sentences() -> None:
    text = f"{BODY * 4}\n\n{BODY * 5}"
    assert [p.text.count("\n\n") for p in chunk(document(text), max_chars=600)] == [0, 0]


def test_a_question_stays_with_its_answer() -> None:
    lines = []
    for i in range(40):
        lines += [f"A: What about item {i}, please?", f"B: Item {i} is fine and costs {i} euros."]
    draft = read_text("\n".join(lines).encode(), "x.txt")
    passages = chunk(document(draft.text, turns=draft.turns), max_chars=330)
    assert len(passages) > 5
    assert all(
        passage.text.startswith("A:") and passage.text.count("?") == passage.text.count("fine") for passage in passages
    )
    assert all(passage.speakers == ("A", "B") for passage in passages)


def test_long_words_and_empty_documents() -> None:
    assert chunk(document("")) == ()
    assert chunk(document(" \n \n")) == ()
    assert [len(p.text) for p in chunk(document("x" * 2500))] == [971, 891, 638]
    with pytest.raises(ValueError, match="1 or more"):
        chunk(document("x"), max_chars=0)


@pytest.mark.parametrize(
    "text", ["a" + " " * 2_000_000 + "b", "\n" * 2_000_000 + "a", "a. " * 300_000, "a" * 2_000_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    check(document(text), chunk(document(text)), 1000)
    assert time.process_time() - start < 30  # it ends


def test_combining_marks_stay_on_their_letters() -> None:
    for passage in chunk(document("e\u0301" * 400), max_chars=101):
        assert passage.text.startswith("e")


def test_real_contracts_are_covered(shared: Path) -> None:
    files = sorted((shared / "cuad" / "dev" / "contracts").glob("*.txt"))[::8]
    if not files:
        pytest.skip("the contracts are absent")
    texts = [file.read_text(encoding="utf-8") for file in files]
    documents = [document(text, find_sections(text)) for text in texts]
    for whole in documents:
        check(whole, chunk(whole), 1000)
