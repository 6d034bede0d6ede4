import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docreview.checklist import load
from docreview.evaluate import nda, ridge
from docreview.evaluate.data import Agreement, near_copies
from docreview.evaluate.nda_score import average_precision, measure, precision_at, sure
from docreview.readers.nda import NdaModel
from docreview.readers.weights import parse

sklearn = pytest.importorskip("sklearn", reason="scikit-learn (the train extra) is absent")
NAMES = load("nda").names
SOLICIT = "Neither party shall solicit the employees of the other for one year."
REVERSE = "The Recipient shall not reverse engineer, decompile or disassemble any sample."
ALLOWED = "The Recipient may reverse engineer, decompile or disassemble any sample."
WORDS = np.array(
    "party notice court year place seat page letter form law date term sum day list name mark part".split()
)


def agreement(number: int) -> Agreement:
    """Filler, and one clause that forbids (or allows) reverse engineering, or forbids to solicit."""
    rng = np.random.default_rng(number)
    filler = [" ".join(rng.choice(WORDS, 14)).capitalize() + "." for _ in range(6)]
    clause = ALLOWED if number % 6 == 2 else REVERSE if number % 2 == 0 else SOLICIT
    rows = [*filler[:2], clause, *filler[2:]]
    text = "\n".join(rows)
    starts = np.cumsum([0, *(len(row) + 1 for row in rows)])
    spans = tuple((int(at), int(at) + len(row)) for at, row in zip(starts, rows, strict=False))
    choices: dict = dict.fromkeys(NAMES, ("NotMentioned", ()))
    if number % 2 == 0:
        choices["nda-11"] = ("Contradiction" if clause == ALLOWED else "Entailment", (2,))
    else:
        choices["nda-18"] = ("Entailment", (2,))
    return Agreement(doc=f"{number}.txt", text=text, spans=spans, choices=choices)


def test_leaving_a_group_out_is_a_fit_without_it() -> None:
    rng = np.random.default_rng(3)
    points = rng.normal(size=(30, 4)).astype(np.float32)
    kernel, labels, groups = points @ points.T, rng.normal(size=(30, 2)).astype(np.float32), np.arange(30) % 7
    fitted = ridge.fit(kernel, labels, groups, strength=0.5)
    for group in range(7):
        out, rest = groups == group, groups != group
        dual = np.linalg.solve(kernel[np.ix_(rest, rest)] + 0.5 * np.eye(rest.sum()), labels[rest])
        assert np.allclose(fitted.left_out[out], kernel[np.ix_(out, rest)] @ dual, atol=1e-3)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=40))
def test_average_precision_does_not_hang_on_the_order_of_equal_scores(rows) -> None:
    scores, truth = np.array([a for a, _ in rows], float), np.array([b for _, b in rows], float)
    there = average_precision(scores, truth)
    assert there == pytest.approx(average_precision(scores[::-1], truth[::-1]))
    assert 0 <= there <= 1


@pytest.mark.parametrize(
    ("scores", "truth", "expected"),
    [
        ([3, 2, 1], [1, 0, 0], 1.0),
        ([3, 2, 1], [0, 0, 1], 1 / 3),
        ([3, 2, 1], [1, 0, 1], (1 + 2 / 3) / 2),
        ([1, 1, 1], [0, 1, 0], 1 / 3),
        ([2, 1], [0, 0], 0.0),
    ],
)
def test_average_precision(scores, truth, expected) -> None:
    assert average_precision(np.array(scores, float), np.array(truth, float)) == pytest.approx(expected)


def test_precision_at_a_recall_takes_as_few_as_reach_it() -> None:
    scores, truth = np.array([5.0, 4, 3, 2, 1]), np.array([1.0, 0, 1, 0, 1])
    assert precision_at(scores, truth, recall=0.6) == pytest.approx(2 / 3)
    assert precision_at(scores, truth, recall=0.8) == pytest.approx(3 / 5)


def test_near_copies_share_a_group_and_others_do_not() -> None:
    words = [" ".join(f"w{(7 * i * step) % 1009}" for i in range(300)) for step in (1, 2, 3)]
    texts = [words[0], words[1], words[0] + " and a line more at the end", words[2]]
    assert near_copies(texts) == [0, 1, 0, 3]
    assert near_copies(["", "", "four words are none"]) == [0, 1, 2]


def test_what_is_right_is_scored_as_right() -> None:
    documents = [agreement(number) for number in range(12)]
    ready = nda.prepare(documents, count=2)
    against = ready.table.labels[:, len(NAMES) :]
    for_ = ready.table.labels[:, : len(NAMES)]
    perfect = np.concatenate([for_, against, 12 * ready.truth - 6], axis=1)
    figures = measure(documents, NAMES, ready.spans, ready.split(perfect), ready.fold)
    assert figures["evidence_map"] == figures["evidence_map_one_list"] == figures["precision_at_80_recall"] == 1
    assert figures["accuracy"] > 0.95


def test_what_is_called_sure_is_mostly_right() -> None:
    rng = np.random.default_rng(7)
    odds = rng.normal(-2, 2, size=(2000, 2))
    truth = (rng.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(float)
    truth[:, 1] = rng.random(2000) < 0.1
    figures = sure(odds[:, :1], truth[:, :1], np.arange(2000) % 4)
    assert figures["sure_precision"] == pytest.approx(0.8, abs=0.1)
    assert figures["sure_recall"] > 0.2
    assert sure(odds[:, 1:], truth[:, 1:], np.arange(2000) % 4)["sure_recall"] < 0.1


def test_near_copies_are_in_one_fold_and_labels_lie_on_their_sentences() -> None:
    documents = [agreement(number) for number in range(12)]
    ready = nda.prepare([*documents, documents[4]], count=3)
    assert ready.fold[4] == ready.fold[12]
    row = ready.spans[4].tolist().index(list(documents[4].spans[2]))
    column = NAMES.index("nda-11")
    assert ready.split(ready.table.labels)[4][row, column] == 1
    assert ready.table.labels.sum() == 13


@pytest.mark.slow
def test_training_repeats_itself_and_goes_on_where_it_broke_off(tmp_path) -> None:
    documents = [agreement(number) for number in range(24)]
    ready = nda.prepare(documents, count=2)
    first = nda.train(ready, tmp_path / "a.npz", work=tmp_path / "work")
    said: list[str] = []
    second = nda.train(ready, tmp_path / "b.npz", work=tmp_path / "work", progress=said.append)
    assert len(list((tmp_path / "work").iterdir())) == len(said) == 2
    assert first == second == nda.train(ready, tmp_path / "c.npz")
    model = NdaModel.load(parse((tmp_path / "a.npz").read_bytes(), "a.npz"))
    found, mentioned = model.propose(documents[0].text)
    best = max((e for e in found if e.name == "nda-11"), key=lambda e: e.score)
    assert documents[0].text[best.start : best.end] == REVERSE
    assert mentioned["nda-11"] > mentioned["nda-18"]
