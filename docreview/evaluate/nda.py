"""Trains and measures the model for the NDA checklist."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docreview import checklist
from docreview.evaluate.boost import honest, operating_point
from docreview.evaluate.clauses import Table, stack
from docreview.evaluate.data import Agreement, data_digest, folds
from docreview.evaluate.fit import FEW, fit, prune
from docreview.readers.candidates import unit_rows
from docreview.readers.nda import combine, side_labels, sigmoid, units
from docreview.readers.weights import save

CHOICES = ("NotMentioned", "Entailment", "Contradiction")
_FEATURES = 60_000


def table_of(documents: Sequence[Agreement], names: tuple[str, ...]) -> tuple[Table, list[Any]]:
    """Sentences with two labels for each question, and each document's sentence offsets.

    A sentence is evidence when it shares at least half of itself, or of an annotated span, with one.
    """
    import numpy as np

    pieces, labels, spans = [], [], []
    for document in documents:
        found = units(document.text)
        spans.append(np.array(found, np.int64).reshape(-1, 2))
        pieces.append(list(unit_rows(document.text, found)))
        labels.append(_labels(document, spans[-1], names))
    counts = [len(part) for part in spans]
    return Table(stack(pieces), np.concatenate(labels), np.repeat(np.arange(len(spans)), counts)), spans


def _labels(document: Agreement, spans: Any, names: tuple[str, ...]) -> Any:
    import numpy as np

    labels = np.zeros((len(spans), 2 * len(names)), np.float32)
    for q, name in enumerate(names):
        choice, evidence = document.choices[name]
        column = q + len(names) * (choice == "Contradiction")
        for i in evidence:
            labels[overlapping(spans, *document.spans[i]), column] = 1
    return labels


def overlapping(spans: Any, start: int, end: int) -> Any:
    """Which sentences share at least half of themselves, or of `[start, end)`, with it."""
    import numpy as np

    shared = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
    return shared >= 0.5 * np.minimum(spans[:, 1] - spans[:, 0], max(end - start, 1))


def train(documents: Sequence[Agreement], out: Path, *, count: int = 10, seed: int = 7) -> dict[str, Any]:
    """Train on all documents, write the weights, and return the figures from cross-validation by document."""
    import numpy as np

    names = checklist.load("nda").names
    table, spans = table_of(documents, names)
    logits = held_out(table, names, folds([d.doc for d in documents], count, seed), seed)
    parts = calibrate(documents, logits, names)
    figures = measure(documents, spans, logits, names, count=count, seed=seed)
    model = prune(fit(table.rows, table.labels, table.documents, side_labels(names), plan=FEW, seed=seed), _FEATURES)
    truth = np.maximum(*np.split(table.labels, 2, axis=1))
    either = combine(np.concatenate(logits))[0]
    evidence = np.array([honest(either[:, q], truth[:, q]) for q in range(len(names))])
    chance = sigmoid(either * evidence[:, 0] + evidence[:, 1])
    points = (operating_point(chance[:, q], truth[:, q], precision=0.8) for q in range(len(names)))
    sure = [max(point, 0.5) for point in points]
    arrays = {
        **parts,
        "evidence": evidence,
        "sure": np.array(sure),
        **{f"linear.{k}": v for k, v in model.arrays().items()},
    }
    meta = {"kind": "nda", "labels": list(names), "data": data_digest([d.text for d in documents]), "seed": seed}
    return {**figures, "sha256": save(out, arrays, meta)}


def held_out(table: Table, names: tuple[str, ...], fold: Any, seed: int) -> list[Any]:
    """By document the log-odds of its sentences from a model that did not see it."""
    import numpy as np

    logits = np.zeros(table.labels.shape, np.float32)
    for number in range(int(fold.max()) + 1):
        held = fold[table.documents] == number
        model = fit(*table.pick(~held), side_labels(names), plan=FEW, seed=seed)
        logits[held] = model.logits(table.pick(held)[0])
    return list(np.split(logits, np.cumsum(np.bincount(table.documents))[:-1]))


def calibrate(documents: Sequence[Agreement], logits: Sequence[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Slopes and offsets for whole documents, `mentioned` and `against` of `NdaModel`.

    Args:
        logits: By document, from models that did not see it.
    """
    import numpy as np

    odds, side = (list(part) for part in zip(*map(combine, logits), strict=True))
    choice = _choices(documents, names)
    best = np.stack([part.max(0) for part in odds])
    sides = np.stack(side)
    rows: dict[str, list[tuple[float, float]]] = {"mentioned": [], "against": []}
    for q in range(len(names)):
        said = choice[:, q] > 0
        rows["mentioned"].append(honest(best[:, q], said, strength=1.0))
        rows["against"].append(honest(sides[said, q], choice[said, q] == 2, strength=1.0))
    return {key: np.array(value, np.float64) for key, value in rows.items()}


def _choices(documents: Sequence[Agreement], names: tuple[str, ...]) -> Any:
    import numpy as np

    return np.array([[CHOICES.index(d.choices[name][0]) for name in names] for d in documents])


def measure(
    documents: Sequence[Agreement], spans: Any, logits: Any, names: tuple[str, ...], *, count: int, seed: int
) -> dict[str, Any]:
    """Evidence mAP over questions (annotators' spans of the documents that speak to the question, each with the best
    score of a sentence
    on it), accuracy of the three-way choice, and F1 of "contradicted"; decisions are calibrated on the other folds.
    """
    import numpy as np

    fold = folds([d.doc for d in documents], count, seed)
    choice, guess = _choices(documents, names), np.zeros((len(documents), len(names)), int)
    for number in range(count):
        others = np.flatnonzero(fold != number).tolist()
        parts = calibrate([documents[i] for i in others], [logits[i] for i in others], names)
        for i in np.flatnonzero(fold == number).tolist():
            odds, side = combine(logits[i])
            said = odds.max(0) * parts["mentioned"][:, 0] + parts["mentioned"][:, 1] > 0
            against = side * parts["against"][:, 0] + parts["against"][:, 1] > 0
            guess[i] = said * (1 + against)
    right = (guess == choice).mean()
    hits = ((guess == 2) & (choice == 2)).sum()
    f1 = 2 * hits / max(((guess == 2).sum() + (choice == 2).sum()), 1)
    per = [_evidence_precision(documents, spans, logits, q, name) for q, name in enumerate(names)]
    return {
        "documents": len(documents),
        "evidence_map": round(float(np.mean(per)), 4),
        "accuracy": round(float(right), 4),
        "f1_contradicted": round(float(f1), 4),
        "per_question": {name: round(value, 3) for name, value in zip(names, per, strict=True)},
    }


def _evidence_precision(documents: Sequence[Agreement], spans: Any, logits: Any, q: int, name: str) -> float:
    import numpy as np

    scores, truth = [], []
    for document, places, odds in zip(documents, spans, logits, strict=True):
        choice, evidence = document.choices[name]
        if choice == "NotMentioned":
            continue
        either = combine(odds)[0][:, q]
        on = [overlapping(places, *span) for span in document.spans]
        scores += [float(either[chosen].max()) if chosen.any() else -99.0 for chosen in on]
        truth += [i in evidence for i in range(len(document.spans))]
    return average_precision(np.array(scores), np.array(truth, float))


def average_precision(scores: Any, truth: Any) -> float:
    """Mean precision at the places of the right ones, best score first."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    right = truth[order]
    share = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float((share * right).sum() / max(right.sum(), 1))
