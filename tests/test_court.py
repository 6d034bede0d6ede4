"""Court transcripts: pages with printed numbers, line numbers, questions and answers."""

import pytest

from docreview.chunk import chunk
from docreview.read.text import read_text
from docreview.read.transcripts.court import page_line_at, span_of
from docreview.types import Document, Source

HEAD = """                                                              12

 1      APPEARANCES
 2
 3                     JOHN A. DOE,
 4      called as a witness, having been duly sworn, testified:
 5                     DIRECT EXAMINATION
 6      BY MR. SMITH:
 7          Q.   Did you sign the agreement on
 8      14 March 2023?
 9          A.   Yes, I did.
10          Q.   Who else was there?
11          A.   Anna Berger was
12      there, and Tom.
13               MS. JONES:  Objection, form.
14               THE WITNESS:  I can answer that.
15          Q.   Go ahead.

                                                              13

 1          A.   It was late.
 2               THE COURT:  Let us take a
 3      break.
 4                     CROSS-EXAMINATION
 5      BY MS. JONES:
 6          Q.   What was the price?
 7          A.   25 euros.
"""
FOOT = "".join(
    f"{n:2}   {'Q.  Question' if n % 2 else 'A.  Answer'} {page}-{n}.\n"
    + (f"\n          Page {page}\n\n" if n == 24 else "")
    for page in (3, 4)
    for n in range(1, 25)
)


def document(text: str) -> Document:
    draft = read_text(text.encode(), "x.txt")
    source = Source(path="x.txt", media_type=draft.media_type, sha256="")
    return Document(
        id="1", source=source, text=draft.text, pages=draft.pages, turns=draft.turns, sections=draft.sections or ()
    )


def test_speakers_and_words() -> None:
    court = document(HEAD)
    assert court.text == HEAD
    assert [(turn.speaker, court[turn.span]) for turn in court.turns][:6] == [
        ("MR. SMITH", "Did you sign the agreement on\n 8      14 March 2023?"),
        ("THE WITNESS", "Yes, I did."),
        ("MR. SMITH", "Who else was there?"),
        ("THE WITNESS", "Anna Berger was\n12      there, and Tom."),
        ("MS. JONES", "Objection, form."),
        ("THE WITNESS", "I can answer that."),
    ]
    assert (court.turns[-2].speaker, court[court.turns[-1].span]) == ("MS. JONES", "25 euros.")
    assert [section.title for section in court.sections] == ["DIRECT EXAMINATION", "CROSS-EXAMINATION"]


@pytest.mark.parametrize(("text", "labels"), [(HEAD, ["12", "13"]), (FOOT, ["3", "4"])])
def test_pages_carry_the_printed_number(text: str, labels: list[str]) -> None:
    court = document(text)
    assert [page.label for page in court.pages] == labels
    spans = [page.span for page in court.pages if page.span]
    assert (spans[0].start, spans[-1].end) == (0, len(text))
    assert spans[0].end == spans[1].start


def test_page_and_line() -> None:
    court = document(HEAD)
    assert page_line_at(court, HEAD.index("25 euros")) == "13:7"
    assert page_line_at(court, HEAD.index("there, and Tom")) == "12:12"
    span = span_of(court, "12:9")
    assert span is not None
    assert court[span] == "A.   Yes, I did."
    span = span_of(court, "12:15-13:1")
    assert span is not None
    assert court[span].startswith("Q.   Go ahead.")
    assert court[span].endswith("It was late.")
    assert span_of(court, "99:1") is None
    with pytest.raises(ValueError, match="not a page and line"):
        span_of(court, "twelve")


def test_question_and_answer_stay_together() -> None:
    court = document(FOOT)
    for passage in chunk(court, max_chars=300):
        assert passage.text.count("Q.  ") == passage.text.count("A.  ") or passage.span.end > len(FOOT) - 200


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{n}  apples and pears\n" for n in range(1, 30)),
        "Q. Is this a form?\nA. Yes.\n" + "The parties agree on the price.\n" * 40,
        "1. Term\n2. Price\n3. Law\n" * 5,
    ],
)
def test_lists_and_contracts_are_no_court_transcripts(text: str) -> None:
    assert document(text).turns == ()
    assert document(text).pages == ()


def test_questions_without_line_numbers() -> None:
    court = document("BY MR. SMITH:\n" + "Q.  Who?\nA.  Tom.\nTom Miller.\n\n" * 4)
    assert [(t.speaker, court[t.span]) for t in court.turns][:2] == [
        ("MR. SMITH", "Who?"),
        ("THE WITNESS", "Tom.\nTom Miller."),
    ]
    assert court.pages == ()


def test_a_quote_runs_on_over_line_numbers_and_page_heads(tmp_path):
    from docreview import read, verify

    lines = [f"  {i:>2}       Q.  Did you keep copy {i} of it?" for i in range(1, 24)]
    lines += [
        "  24       A.  The fee was four thousand euros and it was paid",
        "  25       in two parts, the second one",
    ]
    second = ["\f                          2", "   1       in March of that year.", "   2       Q.  By whom?"]
    second += [f"  {i:>2}       A.  By company {i}." for i in range(3, 26)]
    file = tmp_path / "hearing.txt"
    file.write_text("                          1\n" + "\n".join(lines + second) + "\n", encoding="utf-8")
    document = read(file)
    proof = verify("it was paid in two parts, the second one in March of that year.", document)
    assert proof.verdict == "normalised"
    assert document[proof.spans[0]].startswith("it was paid\n  25")
    assert verify("it was paid 25 in two parts", document).verdict == "altered"
    assert verify("it was paid in three parts", document).verdict == "altered"
