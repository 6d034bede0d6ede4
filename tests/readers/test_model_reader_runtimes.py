"""The model reader over the real runtimes, on the tiny checkpoint: what it says is noise, how it is handled is not."""

import logging

import pytest
from oracle import block, checklist, clause, document

from docreview.checklist import load
from docreview.context import Speeds
from docreview.models import Ending, Reply, Sampling, load_model
from docreview.models.saved import Caches
from docreview.readers.certainty import certainty
from docreview.readers.model import ModelReader
from docreview.review import review
from docreview.types import Usage

pytestmark = pytest.mark.slow

TEXT = "".join(f"{i}. The tenant pays {i} EUR for flat {i} and waters the {i} trees.\n\n" for i in range(1, 12))
SHORT = Sampling(temperature=0.5, top_k=20, max_tokens=10, seed=2)


@pytest.fixture(scope="module", params=["transformers", "mlx"])
def model(request, checkpoint):
    if request.param == "mlx":
        pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    return load_model(f"{request.param}:{checkpoint}")


def test_forty_one_questions_cost_one_reading(model, tmp_path):
    reader = ModelReader(model, sampling=SHORT, speeds=Speeds(tmp_path / "speeds.json"))
    outcome = review(document(TEXT), load("contract"), reader=reader)
    assert {clause.status for clause in outcome.clauses} <= {"unsure", "not_read", "not_found", "found", "failed"}
    assert len({clause.name for clause in outcome.clauses}) == 41
    once = outcome.usage.cached_tokens // (outcome.usage.calls - 1)
    assert outcome.usage.calls > 11  # one reading and at least one reply for each group
    assert outcome.usage.cached_tokens == once * (outcome.usage.calls - 1)
    assert f"{once:,} tokens in 1 prompt" in outcome.findings[0].message
    assert model.facts["backend"] in ("transformers", "mlx")


def test_both_runtimes_are_asked_the_same(checkpoint, tmp_path):
    pytest.importorskip("mlx_lm", reason="the mlx extra is absent")
    models = [load_model(f"{kind}:{checkpoint}") for kind in ("transformers", "mlx")]
    outcomes = [
        review(
            document(TEXT), checklist("Rent"), reader=ModelReader(model, sampling=SHORT, speeds=Speeds(tmp_path / "s"))
        )
        for model in models
    ]
    assert outcomes[0].prompt_sha256 == outcomes[1].prompt_sha256
    assert outcomes[0].clauses == outcomes[1].clauses
    assert outcomes[0].reader != outcomes[1].reader


def test_a_kept_cache_saves_the_second_reading_and_changes_nothing(model, tmp_path, caplog):
    caches = Caches(tmp_path / "caches")
    made = ModelReader(model, sampling=SHORT, caches=caches, speeds=Speeds(tmp_path / "s"))
    with caplog.at_level(logging.WARNING):
        first = review(document(TEXT), checklist("Rent", "Term"), reader=made)
        again = ModelReader(model, sampling=SHORT, caches=caches, speeds=Speeds(tmp_path / "s"))
        second = review(document(TEXT), checklist("Rent", "Term"), reader=again)
    assert not [record for record in caplog.records if record.name.startswith("docreview")]
    assert first.clauses == second.clauses
    tokens = caches.listed()[0].tokens
    assert second.usage.cached_tokens - first.usage.cached_tokens == tokens
    assert first.usage.prompt_tokens == second.usage.prompt_tokens
    assert first.run_id == second.run_id


def test_certainty_is_the_geometric_mean_over_a_calls_own_tokens(model):
    text = block(clause("Rent", "The tenant pays"), clause("Term", "never"))
    raw = text[text.index("record_clause(name='Term'") : text.index(")]") + 1]
    pieces = [text[: text.index(raw)], raw, "]<|tool_call_end|>"]
    counts = [model.count([sum_])[0] for sum_ in ("".join(pieces[: i + 1]) for i in range(3))]
    logprobs = [-3.0] * counts[0] + [-0.25] * (counts[1] - counts[0]) + [-5.0] * (counts[2] - counts[1] + 1)
    ending = Ending(finish="stop", usage=Usage(), logprobs=tuple(logprobs))
    reply = Reply(iter([text, ending]))
    reply.read()
    assert certainty(model, [reply], raw) == pytest.approx(0.7788, abs=1e-4)  # e ** -0.25
    assert certainty(model, [reply], "record_absent(name='Rent')") is None
    silent = Reply(iter([text, Ending(finish="stop", usage=Usage())]))
    silent.read()
    assert certainty(model, [silent], raw) is None
