"""`docreview eval` on the real data stays above its floors; what takes long is checked by its own command."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.evaluate.suites import FOLDERS, ROWS, folder, table

FLOORS = json.loads((Path(__file__).parent / "baseline.json").read_text(encoding="utf-8"))["eval"]
FIGURES = {
    "clauses": {"published": {"aupr": 0.7}, "strict": {"aupr": 0.6}, "reliability": {"yes_no": {"accuracy": 0.9}}},
    "contractnli": {"evidence_map": 0.5, "accuracy": 0.5, "f1_contradicted": 0.5},
    "qmsum": {"recall": 0.78, "bm25": 0.7, "by_domain": {"Product": 0.8}},
    "types": {"accuracy_contracts": 0.9},
    "values": {"held_out": {"Governing Law": {"right": 0.93}}},
}


def test_every_suite_has_a_floor_a_folder_and_a_table():
    assert set(FLOORS) == set(FOLDERS) == set(ROWS) == set(FIGURES)


@pytest.mark.parametrize("suite", FIGURES)
def test_tables_hold_what_was_measured_beside_what_is_asked_for(suite):
    shown = table(suite, FIGURES[suite])
    assert "another split" in shown.splitlines()[0]
    assert len(shown.splitlines()) > 1
    assert "None" not in shown


def test_published_figures_stand_beside_ours():
    lines = table("clauses", FIGURES["clauses"]).splitlines()
    assert "0.700" in lines[1]
    assert "DeBERTa-xlarge .478" in lines[1]
    assert len(lines) == 4, "what was not measured has no line"


def test_a_folder_with_all_data_or_the_suites_own(tmp_path):
    assert folder("values", tmp_path) == tmp_path
    (tmp_path / "cuad" / "dev").mkdir(parents=True)
    assert folder("values", tmp_path) == tmp_path / "cuad" / "dev"
    assert folder("types", tmp_path) == tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["contractnli", "types"])
def test_models_stay_above_their_floors(suite, shared):
    pytest.importorskip("scipy", reason="the train extra is absent")
    done = CliRunner().invoke(app, ["eval", suite, "--data", str(shared), "--json"])
    figures = json.loads(done.stdout)
    assert {name for name, floor in FLOORS[suite].items() if figures[name] < floor} == set()
    assert "sha256" not in figures


@pytest.mark.slow
def test_values_of_contracts_held_out_stay_above_their_floors(shared):
    done = CliRunner().invoke(app, ["eval", "values", "--data", str(shared), "--json"])
    figures = json.loads(done.stdout)["held_out"]
    low = {
        name for name, floor in FLOORS["values"].items() if figures[name].get("right", figures[name].get("f1")) < floor
    }
    assert low == set()


@pytest.mark.slow
def test_meetings_that_were_trained_on(shared):
    """The shipped weights on meetings they have seen: a smoke alarm, no figure to quote (that is `eval qmsum`)."""
    from itertools import islice

    from docreview.evaluate.meetings import within
    from docreview.evaluate.search_data import _qmsum
    from docreview.evaluate.train_search import Case
    from docreview.evaluate.train_towers import Sample, covered
    from docreview.search.entry import prepare
    from docreview.search.rank import Ranker

    pytest.importorskip("torch", reason="the dense extra is absent")
    shares = []
    for asked in islice(_qmsum(shared / "qmsum" / "dev"), 0, 60, 6):
        entry = prepare(asked.document)
        ranker = Ranker(entry)
        targets = [covered(entry, question) for question in asked.questions]
        sample = Sample(asked, entry, ranker, (None, None, None, None), targets)
        for row, question in enumerate(asked.questions):
            scores = ranker.scores(question.text)
            shares.append(within(Case(sample, row, True, scores[:, None]), scores))
    assert sum(shares) / len(shares) >= FLOORS["qmsum"]["seen"]
