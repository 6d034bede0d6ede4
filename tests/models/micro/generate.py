"""Short agreements with planted clauses, and questions to ask of them, for the micro checkpoint.

The wording is that of `docreview corpora make`; the agreements are shorter, and a clause may have its own heading.
Document `number` of a seed is always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from docreview.checklist import Question, load
from docreview.evaluate.corpora.make import Made
from docreview.evaluate.corpora.wording import Voice, templates, wordings
from docreview.types import Document, Source

ASKED = (
    "Governing Law", "Expiration Date", "Renewal Term", "Non-Compete", "No-Solicit of Employees",
    "Termination for Convenience", "Change of Control", "Anti-Assignment", "Minimum Commitment", "Audit Rights",
    "Insurance", "Warranty Duration",
)  # fmt: skip
"""The questions that the checkpoint was taught, by name."""
OTHERS = ("Cap on Liability", "Price Restrictions", "License Grant", "Source Code Escrow", "Liquidated Damages")
"""Clauses that stand in the documents and are never asked for."""
NOTHING = "nothing"
GLANCE = 3
"""A reply begins with a thought: the question's name and the first words of the place, or `NOTHING`."""
_LEADS: tuple[Callable[[int], str], ...] = (
    lambda i: f"{i}. ",
    lambda i: f"Section {i}. ",
    lambda i: f"({chr(97 + i % 26)}) ",
    lambda i: "",
)


@dataclass(frozen=True)
class Asked:
    """A question and what a document says: offsets into its text, or None where it says nothing."""

    question: Question
    place: tuple[int, int] | None


@dataclass(frozen=True)
class Size:
    """How long documents are, and how hard: each number is drawn from a range, both ends included."""

    clauses: tuple[int, int] = (3, 7)
    fillers: tuple[int, int] = (2, 6)
    others: tuple[int, int] = (0, 2)
    babble: float = 0.0
    """Share of documents whose sentences are words in no order: nothing but copying helps there."""
    headed: float = 0.5
    """Share of documents in which every paragraph has a heading, a clause's question by name."""


def questions() -> dict[str, Question]:
    """The questions of the contract checklist that are asked, by name."""
    return {q.name: q for q in load("contract").questions if q.name in ASKED}


def agreement(seed: str, number: int, size: Size) -> Made:
    """One agreement; `planted` holds the clauses that are asked for."""
    rng = Random(f"micro {seed} {number}")
    roles = rng.choice(wordings()["role"]["pairs"]).split("|")
    voice = Voice(rng, (roles[0], roles[1]))
    made = Made(f"micro-{number:06}", "contract")
    title = voice.say(rng.choice(templates("title", "contract")))
    made.add("title", ("", title))
    first, second = voice.companies
    made.add("paragraph", ("", f'This {title} is made on {voice.date()} between {first} ("{voice.a}")'),
             ("", f'and {second} ("{voice.b}").'))  # fmt: skip
    headed, lead = rng.random() < size.headed, rng.choice(_LEADS)
    for i, sentences in enumerate(_paragraphs(rng, voice, size, headed), 1):
        heading = f"{_heading(rng, sentences)}. " if headed else ""
        made.add("paragraph", *(s for s in sentences), lead=lead(i) + heading)
    made.planted[:] = [plant for plant in made.planted if plant[0] in ASKED]
    return made


def as_document(made: Made) -> Document:
    """The agreement as read from a text file."""
    source = Source(path=f"{made.name}.txt", media_type="text/plain", sha256="0" * 64)
    return Document(id=made.name.removeprefix("micro-").zfill(16), source=source, text=made.text)


def _paragraphs(rng: Random, voice: Voice, size: Size, headed: bool) -> list[list[tuple[str, str]]]:
    names = rng.sample(ASKED, rng.randint(*size.clauses)) + rng.sample(OTHERS, rng.randint(*size.others))
    sentences = [(name, voice.say(rng.choice(templates("clause", name)))) for name in names]
    fillers = rng.sample(templates("filler", "contract"), rng.randint(*size.fillers))
    sentences += [("", voice.say(filler)) for filler in fillers]
    if rng.random() < size.babble:
        sentences = [(name, _babble(rng)) for name, _ in sentences]
    rng.shuffle(sentences)
    paragraphs: list[list[tuple[str, str]]] = []
    for sentence in sentences:
        if paragraphs and len(paragraphs[-1]) < 3 and not headed and rng.random() < 0.3:
            paragraphs[-1].append(sentence)
        else:
            paragraphs.append([sentence])
    return paragraphs


@lru_cache
def _words() -> tuple[str, ...]:
    rng = Random("words")
    voice = Voice(rng, ("Supplier", "Customer"))
    every = [template for name in wordings()["clause"] for template in templates("clause", name)]
    every += templates("filler", "contract")
    return tuple(sorted({word for _ in range(5) for each in every for word in voice.say(each)[:-1].split()}))


def _babble(rng: Random) -> str:
    return " ".join(rng.choices(_words(), k=rng.randint(6, 14))).capitalize() + "."


def _heading(rng: Random, sentences: list[tuple[str, str]]) -> str:
    return next((name for name, _ in sentences if name), "") or rng.choice(wordings()["heading"]["names"])


def asked(made: Made, rng: Random, *, absent: float = 0.5) -> Iterator[Asked]:
    """Questions without end in a fresh order: a share of `absent` are not answered by the document."""
    known, places = questions(), {name: (start, end) for name, start, end in made.planted}
    present, missing = list(places), [name for name in known if name not in places]
    while True:
        pool = missing if missing and (rng.random() < absent or not present) else present
        name = rng.choice(pool)
        yield Asked(known[name], places.get(name))


def reply(text: str, item: Asked) -> str:
    """What the checkpoint is to answer."""
    name = item.question.name
    if item.place is None:
        thought, call = NOTHING, f"record_absent(name='{name}')"
    else:
        quote = text[slice(*item.place)]
        thought, call = " ".join(quote.split()[:GLANCE]), f"record_clause(name='{name}', quote='{quote}')"
    return f"<think>{name}: {thought}</think><|tool_call_start|>[{call}]<|tool_call_end|><|im_end|>"
