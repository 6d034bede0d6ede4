"""Prompts of the micro checkpoint: the model reader's own layout, and rows of tokens to learn it from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from docreview import prompts
from docreview.models.profiles import profile_named
from docreview.models.toolcalls import parse_reply
from docreview.readers import wording
from docreview.tools import Toolbox
from docreview.tools.arguments import RecordAbsent, RecordClause, schema
from docreview.types import Document
from micro.generate import Asked, Size, agreement, as_document, asked, reply

PROFILE = profile_named("LFM2-8B-A1B")
TOOLS = [schema("record_clause", RecordClause), schema("record_absent", RecordAbsent)]

TURN = 6.0
"""Weight of the loss where a reply turns one way or the other."""


def prefix(text: str, *, bare: bool = False) -> str:
    """What comes before the question; `bare`, without instructions and tools, is for the first steps of training."""
    if bare:
        return prompts.prefix("", PROFILE, document=text)
    return prompts.prefix(wording.INSTRUCTIONS, PROFILE, document=text, tools=TOOLS)


def suffix(item: Asked) -> str:
    """The question's turn and the opening of the reply."""
    return prompts.suffix(wording.group_text([item.question]), PROFILE)


def corrected(document: Document, item: Asked, rng: Random) -> str:
    """The same after a first reply whose quote is wrong in one word, and what the tool said of it."""
    right = reply(document.text, item).removesuffix("<|im_end|>")
    if item.place is None:
        return suffix(item)
    quote = document.text[slice(*item.place)]
    words = quote.split()
    words[rng.randrange(1, len(words))] = rng.choice(document.text.split())
    wrong = right.replace(quote, " ".join(words))
    call = parse_reply(wrong).calls
    result = Toolbox(document, allow=("record_clause", "record_absent")).run(call[0]) if call else None
    if result is None or result.ok:
        return suffix(item)
    turns = (("user", wording.group_text([item.question])), ("assistant", wrong), ("tool", result.content))
    return prompts.suffix([prompts.Turn(role=role, text=text) for role, text in turns], PROFILE)


@dataclass(frozen=True)
class Row:
    """One document and as many questions as fit: each sees the document and itself alone.

    `block` is 0 in the prefix, then 1, 2, ... by question; `weights` are those of the loss on the *next* token.
    """

    ids: np.ndarray
    places: np.ndarray
    block: np.ndarray
    weights: np.ndarray


def rows(
    tokenizer, seed: str, size: Size, length: int, *, bare: bool, language: float, repairs: float = 0.0
) -> Iterator[Row]:
    """Rows of `length` tokens without end. `language` is the loss's weight on the document's own words,
    `repairs` the share of questions that come after a wrong first reply."""
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
    number = 0
    while True:
        number += 1
        made = agreement(seed, number, size)
        rng = Random(f"asked {seed} {number}")
        head = encode(prefix(made.text, bare=bare))
        ids, places, block, weights = list(head), list(range(len(head))), [0] * len(head), [language] * len(head)
        for item in asked(made, rng):
            again = rng.random() < repairs
            turns = corrected(as_document(made), item, rng) if again else suffix(item)
            question, answer = encode(turns), encode(reply(made.text, item))
            more = question + answer + encode("\n")
            if len(ids) + len(more) > length:
                break
            block += [block[-1] + 1] * len(more)
            places += range(len(head), len(head) + len(more))
            ids += more
            weights += [0.0] * (len(question) - 1) + _weights(answer, encode, made.text, item) + [0.0] * 2
        weights[len(head) - 1] = 0.0
        if block[-1] < 2:
            continue
        pad = length - len(ids)
        yield Row(
            np.array(ids + [0] * pad), np.array(places + [0] * pad), np.array(block + [-1] * pad),
            np.array(weights + [0.0] * pad, np.float32),
        )  # fmt: skip


def _weights(answer: list[int], encode, text: str, item: Asked) -> list[float]:
    """1 for each token of a reply; more where it turns: the first word of the thought and of the quote."""
    weights = [1.0] * len(answer)
    whole = reply(text, item)
    turns = [whole.split(": ")[0] + ":"] + ([] if item.place is None else [whole.split("quote='")[0] + "quote='"])
    for turn in turns:
        weights[len(encode(turn))] = TURN
    return weights


def echoes(vocabulary: int, seed: str, length: int) -> Iterator[Row]:
    """Rows of random tokens in a few pieces, each said again and again: only copying what came before helps."""
    rng = np.random.default_rng(list(seed.encode()))
    while True:
        pieces = [rng.integers(20, vocabulary, rng.integers(8, 24)) for _ in range(rng.integers(3, 10))]
        ids, weights, said = [], [], set()
        while len(ids) < length:
            chosen = int(rng.integers(len(pieces)))
            ids += pieces[chosen].tolist()
            weights += [1.0 if chosen in said else 0.0] * (len(pieces[chosen]) - 1) + [0.0]
            said.add(chosen)
        places = np.arange(length)
        yield Row(np.array(ids[:length]), places, np.zeros(length, int), np.array(weights[:length], np.float32))
