import numpy as np
import pytest

from docreview.evaluate.boost import fit_trees, honest, operating_point
from docreview.evaluate.data import folds
from docreview.evaluate.fit import Plan, fit, prune
from docreview.evaluate.types import type_name
from docreview.readers.features import Rows
from docreview.readers.linear import Linear
from docreview.readers.trees import Trees

PLAIN = Plan(epochs=80, batch=64, rate=0.5, pull=0.0)
sklearn = pytest.importorskip("sklearn", reason="scikit-learn (the train extra) is absent")


def test_trees_say_what_scikit_learn_says() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    from docreview.evaluate.boost import _SETTINGS

    rng = np.random.default_rng(7)
    rows = rng.normal(size=(3000, 6)).astype(np.float32)
    truth = (rows[:, 0] * rows[:, 1] + rows[:, 2] > 0.3).astype(float)
    theirs = HistGradientBoostingClassifier(max_iter=30, random_state=7, **_SETTINGS).fit(rows, truth)
    mine = fit_trees(rows, truth, rounds=30)
    assert np.allclose(mine.scores(rows), theirs.predict_proba(rows)[:, 1], atol=1e-5)
    again = Trees.from_arrays(mine.arrays())
    assert np.array_equal(again.scores(rows), mine.scores(rows))
    other = fit_trees(rows, truth, rounds=20, seed=8, settings={"max_features": 0.3})
    odds = [np.log(p / (1 - p)) for p in (mine.scores(rows), other.scores(rows))]
    assert np.allclose(Trees.mean([mine, other]).scores(rows), 1 / (1 + np.exp(-np.mean(odds, axis=0))), atol=1e-6)


def test_the_linear_model_learns_its_features_and_survives_saving() -> None:
    rng = np.random.default_rng(7)
    lengths = rng.integers(3, 9, 400)
    owner = np.repeat(np.arange(400), lengths)
    hashes = rng.choice(60, lengths.sum(), p=np.r_[[0.01] * 20, [0.02] * 40]).astype(np.uint32)
    rows = Rows(owner, hashes, 400)
    labels = np.stack([np.bincount(owner, hashes == label, 400) > 0 for label in (3, 5)], axis=1).astype(np.float32)
    documents = np.arange(400) // 10
    model = fit(rows, labels, documents, ("three", "five"), plan=PLAIN)
    guess = model.logits(rows) > 0
    assert (guess == labels).mean() > 0.97
    again = Linear.from_arrays(("three", "five"), prune(model, 30).arrays())
    assert ((again.logits(rows) > 0) == labels).mean() > 0.95
    same = fit(rows, labels, documents, ("three", "five"), plan=PLAIN)
    assert np.array_equal(same.weights, model.weights)


def test_honest_log_odds_recover_a_known_slope() -> None:
    rng = np.random.default_rng(7)
    odds = rng.normal(size=20_000)
    truth = rng.random(20_000) < 1 / (1 + np.exp(-(2 * odds - 1)))
    slope, offset = honest(odds, truth)
    assert slope == pytest.approx(2, abs=0.1)
    assert offset == pytest.approx(-1, abs=0.1)


def test_few_examples_are_left_as_they_are() -> None:
    slope, offset = honest(np.array([0.0]), np.array([1.0]), strength=100)
    assert slope == pytest.approx(1, abs=0.1)
    assert abs(offset) < 0.1


def test_operating_point_is_the_lowest_score_that_is_precise_enough() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    truth = np.array([1, 1, 1, 1, 0, 0])
    assert operating_point(scores, truth, precision=0.8, least=3) == 0.5
    assert operating_point(scores, 0 * truth, precision=0.8, least=3) > 1


def test_groups_stay_together() -> None:
    groups = [f"g{i % 17}" for i in range(100)]
    fold = folds(groups, 5, 7)
    assert all(len({fold[i] for i in range(100) if groups[i] == g}) == 1 for g in groups)
    assert set(fold) == set(range(5))


def test_type_names_are_merged() -> None:
    assert type_name("Affiliate Agreement") == type_name("Affiliate_Agreements") == "affiliate"
    assert type_name("Joint Venture _ Filing") == "joint venture"
    assert type_name("Distributor") == "distributor"


def test_a_label_that_is_never_true_keeps_the_first_models_word():
    import numpy as np

    from docreview.evaluate.clauses import fusion

    first = np.array([[-2.0, -1.0], [3.0, -1.5], [2.5, -2.0], [-3.0, -1.2]])
    labels = np.array([[0, 0], [1, 0], [1, 0], [0, 0]])
    weights = fusion([first, -first], labels)
    assert weights[1].tolist() == [1.0, 0.0, 0.0]
    assert weights[0, 0] > 0 > weights[0, 1]
