import importlib.util
import json
import random
from pathlib import Path

import pytest

from docreview.evaluate.score import counts, curve, published, score

GOLD = {
    "a.txt": {
        "Parties": [{"start": 0, "end": 9, "text": "Acme Inc."}],
        "Insurance": [{"start": 20, "end": 40, "text": "x" * 20, "alts": [[100, 120]]}],
    },
    "b.txt": {"Parties": [{"start": 5, "end": 9, "text": "Beta"}]},
}


def row(doc: str, category: str, start: int, text: str, chance: float) -> dict:
    return {"doc": doc, "category": category, "start": start, "end": start + len(text), "text": text, "score": chance}


def test_a_perfect_reader_gets_full_marks() -> None:
    rows = [
        row("a.txt", "Parties", 0, "Acme Inc.", 0.9995),
        row("a.txt", "Insurance", 100, "x" * 20, 0.9995),
        row("b.txt", "Parties", 5, "Beta", 0.9995),
    ]
    result = score(GOLD, rows)
    assert result["published"]["aupr"] == result["strict"]["aupr"] == pytest.approx(1.0)


def test_the_right_words_at_another_place_count_only_by_the_published_rule() -> None:
    result = score(GOLD, [row("a.txt", "Parties", 50, "Acme Inc.", 0.9)])
    assert result["published"]["max_recall"] == pytest.approx(1 / 3)
    assert result["strict"]["max_recall"] == 0


def test_parties_may_be_contained_by_the_published_rule_alone() -> None:
    result = score(GOLD, [row("a.txt", "Parties", 0, "Acme Inc. and many more words here", 0.9)])
    assert result["published"]["max_recall"] > 0
    assert result["strict"]["max_recall"] == 0


def test_nothing_found_is_zero_not_an_error() -> None:
    assert score(GOLD, [])["strict"] == {
        **score(GOLD, [])["strict"],
        "aupr": 0.0,
        "max_recall": 0.0,
        "macro_aupr": 0.0,
    }


def test_published_rule_gives_the_values_of_the_official_script(shared: Path) -> None:
    case = json.loads((shared / "cuad/dev/metric_selftest.json").read_text(encoding="utf-8"))
    gold: dict = {}
    found: dict = {}
    for key, texts in case["gold"].items():
        doc, category = key.rsplit("__", 1)
        gold.setdefault(doc, {})[category] = [{"text": text} for text in texts]
    for key, rows in case["predictions"].items():
        doc, category = key.rsplit("__", 1)
        found[doc, category] = [{"text": r["text"], "start": 0, "score": r["probability"]} for r in rows]
    categories = sorted({category for _, category in found})
    total = curve(sum(counts(gold, found, category, published) for category in categories))
    assert total["aupr"] == pytest.approx(case["expected"]["aupr"])
    assert total["p_at_80r"] == pytest.approx(case["expected"]["prec_at_80_recall"])
    for category, expected in case["expected"]["aupr_per_category"].items():
        assert curve(counts(gold, found, category, published))["aupr"] == pytest.approx(expected)


def test_agrees_with_the_scorer_beside_the_data(shared: Path) -> None:
    script = shared.parent / "scorers/score_clauses.py"
    if not script.exists():
        pytest.skip("score_clauses.py is absent")
    spec = importlib.util.spec_from_file_location("score_clauses", script)
    theirs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(theirs)
    rng = random.Random(7)
    words = "acme beta gamma delta inc llc the of and".split()
    gold, rows = {}, []
    for doc in "abcdefgh":
        text = " ".join(rng.choices(words, k=60))
        spans = [(at, at + rng.randint(5, 60)) for at in (rng.randrange(250) for _ in range(6))]
        names = ["Parties", "Insurance", "Cap on Liability"]
        gold[doc] = {
            n: [{"start": a, "end": b, "text": text[a:b]} for a, b in spans[i::3]] for i, n in enumerate(names)
        }
        for a, b in spans * 2:
            a, b = max(0, a + rng.randint(-4, 9)), b + rng.randint(-4, 9)
            if text[a:b]:
                rows.append(row(doc, rng.choice(names), a, text[a:b], rng.random()))
    found: dict = {}
    for r in rows:
        best = found.setdefault((r["doc"], r["category"]), {})
        key = (r["text"], r["start"])
        best[key] = r if key not in best or best[key]["score"] < r["score"] else best[key]
    grouped = {key: list(value.values()) for key, value in found.items()}
    mine = score(gold, rows)
    for rule in (theirs.published, theirs.strict):
        expected, _ = theirs.score(gold, grouped, rule)
        for key, value in expected.items():
            assert mine[rule.__name__][key] == pytest.approx(value), (rule.__name__, key)
