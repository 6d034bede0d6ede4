"""The micro checkpoint: the whole generative path with a model that really answers (tests/models/micro/README.md)."""

import json
from pathlib import Path

import pytest

pytest.importorskip("transformers", reason="the transformers extra is absent")

import numpy as np
from micro import export, measure
from micro.layout import PROFILE, TOOLS
from micro.slips import Slips

from docreview import prompts
from docreview.context import Speeds
from docreview.governance.audit import AuditLog, show, verify
from docreview.models.folder import template_of
from docreview.readers.model import ModelReader
from docreview.review import review
from docreview.tools import Toolbox

FLOORS = json.loads((Path(__file__).parents[1] / "quality" / "baseline.json").read_text(encoding="utf-8"))["micro"]
SEED, DOCUMENTS = "held out", 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return export.widen(tmp_path_factory.mktemp("checkpoint") / "micro-lfm2-moe")


@pytest.fixture(scope="module")
def reference(folder):
    return measure.load("transformers", folder)


@pytest.fixture(scope="module")
def model(folder):
    pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    return measure.load("mlx", folder)


def reader(model, tmp_path, **more):
    speeds = Speeds(tmp_path / "speeds.json")
    return ModelReader(model, context="full", group=1, sampling=measure.GREEDY, speeds=speeds, **more)


def test_it_was_taught_the_layout_that_the_reader_uses():
    assert Toolbox(None, allow=("record_clause", "record_absent")).schemas() == TOOLS
    assert prompts.agrees_with(template_of(export.CHECKPOINT), PROFILE)


@pytest.mark.slow
def test_both_runtimes_compute_the_same(reference, model):
    from docreview.models import mlx, transformers
    from docreview.readers import wording

    document, _ = measure.made(SEED, 0)
    text = prompts.prefix(wording.INSTRUCTIONS, PROFILE, document=document.text, tools=TOOLS)
    ids = reference._tokens.encode(text)
    theirs = transformers.THREAD.run(
        lambda: reference.engine.logits(reference.engine.start(), ids, last=len(ids)).copy()
    )
    ours = mlx.THREAD.run(lambda: model.engine.logits(model.engine.start(), ids))
    assert np.abs(theirs - ours).max() < 1e-4 * np.abs(theirs).max()
    assert (theirs.argmax(-1) == ours.argmax(-1)).all()


@pytest.mark.slow
def test_it_answers_unseen_agreements(model):
    score = measure.measure(model, SEED, DOCUMENTS)
    shares = score.shares()
    assert shares["all"] >= FLOORS["all"], score.wrong
    assert shares["found"] >= FLOORS["found"], score.wrong
    assert shares["absent"] >= FLOORS["absent"], score.wrong


@pytest.mark.slow
def test_both_runtimes_give_the_same_answers(reference, model, tmp_path):
    for number in range(2):
        document, _ = measure.made(SEED, number)
        outcomes = [review(document, measure.CHECKLIST, reader=reader(each, tmp_path)) for each in (reference, model)]
        answers = [[(c.name, c.status, c.citations) for c in outcome.clauses] for outcome in outcomes]
        assert answers[0] == answers[1]
        assert outcomes[0].prompt_sha256 == outcomes[1].prompt_sha256


@pytest.mark.slow
def test_one_reading_every_step_logged_and_no_word_of_the_document_in_the_log(model, tmp_path):
    document, _ = measure.made(SEED, 1)
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        outcome = review(document, measure.CHECKLIST, reader=reader(model, tmp_path), log=log)
    replies = outcome.usage.calls - 1
    assert replies >= len(measure.CHECKLIST.questions)
    assert outcome.usage.cached_tokens % replies == 0  # each reply found the whole prefix
    kinds = [event.kind for event in show(tmp_path / "log")]
    assert kinds.count("tool_call") >= 3 * len(measure.CHECKLIST.questions)  # proposed, checked, done
    assert verify(tmp_path / "log", key=tmp_path / "key")["intact"]
    said = next(c.citations[0].quote for c in outcome.clauses if c.citations).encode()
    assert said not in b"".join(file.read_bytes() for file in (tmp_path / "log").rglob("*") if file.is_file())


@pytest.mark.slow
def test_a_wrong_quote_is_refused_and_put_right_by_the_model(model, tmp_path):
    document, truth = measure.made(SEED, 2)
    plain = review(document, measure.CHECKLIST, reader=reader(model, tmp_path))
    slipping = Slips(model)
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        outcome = review(document, measure.CHECKLIST, reader=reader(slipping, tmp_path), log=log)
    assert slipping.made >= 2
    kinds = [event.kind for event in show(tmp_path / "log")]
    assert kinds.count("quote_refused") == slipping.made
    repaired = [c for c in outcome.clauses if c.status == "found"]
    assert len(repaired) >= FLOORS["repaired"] * slipping.made
    for clause in repaired:
        assert all(document[each.span] == each.quote for each in clause.citations)
    assert {c.name for c in repaired} <= {c.name for c in plain.clauses if c.status in ("found", "unsure")} | set(truth)
