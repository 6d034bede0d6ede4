import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.models.loops import LoopDetector

SENTENCE = "The tenant pays the deposit before the keys are handed over. "
PARAGRAPH = (
    "If the landlord sells the house, the tenancy goes on with the new owner on the same terms, and the old owner "
    "tells the tenant within ten days who that is and where the rent is to be paid from then on; until that letter "
    "arrives, rent paid to the old owner counts as paid.\n"
)
START, END = "<|tool_call_start|>", "<|tool_call_end|>"


def call(text):
    return f"{START}[{text}]{END}\n"


def many(unit, size=2000):
    return (unit * (size // len(unit) + 1))[:size]


def restarts():
    turn = random.Random(4)
    openings = ["Wait, let me re-check {}. ", "But wait, {} matters. ", "Let me double-check {}. ", "Hold on: {}. "]
    topics = ["clause four", "the notice period", "whether a cap applies", "the second schedule", "what was signed"]
    facts = ["It is silent on that. ", "So the answer stays. ", "Thirty days, it seems. "]
    return "".join(turn.choice(openings).format(turn.choice(topics)) + turn.choice(facts) for _ in range(40))


LOOPS = {
    "word": (many("the "), "repetition"),
    "syllable": (many("haha"), "repetition"),
    "sentence": (many(SENTENCE), "repetition"),
    "paragraph": (many(PARAGRAPH), "repetition"),
    "lines": (many("- deposit\n- rent\n- keys\n"), "repetition"),
    "Chinese": (many("本协议自双方签字之日起生效。"), "repetition"),
    "Thai": (many("มนุษย์ทั้งหลายเกิดมามีอิสระ"), "repetition"),
    "Russian": (many("Все люди рождаются свободными. "), "repetition"),
    "emoji": (many("🎉👍 ok "), "repetition"),
    "numbered": ("".join(f"{i}. {SENTENCE}\n" for i in range(1, 40)), "counting"),
    "lettered": ("".join(f"({chr(97 + i % 26)}) {SENTENCE}\n" for i in range(40)), "counting"),
    "counted": ("".join(f"Page {i}: no deposit found, score 0.{i}\n" for i in range(60)), "counting"),
    "restarts": (restarts(), "restarts"),
    "one call": (call("search(query='deposit')") * 20, "calls"),
    "two calls": ((call("search(query='deposit')") + call("read_span(start=1, end=900)")) * 20, "calls"),
    "call and talk": (
        "".join(call("search(query='x')") + f"{word} it again.\n" for word in ("Try", "See", "Do", "Ask")),
        "calls",
    ),
    "new lines": ("\n" * 2000, "blank"),
    "ruler": ("_ " * 1000, "repetition"),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_noticed_within_700_characters(name):
    text, kind = LOOPS[name]
    detector = LoopDetector()
    assert not detector.feed("Rent is due on the first of each month, in advance and without set-off.\n\n")
    assert detector.feed(text[:700])
    assert detector.kind == kind
    assert detector.feed("Something new.")  # stays true


def test_more_numbered_calls_than_a_reply_may_hold_are_a_loop():
    detector = LoopDetector()
    numbered = [call(f"record_absent(name='Question {i}')") for i in range(1, 41)]
    assert not detector.feed("".join(numbered[:30]))
    assert detector.feed("".join(numbered[30:]))
    assert detector.kind == "counting"


TITLES = ["Parties", "Term", "Rent", "Deposit", "Use", "Repair", "Access", "Insurance", "Notices", "Law", "Annexes"]
TEXTS = {
    "a passage that stands there twice": PARAGRAPH * 2,
    "contents": "".join(f"{i}. {title} {'.' * (60 - len(title))} {3 * i}\n" for i, title in enumerate(TITLES)),
    "signatures": "".join(
        f"{who}\nBy: ___________________\nName: _________________\nTitle: ________________\nDate: _________\n\n"
        for who in ("OWNER LTD", "TENANT LLP", "GUARANTOR INC")
    ),
    "prices": "".join(f"Year {i}   $ {1000 * i}   $ {1100 * i}\n" for i in range(1, 11)),
    "a list of calls": f"{START}[" + ", ".join(f"record_absent(name='{name}')" for name in TITLES) + f"]{END}",
    "absences of numbered questions": call(", ".join(f"record_absent(name='nda-{i}')" for i in range(1, 33))),
    "absences in blocks of their own": "".join(call(f"record_absent(name='nda-{i}')") for i in range(1, 33)),
    "one quote for numbered questions": call(
        ", ".join(f"record_clause(name='nda-{i}', quote='{PARAGRAPH}')" for i in range(1, 20))
    ),
    "pages one after the other": "".join(call(f"read_span(page={i})") for i in range(1, 30)),
    "the same call twice": call("search(query='deposit')") * 2,
    "talk": "A: Yeah, yeah. B: Yeah. A: Okay. B: Mm-hmm. A: Wait, which page? B: Three. A: Okay, okay. B: Right. ",
    "second thoughts": "Wait, page three says otherwise. Let me check the annex. It is signed. So it stands.",
    "empty form": "_" * 300 + "\n" + "." * 300,
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_loop(name):
    assert not LoopDetector().feed(TEXTS[name])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                SENTENCE,
                PARAGRAPH,
                "the ",
                "1. x\n",
                "本协",
                START,
                END,
                "<|tool_",
                "f(a=1)",
                "\n" * 90,
                "Wait, let me check. ",
            ]
        )
        | st.text(max_size=5),
        max_size=60,
    ),
    st.integers(1, 50),
)
def test_cutting_the_text_changes_nothing(pieces, size):
    text = "".join(pieces)
    by_character, in_pieces = LoopDetector(), LoopDetector()
    answers = [by_character.feed(char) for char in text]
    for i in range(0, len(text), size):
        assert in_pieces.feed(text[i : i + size]) == answers[min(i + size, len(text)) - 1]
    whole = LoopDetector()
    assert whole.feed(text) == (answers[-1] if answers else False)
    assert whole.kind == in_pieces.kind == by_character.kind


@pytest.mark.slow
def test_memory_stays_constant():
    turn = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"

    def page():
        return " ".join("".join(turn.choices(letters, k=6)) for _ in range(2000))

    detector = LoopDetector()
    detector.feed(page())
    tracemalloc.start()
    for _ in range(20):
        assert not detector.feed(page())
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 2e6


@pytest.mark.slow
def test_real_documents_are_no_loops(shared):
    turn = random.Random(0)
    files = sorted((shared / "cuad" / "dev" / "contracts").iterdir()) + sorted(
        (shared / "qmsum" / "dev" / "txt").iterdir()
    )
    windows = alarms = 0
    for path in turn.sample(files, 60):
        text = path.read_text(encoding="utf-8", errors="replace")
        for start in range(0, len(text), 4000):
            windows += 1
            alarms += LoopDetector().feed(text[start : start + 4000])
    assert windows > 300
    assert alarms <= windows * 0.01
