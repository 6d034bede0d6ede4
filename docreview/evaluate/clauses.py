"""The clause model in training: features of annotated contracts, models out of fold, the second stage on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview._json import digest
from docreview.chunk.sentences import sentence_spans
from docreview.errors import MissingExtra
from docreview.evaluate.boost import fit_trees, honest
from docreview.evaluate.data import Contract
from docreview.evaluate.fit import Plan, fit
from docreview.evaluate.score import iou
from docreview.readers.candidates import Places, Views, unit_rows
from docreview.readers.clauses import stage_two
from docreview.readers.features import Rows
from docreview.readers.tagging import Zone, zones
from docreview.readers.tokens import Tagged
from docreview.readers.trees import Trees
from docreview.readers.words import PARTS, TAGGED

Progress = Callable[[str], None]
_TRAININGS: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of all documents under each other: `documents[i]` is the document of row i, `labels` (rows, labels) 0, 1 or
    -1 (don't care).
    """

    rows: Rows
    labels: Any
    documents: Any

    def pick(self, chosen: Any) -> tuple[Rows, Any, Any]:
        """The rows where `chosen` holds, with labels and documents."""
        import numpy as np

        number = np.cumsum(chosen) - 1
        keep = chosen[self.rows.rows]
        rows = Rows(number[self.rows.rows[keep]], self.rows.hashes[keep], int(chosen.sum()))
        return rows, self.labels[chosen], self.documents[chosen]


def places_of(contract: Contract, name: str) -> list[list[tuple[int, int]]]:
    """For each annotated span of a category its place and the other places of the same text."""
    spans = contract.clauses.get(name, ())
    return [[(s["start"], s["end"]), *((a, b) for a, b in s.get("alts", ()))] for s in spans]


def sentence_table(contracts: Sequence[Contract], names: Sequence[str]) -> tuple[Table, list[Any]]:
    """Sentences with their labels, and each document's sentence offsets, (n, 2).

    A sentence belongs to a category when at least half of it is annotated, or most of an annotation lies in it.
    """
    import numpy as np

    pieces, labels, spans = [], [], []
    for contract in contracts:
        found = sentence_spans(contract.text)
        spans.append(np.array(found, np.int64).reshape(-1, 2))
        pieces.append(list(unit_rows(contract.text, found)))
        labels.append(_sentence_labels(contract, spans[-1], names))
    counts = [len(part) for part in spans]
    return Table(stack(pieces), np.concatenate(labels), np.repeat(np.arange(len(spans)), counts)), spans


def _sentence_labels(contract: Contract, spans: Any, names: Sequence[str]) -> Any:
    import numpy as np

    labels = np.zeros((len(spans), len(names)), np.float32)
    for column, name in enumerate(names):
        for place, *_ in places_of(contract, name):
            shared = np.minimum(spans[:, 1], place[1]) - np.maximum(spans[:, 0], place[0])
            inside = shared >= 0.5 * (spans[:, 1] - spans[:, 0])
            labels[inside | (shared >= 0.8 * (place[1] - place[0])), column] = 1
    return labels


def word_table(contracts: Sequence[Contract]) -> tuple[Table, list[list[Zone]]]:
    """Words at both ends of the documents with the labels of the tagger; other places of an annotated text are
    left open.
    """
    import numpy as np

    found = [zones(contract.text) for contract in contracts]
    labels = [_word_labels(contract, zone) for contract, ends in zip(contracts, found, strict=True) for zone in ends]
    counts = [sum(len(zone.starts) for zone in ends) for ends in found]
    rows = stack([[zone.rows for zone in ends] for ends in found])
    return Table(rows, np.concatenate(labels), np.repeat(np.arange(len(found)), counts)), found


def _word_labels(contract: Contract, zone: Zone) -> Any:
    import numpy as np

    labels = np.zeros((len(zone.starts), len(TAGGED) * len(PARTS)), np.float32)
    for number, name in enumerate(TAGGED):
        block = labels[:, 3 * number : 3 * number + 3]
        for place, *others in places_of(contract, name):
            for start, end in others:
                near = np.flatnonzero((zone.starts < end) & (zone.ends > start))
                block[near] = np.where(block[near] == 0, -1, block[near])
            inside = np.flatnonzero((zone.starts < place[1]) & (zone.ends > place[0]))
            block[inside, 2] = 1
            block[inside[:1], 0], block[inside[-1:], 1] = 1, 1
    return labels


def stack(pieces: Sequence[Sequence[Rows]]) -> Rows:
    """Rows of several documents as one table."""
    import numpy as np

    flat = [rows for document in pieces for rows in document]
    starts = np.cumsum([0, *(rows.count for rows in flat)])
    numbers = [rows.rows + start for rows, start in zip(flat, starts, strict=False)]
    return Rows(np.concatenate(numbers), np.concatenate([rows.hashes for rows in flat]), int(starts[-1]))


def out_of_fold(
    table: Table,
    names: Sequence[str],
    fold: Any,
    work: Path,
    *,
    plan: Plan,
    seed: int = 7,
    progress: Progress | None = None,
) -> Any:
    """Log-odds of every row from a model that saw neither its document nor its group.

    Args:
        fold: The fold of each document.
        work: Finished folds are kept here and not computed again.
    """
    import numpy as np

    logits = np.zeros(table.labels.shape, np.float32)
    for number in range(int(fold.max()) + 1):
        held = fold[table.documents] == number
        key = digest(
            [sorted(names), repr(plan), seed, number, int(held.sum()), table.rows.count, len(table.rows.hashes)]
        )
        file = work / f"fold-{key[:16]}.npy"
        if not file.exists():
            model = fit(*table.pick(~held), names, plan=plan, seed=seed)
            work.mkdir(parents=True, exist_ok=True)
            np.save(file, model.logits(table.pick(held)[0]))
        logits[held] = np.load(file)
        if progress:
            progress(f"{len(names)} labels: fold {number + 1} of {int(fold.max()) + 1}")
    return logits


def calibration(logits: Any, labels: Any) -> Any:
    """Slope and offset for each label, (labels, 2)."""
    import numpy as np

    pairs = [honest(logits[:, i], labels[:, i], strength=0.1) for i in range(labels.shape[1])]
    return np.array(pairs, np.float32)


def fusion(columns: Sequence[Any], labels: Any) -> Any:
    """For each label the weights of a logistic regression over log-odds of several models, and its offset.

    A label that is never true, or always, keeps the first model's log-odds.

    Args:
        columns: Log-odds of each model, (sentences, labels).
        labels: (sentences, labels) of 0 and 1.

    Returns:
        (labels, models + 1).
    """
    import numpy as np

    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise MissingExtra("training", "train") from None
    rows = []
    for label in range(labels.shape[1]):
        if len(np.unique(labels[:, label] > 0)) < 2:
            rows.append([1.0, *[0.0] * len(columns)])
            continue
        model = LogisticRegression(C=1.0, max_iter=200)
        model.fit(np.stack([column[:, label] for column in columns], axis=1), labels[:, label] > 0)
        rows.append([*model.coef_[0], model.intercept_[0]])
    return np.array(rows, np.float32)


@dataclass(frozen=True, slots=True)
class Second:
    """Candidates of one kind from all documents, with what is true of them."""

    places: list[Places]
    truth: list[Any]

    def joined(self, chosen: Any) -> tuple[Any, Any]:
        """Features and truth of the documents where `chosen` holds."""
        import numpy as np

        some = np.flatnonzero(chosen)
        features = [self.places[i].features for i in some if len(self.places[i])]
        return np.concatenate(features), np.concatenate([self.truth[i] for i in some])

    def train(self, chosen: Any, seed: int) -> Any:
        """Trees from the candidates of some documents: the mean of several trainings."""
        rows = self.joined(chosen)
        several = range(seed, seed + _TRAININGS)
        return Trees.mean([fit_trees(*rows, rounds=300, settings={"max_features": 0.3}, seed=each) for each in several])


@dataclass(frozen=True, slots=True)
class FirstStage:
    """What the models of the first stage, out of fold, say of each document.

    `spans`: sentence offsets; `views`: log-odds by sentence; `zones` and `tags`: the words at both ends and the
    tagger's log-odds, zones under each other; `tokens`: the token model's.
    """

    spans: Sequence[Any]
    views: Sequence[Views]
    zones: Sequence[list[Zone]]
    tags: Sequence[Any]
    tokens: Sequence[Tagged]


def second_stage(contracts: Sequence[Contract], first: FirstStage, names: Sequence[str]) -> tuple[Second, Second]:
    """Candidates of every contract, made of sentences and of words."""
    import numpy as np

    kinds: tuple[Second, Second] = (Second([], []), Second([], []))
    for i, contract in enumerate(contracts):
        cuts = np.cumsum([len(zone.starts) for zone in first.zones[i]])[:-1]
        words = list(zip(first.zones[i], np.split(first.tags[i], cuts), strict=True))
        found = stage_two(contract.text, first.spans[i], first.views[i], words, first.tokens[i], names)
        for kind, places in zip(kinds, found, strict=True):
            kind.places.append(places)
            kind.truth.append(truth_of(contract, places, names))
    return kinds


def truth_of(contract: Contract, places: Places, names: Sequence[str]) -> Any:
    """For each candidate whether it is at an annotated place of its category (half of the union at least)."""
    import numpy as np

    gold = {name: [place for options in places_of(contract, name) for place in options] for name in names}
    rows = zip(places.starts.tolist(), places.ends.tolist(), places.labels.tolist(), strict=True)
    return np.array([max(iou(a, b, gold[names[label]]), default=0) >= 0.5 for a, b, label in rows], np.float32)
