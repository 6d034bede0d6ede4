"""Training the tuned embedder: two towers of sums, pulled together for questions and their gold places. Needs torch."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from docreview.evaluate.search_data import Asked, Question
from docreview.search.entry import Entry, prepare
from docreview.search.rank import Ranker
from docreview.search.static import Static
from docreview.search.tuned import PAIRS, Tuned, pair_ids, piece_ids
from docreview.search.words import pieces, words

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DIM: Final = 64
EPOCHS: Final = 3
RATE: Final = 0.006
OTHER_WORDS: Final = 0.35
"""How often a question is asked in other words during training."""


@dataclass
class Sample:
    """A document with its questions. `targets[i]` is the share of each unit that answers question i."""

    asked: Asked
    entry: Entry
    ranker: Ranker
    bags: tuple[Any, Any, Any, Any]
    targets: list[Floats] = field(repr=False)


def sample(asked: Asked, model: Static) -> Sample:
    """A document prepared as search would, with targets."""
    import torch

    entry = prepare(asked.document, model=model)
    ids, starts = piece_ids(entry)
    pairs, edges = pair_ids(ids, starts)
    bags = tuple(torch.from_numpy(a.astype("int64")) for a in (ids, starts[:-1], pairs, edges[:-1]))
    targets = [covered(entry, question) for question in asked.questions]
    return Sample(asked, entry, Ranker(entry), bags, targets)  # type: ignore[arg-type]


def covered(entry: Entry, question: Question) -> Floats:
    """The share of each unit's characters that lies in the gold spans."""
    import numpy as np

    out = np.zeros(len(entry.units), dtype=np.float32)
    left, right = entry.units[:, 0], entry.units[:, 1]
    for start, end in question.gold:
        out += np.clip(np.minimum(right, end) - np.maximum(left, start), 0, None) / (right - left)
    return np.clip(out, 0.0, 1.0)


@dataclass(frozen=True)
class Pair:
    """One document and the rows of the questions to train on."""

    sample: Sample
    rows: tuple[int, ...]


def pairs_of(samples: Sequence[Sample], keep: Callable[[Asked, Question], bool]) -> list[Pair]:
    """What of the samples is kept; questions without any gold unit are left out."""
    out = []
    for one in samples:
        rows = tuple(
            i for i, q in enumerate(one.asked.questions) if keep(one.asked, q) and float(one.targets[i].max()) > 0
        )
        if rows:
            out.append(Pair(one, rows))
    return out


def train(pairs: Sequence[Pair], base: Floats, *, seed: int, epochs: int = EPOCHS) -> Tuned:
    """The two towers trained on these pairs: each document's units compete for each of its questions.

    Softmax cross-entropy over the units of one document; sparse Adam for the rows, Adam for the matrices.
    """
    import torch

    torch.manual_seed(seed)
    rnd, towers = random.Random(seed), _towers(base)  # noqa: S311
    sparse = torch.optim.SparseAdam([t.weight for t in towers["rows"].values()], lr=RATE)
    dense = torch.optim.Adam([towers["unit"], towers["query"], towers["heat"]], lr=RATE / 5)
    order, step = list(pairs), 0
    for _ in range(epochs):
        rnd.shuffle(order)
        for pair in order:
            slope = 1.0 - step / (epochs * len(order))
            step += 1
            for group, rate in ((sparse.param_groups[0], RATE), (dense.param_groups[0], RATE / 5)):
                group["lr"] = rate * slope
            loss = _loss(towers, pair, rnd)
            sparse.zero_grad()
            dense.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            sparse.step()  # type: ignore[no-untyped-call]
            dense.step()
    return _finished(towers, base, pairs)


def _towers(base: Floats) -> dict[str, Any]:
    import torch

    n, width = base.shape
    rows = {
        name: torch.nn.EmbeddingBag(size, DIM, mode="sum", sparse=True, _weight=torch.zeros(size, DIM))
        for name, size in (("unit", n), ("pair", PAIRS), ("query", n))
    }
    eye = torch.eye(width)[:, :DIM]
    fixed = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(base), mode="sum", freeze=True)
    return {
        "base": fixed,
        "rows": rows,
        "unit": torch.nn.Parameter(eye.clone()),
        "query": torch.nn.Parameter(eye.clone()),
        "heat": torch.nn.Parameter(torch.tensor(2.5)),
    }


def _loss(towers: dict[str, Any], pair: Pair, rnd: random.Random) -> torch.Tensor:
    import torch

    ids, starts, pairs, edges = pair.sample.bags
    rows = towers["rows"]
    unit = towers["base"](ids, starts) @ towers["unit"] + rows["unit"](ids, starts) + rows["pair"](pairs, edges)
    lists = [_pieces(_worded(pair.sample.asked.questions[i], rnd)) for i in pair.rows]
    flat = torch.tensor([row for one in lists for row in one])
    first = torch.tensor([sum(map(len, lists[:i])) for i in range(len(lists))])
    query = towers["base"](flat, first) @ towers["query"] + rows["query"](flat, first)
    scores = _even(query) @ _even(unit).T * towers["heat"].exp()
    wanted = torch.stack([torch.from_numpy(pair.sample.targets[i]) for i in pair.rows])
    wanted = wanted / wanted.sum(dim=1, keepdim=True)
    return -(wanted * torch.log_softmax(scores, dim=1)).sum(dim=1).mean()


def _even(rows: torch.Tensor) -> torch.Tensor:
    out: torch.Tensor = rows / (rows.norm(dim=1, keepdim=True) + 1e-6)
    return out


def _worded(question: Question, rnd: random.Random) -> str:
    return rnd.choice(question.others) if question.others and rnd.random() < OTHER_WORDS else question.text


def _pieces(text: str) -> list[int]:
    return [row for word in words(text) for row in pieces(word)]


def _finished(towers: dict[str, Any], base: Floats, pairs: Sequence[Pair]) -> Tuned:
    rows = {name: bag.weight.detach().numpy() for name, bag in towers["rows"].items()}
    asked = {
        text: None
        for pair in pairs
        for i in pair.rows
        if not pair.sample.entry.talk
        for text in (pair.sample.asked.questions[i].text, *pair.sample.asked.questions[i].others)
    }
    return Tuned(
        base=base,
        unit_matrix=towers["unit"].detach().numpy(),
        query_matrix=towers["query"].detach().numpy(),
        unit_rows=rows["unit"],
        pair_rows=rows["pair"],
        query_rows=rows["query"],
        questions=Static(base).embed(list(asked)),
    )
