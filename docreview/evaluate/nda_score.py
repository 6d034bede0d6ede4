"""Scores answers to the NDA checklist as ContractNLI's authors do, and turns log-odds into decisions.

Evidence is scored over the annotators' spans of the documents that speak to a question (Koreeda and Manning,
ContractNLI, Findings of EMNLP 2021; `contract_nli/evaluation.py` of stanfordnlp/contract-nli-bert). That program
averages in four ways. Which one the published figures are is inferred: an mAP of .922 beside a precision of .793 at
80 % recall fits the mean over (document, question) pairs for the first, and all spans in one list for the second, so
`evidence_map` and `precision_at_80_recall` are that. The stricter means are given beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from docreview.evaluate.boost import honest, operating_point
from docreview.evaluate.data import Agreement
from docreview.readers.nda import side, sigmoid

CHOICES: Final = ("NotMentioned", "Entailment", "Contradiction")
_NOWHERE: Final = -99.0
"""Log-odds of a span that no unit lies on."""


def overlapping(spans: Any, start: int, end: int) -> Any:
    """Which units share at least half of themselves, or of `[start, end)`, with it."""
    import numpy as np

    shared = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
    return shared >= 0.5 * np.minimum(spans[:, 1] - spans[:, 0], max(end - start, 1))


def calibrate(documents: Sequence[Agreement], names: tuple[str, ...], said: Sequence[Any]) -> dict[str, Any]:
    """Slopes and offsets for whole documents, `mentioned` and `against` of `NdaModel`.

    Args:
        said: By document, (units, 3 * questions) from models that did not see it.
    """
    import numpy as np

    choice = _choices(documents, names)
    best, sides = (np.stack(part) for part in zip(*map(_summary, said), strict=True))
    rows: dict[str, list[tuple[float, float]]] = {"mentioned": [], "against": []}
    for q in range(len(names)):
        spoken = choice[:, q] > 0
        rows["mentioned"].append(honest(best[:, q], spoken))
        rows["against"].append(honest(sides[spoken, q], choice[spoken, q] == 2))
    return {key: np.array(value, np.float64) for key, value in rows.items()}


def _summary(said: Any) -> tuple[Any, Any]:
    """The best log-odds of a document for each question, and which side its evidence takes."""
    import numpy as np

    for_, against, odds = np.split(said, 3, axis=1)
    return odds.max(0), side(for_, against, odds)


def lines(odds: Any, truth: Any) -> Any:
    """For each question slope and offset for the chance that a unit is evidence, (questions, 2)."""
    import numpy as np

    return np.array([honest(odds[:, q], truth[:, q]) for q in range(odds.shape[1])])


def points(odds: Any, truth: Any, line: Any) -> Any:
    """For each question the chance from which on 80 % of the evidence was right; above 1 where there is none."""
    import numpy as np

    chance = sigmoid(odds * line[:, 0] + line[:, 1])
    found = (operating_point(chance[:, q], truth[:, q], precision=0.8) for q in range(chance.shape[1]))
    return np.array([max(point, 0.5) for point in found])


def sure(odds: Any, truth: Any, fold: Any) -> dict[str, float]:
    """How much of the evidence that is called sure is right, and how much of all evidence it is; lines and points are
    drawn on the other folds.

    Args:
        fold: Of each unit.
    """
    import numpy as np

    called = np.zeros(truth.shape, bool)
    for number in np.unique(fold):
        held, other = fold == number, fold != number
        line = lines(odds[other], truth[other])
        chance = sigmoid(odds[held] * line[:, 0] + line[:, 1])
        called[held] = chance >= points(odds[other], truth[other], line)
    right = float((called & (truth > 0)).sum())
    precision, recall = right / max(int(called.sum()), 1), right / max(float(truth.sum()), 1.0)
    return {"sure_precision": round(precision, 4), "sure_recall": round(recall, 4)}


def _choices(documents: Sequence[Agreement], names: tuple[str, ...]) -> Any:
    import numpy as np

    return np.array([[CHOICES.index(d.choices[name][0]) for name in names] for d in documents])


def measure(
    documents: Sequence[Agreement], names: tuple[str, ...], spans: Sequence[Any], said: Sequence[Any], fold: Any
) -> dict[str, Any]:
    """All figures; decisions are calibrated on the other folds.

    Args:
        spans: By document its units.
        said: By document, (units, 3 * questions) from models that did not see it.
    """
    choice = _choices(documents, names)
    return {
        "documents": len(documents),
        **_evidence(documents, names, spans, said),
        **_decisions(choice, _guesses(documents, names, said, fold)),
    }


def _guesses(documents: Sequence[Agreement], names: tuple[str, ...], said: Sequence[Any], fold: Any) -> Any:
    import numpy as np

    guess = np.zeros((len(documents), len(names)), int)
    for number in np.unique(fold):
        others = np.flatnonzero(fold != number).tolist()
        parts = calibrate([documents[i] for i in others], names, [said[i] for i in others])
        for i in np.flatnonzero(fold == number).tolist():
            best, sides = _summary(said[i])
            chance = sigmoid(best * parts["mentioned"][:, 0] + parts["mentioned"][:, 1])
            denied = sigmoid(sides * parts["against"][:, 0] + parts["against"][:, 1]) > 0.5
            guess[i] = (chance > 0.5) * (1 + denied)
    return guess


def _decisions(choice: Any, guess: Any) -> dict[str, float]:
    def f1(number: int) -> float:
        hits = ((guess == number) & (choice == number)).sum()
        return round(float(2 * hits / max((guess == number).sum() + (choice == number).sum(), 1)), 4)

    return {"accuracy": round(float((guess == choice).mean()), 4), "f1_entailed": f1(1), "f1_contradicted": f1(2)}


def _evidence(
    documents: Sequence[Agreement], names: tuple[str, ...], spans: Sequence[Any], said: Sequence[Any]
) -> dict[str, Any]:
    import numpy as np

    pooled: dict[str, list[tuple[Any, Any]]] = {name: [] for name in names}
    for document, places, rows in zip(documents, spans, said, strict=True):
        odds = _of_spans(document, places, np.split(rows, 3, axis=1)[2])
        for q, name in enumerate(names):
            choice, evidence = document.choices[name]
            if choice != "NotMentioned":
                truth = np.isin(np.arange(len(document.spans)), evidence).astype(float)
                pooled[name].append((odds[:, q], truth))
    pooled = {name: rows for name, rows in pooled.items() if rows}
    each = {name: [average_precision(*pair) for pair in rows] for name, rows in pooled.items()}
    lists = {name: tuple(np.concatenate(part) for part in zip(*rows, strict=True)) for name, rows in pooled.items()}
    every = tuple(np.concatenate(part) for part in zip(*lists.values(), strict=True))
    by_question = [average_precision(*pair) for pair in lists.values()]
    return {
        "evidence_map": _mean([value for row in each.values() for value in row]),
        "evidence_map_lists_by_question": _mean(by_question),
        "evidence_map_one_list": _mean([average_precision(*every)]),
        "precision_at_80_recall": round(precision_at(*every, recall=0.8), 4),
        "per_question": {name: _mean(row) for name, row in each.items()},
    }


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(len(values), 1), 4)


def _of_spans(document: Agreement, places: Any, odds: Any) -> Any:
    """For each of the annotators' spans and each question the best log-odds of a unit on it."""
    import numpy as np

    on = [overlapping(places, *span) for span in document.spans]
    nowhere = np.full(odds.shape[1], _NOWHERE)
    return np.stack([odds[chosen].max(0) if chosen.any() else nowhere for chosen in on])


def average_precision(scores: Any, truth: Any) -> float:
    """Precision at each score, weighed by the recall it adds; equal scores count as one step (as scikit-learn does)."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    steps = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    right = np.cumsum(truth[order])[steps]
    return float((np.diff(right, prepend=0) * right / (steps + 1)).sum() / max(truth.sum(), 1))


def precision_at(scores: Any, truth: Any, *, recall: float) -> float:
    """The precision at the highest score from which on that share of the right ones is found."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    steps = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    right = np.cumsum(truth[order])[steps]
    first = int(np.argmax(right >= recall * truth.sum()))
    return float(right[first] / (steps[first] + 1))
