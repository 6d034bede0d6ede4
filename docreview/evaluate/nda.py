"""Trains the model for the NDA checklist: a linear first stage, boosted trees over (unit, question) pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from docreview import checklist
from docreview._json import digest
from docreview.evaluate import ridge
from docreview.evaluate.boost import fit_trees
from docreview.evaluate.clauses import Table, stack
from docreview.evaluate.data import Agreement, data_digest, folds, near_copies
from docreview.evaluate.fit import narrowed, rarity, vocabulary, weighted
from docreview.evaluate.nda_score import calibrate, lines, measure, overlapping, points, sure
from docreview.readers.candidates import unit_rows
from docreview.readers.linear import Linear
from docreview.readers.nda import evidence_odds, side_labels, units
from docreview.readers.nda_pairs import CUES, Pairs, pairs
from docreview.readers.trees import Trees
from docreview.readers.weights import save

Progress = Callable[[str], None]
_STRENGTH: Final = 1.0
_ROUNDS: Final = 100
_SETTINGS: Final = {"learning_rate": 0.08, "max_leaf_nodes": 16, "min_samples_leaf": 20, "max_features": 0.4}


@dataclass(frozen=True, slots=True)
class Ready:
    """Agreements taken apart. `spans`: each document's units, (n, 2); `table.labels`: for each question evidence that
    entails, then for each that contradicts; `groups` and `fold` of each document: near copies share them.
    """

    documents: Sequence[Agreement]
    names: tuple[str, ...]
    spans: list[Any]
    table: Table
    groups: Any
    fold: Any

    @property
    def truth(self) -> Any:
        """For each unit and question whether it is evidence, whichever way."""
        import numpy as np

        return np.maximum(*np.split(self.table.labels, 2, axis=1))

    def split(self, rows: Any) -> list[Any]:
        """An array of all units, by document."""
        import numpy as np

        return list(np.split(rows, np.cumsum([len(part) for part in self.spans])[:-1]))


def prepare(documents: Sequence[Agreement], *, count: int = 10, seed: int = 7) -> Ready:
    """What training and measuring need. A unit is evidence when it shares at least half of itself, or of an
    annotated span, with one.

    Args:
        count: Folds.
    """
    import numpy as np

    names = checklist.load("nda").names
    found = [units(document.text) for document in documents]
    spans = [np.array(part, np.int64).reshape(-1, 2) for part in found]
    rows = stack([list(unit_rows(d.text, part)) for d, part in zip(documents, found, strict=True)])
    labels = [_labels(document, part, names) for document, part in zip(documents, spans, strict=True)]
    owners = np.repeat(np.arange(len(spans)), [len(part) for part in spans])
    groups = near_copies([document.text for document in documents])
    fold = folds([documents[group].doc for group in groups], count, seed)
    return Ready(documents, names, spans, Table(rows, np.concatenate(labels), owners), np.array(groups), fold)


def _labels(document: Agreement, spans: Any, names: tuple[str, ...]) -> Any:
    import numpy as np

    labels = np.zeros((len(spans), 2 * len(names)), np.float32)
    for q, name in enumerate(names):
        choice, evidence = document.choices[name]
        column = q + len(names) * (choice == "Contradiction")
        for i in evidence:
            labels[overlapping(spans, *document.spans[i]), column] = 1
    return labels


def first_stage(ready: Ready, chosen: Any) -> tuple[Linear, Any]:
    """The linear model of some units, and what it says of each of them when the unit's group is left out."""
    import numpy as np

    rows, labels, documents = ready.table.pick(chosen)
    hashes, counts = vocabulary(rows, documents, least=2)
    idf = rarity(counts, documents)
    matrix = weighted(rows, hashes, idf)
    fitted = ridge.fit((matrix @ matrix.T).toarray(), labels, ready.groups[documents], strength=_STRENGTH)
    bias = np.zeros(labels.shape[1], np.float32)
    model = narrowed(side_labels(ready.names), hashes, idf, matrix.T @ fitted.dual, bias)
    return model, fitted.left_out


def second_stage(ready: Ready, scores: Any, fold: int | None, seed: int) -> tuple[Trees, list[Pairs]]:
    """The trees, and the pairs of all documents.

    Args:
        scores: Of the first stage, (all units, 2 * questions), from models that did not see the unit's document.
        fold: Leave its documents out of training.
    """
    import numpy as np

    every = [_pairs(ready, i, part) for i, part in enumerate(ready.split(scores))]
    truths = ready.split(ready.truth)
    used = [i for i in range(len(every)) if ready.fold[i] != fold]
    features = np.concatenate([every[i].features[every[i].chosen] for i in used])
    truth = np.concatenate([truths[i][every[i].chosen] for i in used])
    return fit_trees(features, truth, rounds=_ROUNDS, seed=seed, settings=_SETTINGS), every


def _pairs(ready: Ready, number: int, scores: Any) -> Pairs:
    import numpy as np

    text = ready.documents[number].text
    for_, against = np.split(scores, 2, axis=1)
    return pairs([text[a:b] for a, b in ready.spans[number]], for_, against, ready.names)


def held_out(ready: Ready, *, seed: int = 7, work: Path | None = None, progress: Progress | None = None) -> Any:
    """What models say that saw neither the unit's document nor a near copy: (units, 3 * questions), the first stage's
    scores for and against and the second's log-odds.

    Args:
        work: Finished folds are kept here and not computed again.
    """
    import numpy as np

    count = int(ready.fold.max()) + 1
    out = np.zeros((len(ready.table.documents), 3 * len(ready.names)), np.float32)
    for number in range(count):
        held = ready.fold[ready.table.documents] == number
        file = work / f"nda-{_key(ready, number, seed)}.npy" if work else None
        if file and file.exists():
            out[held] = np.load(file)
        else:
            out[held] = _one_fold(ready, number, held, seed)
        if file and not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(file, out[held])
        if progress:
            progress(f"nda: fold {number + 1} of {count}")
    return out


def _key(ready: Ready, number: int, seed: int) -> str:
    texts = [document.text for document in ready.documents]
    plan = [_STRENGTH, _ROUNDS, repr(_SETTINGS), seed, number, ready.fold.tolist(), _written()]
    return digest([data_digest(texts), len(ready.table.rows.hashes), *plan])[:16]


def _written() -> str:
    return files("docreview.readers").joinpath(CUES).read_text(encoding="utf-8")


def _one_fold(ready: Ready, number: int, held: Any, seed: int) -> Any:
    import numpy as np

    scores = np.zeros(ready.table.labels.shape, np.float32)
    model, scores[~held] = first_stage(ready, ~held)
    scores[held] = model.logits(ready.table.pick(held)[0])
    trees, every = second_stage(ready, scores, number, seed)
    odds = [evidence_odds(every[i], trees) for i in np.flatnonzero(ready.fold == number)]
    return np.concatenate([scores[held], np.concatenate(odds)], axis=1)


def figures(ready: Ready, unseen: Any) -> dict[str, Any]:
    """Everything that is measured.

    Args:
        unseen: From `held_out`.
    """
    import numpy as np

    odds = np.split(unseen, 3, axis=1)[2]
    return {
        **measure(ready.documents, ready.names, ready.spans, ready.split(unseen), ready.fold),
        **sure(odds, ready.truth, ready.fold[ready.table.documents]),
    }


def train(
    ready: Ready, out: Path, *, seed: int = 7, work: Path | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Train on all documents, write the weights, and return the figures from cross-validation by document."""
    import numpy as np

    unseen = held_out(ready, seed=seed, work=work, progress=progress)
    model, scores = first_stage(ready, np.ones(len(unseen), bool))
    trees, _ = second_stage(ready, scores, None, seed)
    odds, truth = np.split(unseen, 3, axis=1)[2], ready.truth
    evidence = lines(odds, truth)
    arrays = {
        **calibrate(ready.documents, ready.names, ready.split(unseen)),
        "evidence": evidence,
        "sure": points(odds, truth, evidence),
        **{f"linear.{key}": value for key, value in model.arrays().items()},
        **{f"trees.{key}": value for key, value in trees.arrays().items()},
    }
    digest_ = data_digest([document.text for document in ready.documents])
    meta = {"kind": "nda", "labels": list(ready.names), "data": digest_, "seed": seed}
    return {**figures(ready, unseen), "sha256": save(out, arrays, meta)}
