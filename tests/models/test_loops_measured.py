"""Loops planted in real text, and real text without loops. `pytest -m slow -s tests/models/test_loops_measured.py`"""

import json
import random
import re
from functools import partial
from hashlib import md5

import pytest

from docreview.models.loops import LoopDetector

pytestmark = pytest.mark.slow
WINDOW, LIMIT, PLANTED = 4_000, 700, 100
START, END = "<|tool_call_start|>", "<|tool_call_end|>"
SPEECH = ["the", "yes", "no", "okay", "liability", "notice", "we", "cap", "clause", "shall", "party"]
OPENINGS = ["Wait, let me re-check {}.", "But wait, maybe {}.", "Let me double-check {}.", "Hold on, {}."]
TOPICS = ["the clause", "section 4", "whether the cap applies", "the definition", "the notice period is 30 days"]
ASIDES = ["", "The clause says thirty days. ", "So the answer is yes. ", "It doesn't mention a cap. "]


@pytest.fixture(scope="module")
def windows(shared):
    """Windows of the documents that were held out: thresholds were set on the others."""
    made = []
    files = [*shared.glob("cuad/dev/contracts/*"), *shared.glob("contractnli/dev/contracts/*")]
    files += [*shared.glob("qmsum/dev/txt/*"), *shared.glob("multilingual/udhr/*")]
    for path in sorted(files):
        if held_out(path.name):
            text = path.read_text(encoding="utf-8", errors="replace")
            made += [text[i : i + WINDOW] for i in range(0, max(1, len(text) - WINDOW // 2), WINDOW)]
    with open(shared / "qmsum" / "dev" / "meetings.jsonl", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            said = json.loads(line)["meeting_transcripts"] if held_out(str(number)) else []
            text = "\n".join(f"{turn['speaker']}: {turn['content']}" for turn in said)
            made += [text[i : i + WINDOW] for i in range(0, len(text), WINDOW)]
    return made


def held_out(name):
    return md5(name.encode(), usedforsecurity=False).digest()[0] % 2 == 1


def many(unit, size=1600):
    return (unit * (size // len(unit) + 2))[:size]


def sentence(turn, texts):
    found = re.split(r"(?<=[.!?。])\s*|\n", turn.choice(texts))
    return turn.choice([each.strip() for each in found if 15 < len(each.strip()) < 300] or ["The rent is due today."])


def call(turn, texts):
    name = turn.choice(["search", "read_span", "record_clause", "flag"])
    return f"{START}[{name}(quote='{sentence(turn, texts)[: turn.randint(5, 60)]}', page={turn.randint(1, 99)})]{END}\n"


def loops(turn, texts):
    """One loop of every kind: text by kind."""
    say, do = partial(sentence, turn, texts), partial(call, turn, texts)
    gap = turn.choice([" ", ", ", "\n"])
    piece = turn.choice(texts)
    at = turn.randrange(max(1, len(piece) - 300))
    chained = "".join(f"{turn.choice(OPENINGS).format(turn.choice(TOPICS))} {turn.choice(ASIDES)}" for _ in range(60))
    return {
        "word": many(turn.choice(SPEECH) + gap),
        "phrase": many(" ".join(turn.choices(SPEECH, k=turn.randint(2, 6))) + gap),
        "syllable": many(turn.choice(["ha", "abc", "na-", "o", "xyz1"])),
        "sentence": many(say() + gap),
        "line": many(f"- {say()[:100]}\n"),
        "paragraph": many(" ".join(say() for _ in range(12))[: turn.randint(150, 299)] + "\n"),
        "any characters": many(piece[at : at + turn.randint(2, 300)]),
        "numbered": "".join(f"{i}. {say_again}\n" for say_again in [say()[:200]] for i in range(1, 99)),
        "lettered": "".join(f"({chr(97 + i % 26)}) {say_again}\n" for say_again in [say()[:200]] for i in range(99)),
        "scored": "".join(f"Item {i}: {it} (page {3 * i})\n" for it in [say()[:200]] for i in range(99)),
        "restarts": chained,
        "restart": many(f"Wait, let me re-check. {say()[:100]} "),
        "call": many(do()),
        "calls in turn": many(do() + do()),
        "call and talk": "".join(f"{it}{say()[:90]}\n" for it in [do()] for _ in range(20)),
        "blank": many(turn.choice(["\n", "\t", "...", "|   |   |\n", "_"])),
        "numbers": turn.choice([many("0, "), many("1 2 3 4 5 "), "".join(f"{i}, " for i in range(600))]),
    }


def distance(before, loop):
    """Characters of the loop until it is noticed."""
    detector = LoopDetector()
    assert not detector.feed(before)
    return next((i for i in range(10, 1600, 10) if detector.feed(loop[i - 10 : i])), 1600)


def test_false_alarms_and_planted_loops(windows):
    alarms = [LoopDetector().feed(window) for window in windows]
    print(f"\n{sum(alarms)} of {len(windows)} windows of real text: {sum(alarms) / len(windows):.2%} false alarms")
    assert sum(alarms) <= len(windows) * 0.01
    calm = [window for window, alarm in zip(windows, alarms, strict=True) if not alarm]
    turn = random.Random(6)
    found = {}
    for _ in range(PLANTED):
        for kind, loop in loops(turn, calm).items():
            before = turn.choice(calm)[: turn.randint(0, 3000)] + "\n"
            found.setdefault(kind, []).append(distance(before, loop))
    for kind, lengths in found.items():
        lengths.sort()
        print(f"{kind:15} median {lengths[PLANTED // 2]:4}  longest {lengths[-1]:4}")
    every = [length for lengths in found.values() for length in lengths]
    for limit in (200, 300, 400, 500, 600, LIMIT):
        print(f"within {limit}: {sum(length <= limit for length in every) / len(every):.2%} of {len(every)}")
    assert sum(length <= LIMIT for length in every) >= len(every) * 0.99
