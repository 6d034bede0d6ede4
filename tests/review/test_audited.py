"""What a review leaves in the audit log, with the embedded reader and with a language model."""

import sys
from pathlib import Path

import pytest

from docreview.checklist import load
from docreview.errors import AuditError, ModelError
from docreview.governance.audit import AuditLog, show, verify
from docreview.models import ScriptedModel
from docreview.read import read
from docreview.readers.model import ModelReader
from docreview.readers.scripted import ScriptedReader
from docreview.review import review

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))
from oracle import absent, asked, block, checklist, clause, document

RENT = "The tenant pays 1,200 EUR on the first of each month."


@pytest.fixture
def log(tmp_path):
    return AuditLog(tmp_path / "log", key=tmp_path / "key")


def events(log):
    log.close()
    assert verify(log.folder, key=log.folder.parent / "key")["intact"]
    return list(show(log.folder))


def test_the_embedded_readers_calls_are_logged_between_start_and_end(log, corpora):
    contract = read(corpora / "contracts" / "nda-oneway.txt")
    outcome = review(contract, "nda", log=log)
    found = events(log)
    kinds = [event.kind for event in found]
    assert kinds[:2] == ["run_started", "document_read"]
    assert kinds[-1] == "run_ended"
    assert set(kinds[2:-1]) == {"tool_call"}
    assert {event.run_id for event in found} == {outcome.run_id}
    assert found[1].data["document_sha256"] == contract.source.sha256
    assert found[-1].data["clauses"] == sum(c.status == "found" for c in outcome.clauses)
    assert found[-1].data["status"] == "done"
    assert {event.data["gen_ai.tool.name"] for event in found[2:-1]} <= {
        "record_clause",
        "record_absent",
        "record_type",
    }


def test_a_model_is_logged_with_its_prompts_calls_and_results(log):
    model = ScriptedModel(
        lambda prompt: block(*(clause("Rent", RENT) if n == "Rent" else absent(n) for n in asked(prompt)))
    )
    outcome = review(document(RENT), checklist("Rent", "Term"), reader=ModelReader(model), log=log)
    found = events(log)
    stages = [(event.kind, event.data.get("stage")) for event in found]
    call = [("model_call", "proposed"), ("model_call", "allowed"), ("model_call", "done")]
    tool = [("tool_call", "proposed"), ("tool_call", "allowed"), ("tool_call", "done")]
    assert stages == [("run_started", None), ("document_read", None), *call, *call, *tool, *tool, ("run_ended", None)]
    assert {event.run_id for event in found} == {outcome.run_id}
    assert found[-1].data["prompt_sha256"] == outcome.prompt_sha256
    assert found[-1].data["policy_sha256"] == outcome.policy_sha256
    assert found[4].data["gen_ai.usage.input_tokens"] > 50
    raw = b"".join(file.read_bytes() for file in log.folder.rglob("*") if file.is_file())
    assert b"tenant" not in raw
    assert b"1,200" not in raw
    assert b"scripted" not in raw


def test_a_reading_that_breaks_off_ends_in_the_log(log):
    def broken(prompt):
        raise ModelError("scripted", "server", "out of order")

    with pytest.raises(ModelError):
        review(document(RENT), checklist("Rent"), reader=ModelReader(ScriptedModel(broken)), log=log)
    last = events(log)[-1]
    assert (last.kind, last.data["status"]) == ("run_ended", "failed")


def test_what_cannot_be_logged_does_not_run(tmp_path):
    (tmp_path / "log").write_text("a file is in the way")
    model = ScriptedModel([])
    with pytest.raises(AuditError):
        review(
            document(RENT),
            checklist("Rent"),
            reader=ModelReader(model),
            log=AuditLog(tmp_path / "log", key=tmp_path / "k"),
        )
    assert model.prompts == []


def test_without_a_log_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    review(document(RENT), load("contract"), reader=ScriptedReader())
    assert list(tmp_path.iterdir()) == []
