"""The measures against values worked out by hand, and against their definitions taken literally."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.evaluate.metrics import aurc, cohen_kappa, omniscience, pass_hat_k

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


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 0.4),
        ({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}, 0.1304347826),
        ({("y", "y"): 25, ("y", "n"): 35, ("n", "y"): 5, ("n", "n"): 35}, 0.2592592593),
        ({("a", "a"): 88, ("a", "b"): 10, ("a", "c"): 2, ("b", "a"): 14, ("b", "b"): 40, ("b", "c"): 6,
          ("c", "a"): 18, ("c", "b"): 10, ("c", "c"): 12}, 0.4915254237),
        ({("y", "n"): 5, ("n", "y"): 5}, -1.0),
        ({("y", "y"): 3, ("n", "n"): 4}, 1.0),
        ({("y", "y"): 9}, None),
        ({("y", "n"): 9}, 0.0),
        ({}, None),
    ],
)  # fmt: skip
def test_kappa_of_known_tables(table, kappa):
    """Worked examples: the second and third differ in their margins alone; the fourth is Cohen's of 1960."""
    rows = [pair for pair, count in table.items() for _ in range(count)]
    found = cohen_kappa([a for a, _ in rows], [b for _, b in rows])
    assert found == (None if kappa is None else pytest.approx(kappa))


def test_kappa_needs_pairs():
    with pytest.raises(ValueError, match="2 answers"):
        cohen_kappa(["a", "b"], ["a"])


words = st.sampled_from("abc")


@given(st.lists(st.tuples(words, words), max_size=30))
def test_kappa_does_not_depend_on_order_or_names(pairs):
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    kappa = cohen_kappa(first, second)
    assert kappa is None or -1 <= kappa <= 1
    assert cohen_kappa(second, first) == kappa
    assert cohen_kappa([a.upper() for a in reversed(first)], [b.upper() for b in reversed(second)]) == kappa
