"""Transcripts of every kind: text, speakers, times, exact spans."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.errors import ReadError
from docreview.read.draft import Draft
from docreview.read.text import read_text


def said(draft: Draft) -> list[tuple[str, str]]:
    return [(turn.speaker, draft.text[turn.span.start : turn.span.end]) for turn in draft.turns]


def times(draft: Draft) -> list[tuple[float | None, float | None]]:
    return [(turn.start_s, turn.end_s) for turn in draft.turns]


VTT = """WEBVTT - a title
Kind: captions

STYLE
::cue { color: red }

NOTE a comment
over two lines

intro
00:01.000 --> 00:04.000 align:start position:0%
<v.loud Anna Berger>Good <b>morning</b>,
shall we &amp; they start?</v>

00:00:04.500 --> 00:00:09.000
<v Anna Berger>Yes.</v>

01:00:10.000 --> 01:00:12.000
<v Tom &amp; Co>25 < 30 euros.<v Anna Berger>Fine.
"""


def test_vtt() -> None:
    draft = read_text(VTT.encode(), "x.vtt")
    assert draft.text == (
        "Anna Berger: Good morning, shall we & they start? Yes.\nTom & Co: 25 < 30 euros.\nAnna Berger: Fine.\n"
    )
    assert said(draft)[1] == ("Tom & Co", "25 < 30 euros.")
    assert times(draft) == [(1.0, 9.0), (3610.0, 3612.0), (3610.0, 3612.0)]
    assert draft.sections == ()
    assert draft.media_type == "text/vtt"


def test_the_time_of_a_single_cue_is_kept() -> None:
    draft = read_text(VTT.encode(), "x.vtt")
    first = draft.turns[0]
    assert first.time_at(first.span.start) == 1.0
    assert first.time_at(draft.text.index("Yes.")) == 4.5
    assert draft.turns[1].time_at(draft.turns[1].span.start) == 3610.0


@pytest.mark.parametrize("name", ["x.vtt", "x.srt", "x.txt"])
def test_subtitles_without_header_or_counter(name: str) -> None:
    data = b"00:00:01,000 --> 00:00:04,000\r\nGood morning.\r\n\r\n"
    data += b"00:00:04,500 --> 00:00:09,000\r\n<b>TOM:</b> 25 euros.\r\n"
    draft = read_text(data, name)
    assert draft.text == "Good morning.\nTOM: 25 euros.\n"
    assert said(draft) == [("", "Good morning."), ("TOM", "25 euros.")]


def test_srt_labels_counters_and_lines() -> None:
    data = """1
00:00:01,000 --> 00:00:02,000
Anna: Hello
there.

2
00:00:02,000 --> 00:00:03,000
{\\an8}How are you?
3
00:00:03,000 --> 00:00:04,000
Tom: Fine. Note: this stays.

not a time --> 00:00:05
words stay
""".encode("cp1252")
    draft = read_text(data, "x.srt")
    assert said(draft) == [("", "Anna: Hello there. How are you? Tom: Fine. Note: this stays. words stay")]
    assert "time" in [w.code for w in draft.warnings]


def test_names_before_colons_become_speakers_when_they_come_again() -> None:
    cues = ["Anna: Hello.", "Tom: Hi.", "Warning: hot.", "Anna: Bye.", "Tom: Bye."]
    data = "\n\n".join(f"00:00:0{i}.000 --> 00:00:0{i}.900\n{cue}" for i, cue in enumerate(cues))
    draft = read_text(("WEBVTT\n\n" + data).encode(), "x.vtt")
    assert said(draft) == [("Anna", "Hello."), ("Tom", "Hi. Warning: hot."), ("Anna", "Bye."), ("Tom", "Bye.")]


def test_unnamed_speech_is_divided_at_pauses() -> None:
    data = "1\n00:00:00,000 --> 00:00:01,000\nOne.\n\n2\n00:00:01,500 --> 00:00:02,000\nTwo.\n\n"
    data += "3\n00:00:09,000 --> 00:00:10,000\nThree."
    draft = read_text(data.encode(), "x.srt")
    assert draft.text == "One. Two.\nThree.\n"
    assert times(draft) == [(0.0, 2.0), (9.0, 10.0)]


JSON_CASES = [
    (
        {
            "segments": [
                {"start": 0, "end": 1.5, "text": " So,", "speaker": "A"},
                {"start": 1.5, "end": 2, "text": "yes.", "speaker": "A"},
            ]
        },
        [("A", "So, yes.")],
        [(0.0, 2.0)],
    ),
    ({"text": "x", "segments": [{"start": 0, "end": 1, "text": "Hello."}]}, [("", "Hello.")], [(0.0, 1.0)]),
    (
        {
            "meeting_transcripts": [
                {"speaker": "", "content": ""},
                {"speaker": "A", "content": " "},
                {"speaker": "B", "content": "25."},
            ]
        },
        [("B", "25.")],
        [(None, None)],
    ),
    (
        {"turns": [{"speaker": "A", "text": "One.", "start": 1}, {"speaker": "A", "text": "Two\nlines.", "end": 9.5}]},
        [("A", "One."), ("A", "Two lines.")],
        [(1.0, None), (None, 9.5)],
    ),
]


@pytest.mark.parametrize(("data", "words", "seconds"), JSON_CASES)
def test_json(data: object, words: list[tuple[str, str]], seconds: list[tuple[float | None, float | None]]) -> None:
    draft = read_text(json.dumps(data).encode(), "x.json")
    assert said(draft) == words
    assert times(draft) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"turns": [{"speaker": "A", "text": 5}]}',
        '{"turns": [{"speaker": "A", "text": "x", "start": "soon"}]}',
        '{"segments": [{"text": "x", "start": NaN}]}',
        "[" * 100_000,
    ],
)
def test_broken_json_is_refused(text: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_text(text.encode(), "x.json")
    assert caught.value.code == "damaged"


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", '{"turns": []}', '{"segments": 5}'])
def test_other_json_is_plain_text_with_a_warning(text: str) -> None:
    draft = read_text(text.encode(), "x.json")
    assert draft.text == text
    assert [w.code for w in draft.warnings] == ["json_form"]


def test_a_transcript_without_words_is_empty() -> None:
    for data, name in ((b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "x.vtt"), (b'{"turns": [{"text": " "}]}', "x.json")):
        with pytest.raises(ReadError) as caught:
            read_text(data, name)
        assert caught.value.code == "empty"


LABELLED = [
    (
        "Anna: Hello.\nTom: Hi.\nAnna: So.\nTom: Yes: indeed.\n",
        [("Anna", "Hello."), ("Tom", "Hi."), ("Anna", "So."), ("Tom", "Yes: indeed.")],
    ),
    (
        "Meeting of 3 May\n\nMr. Smith (Simcoe, Lib.):\nFirst.\nSecond.\n\nThe Chair: Thanks.\n\n"
        "Mr. Smith (Simcoe, Lib.): Bye.\n\nThe Chair: Bye.",
        [
            ("Mr. Smith (Simcoe, Lib.)", "First.\nSecond."),
            ("The Chair", "Thanks."),
            ("Mr. Smith (Simcoe, Lib.)", "Bye."),
            ("The Chair", "Bye."),
        ],
    ),
    (
        "[00:01] A B: x\n[00:02] C: y\n[00:03] A B: z\n[00:04] C: w",
        [("A B", "x"), ("C", "y"), ("A B", "z"), ("C", "w")],
    ),
    (
        "Anna  0:03\nHello.\n\nTom  0:09\nHi.\n\nAnna  0:12\nBye.\n\nTom  0:15\nBye.",
        [("Anna", "Hello."), ("Tom", "Hi."), ("Anna", "Bye."), ("Tom", "Bye.")],
    ),
]


@pytest.mark.parametrize(("text", "words"), LABELLED)
def test_labelled_text_stays_as_it_is(text: str, words: list[tuple[str, str]]) -> None:
    draft = read_text(text.encode(), "x.txt")
    assert draft.text == text
    assert said(draft) == words


def test_times_of_labelled_text() -> None:
    assert times(read_text(LABELLED[2][0].encode(), "x.txt"))[2] == (3.0, None)
    assert times(read_text(LABELLED[3][0].encode(), "x.txt"))[3] == (15.0, None)


@pytest.mark.parametrize(
    "text",
    [
        "Name: ACME\nDate: 3 May\nPlace: Berlin\nPrice: 25\n",
        "This Agreement is made as follows: one.\nThe parties agree: two.\nThe parties agree: three.\n"
        + "Plain text.\n" * 9,
        "1. Term: five years.\n2. Price: 25.\n",
    ],
)
def test_forms_and_contracts_are_no_transcripts(text: str) -> None:
    draft = read_text(text.encode(), "x.txt")
    assert draft.turns == ()
    assert draft.sections is None


@given(st.lists(st.tuples(st.sampled_from(["Anna", "Tom", "PhD C"]), st.text("ab c.?\n", max_size=12)), max_size=12))
def test_turn_spans_are_what_was_said(turns: list[tuple[str, str]]) -> None:
    data = json.dumps({"turns": [{"speaker": s, "text": t} for s, t in turns]})
    expected = [(s, w) for s, t in turns if (w := " ".join(p.strip() for p in t.split("\n") if p.strip()))]
    if expected:
        assert said(read_text(data.encode(), "x.json")) == expected
    elif turns:
        with pytest.raises(ReadError, match="no words"):
            read_text(data.encode(), "x.json")


@pytest.mark.slow
def test_100_000_turns_are_quick() -> None:
    lines = "".join(f"Speaker {i % 500}: turn {i} okay .\n" for i in range(100_000))
    cues = "WEBVTT\n\n" + "".join(
        f"00:00:01.000 --> 00:00:02.000\n<v S{i % 5}>turn {i}</v>\n\n" for i in range(100_000)
    )
    for text, name in ((lines, "x.txt"), (cues, "x.vtt")):
        start = time.process_time()
        assert len(read_text(text.encode(), name).turns) == 100_000
        assert time.process_time() - start < 30  # it ends


def test_real_meetings(shared: Path) -> None:
    folder = shared / "qmsum" / "dev"
    if not folder.is_dir():
        pytest.skip("the meetings are absent")
    for path in sorted((folder / "map").glob("*.json")):
        name, truth = path.stem, json.loads(path.read_text())
        text = (folder / "txt" / f"{name}.txt").read_text(encoding="utf-8")
        spoken = [turn for turn in truth["turns"] if text[slice(*turn["content"])].strip()]
        plain = read_text((folder / "txt" / f"{name}.txt").read_bytes(), f"{name}.txt")
        assert plain.text == text
        assert said(plain) == [(turn["speaker"], text[slice(*turn["content"])].strip()) for turn in spoken]
        joined: list[tuple[str, str]] = []
        for turn in spoken:
            same = bool(joined) and joined[-1][0] == turn["speaker"]
            words = " ".join([*([joined.pop()[1]] if same else []), text[slice(*turn["content"])]])
            joined.append((turn["speaker"], words))
        cues = read_text((folder / "vtt" / f"{name}.vtt").read_bytes(), f"{name}.vtt")
        assert [(s, w.split()) for s, w in said(cues)] == [(s, w.split()) for s, w in joined]


def test_signature_blocks_and_sources_are_no_talk():
    block = "By: A. Adams\nName: A. Adams\nTitle: Director\n"
    text = "The parties agree to keep secrets.\n\n" + block + "\n" + block.replace("A. Adams", "B. Brown")
    assert not read_text(text.encode(), "nda.txt").turns
    pages = "".join(f"Clause {i} says much.\n\nSource: ACME INC, 10-K, 2020\n\n" for i in range(9))
    assert not read_text(pages.encode(), "filing.txt").turns
