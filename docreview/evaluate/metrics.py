"""Measures of answers that may be right, partly right, wrong, or withheld. What is undefined is None, never 0."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import groupby


def omniscience(c: int, i: int, p: int, a: int) -> dict[str, float | None]:
    """Accuracy, hallucination rate and Omniscience index, in percent; None where undefined.

    As defined for AA-Omniscience (Artificial Analysis, 2025), with n = c + i + p + a: accuracy 100 c / n;
    hallucination rate 100 i / (i + p + a), of the answers that were not right those that were wrong rather than
    partly right or withheld, undefined when all were right; non-hallucination rate 100 less that; index
    100 (c - i) / n, from -100 to 100.

    Args:
        c: Right answers.
        i: Wrong ones.
        p: Partly right ones.
        a: Questions that were not answered.

    Raises:
        ValueError: A number is negative.
    """
    if min(c, i, p, a) < 0:
        raise ValueError("numbers of answers are not negative")
    n, missed = c + i + p + a, i + p + a
    rate = 100 * i / missed if missed else None
    return {
        "accuracy": 100 * c / n if n else None,
        "hallucination_rate": rate,
        "non_hallucination_rate": None if rate is None else 100 - rate,
        "index": 100 * (c - i) / n if n else None,
    }


def aurc(confidence: Sequence[float], correct: Sequence[bool]) -> float | None:
    """Area under the risk-coverage curve, 0..1, the lower the better; None without answers.

    The mean, over k = 1..n, of the share of wrong answers among the k surest (Geifman and El-Yaniv, 2017). Answers of
    one confidence have no order: the mean over all their orders is taken, so that the order given does not matter.

    Args:
        confidence: Of each answer; any numbers, the surest highest.
        correct: Whether each was right.

    Raises:
        ValueError: The two differ in length, or a confidence is not a number.
    """
    if len(confidence) != len(correct):
        raise ValueError(f"{len(confidence)} confidences for {len(correct)} answers")
    if any(math.isnan(value) for value in confidence):
        raise ValueError("a confidence is not a number")
    rows = sorted(zip(confidence, correct, strict=True), key=lambda row: -row[0])
    wrong = total = 0.0
    done = 0
    for _, tied in groupby(rows, key=lambda row: row[0]):
        errors = [not right for _, right in tied]
        share = sum(errors) / len(errors)
        total += sum((wrong + share * k) / (done + k) for k in range(1, len(errors) + 1))
        wrong, done = wrong + sum(errors), done + len(errors)
    return total / done if done else None


def pass_hat_k(n: int, c: int, k: int) -> float | None:
    """The chance that k trials of one task all succeed, 0..1, estimated from n trials of which c did.

    C(c, k) / C(n, k), without bias (tau-bench: Yao et al., 2024). None with fewer than k trials.

    Raises:
        ValueError: k is below 1, or c is not between 0 and n.
    """
    if k < 1 or not 0 <= c <= n:
        raise ValueError(f"no such trials: {c} of {n}, {k} at once")
    return math.comb(c, k) / math.comb(n, k) if n >= k else None


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """How far two people agree beyond chance, from -1 to 1; 0 is what chance gives.

    (p - e) / (1 - e), with p the share of things on which both said the same, and e that share if each had said what
    they said as often, but at random (Cohen, 1960). None without things, and where both said one and the same word
    throughout: chance alone explains that.

    Args:
        first: What one person said of each thing.
        second: What the other said of the same things, in the same order.

    Raises:
        ValueError: The two differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} answers of one person, {len(second)} of the other")
    n = len(first)
    one, other = Counter(first), Counter(second)
    chance = sum(one[word] * other[word] for word in one)  # of n * n
    same = sum(a == b for a, b in zip(first, second, strict=True)) * n
    return None if chance == n * n else (same - chance) / (n * n - chance)
