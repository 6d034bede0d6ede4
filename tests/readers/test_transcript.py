"""What the reader of meetings proposes, where, and what it leaves alone."""

import time

import pytest

from docreview.checklist import Checklist, Question, load
from docreview.readers import Reading
from docreview.readers.transcript import SURE, TranscriptReader
from docreview.readers.transcript_rules import plain
from docreview.types import Document, Source, Span, Turn

MEETING = """Anna: Welcome, everyone.
Ben: Thanks. Yesterday I was at the dentist.
Anna: We have decided to go with the second supplier.
Ben: Good. I will send the draft contract to Carla by Friday.
Carla: Um, okay. The deadline is due on 14 May.
Anna: Do we know whether the price includes delivery to the islands?
Carla: I don't know.
Anna: We agreed that the price will be $12,500 at most.
Ben: We promise to keep the data in Norway, and we will make sure of it by next week.
Carla: The weather is nice , is n't it ?
"""


KEPT = "We promise to keep the data in Norway, and we will make sure of it by next week."


def talk(text: str) -> Document:
    turns, at = [], 0
    for line in text.splitlines(keepends=True):
        speaker, colon, said = line.partition(": ")
        if colon and said.strip():
            start = at + len(speaker) + 2
            turns.append(Turn(speaker=speaker, span=Span(start, start + len(said.rstrip("\n")))))
        at += len(line)
    source = Source(path="meeting.txt", media_type="text/plain", sha256="0" * 64)
    return Document(id="m", source=source, text=text, turns=tuple(turns))


def items(reading: Reading, *, sure: bool = True) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for call in reading.calls:
        if call.name == "record_clause" and (call.arguments["sure"] or not sure):
            found.setdefault(call.arguments["name"], []).append(call.arguments["quote"])
    return found


def test_each_question_finds_its_sentence() -> None:
    assert items(TranscriptReader().read(talk(MEETING), load("transcript"))) == {
        "Decision": [
            "We have decided to go with the second supplier.",
            "We agreed that the price will be $12,500 at most.",
        ],
        "Action Item": ["I will send the draft contract to Carla by Friday."],
        "Deadline": ["I will send the draft contract to Carla by Friday.", "The deadline is due on 14 May.", KEPT],
        "Open Question": ["Do we know whether the price includes delivery to the islands?"],
        "Number Agreed": ["We agreed that the price will be $12,500 at most."],
        "Commitment": ["I will send the draft contract to Carla by Friday.", KEPT],
    }


def test_items_are_exact_and_inside_one_turn() -> None:
    document = talk(MEETING)
    reading = TranscriptReader().read(document, load("transcript"), min_score=0.001)
    spans = [Span(c.arguments["start"], c.arguments["end"]) for c in reading.calls if c.name == "record_clause"]
    assert spans == sorted(spans)
    for call, span in zip(reading.calls, spans, strict=False):
        assert document[span] == call.arguments["quote"]
        assert any(span in turn.span for turn in document.turns)
        assert call.arguments["sure"] is (call.arguments["score"] >= SURE)


def test_values_say_who_what_and_when_only_as_said() -> None:
    reading = TranscriptReader().read(talk(MEETING), load("transcript"))
    values = {(c.arguments["name"], c.arguments["value"]) for c in reading.calls if c.name == "record_clause"}
    assert ("Action Item", "who: Ben; what: send the draft contract to carla by friday; by: by friday") in values
    assert ("Number Agreed", "$12,500") in values
    assert ("Decision", None) in values


@pytest.mark.parametrize(
    "said",
    [
        "I'll start with a quick overview of the minutes.",
        "We will now go to the honourable member for Victoria.",
        "At the end of the day it does not matter.",
        "I don't remember what we decided last time.",
        "Can I just ask a question?",
        "Yeah, okay.",
        "Nothing of note happened while the kettle boiled.",
        "They had eighty seven buttons on the old one.",
        "I'll be honest with you.",
        "You'll see a blue button on the left.",
        "I went to Paris on Monday.",
        "Last year it cost fifty thousand.",
        "Then he went home.",
        "Could you tell me your name?",
        "Okay, so that's the first slide.",
        "We'll talk about that later.",
        "Our customers pay about ten dollars a month.",
        "We were founded on 3 May 2010.",
        "The shop stays open to the public.",
    ],
)
def test_talk_that_is_no_item(said: str) -> None:
    text = f"Anna: {said}\nBen: Mm-hmm.\n"
    assert items(TranscriptReader().read(talk(text), load("transcript"))) == {}


def test_nothing_found_is_said_and_all_was_read() -> None:
    document = talk("Anna: Nothing of note.\nBen: No.\n")
    reading = TranscriptReader().read(document, load("transcript"))
    assert [c.arguments["name"] for c in reading.calls] == list(load("transcript").names)
    assert {c.name for c in reading.calls} == {"record_absent"}
    assert reading.coverage.complete(document)


def test_questions_of_others_get_no_answer() -> None:
    own = Checklist(name="own", title="Own", questions=(Question(name="Insurance", text="?", kind="yes_no"),))
    assert TranscriptReader().read(talk(MEETING), own).calls == ()


def test_an_accepted_proposal_scores_higher_than_a_refused_one() -> None:
    def best(answer: str) -> float:
        text = f"Anna: I suggest we should use the blue one.\nBen: {answer}\n"
        calls = TranscriptReader().read(talk(text), load("transcript"), min_score=0.001).calls
        return max(
            [c.arguments["score"] for c in calls if c.arguments["name"] == "Decision" and "score" in c.arguments] or [0]
        )

    assert best("I agree, good idea.") > best("Yeah.") > best("No, never.")


def test_lines_without_speakers_are_read_too() -> None:
    reading = TranscriptReader().read(
        Document(
            id="n",
            source=Source(path="n.txt", media_type="text/plain", sha256="0" * 64),
            text="Notes.\nWe have decided to close the shop.\n",
        ),
        load("transcript"),
    )
    assert items(reading)["Decision"] == ["We have decided to close the shop."]


@pytest.mark.parametrize("text", ["", "\n\n", "Anna: ", "Anna: {vocalsound}\n", "Anna: ... ?!\n", "A: " + "x" * 5000])
def test_odd_talk_is_read(text: str) -> None:
    reading = TranscriptReader().read(talk(text), load("transcript"), min_score=0.001)
    assert all(call.name == "record_absent" for call in reading.calls)


def test_plain_form() -> None:
    assert plain("Um , I 'll {disfmarker} I 'll send it , uh , by Friday .") == "i'll send it, by friday."


@pytest.mark.slow
@pytest.mark.parametrize("said", ["I will send it. ", "no ", "i i ", "1 point two euros ", "by the end of the "])
def test_time_grows_with_the_text_and_no_faster(said: str) -> None:
    def seconds(count: int) -> float:
        document = talk(f"Anna: {said * count}\nBen: yes\n" * 2)
        begun = time.process_time()
        TranscriptReader().read(document, load("transcript"))
        return time.process_time() - begun

    seconds(200)
    assert seconds(8_000) < 0.3 + 30 * seconds(800)


@pytest.mark.parametrize(
    ("kind", "said", "answer"),
    [
        ("Decision", "Great, Leeds it is.", ""),
        ("Decision", "The motion carries unanimously.", ""),
        ("Decision", "Okay, we'll take option B.", ""),
        ("Decision", "Right, so it's Thursday mornings then.", "Works for me."),
        ("Decision", "I propose we drop the second phase.", "Agreed."),
        ("Decision", "It was resolved that the dividend be paid in June.", ""),
        ("Action Item", "Anna, can you send me the revised schedule?", "Sure, will do."),
        ("Action Item", "Please upload the signed copy to the data room.", ""),
        ("Action Item", "To do: renew the certificate.", ""),
        ("Action Item", "Action item for Peter: confirm the headcount.", ""),
        ("Commitment", "We will refund the setup fee if it doesn't work.", ""),
        ("Commitment", "You'll have the answer by noon.", ""),
        ("Open Question", "Who is going to own the rollout after June?", "I'm not sure yet."),
        ("Open Question", "How many seats do you need?", "I'd have to check with the team."),
        ("Open Question", "Let's park the pricing discussion.", ""),
        ("Open Question", "What if the approval is late? Nobody knows yet.", ""),
        ("Deadline", "Go-live is on 1 September.", ""),
        ("Deadline", "Please return the form no later than June 15.", ""),
        ("Deadline", "It has to be finished by the twenty-first.", ""),
        ("Number Agreed", "We agreed on a discount of 15%.", ""),
        ("Number Agreed", "Fine, three hundred and fifty pounds a day.", ""),
        ("Number Agreed", "The price stays at 4.50 per unit.", ""),
    ],
)
def test_ways_of_saying_it_are_proposed(kind: str, said: str, answer: str) -> None:
    text = f"Ben: {said}\n" + (f"Carla: {answer}\n" if answer else "")
    assert kind in items(TranscriptReader().read(talk(text), load("transcript")), sure=False)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (
            "Anna, can you get a quote for us, by Friday the ninth?",
            "who: anna; what: get a quote for us; by: by friday the ninth",
        ),
        ("I'll call the bank today.", "who: Ben; what: call the bank today; by: today"),
        ("Anna and I will finish the draft, by noon.", "who: anna and Ben; what: finish the draft; by: by noon"),
    ],
)
def test_who_is_asked_or_offers(said: str, value: str) -> None:
    calls = TranscriptReader().read(talk(f"Ben: {said}\n"), load("transcript")).calls
    assert [
        c.arguments["value"] for c in calls if c.arguments.get("quote") and c.arguments["name"] == "Action Item"
    ] == [value]


def test_a_sentence_goes_on_in_the_next_line_of_a_numbered_page() -> None:
    text = "We agreed on the value, four\n  22       hundred dollars.\nNothing else came up."
    source = Source(path="d.txt", media_type="text/plain", sha256="0" * 64)
    document = Document(id="d", source=source, text=text, turns=(Turn(speaker="A", span=Span(0, len(text))),))
    found = items(TranscriptReader().read(document, load("transcript")), sure=False)
    assert found["Decision"] == ["We agreed on the value, four\n  22       hundred dollars."]


def test_long_lines_without_a_full_stop_are_read_line_by_line() -> None:
    said = "\n".join(["we have decided to close the shop", *["so we went on and on about it"] * 60])
    document = Document(
        id="n",
        source=Source(path="n.txt", media_type="text/plain", sha256="0" * 64),
        text=said,
        turns=(Turn(speaker="A", span=Span(0, len(said))),),
    )
    assert items(TranscriptReader().read(document, load("transcript")))["Decision"] == [
        "we have decided to close the shop"
    ]
