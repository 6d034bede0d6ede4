"""Windows of annotated contracts for training the token model: which ones, and what is true of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.evaluate.data import Contract
from docreview.readers.clauses import SUSPECT
from docreview.readers.token_model import BEGIN, END, tokenizer
from docreview.readers.tokens import PARTS

WINDOW: Final = 254
_EASY, _HARD = 0.08, 0.5
"""The share of windows without an answer that are used: where the linear model sees nothing, and where it does."""
_LEAST: Final = 3  # tokens of a sentence that count as one
_OFFSET: Final = 40


@dataclass(frozen=True, slots=True)
class Example:
    """A contract in word pieces.

    `answers` and `elsewhere` are (label, first token, one after the last): annotated places, and other places of the
    same text. `first` and `last` are the sentences in tokens, `truth` (sentences, labels) what is true of them,
    `logits` what the linear model says, out of fold.
    """

    ids: Any
    answers: tuple[tuple[int, int, int], ...]
    elsewhere: tuple[tuple[int, int, int], ...]
    first: Any
    last: Any
    truth: Any
    logits: Any


def example(contract: Contract, names: Sequence[str], spans: Any, truth: Any, logits: Any) -> Example:
    """A contract as the token model is trained on it.

    Args:
        spans: Its sentences, (n, 2).
        truth: (n, labels) of 0 and 1.
        logits: (n, labels), calibrated.
    """
    import numpy as np

    encoded = tokenizer().encode(contract.text, add_special_tokens=False)
    offsets = np.array(encoded.offsets, np.int64).reshape(-1, 2)

    def tokens(starts: Any, ends: Any) -> tuple[Any, Any]:
        first = np.searchsorted(offsets[:, 1], starts, side="right")
        return first, np.searchsorted(offsets[:, 0], ends, side="left")

    answers: list[tuple[int, int, int]] = []
    elsewhere: list[tuple[int, int, int]] = []
    for label, name in enumerate(names):
        for span in contract.clauses.get(name, ()):
            places = [(span["start"], span["end"]), *map(tuple, span.get("alts", ()))]
            for kind, (start, end) in zip([answers, *[elsewhere] * len(places)], places, strict=False):
                first, last = map(int, tokens(start, end))
                if last > first:
                    kind.append((label, first, last))
    first, last = tokens(spans[:, 0], spans[:, 1])
    ids = np.array(encoded.ids, np.int64)
    return Example(ids, tuple(answers), tuple(elsewhere), first, last, truth.astype(np.uint8), logits)


def draw(examples: Sequence[Example], rng: Any) -> list[tuple[int, int]]:
    """(example, first token) of the windows of one epoch, in random order: all that hold an answer, some others."""
    chosen: list[tuple[int, int]] = []
    for number, each in enumerate(examples):
        size = len(each.ids)
        suspect = _suspect(each)
        shift = int(rng.integers(0, WINDOW)) if size > WINDOW else 0
        starts = [*([0] if shift > _OFFSET else []), *range(shift, size, WINDOW)]
        for start in sorted({max(0, min(at, size - WINDOW)) for at in starts}):
            end = start + WINDOW
            if any(first < end and last > start for _, first, last in each.answers):
                share = 1.0
            else:
                share = _HARD if suspect[start:end].any() else _EASY
            if rng.random() < share:
                chosen.append((number, start))
    rng.shuffle(chosen)
    return [(int(number), int(start)) for number, start in chosen]


def _suspect(each: Example) -> Any:
    """(tokens) bool: tokens of sentences where the linear model suspects any answer."""
    import numpy as np

    marked = np.zeros(len(each.ids) + 1, bool)
    for i in np.flatnonzero(each.logits.max(1) > SUSPECT).tolist():
        marked[each.first[i] : each.last[i]] = True
    return marked


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows with their truth, as numpy arrays.

    `ids` (windows, tokens), 0 beyond the end; `truth` and `counts` (windows, tokens, 3 x labels): 0 or 1, and whether
    it matters. `rows` are the tokens (over all windows) of sentences `sentences`, whose truth is `sentence_truth`.
    """

    ids: Any
    truth: Any
    counts: Any
    rows: Any
    sentences: Any
    sentence_truth: Any


def batch(examples: Sequence[Example], chosen: Sequence[tuple[int, int]], labels: int) -> Batch:
    """The windows at the given places."""
    import numpy as np

    shape = (len(chosen), WINDOW + 2)
    ids = np.zeros(shape, np.int64)
    truth, counts = np.zeros((*shape, PARTS * labels), np.float32), np.ones((*shape, PARTS * labels), np.float32)
    for row, (number, start) in enumerate(chosen):
        piece = examples[number].ids[start : start + WINDOW]
        ids[row, : len(piece) + 2] = [BEGIN, *piece, END]
        counts[row, 0], counts[row, len(piece) + 1 :] = 0, 0
        _mark(examples[number], start, start + len(piece), truth[row], counts[row])
    return Batch(ids, truth, counts, *_sentences(examples, chosen, labels))


def _mark(each: Example, start: int, end: int, truth: Any, counts: Any) -> None:
    """Write what is true of one window's tokens; other places of an annotated text are left open."""
    labels = truth.shape[1] // PARTS
    for label, first, last in each.elsewhere:
        if first < end and last > start:
            counts[max(first, start) - start + 1 : min(last, end) - start + 1, label::labels] = 0
    for label, first, last in each.answers:
        if first < end and last > start:
            inside = slice(max(first, start) - start + 1, min(last, end) - start + 1)
            truth[inside, label] = counts[inside, label] = 1
            if first >= start:
                truth[first - start + 1, labels + label] = counts[first - start + 1, labels + label] = 1
            if last <= end:
                truth[last - start, 2 * labels + label] = counts[last - start, 2 * labels + label] = 1


def _sentences(examples: Sequence[Example], chosen: Sequence[tuple[int, int]], labels: int) -> tuple[Any, Any, Any]:
    """The sentences of which at least half lies in a window."""
    import numpy as np

    rows: list[Any] = []
    owners: list[Any] = []
    truth: list[Any] = []
    for row, (number, start) in enumerate(chosen):
        each, end = examples[number], start + WINDOW
        for i in np.flatnonzero((each.last > start) & (each.first < end)).tolist():
            first, last = max(int(each.first[i]), start), min(int(each.last[i]), end)
            if last - first < max(_LEAST, 0.5 * (each.last[i] - each.first[i])):
                continue
            rows.append(np.arange(first, last) - start + 1 + row * (WINDOW + 2))
            owners.append(np.full(last - first, len(truth)))
            truth.append(each.truth[i])
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, labels), np.float32)
    return np.concatenate(rows), np.concatenate(owners), np.stack(truth).astype(np.float32)
