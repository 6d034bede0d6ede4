"""Calibration, risk against coverage, operating points and yes or no, on candidates whose truth is known."""

import math

import pytest

from docreview.evaluate.data import Contract
from docreview.evaluate.reliability import calibration_error, reliability, risk_coverage

TEXT = "The laws of Ohio govern. No party may assign. The fee is due. Each party shall insure itself."
LAW, ASSIGN = (0, 24), (25, 45)


def contract(number: int, *, assigns: bool) -> Contract:
    places = {"Governing Law": LAW} | ({"Anti-Assignment": ASSIGN} if assigns else {})
    return Contract(
        doc=f"{number}.txt",
        group=f"{number}",
        kind="",
        text=TEXT,
        clauses={name: [{"start": a, "end": b, "text": TEXT[a:b]}] for name, (a, b) in places.items()},
        answers={"Governing Law": "Ohio", "Anti-Assignment": "Yes" if assigns else "No"},
    )


def candidate(number: int, category: str, place: tuple[int, int], score: float) -> dict[str, object]:
    start, end = place
    row = {"doc": f"{number}.txt", "category": category, "start": start, "end": end}
    return {**row, "text": TEXT[start:end], "score": score}


CONTRACTS = [contract(i, assigns=i % 2 == 0) for i in range(20)]


def rows(yes: float = 0.9, no: float = 0.1) -> list[dict[str, object]]:
    law = [candidate(i, "Governing Law", LAW, 0.95) for i in range(20)]
    return law + [candidate(i, "Anti-Assignment", ASSIGN, no if i % 2 else yes) for i in range(20)]


def test_a_perfect_reader_runs_no_risk():
    found = reliability(CONTRACTS, rows())
    assert found["answers"]["aurc"] == 0
    assert found["proposals"]["aurc"] == 0
    assert found["proposals"]["n"] == 30
    assert found["answers"]["curve"][-1] == {"coverage": 1.0, "risk": 0.0, "least": 0.9}
    assert found["yes_no"]["accuracy"] == 1.0
    assert found["yes_no"]["balanced"] == 1.0
    assert found["operating_points"]["Governing Law"] == {"score": 0.95, "n": 20, "precision": 1.0, "recall": 1.0}


def test_a_question_whose_candidates_are_mostly_wrong_has_no_operating_point():
    found = reliability(CONTRACTS, rows(yes=0.8, no=0.8))
    assert found["operating_points"]["Anti-Assignment"] == {"score": None, "n": 0, "precision": None, "recall": 0.0}
    assert found["yes_no"]["questions"]["Anti-Assignment"]["accuracy"] <= 0.5
    assert found["answers"]["curve"][-1]["risk"] == 0.25


def test_questions_that_are_not_answered_by_yes_or_no_are_left_out():
    assert list(reliability(CONTRACTS, rows())["yes_no"]["questions"]) == ["Anti-Assignment"]


def test_several_doubtful_candidates_make_a_likely_yes():
    one = [candidate(i, "Anti-Assignment", ASSIGN, 0.3) for i in range(0, 20, 2)]
    two = [{**row, "start": row["start"] + 1} for row in one]
    assert reliability(CONTRACTS, one)["yes_no"]["accuracy"] == 0.5
    assert reliability(CONTRACTS, one + two)["yes_no"]["accuracy"] == 1.0  # 1 - 0.7 * 0.7


def test_another_extent_of_a_candidate_counts_for_nothing():
    more = [{**row, "start": row["start"] + 1, "score": 0.4, "other": True} for row in rows()]
    assert reliability(CONTRACTS, rows() + more) == reliability(CONTRACTS, rows())


def test_without_candidates_everything_is_not_found():
    found = reliability(CONTRACTS, [])
    assert found["proposals"] is None
    assert found["yes_no"]["accuracy"] == 0.5  # always no
    assert found["answers"]["curve"][-1]["risk"] == 0.75
    assert found["calibration"]["all"] == {"n": 0, "ece": 0.0, "bins": []}


def test_a_candidate_of_an_unknown_contract_is_refused():
    with pytest.raises(KeyError):
        reliability(CONTRACTS, [candidate(99, "Governing Law", LAW, 0.9)])


def test_a_denial_is_a_no():
    text = "No third party shall have any right under this Agreement."
    many = [
        Contract(
            doc=f"{i}.txt",
            group=f"{i}",
            kind="",
            text=text,
            clauses={"Third Party Beneficiary": []},
            answers={"Third Party Beneficiary": "No"},
        )
        for i in range(10)
    ]
    row = {"category": "Third Party Beneficiary", "start": 0, "end": len(text), "text": text, "score": 0.9}
    found = reliability(many, [{**row, "doc": f"{i}.txt"} for i in range(10)])
    assert found["yes_no"]["accuracy"] == 1.0


def test_calibration_error_is_the_mean_gap():
    found = calibration_error([0.9] * 10 + [0.1] * 10, [True] * 8 + [False] * 2 + [False] * 10)
    assert math.isclose(found["ece"], 0.1, abs_tol=1e-9)
    assert [row["n"] for row in found["bins"]] == [10, 10]
    assert calibration_error([1.0], [True])["ece"] == 0.0


def test_risk_grows_with_coverage_when_confidence_is_right():
    found = risk_coverage([0.9, 0.8, 0.3, 0.2], [True, True, False, False])
    assert [row["risk"] for row in found["curve"]] == sorted(row["risk"] for row in found["curve"])
    assert found["curve"][-1]["risk"] == 0.5
