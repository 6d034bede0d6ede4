"""What plan, prompts, tools, proof and merging lose: an oracle that knows CUAD's clauses reads through them.

`pytest -s tests/readers/test_model_reader_measured.py` prints the figures.
"""

import json
import random

import pytest
from oracle import absent, asked, block, clause, shown

from docreview.checklist import load
from docreview.context import Speeds
from docreview.models import ScriptedModel
from docreview.prompts import neutralise
from docreview.read import read
from docreview.readers.model import ModelReader
from docreview.review import review

pytestmark = pytest.mark.slow
COUNT, SEED = 12, 5


def oracle(text, gold, window):
    """Quotes every published clause that it is shown, as it is shown."""

    def reply(prompt):
        calls = []
        for name in asked(prompt):
            quotes = {neutralise(text[g["start"] : g["end"]]).text: None for g in gold.get(name, ())}
            seen = [clause(name, quote) for quote in quotes if quote in shown(prompt)]
            calls += seen or [absent(name)]
        return block(*calls)

    return ScriptedModel(reply, window=window)


def overlap(one, two):
    """Shared characters over all characters of both."""
    return max(0, min(one[1], two[1]) - max(one[0], two[0])) / (max(one[1], two[1]) - min(one[0], two[0]))


@pytest.mark.parametrize(
    ("context", "window", "floor"),
    [("full", 128_000, 0.97), ("full", 8_000, 0.97), ("retrieved", 128_000, 0.85)],
)
def test_published_clauses_come_through(shared, tmp_path, context, window, floor):
    rows = [json.loads(line) for line in (shared / "cuad" / "dev" / "annotations.jsonl").open(encoding="utf-8")]
    random.Random(SEED).shuffle(rows)
    found = total = views = shown_chars = chars = 0
    for row in rows[:COUNT]:
        document = read(shared / "cuad" / "dev" / "contracts" / row["doc"])
        model = oracle(document.text, row["clauses"], window)
        reader = ModelReader(model, context=context, budget_seconds=None, speeds=Speeds(tmp_path / "speeds.json"))
        outcome = review(document, load("contract"), reader=reader)
        views += len({shown(prompt) for prompt in model.prompts})
        shown_chars, chars = shown_chars + len(outcome.coverage), chars + len(document)
        for name, gold in row["clauses"].items():
            places = [c.citations[0].span for c in outcome.clauses if c.name == name and c.citations]
            spans = [(place.start, place.end) for place in places]
            total += len(gold)
            found += sum(any(overlap((g["start"], g["end"]), span) >= 0.5 for span in spans) for g in gold)
    print(
        f"\n{context}, window {window:,}: {found} of {total} clauses, {views} prompts, {shown_chars / chars:.0%} shown"
    )
    assert found >= floor * total
