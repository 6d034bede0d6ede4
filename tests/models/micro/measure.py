"""How often the micro checkpoint is right, on agreements it has not seen, through the model reader.

PYTHONPATH=.:tests/models python -m micro.measure transformers --documents 40
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from docreview.checklist import Checklist
from docreview.context import Speeds
from docreview.models import ChatModel, Sampling, load_model
from docreview.readers.model import ModelReader
from docreview.review import review
from docreview.types import Document, Review
from micro.export import widen
from micro.generate import Size, agreement, as_document, questions
from micro.layout import PROFILE

GREEDY = Sampling(temperature=0, max_tokens=128)
SIZE = Size((3, 7), (2, 6), (0, 2))
CHECKLIST = Checklist(name="micro", title="What the micro checkpoint was taught", questions=tuple(questions().values()))


@dataclass
class Score:
    """Answers that are right, by kind: "found" (the clause's own place, whole), "absent", and both together."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, truth: dict[str, tuple[int, int]], outcome: Review) -> None:
        for clause in outcome.clauses:
            place = truth.get(clause.name)
            spans = [(c.span.start, c.span.end) for c in clause.citations]
            kind = "absent" if place is None else "found"
            right = clause.status == "not_found" if place is None else clause.status == "found" and spans == [place]
            for each in (kind, "all"):
                self.asked[each] += 1
                self.right[each] += right
            if not right:
                self.wrong.append(f"{kind} {clause.name}: {clause.status} {spans} for {place}")

    def shares(self) -> dict[str, float]:
        return {kind: round(self.right[kind] / self.asked[kind], 4) for kind in self.asked}


def load(backend: str, folder: Path) -> ChatModel:
    return load_model(f"{backend}:{folder}", profile=PROFILE.name)


def made(seed: str, number: int, size: Size = SIZE) -> tuple[Document, dict[str, tuple[int, int]]]:
    """An agreement as a document, and where each clause stands in it."""
    source = agreement(seed, number, size)
    document = as_document(source)
    return document, {name: (start, end) for name, start, end in source.planted}


def measure(model: ChatModel, seed: str, documents: int, *, size: Size = SIZE, show: bool = False) -> Score:
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        reader = ModelReader(model, context="full", group=1, sampling=GREEDY, speeds=Speeds(Path(folder) / "s.json"))
        for number in range(documents):
            document, truth = made(seed, number, size)
            score.add(truth, review(document, CHECKLIST, reader=reader))
            if show:
                print(number, score.shares(), flush=True)
    return score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("backend", choices=("transformers", "mlx"))
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--seed", default="unseen")
    parser.add_argument("--headed", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        size = Size(SIZE.clauses, SIZE.fillers, SIZE.others, headed=options.headed)
        model = load(options.backend, widen(Path(folder) / "micro"))
        score = measure(model, options.seed, options.documents, size=size, show=True)
    print("\n".join(score.wrong), file=sys.stderr)
    print(json.dumps(score.shares() | {"questions": score.asked["all"]}))


if __name__ == "__main__":
    main()
