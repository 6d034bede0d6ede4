"""Other extents of a place: proposed when every candidate is asked for, never sure, never instead of the likeliest."""

import numpy as np
import pytest

from docreview.checklist import load
from docreview.evaluate.data import Contract
from docreview.evaluate.train_extents import extent_trees, extents_out_of_fold, second_extents
from docreview.read import read
from docreview.readers import load_reader
from docreview.readers.candidates import Places
from docreview.readers.extents import chosen, others, pairs
from docreview.readers.settle import Candidate, settle
from docreview.readers.trees import Trees

NAMES = ("Cap", "Law")


def places(*rows):
    starts, ends, labels = (np.array([row[k] for row in rows], np.int64) for k in range(3))
    return Places(starts, ends, labels, np.zeros((len(rows), 1), np.float32)), np.array([row[3] for row in rows])


def leaf(odds: float) -> Trees:
    one = np.zeros(1, np.int32)
    return Trees(one.astype(np.int16), np.zeros(1), one, one, np.zeros(1, np.float32), one, depth=0, base=odds)


SENTENCES = places(
    (0, 10, 0, 0.8), (0, 25, 0, 0.5), (11, 25, 0, 0.3), (40, 50, 0, 0.6), (0, 25, 1, 0.9), (0, 9, 0, 0.001)
)
WORDS = places((2, 8, 0, 0.2), (60, 64, 1, 0.4))
SCORED = [SENTENCES, WORDS]
KEPT = settle(SCORED, np.tile([1.0, 0.0], (2, 1)), NAMES)


def test_pairs_are_what_overlaps_a_kept_candidate_of_the_same_category():
    assert {(c.category, c.start, c.end) for c in KEPT} == {
        ("Cap", 0, 10), ("Cap", 11, 25), ("Cap", 40, 50), ("Law", 0, 25), ("Law", 60, 64)
    }  # fmt: skip
    found = pairs(SCORED, KEPT, NAMES)
    rows = list(zip(found.starts.tolist(), found.ends.tolist(), found.labels.tolist(), strict=True))
    assert rows == [(0, 25, 0), (2, 8, 0)], "what is kept, what is hardly likely and what stands alone are left out"
    assert found.features.shape == (2, 11)
    assert np.isfinite(found.features).all()
    assert found.features[0, 4] == 2, "it overlaps two"


def test_of_extents_that_overlap_the_likeliest_is_taken():
    found = pairs(SCORED, KEPT, NAMES)
    assert chosen(found, np.array([0.2, 0.3]), NAMES) == [Candidate("Cap", 2, 8, 0.3, other=True)]
    assert chosen(found, np.array([0.001, 0.001]), NAMES) == []
    assert [c.score for c in others(SCORED, KEPT, leaf(0.0), NAMES)] == [0.5]


def test_nothing_overlaps_nothing():
    assert others([places()] * 2, [], leaf(0.0), NAMES) == []


def test_an_extent_is_right_only_where_no_candidate_is():
    text = "x" * 70
    wide = Contract(doc="a", group="a", kind="", text=text, clauses={"Cap": [{"start": 0, "end": 25}]}, answers={})
    narrow = Contract(doc="b", group="b", kind="", text=text, clauses={"Cap": [{"start": 0, "end": 10}]}, answers={})
    second = second_extents([wide, narrow], NAMES, [SCORED, SCORED], [KEPT, KEPT])
    assert [list(each) for each in second.truth] == [[0, 0], [0, 0]], "(11, 25) is right in the wide one"
    only = [c for c in KEPT if c.start != 11]
    second = second_extents([wide, narrow], NAMES, [SCORED, SCORED], [only, only])
    assert [list(each) for each in second.truth] == [[1, 0], [0, 0]]


def test_extents_of_a_contract_are_scored_by_trees_of_the_others():
    text = "x" * 70
    contracts = [
        Contract(doc=str(i), group=str(i), kind="", text=text, clauses={"Cap": [{"start": 0, "end": 25}]}, answers={})
        for i in range(4)
    ]
    kept = [[c for c in KEPT if c.start != 11]] * 4
    second = second_extents(contracts, NAMES, [SCORED] * 4, kept)
    found = extents_out_of_fold(second, np.array([0, 0, 1, 1]), NAMES, 7)
    expected = extent_trees(second, np.array([True, True, False, False]), 7).scores(second.places[2].features)
    assert [c.score for c in found[2]] == pytest.approx([expected.max()])


@pytest.mark.slow
def test_the_reader_proposes_them_only_when_every_candidate_is_asked_for(corpora):
    document, reader, checklist = read(corpora / "contracts" / "msa.pdf"), load_reader("embedded"), load("contract")

    def overlapping(calls):
        rows = [call.arguments for call in calls if call.name == "record_clause"]
        return [
            (a, b)
            for i, a in enumerate(rows)
            for b in rows[:i]
            if a["name"] == b["name"] and a["start"] < b["end"] and b["start"] < a["end"]
        ]

    assert overlapping(reader.read(document, checklist).calls) == []
    both = overlapping(reader.read(document, checklist, min_score=0.001).calls)
    assert both
    assert all(not (a["sure"] and b["sure"]) for a, b in both)
