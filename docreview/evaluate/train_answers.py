"""Fitting the chance that a sentence answers a question (`readers/answering/chance.toml`).

Fitted and judged on places that the ranker was not trained on: documents of our own, and public ones that a search
model made for this purpose never saw, asked questions of kinds that it never saw either. Half of each is fitted on.
"""

from __future__ import annotations

import os
import random
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview._json import write_atomic
from docreview.evaluate.asking import FILE
from docreview.evaluate.search_data import Asked, Question
from docreview.evaluate.search_data import load as load_data
from docreview.evaluate.train_search import fold_of
from docreview.read import read
from docreview.readers.answering.chance import limits
from docreview.readers.answering.signals import NAMES, Signals
from docreview.search import rank, static, tuned
from docreview.search.entry import prepare
from docreview.types import Document
from docreview.verify import verify

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HIDDEN: Final = (0, 1)
"""Folds of kinds of questions that the search model does not see."""
OWN: Final = 20.0
"""How much more a question of our own counts than one of the public data."""
_LONGEST: Final = 250_000  # characters; longer documents are left out
_ANSWERED, _UNANSWERED = 8, 6  # questions taken of each contract
_KNOWN: Final = 0.3  # weight of a question of a kind that the search model knows


@dataclass(frozen=True)
class Case:
    """One question about one document: a row of signals for each place, and which places answer it."""

    source: str
    talk: bool
    tune: bool
    weight: float
    answerable: bool
    rows: NDArray[np.float32]
    right: NDArray[np.bool_]


def seen(asked: Sequence[Asked]) -> list[Asked]:
    """What the search model may train on: three fifths of the documents, without the hidden kinds of questions."""
    kept = [one for one in asked if not _held(one)]
    return [replace(one, questions=tuple(q for q in one.questions if not _new(one, q))) for one in kept]


def _held(one: Asked) -> bool:
    return int(sha256(f"half{one.group}".encode()).hexdigest(), 16) % 5 < 2


def _new(one: Asked, question: Question) -> bool:
    return one.source != "qmsum" and fold_of(question.topic) in HIDDEN


def train_answers(
    data: Path, corpora: Path, search_model: Path, out: Path, *, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Fit, write the numbers to `out`, and return figures of the half that was not fitted on, by source.

    Needs the `train` extra. Takes a minute.

    Args:
        data: Holds `cuad/dev`, `contractnli/dev` and `qmsum/dev`.
        corpora: Holds `questions.toml` and its documents.
        search_model: Trained on `seen` alone.
    """
    with _searching_with(search_model):
        cases = list(_public(data))
    say(f"{len(cases)} public questions")
    cases += _own(corpora)
    models = {kind: _fit([c for c in cases if c.tune and c.talk == (kind == "talk")]) for kind in ("prose", "talk")}
    write_atomic(out, _toml(models))
    sources = sorted({case.source for case in cases})
    return {source: _figures([c for c in cases if c.source == source and not c.tune], models) for source in sources}


@contextmanager
def _searching_with(model: Path) -> Iterator[None]:
    caches = (static.asset, static.static, static.model_hash, tuned.tuned, rank.weights)
    before = os.environ.get("DOCREVIEW_SEARCH_MODEL")
    os.environ["DOCREVIEW_SEARCH_MODEL"] = str(model.resolve())
    try:
        for cache in caches:
            cache.cache_clear()
        yield
    finally:
        os.environ.pop("DOCREVIEW_SEARCH_MODEL")
        if before is not None:
            os.environ["DOCREVIEW_SEARCH_MODEL"] = before
        for cache in caches:
            cache.cache_clear()


def _public(data: Path) -> Iterator[Case]:
    """Questions with an answer in their document, and questions of other documents, as many as fit."""
    rnd = random.Random(1)  # noqa: S311
    held = [one for one in load_data(data) if _held(one) and len(one.document) < _LONGEST]
    kinds: defaultdict[str, dict[str, Question]] = defaultdict(dict)
    for one in held:
        kinds[one.source] |= {question.topic: replace(question, gold=()) for question in one.questions}
    meetings = list(kinds["qmsum"].values())
    for one in held:
        there = {question.topic for question in one.questions}
        absent = [question for topic, question in kinds[one.source].items() if topic not in there]
        if one.source == "qmsum":
            asked = [*one.questions, *rnd.sample(absent, 5)]
        else:
            asked = rnd.sample(one.questions, min(_ANSWERED, len(one.questions)))
            asked += rnd.sample(absent, min(_UNANSWERED, len(absent))) + rnd.sample(meetings, 1)
        signals = Signals(rank.Ranker(prepare(one.document)))
        tune = bool(int(sha256(one.group.encode()).hexdigest(), 16) % 2)
        for question in asked:
            new = one.source == "qmsum" or question.topic.startswith("qmsum") or _new(one, question)
            name, weight = (f"{one.source} new", 1.0) if new else (f"{one.source} known", _KNOWN)
            yield _case(name, signals, question.text, question.gold, tune=tune, weight=weight)


def _own(corpora: Path) -> Iterator[Case]:
    for row in tomllib.loads((corpora / FILE).read_text(encoding="utf-8"))["document"]:
        document = read(corpora / row["file"])
        signals = Signals(rank.Ranker(prepare(document)))
        for question in row["question"]:
            gold = _gold(document, question.get("answer", ()))
            yield _case("own", signals, question["text"], gold, tune=row["set"] == "tune", weight=OWN)


def _gold(document: Document, answers: Sequence[str]) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for text in answers for span in verify(text, document).spans)


def _case(
    source: str, signals: Signals, question: str, gold: Sequence[tuple[int, int]], *, tune: bool, weight: float
) -> Case:
    import numpy as np

    groups, rows = signals.rows(question)
    spans = [(signals.span(group[0])[0], signals.span(group[-1])[1]) for group in groups]
    right = [any(start < b and a < end for a, b in gold) for start, end in spans]
    return Case(source, signals.entry.talk, tune, weight, bool(gold), rows, np.array(right, dtype=bool))


def _fit(cases: Sequence[Case]) -> tuple[float, list[float]]:
    """Bias and weights of a logistic model over places; each question weighs the same, however many places it has."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    cases = [case for case in cases if len(case.rows)]
    rows = np.concatenate([case.rows for case in cases])
    right = np.concatenate([case.right for case in cases])
    weight = np.concatenate([np.full(len(case.rows), case.weight / len(case.rows)) for case in cases])
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    model = LogisticRegression(C=0.3, max_iter=3000).fit((rows - mean) / spread, right, sample_weight=weight)
    weights = model.coef_[0] / spread
    return float(model.intercept_[0] - (weights * mean).sum()), [float(w) for w in weights]


def _toml(models: dict[str, tuple[float, list[float]]]) -> str:
    lines = [
        "# The chance that a sentence answers: logistic weights of its signals (signals.NAMES), by kind of document.",
        f"answer = {limits().answer}",
        f'measured = """\n{limits().measured.strip()}"""',
    ]
    for kind, (bias, weights) in models.items():
        named = ", ".join(f"{name} = {weight:.4f}" for name, weight in zip(NAMES, weights, strict=True))
        lines += ["", f"[{kind}]", f"bias = {bias:.4f}", f"weights = {{ {named} }}"]
    return "\n".join(lines) + "\n"


def _figures(cases: Sequence[Case], models: dict[str, tuple[float, list[float]]]) -> dict[str, float]:
    """Shares at the limit: of those answered, how often the first place and one of three is right; of those with an
    answer, how many are answered rightly; of those without one, how many are answered.
    """
    import numpy as np

    said = first = any_ = wrongly = 0
    for case in cases:
        bias, weights = models["talk" if case.talk else "prose"]
        odds = bias + case.rows @ np.array(weights)
        best = np.argsort(-odds, kind="stable")[:3]
        if not len(best) or 1 / (1 + np.exp(-odds[best[0]])) < limits().answer:
            continue
        said, wrongly = said + 1, wrongly + (not case.answerable)
        first, any_ = first + bool(case.right[best[0]]), any_ + bool(case.right[best].any())
    with_answer = sum(case.answerable for case in cases)
    shares = {
        "first": first / max(said, 1),
        "any": any_ / max(said, 1),
        "coverage": first / max(with_answer, 1),
        "wrongly": wrongly / max(len(cases) - with_answer, 1),
    }
    return {"questions": len(cases), "with_answer": with_answer, **{k: round(v, 3) for k, v in shares.items()}}
