"""Trains the clause model and measures it out of fold."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview import checklist
from docreview._json import dumps, write_atomic
from docreview.evaluate.boost import honest, operating_point
from docreview.evaluate.clauses import (
    FirstStage,
    Progress,
    Second,
    Table,
    calibration,
    fusion,
    out_of_fold,
    second_stage,
    sentence_table,
    truth_of,
    word_table,
)
from docreview.evaluate.data import Contract, data_digest, folds
from docreview.evaluate.fit import SENTENCES, WORDS, fit, prune
from docreview.evaluate.token_windows import Example, example
from docreview.evaluate.train_extents import extent_trees, extents_out_of_fold, second_extents
from docreview.evaluate.train_tokens import ONWARD, Held, tokens_out_of_fold
from docreview.evaluate.train_tokens import train as train_tokens
from docreview.readers.candidates import Places, Views
from docreview.readers.clauses import view, worth_a_look
from docreview.readers.edges import tidied
from docreview.readers.settle import Candidate, settle
from docreview.readers.token_model import SHIPPED
from docreview.readers.tokens import Tagged, pool
from docreview.readers.weights import save
from docreview.readers.words import tag_labels

FOLDS: Final = 5
PRECISION: Final = 0.8
TOKEN_FOLDS: Final = 4
"""Folds of the token model: it takes long."""
GREY: Final = 0.25
"""A candidate that is not sure is shown to a person from this probability on."""
LIKELY: Final = 0.5
"""What is less likely than this is never sure, however precise the category is as a whole."""
_FEATURES: Final = {"sentences": 150_000, "words": 60_000}


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that training and cross-validation share; `model` is the file of a token model, of the first fold."""

    contracts: Sequence[Contract]
    names: tuple[str, ...]
    fold: Any
    sentences: Table
    words: Table
    examples: Sequence[Example]
    model: Path
    first: Any
    fusion: Any
    kinds: tuple[Second, Second]


def prepare(
    contracts: Sequence[Contract],
    *,
    count: int = FOLDS,
    seed: int = 7,
    work: Path | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Features, models out of fold and the candidates of the second stage.

    Args:
        count: Folds; contracts of one group stay together.
        work: Finished folds are kept here, so that an interrupted run goes on; a temporary folder named after the
            data by default.
    """
    names = checklist.load("contract").names
    key = data_digest([c.text for c in contracts])[:12]
    work = work or Path(tempfile.gettempdir()) / f"docreview-train-{key}"
    groups = [c.group for c in contracts]
    fold = folds(groups, count, seed)
    sentences, spans = sentence_table(contracts, names)
    words, found = word_table(contracts)
    logits = out_of_fold(sentences, names, fold, work, plan=SENTENCES, seed=seed, progress=progress)
    tags = out_of_fold(words, tag_labels(), fold, work, plan=WORDS, seed=seed, progress=progress)
    first = calibration(logits, sentences.labels)
    linear = _by_document(logits * first[:, 0] + first[:, 1], sentences)
    truth = _by_document(sentences.labels, sentences)
    examples = [example(c, names, *rest) for c, *rest in zip(contracts, spans, truth, linear, strict=True)]
    wanted = [worth_a_look(s, x, len(c.text)) for c, s, x in zip(contracts, spans, linear, strict=True)]
    held = Held(contracts, examples, wanted, folds(groups, TOKEN_FOLDS, seed))
    tokens, model = tokens_out_of_fold(held, names, work, seed=seed, progress=progress)
    weights, views = _fused(spans, linear, tokens, sentences.labels)
    stage = FirstStage(spans, views, found, _by_document(tags, words), tokens)
    kinds = second_stage(contracts, stage, names)
    if progress:
        progress(f"{sum(len(p) for kind in kinds for p in kind.places):,} candidates in {count} folds")
    return Prepared(contracts, names, fold, sentences, words, examples, model, first, weights, kinds)


def _fused(
    spans: Sequence[Any], linear: Sequence[Any], tokens: Sequence[Tagged], labels: Any
) -> tuple[Any, list[Views]]:
    """The weights that join the linear and the token model, and what they say together of each document."""
    import numpy as np

    pooled = [pool(t, s) for t, s in zip(tokens, spans, strict=True)]
    columns = [np.concatenate(part) for part in (linear, [p.mean for p in pooled], [p.peak for p in pooled])]
    weights = fusion(columns, labels)
    return weights, [view(x, p, weights) for x, p in zip(linear, pooled, strict=True)]


def _by_document(values: Any, table: Table) -> list[Any]:
    import numpy as np

    counts = np.bincount(table.documents)
    return np.split(values, np.cumsum(counts)[:-1])


def raw_scores(ready: Prepared, *, seed: int = 7, progress: Progress | None = None) -> list[list[tuple[Places, Any]]]:
    """For each contract its candidates of both kinds with scores from trees that did not see its fold."""
    scored: list[list[tuple[Places, Any]]] = [[] for _ in ready.contracts]
    for number in range(int(ready.fold.max()) + 1):
        for kind in ready.kinds:
            trees = kind.train(ready.fold != number, seed)
            for i in (ready.fold == number).nonzero()[0].tolist():
                scored[i].append((kind.places[i], trees.scores(kind.places[i].features)))
        if progress:
            progress(f"second stage: fold {number + 1} of {int(ready.fold.max()) + 1}")
    return scored


def final_calibration(ready: Prepared, scored: Sequence[Any], chosen: Any) -> Any:
    """Slope and offset of each category from the candidates that were left standing in the chosen contracts."""
    import numpy as np

    plain = np.tile(np.array([1.0, 0.0]), (len(ready.names), 1))
    odds: list[list[float]] = [[] for _ in ready.names]
    truth: list[list[float]] = [[] for _ in ready.names]
    for i in np.flatnonzero(chosen).tolist():
        kept = settle(scored[i], plain, ready.names)
        numbers = [ready.names.index(c.category) for c in kept]
        for candidate, number, right in zip(kept, numbers, _right(ready, i, kept), strict=True):
            odds[number].append(float(np.log(candidate.score / (1 - candidate.score))))
            truth[number].append(right)
    pairs = [
        honest(np.array(o), np.array(t), strength=4.0) if o else (1.0, 0.0) for o, t in zip(odds, truth, strict=True)
    ]
    return np.array(pairs)


def _right(ready: Prepared, i: int, kept: Sequence[Candidate]) -> list[float]:
    import numpy as np

    starts, ends = (np.array([getattr(c, key) for c in kept], np.int64) for key in ("start", "end"))
    labels = np.array([ready.names.index(c.category) for c in kept], np.int64)
    right: list[float] = truth_of(ready.contracts[i], Places(starts, ends, labels, None), ready.names).tolist()
    return right


def cross_validated(ready: Prepared, scored: Sequence[Any]) -> list[list[Candidate]]:
    """Candidates of each contract, calibrated on the other folds."""
    found: list[list[Candidate]] = [[] for _ in ready.contracts]
    for number in range(int(ready.fold.max()) + 1):
        final = final_calibration(ready, scored, ready.fold != number)
        for i in (ready.fold == number).nonzero()[0].tolist():
            found[i] = settle(scored[i], final, ready.names)
    return found


def out_of_fold_candidates(
    ready: Prepared, *, seed: int = 7, progress: Progress | None = None
) -> list[list[Candidate]]:
    """Candidates of each contract as the reader gives them, from models and calibrations that did not see its fold."""
    scored = raw_scores(ready, seed=seed, progress=progress)
    found = cross_validated(ready, scored)
    second = second_extents(ready.contracts, ready.names, scored, found)
    more = extents_out_of_fold(second, ready.fold, ready.names, seed)
    rows = zip(ready.contracts, found, more, strict=True)
    return [tidied(contract.text, kept + others) for contract, kept, others in rows]


def findings(contracts: Sequence[Contract], found: Sequence[Sequence[Candidate]]) -> Iterator[dict[str, Any]]:
    """Candidates as rows of a findings file; `other` marks another extent of one."""
    for contract, candidates in zip(contracts, found, strict=True):
        for c in candidates:
            text = contract.text[c.start : c.end]
            row = {"doc": contract.doc, "category": c.category, "text": text, "start": c.start, "end": c.end}
            yield row | {"score": c.score} | ({"other": True} if c.other else {})


def write_findings(path: Path, contracts: Sequence[Contract], found: Sequence[Sequence[Candidate]]) -> int:
    """Write a findings file, one candidate a line; returns how many."""
    rows = [dumps(row) for row in findings(contracts, found)]
    write_atomic(path, "".join(row + "\n" for row in rows))
    return len(rows)


def thresholds(ready: Prepared, found: Sequence[Sequence[Candidate]]) -> Any:
    """For each category the score that is sure enough and the one from which a person should see it, (categories,
    2).
    """
    import numpy as np

    scores: list[list[float]] = [[] for _ in ready.names]
    truth: list[list[float]] = [[] for _ in ready.names]
    for i, kept in enumerate(found):
        for candidate, right in zip(kept, _right(ready, i, kept), strict=True):
            number = ready.names.index(candidate.category)
            scores[number].append(candidate.score)
            truth[number].append(right)
    sure = [operating_point(np.array(s), np.array(t), precision=PRECISION) for s, t in zip(scores, truth, strict=True)]
    return np.array([(max(point, LIKELY), GREY) for point in sure], np.float32)


def train(
    ready: Prepared, out: Path, *, seed: int = 7, progress: Progress | None = None
) -> tuple[str, list[list[Candidate]]]:
    """Train on all contracts and write the weights, the token model's beside them.

    The token model is that of the first fold, trained on with all contracts.

    Returns:
        The SHA-256 of the file, and the candidates from cross-validation that the thresholds come from.
    """
    import numpy as np

    scored = raw_scores(ready, seed=seed, progress=progress)
    found = cross_validated(ready, scored)
    every = np.ones(len(ready.contracts), bool)
    tables = {
        "sentences": (ready.sentences, ready.names, SENTENCES),
        "words": (ready.words, tag_labels(), WORDS),
    }
    work = ready.model.parent
    tokens = train_tokens(
        ready.examples, ready.names, work, plan=ONWARD, start=ready.model, seed=seed, progress=progress
    )
    write_atomic(out.with_name(SHIPPED), tokens.read_bytes())
    arrays: dict[str, Any] = {"first": ready.first, "fusion": ready.fusion, "thresholds": thresholds(ready, found)}
    arrays["final"] = final_calibration(ready, scored, every)
    for name, (table, labels, plan) in tables.items():
        model = fit(table.rows, table.labels, table.documents, labels, plan=plan, seed=seed, progress=progress)
        arrays |= {f"{name}.{k}": v for k, v in prune(model, _FEATURES[name]).arrays().items()}
    for name, kind in zip(("sentence_trees", "word_trees"), ready.kinds, strict=True):
        arrays |= {f"{name}.{k}": v for k, v in kind.train(every, seed).arrays().items()}
    trees = extent_trees(second_extents(ready.contracts, ready.names, scored, found), every, seed)
    arrays |= {f"extents.{k}": v for k, v in trees.arrays().items()}
    meta = {
        "kind": "clauses",
        "labels": list(ready.names),
        "data": data_digest([c.text for c in ready.contracts]),
        "contracts": len(ready.contracts),
        "seed": seed,
    }
    return save(out, arrays, meta), found
