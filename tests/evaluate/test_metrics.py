"""The measures against values worked out by hand, and against their definitions taken literally."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.evaluate.metrics import aurc, omniscience, pass_hat_k

small = st.integers(0, 40)


@pytest.mark.parametrize(
    ("counts", "accuracy", "rate", "index"),
    [
        ((50, 30, 10, 10), 50.0, 60.0, 20.0),
        ((10, 0, 0, 0), 100.0, None, 100.0),
        ((0, 10, 0, 0), 0.0, 100.0, -100.0),
        ((0, 0, 0, 7), 0.0, 0.0, 0.0),
        ((0, 0, 0, 0), None, None, None),
        ((1, 1, 1, 1), 25.0, 100 / 3, 0.0),
    ],
)
def test_omniscience(counts, accuracy, rate, index):
    found = omniscience(*counts)
    assert found["accuracy"] == accuracy
    assert found["hallucination_rate"] == rate
    assert found["non_hallucination_rate"] == (None if rate is None else 100 - rate)
    assert found["index"] == index


def test_impossible_counts():
    with pytest.raises(ValueError, match="negative"):
        omniscience(1, -1, 0, 0)


@pytest.mark.parametrize(
    ("confidence", "correct", "value"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], (0 + 0 + 1 / 3 + 2 / 4) / 4),
        ([0.9, 0.8], [0, 1], (1 + 1 / 2) / 2),
        ([0.5, 0.5], [0, 1], 0.5),
        ([0.9, 0.5, 0.5, 0.1], [1, 0, 1, 0], (0 + 1 / 4 + 1 / 3 + 2 / 4) / 4),
        ([1], [1], 0.0),
        ([], [], None),
    ],
)
def test_aurc(confidence, correct, value):
    assert aurc(confidence, [bool(each) for each in correct]) == (value if value is None else pytest.approx(value))


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=6))
def test_aurc_of_ties_is_the_mean_over_their_orders(rows):
    def plain(order):
        wrong = list(itertools.accumulate(not right for _, right in order))
        return sum(count / k for k, count in enumerate(wrong, 1)) / len(order)

    orders = [o for o in itertools.permutations(rows) if all(a[0] >= b[0] for a, b in itertools.pairwise(o))]
    expected = sum(map(plain, orders)) / len(orders)
    assert aurc([c for c, _ in rows], [r for _, r in rows]) == pytest.approx(expected)


@pytest.mark.parametrize(("confidence", "correct"), [([1.0], []), ([math.nan], [True])])
def test_aurc_refuses(confidence, correct):
    with pytest.raises(ValueError):
        aurc(confidence, correct)


@pytest.mark.parametrize(
    ("n", "c", "k", "value"),
    [
        (4, 4, 2, 1.0),
        (4, 2, 2, 1 / 6),
        (4, 1, 2, 0.0),
        (4, 3, 1, 0.75),
        (1, 1, 2, None),
        (0, 0, 1, None),
        (3, 3, 3, 1.0),
    ],
)
def test_pass_hat_k(n, c, k, value):
    assert pass_hat_k(n, c, k) == (value if value is None else pytest.approx(value))


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.integers(1, 7))
def test_pass_hat_k_is_the_share_of_draws_that_all_succeed(trials, k):
    draws = list(itertools.combinations(trials, k))
    expected = sum(map(all, draws)) / len(draws) if draws else None
    found = pass_hat_k(len(trials), sum(trials), k)
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(("n", "c", "k"), [(3, 4, 1), (3, -1, 1), (3, 2, 0)])
def test_pass_hat_k_refuses(n, c, k):
    with pytest.raises(ValueError):
        pass_hat_k(n, c, k)


@given(small, small, small, small)
def test_omniscience_stays_in_its_bounds(c, i, p, a):
    for name, value in omniscience(c, i, p, a).items():
        low = -100 if name == "index" else 0
        assert value is None or low <= value <= 100
