"""How far scores of clauses can be believed: calibration, risk against coverage, operating points, yes or no.

Made from the candidates of a findings file (`docreview train clauses --findings`, from models that saw neither the
contract nor its group) and the annotators' clauses. A threshold is chosen on the other folds and judged on the one
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from docreview.evaluate.boost import operating_point
from docreview.evaluate.data import Contract, folds
from docreview.evaluate.metrics import aurc
from docreview.evaluate.score import strict
from docreview.values import normalise

FOLDS: Final = 5
PRECISION: Final = 0.8
SHOWN: Final = 0.25
"""Candidates below this are not shown to anybody."""
LIKELY: Final = 0.5
BINS: Final = 10
COVERAGE: Final = tuple(round(0.1 * step, 1) for step in range(1, 11))


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, the number of its contract, and whether it stands at an annotated place of its category."""

    contract: int
    category: str
    score: float
    right: bool
    text: str


def judge(contracts: Sequence[Contract], findings: Iterable[Mapping[str, Any]]) -> list[Judged]:
    """Every candidate of a findings file against the annotations, by the strict rule of `score.py`.

    Other extents of a candidate are left out: their scores say that they are right where it is wrong.

    Raises:
        KeyError: A candidate is of a contract that is not there.
    """
    numbers = {contract.doc: i for i, contract in enumerate(contracts)}
    grouped: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for row in findings:
        number = numbers[row["doc"]]
        if not row.get("other"):
            grouped.setdefault((number, row["category"]), []).append(row)
    out = []
    for (i, category), rows in grouped.items():
        hits = strict(contracts[i].clauses.get(category, ()), rows, category)
        for column, row in enumerate(rows):
            right = any(line[column] for line in hits)
            out.append(Judged(i, category, float(row["score"]), right, row["text"]))
    return out


def reliability(
    contracts: Sequence[Contract], findings: Iterable[Mapping[str, Any]], *, seed: int = 7
) -> dict[str, Any]:
    """All figures of this module, as numbers that JSON can hold.

    Returns:
        `calibration` (see `calibration_error`), `answers` and `proposals` (see `risk_coverage`), `operating_points`
        (see `points`) and `yes_no` (see `yes_no`).
    """
    fold = folds([contract.group for contract in contracts], FOLDS, seed).tolist()
    found = judge(contracts, findings)
    shown = [one for one in found if one.score >= SHOWN]
    answers = answered(contracts, found)
    return {
        "contracts": len(contracts),
        "candidates": len(found),
        "calibration": {
            "all": calibration_error([one.score for one in found], [one.right for one in found]),
            "shown": calibration_error([one.score for one in shown], [one.right for one in shown]),
        },
        "answers": risk_coverage([score for score, _ in answers], [right for _, right in answers]) if answers else None,
        "proposals": risk_coverage([one.score for one in shown], [one.right for one in shown]) if shown else None,
        "operating_points": points(contracts, found, fold),
        "yes_no": yes_no(contracts, found, fold),
    }


def calibration_error(scores: Sequence[float], right: Sequence[bool]) -> dict[str, Any]:
    """Expected calibration error over ten bins of equal width (Guo et al., 2017), and the bins; empty ones left out."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for score, true in zip(scores, right, strict=True):
        bins[min(int(score * BINS), BINS - 1)].append((score, true))
    rows = [
        {
            "from": number / BINS,
            "n": len(some),
            "score": round(sum(score for score, _ in some) / len(some), 4),
            "right": round(sum(true for _, true in some) / len(some), 4),
        }
        for number, some in enumerate(bins)
        if some
    ]
    error = sum(row["n"] * abs(row["score"] - row["right"]) for row in rows) / max(len(scores), 1)
    return {"n": len(scores), "ece": round(error, 4), "bins": rows}


def answered(contracts: Sequence[Contract], found: Sequence[Judged]) -> list[tuple[float, bool]]:
    """Confidence and rightness of the answer to every question of every contract.

    From `LIKELY` on the answer is the likeliest candidate, right when it stands at an annotated place. Below, it is
    "not found", right when nothing is annotated; its confidence is what is left of the likeliest candidate's score.
    """
    best: dict[tuple[int, str], Judged] = {}
    for one in found:
        key = (one.contract, one.category)
        if key not in best or one.score > best[key].score:
            best[key] = one
    out = []
    for i, contract in enumerate(contracts):
        for name in _questions(contracts):
            likeliest = best.get((i, name))
            if likeliest is not None and likeliest.score >= LIKELY:
                out.append((likeliest.score, likeliest.right))
            else:
                doubt = likeliest.score if likeliest else 0.0
                out.append((1 - doubt, not contract.clauses.get(name)))
    return out


def _questions(contracts: Sequence[Contract]) -> list[str]:
    return sorted({name for contract in contracts for name in contract.clauses})


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> dict[str, Any]:
    """The area under the risk-coverage curve (see `metrics.aurc`), and the share of wrong ones among the surest tenth,
    two tenths ... all.
    """
    order = sorted(range(len(right)), key=lambda i: -confidence[i])
    area = aurc(confidence, right)
    rows = []
    for share in COVERAGE:
        kept = order[: max(1, round(share * len(order)))]
        wrong = sum(not right[i] for i in kept) / len(kept)
        rows.append({"coverage": share, "risk": round(wrong, 4), "least": round(confidence[kept[-1]], 4)})
    return {"n": len(right), "aurc": None if area is None else round(area, 4), "curve": rows}


def points(contracts: Sequence[Contract], found: Sequence[Judged], fold: Sequence[int]) -> dict[str, dict[str, Any]]:
    """For each question the score from which on the reader says `found`, and how good that is on contracts left out.

    The score is the lowest from which `PRECISION` of the candidates are right, never below `LIKELY`; None when there is
    none, then everything is `unsure`. `n`: candidates said to be found; `precision`: the share of them that is right
    (None without any); `recall`: the share of the annotated clauses that they are at, each taken for one clause.
    """
    out = {}
    for name in _questions(contracts):
        mine = [one for one in found if one.category == name]
        sure = []
        for number in sorted(set(fold)):
            limit = _limit([one for one in mine if fold[one.contract] != number])
            sure += [one for one in mine if fold[one.contract] == number and limit is not None and one.score >= limit]
        right = sum(one.right for one in sure)
        annotated = sum(len(contract.clauses.get(name, ())) for contract in contracts)
        limit = _limit(mine)
        out[name] = {
            "score": None if limit is None else round(limit, 4),
            "n": len(sure),
            "precision": round(right / len(sure), 4) if sure else None,
            "recall": round(min(right / annotated, 1.0), 4) if annotated else None,
        }
    return out


def _limit(found: Sequence[Judged]) -> float | None:
    import numpy as np

    if not found:
        return None
    scores, right = np.array([one.score for one in found]), np.array([one.right for one in found], float)
    limit = max(operating_point(scores, right, precision=PRECISION), LIKELY)
    return limit if limit <= 1 else None


def yes_no(contracts: Sequence[Contract], found: Sequence[Judged], fold: Sequence[int]) -> dict[str, Any]:
    """How often the reader's yes or no to a question about a whole contract is the annotators'.

    The reader says yes when the chance is at least one half that any candidate that does not deny what is asked is
    right. `majority`: always the commonest answer of the other folds. `balanced`: the mean of the shares of yes and of
    no that are answered rightly, over all questions.
    """
    said = {"Yes": True, "No": False}
    names = [name for name in _asked(contracts) if {c.answers.get(name) for c in contracts} <= set(said)]
    chances = _chances(found, set(names))
    rows: dict[str, Any] = {}
    counts = {True: [0, 0], False: [0, 0]}
    for name in names:
        truth = [said[contract.answers[name]] for contract in contracts]
        guess = [chances.get((i, name), 0.0) >= LIKELY for i in range(len(contracts))]
        for true, mine in zip(truth, guess, strict=True):
            counts[true][0] += true == mine
            counts[true][1] += 1
        rows[name] = {
            "yes": sum(truth),
            "accuracy": _share(truth, guess),
            "majority": _share(truth, _commonest(truth, fold)),
        }
    shares = [right / total for right, total in counts.values() if total]
    mean = {
        key: round(sum(row[key] for row in rows.values()) / max(len(rows), 1), 4) for key in ("accuracy", "majority")
    }
    return {
        "n": len(names) * len(contracts),
        **mean,
        "balanced": round(sum(shares) / max(len(shares), 1), 4),
        "questions": rows,
    }


def _asked(contracts: Sequence[Contract]) -> list[str]:
    return sorted({name for contract in contracts for name in contract.answers})


def _chances(found: Sequence[Judged], names: set[str]) -> dict[tuple[int, str], float]:
    """The chance that any candidate that is no denial is right, by contract and question; they are taken as
    independent.
    """
    none: dict[tuple[int, str], float] = {}
    for one in found:
        key = (one.contract, one.category)
        if one.category in names:
            answer = normalise(one.category, one.text)
            if answer is None or answer.value != "No":
                none[key] = none.get(key, 1.0) * (1 - one.score)
    return {key: 1 - chance for key, chance in none.items()}


def _commonest(truth: Sequence[bool], fold: Sequence[int]) -> list[bool]:
    """The commoner answer, each time of the other folds."""
    most = {}
    for number in set(fold):
        others = [true for true, other in zip(truth, fold, strict=True) if other != number]
        most[number] = 2 * sum(others) > len(others)
    return [most[number] for number in fold]


def _share(truth: Sequence[bool], guess: Sequence[bool]) -> float:
    return round(sum(a == b for a, b in zip(truth, guess, strict=True)) / max(len(truth), 1), 4)
