"""Trains the small recogniser of names that ships with docreview, and judges it on documents that it did not see.

The texts come with spans of PERSON, LOCATION, ADDRESS and ORG (`{"text", "spans", "labels_annotated", "source", ...}` a
line). All pieces of one document go into the same fold.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from docreview._json import read_jsonl
from docreview.governance.names import LABELS, LocalNames, blank

Row = dict[str, Any]
_BATCH_WORDS: Final = 1_500
_PIECE: Final = 2_000


def rows(path: Path) -> list[Row]:
    """The annotated texts of a file, those with names only."""
    return [row for row in read_jsonl(path) if "PERSON" in row["labels_annotated"]]


def fold_of(row: Row, folds: int) -> int:
    """The fold that a text's document belongs to; the same on every machine."""
    group = str(row.get("doc") or row["id"]).partition(":")[0]
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % folds


def fit(data: Sequence[Row], *, epochs: int, seed: int, say: Callable[[str], None]) -> Any:
    """A trained pipeline (one tok2vec and one transition-based tagger of entities)."""
    from docreview.governance.names import examples

    nlp = blank(seed=seed)
    sample = examples(nlp, _pieces(data))
    optimizer = nlp.initialize(lambda: sample[:200])
    shuffle = random.Random(seed)  # noqa: S311  (the order of examples)
    for epoch in range(epochs):
        shuffle.shuffle(sample)
        losses: dict[str, float] = {}
        optimizer.learn_rate = 0.002 * (1 - epoch / epochs) + 0.0002
        for batch in _batches(sample):
            nlp.update(batch, drop=0.2, sgd=optimizer, losses=losses)
        say(f"epoch {epoch + 1} of {epochs}: loss {losses['ner']:,.0f}")
    return nlp


def _pieces(data: Sequence[Row]) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Texts cut at line ends to a length that trains well, with their spans; half of them once more in another case."""
    pieces = []
    for number, row in enumerate(data):
        spans = [(s["start"], s["end"], s["label"]) for s in row["spans"] if s["label"] in LABELS]
        for start, end in _cuts(row["text"]):
            inside = [(a - start, b - start, label) for a, b, label in spans if start <= a and b <= end]
            text = row["text"][start:end]
            pieces.append((text, inside))
            if number % 8 == 0 and len(text.upper()) == len(text):
                pieces.append((text.upper(), inside))
    return pieces


def _cuts(text: str) -> Iterable[tuple[int, int]]:
    start = 0
    while start < len(text):
        end = min(start + _PIECE, len(text))
        if end < len(text):
            end = max(text.rfind("\n", start, end), text.rfind(". ", start, end), start + _PIECE // 2) + 1
        yield start, end
        start = end


def _batches(sample: list[Any]) -> Iterable[list[Any]]:
    batch: list[Any] = []
    size = 0
    for example in sample:
        batch.append(example)
        size += len(example)
        if size >= _BATCH_WORDS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def train_ner(
    path: Path,
    out: Path,
    *,
    folds: int = 3,
    epochs: int = 5,
    seed: int = 7,
    judged: Path | None = None,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Train on all texts and write the model's folder; with `judged`, first what models of other folds found.

    Args:
        judged: A JSON Lines file for `{"spans"}` of every text, in the order of the data, by a model that saw no piece
            of the text's document. None: no cross-validation.
    """
    data = rows(path)
    if judged is not None:
        found: dict[int, list[dict[str, Any]]] = {}
        for fold in range(folds):
            say(f"fold {fold + 1} of {folds}")
            names = LocalNames(fit([r for r in data if fold_of(r, folds) != fold], epochs=epochs, seed=seed, say=say))
            for number, row in enumerate(data):
                if fold_of(row, folds) == fold:
                    found[number] = [{"start": s.start, "end": s.end, "label": s.label} for s in names(row["text"])]
        judged.write_text("".join(json.dumps({"spans": found[i]}) + "\n" for i in range(len(data))), encoding="utf-8")
    nlp = fit(data, epochs=epochs, seed=seed, say=say)
    nlp.to_disk(out)
    # The list of the words seen in training is of no use to the model, and is other people's text.
    (out / "vocab" / "strings.json").write_text(json.dumps(sorted(LABELS)) + "\n", encoding="utf-8")
    return {
        "model": str(out),
        "texts": len(data),
        "bytes": sum(f.stat().st_size for f in out.rglob("*") if f.is_file()),
    }
