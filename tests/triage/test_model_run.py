"""Triage with a language model: reading in child processes, the model in this one, one document at a time."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from docreview.config import Settings
from docreview.errors import AuditError, ModelError
from docreview.governance.audit import show, verify
from docreview.models import ScriptedModel
from docreview.readers.model import ModelReader
from docreview.triage import triage
from docreview.types import Failure, Review

sys.path.insert(0, str(Path(__file__).parents[1] / "readers"))
from oracle import block, clause, shown

ROOT = Path(__file__).parents[2]
QUESTIONS = 'title = "T"\n[[question]]\nname = "Rent"\ntext = "What is the rent?"\nkind = "text"\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(4):
        (tmp_path / "in" / f"lease {i}.txt").write_text(f"LEASE {i}\n\nThe rent of flat {i} is {i}00 EUR.\n")
    (tmp_path / "in" / "empty.txt").write_text("")
    (tmp_path / "list.toml").write_text(QUESTIONS)
    return tmp_path


def run(folder, model, out="out", **more):
    reader = ModelReader(model)
    settings = Settings(jobs=2)
    return list(
        triage(
            folder / "in", folder / out, checklist=str(folder / "list.toml"), reader=reader, settings=settings, **more
        )
    )


def quoting(prompt):
    line = next(line for line in shown(prompt).splitlines() if line.startswith("The rent"))
    return block(clause("Rent", line))


def test_documents_are_reviewed_by_the_model_and_resumed_without_it(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    model = ScriptedModel(quoting)
    results = run(folder, model, audit=folder / "log")
    reviews = [result for result in results if isinstance(result, Review)]
    assert len(reviews) == 4
    assert {r.clauses[0].citations[0].quote for r in reviews} == {
        f"The rent of flat {i} is {i}00 EUR." for i in range(4)
    }
    assert [r.error for r in results if isinstance(r, Failure)] == ["empty"]
    assert len(model.prompts) == 4
    assert verify(folder / "log")["intact"]
    events = list(show(folder / "log"))
    assert sum(e.kind == "run_started" for e in events) == 4
    assert sorted(e.data["status"] for e in events if e.kind == "run_ended") == ["done"] * 4 + ["quarantined"]
    silent = ScriptedModel([])
    again = run(folder, silent)
    assert {r.run_id for r in again if isinstance(r, Review)} == {r.run_id for r in reviews}
    assert silent.prompts == []
    rows = [json.loads(line) for line in (folder / "out" / "documents.jsonl").read_text().splitlines()]
    assert {row["reader"] for row in rows if row["status"] == "done"} == {reviews[0].reader}


def test_one_document_at_a_time(folder):
    busy, most = threading.Semaphore(1), []

    def reply(prompt):
        most.append(busy.acquire(blocking=False))
        time.sleep(0.05)
        busy.release()
        return quoting(prompt)

    run(folder, ScriptedModel(reply))
    assert most == [True] * 4


def test_a_model_that_fails_quarantines_and_is_tried_again(folder):
    def broken(prompt):
        raise ModelError("scripted", "server", "out of order")

    failures = [r for r in run(folder, ScriptedModel(broken)) if isinstance(r, Failure) and r.error == "model"]
    assert len(failures) == 4
    assert "out of order" in failures[0].message
    assert sum(isinstance(r, Review) for r in run(folder, ScriptedModel(quoting))) == 4


def test_leaving_early_stops_the_model(folder):
    started = threading.Event()

    def slow(prompt):
        started.set()
        return "word " * 100_000

    before = time.monotonic()
    results = triage(
        folder / "in", folder / "out", checklist=str(folder / "list.toml"), reader=ModelReader(ScriptedModel(slow)),
        settings=Settings(jobs=2),
    )  # fmt: skip
    next(results)  # the empty file
    started.wait(60)
    results.close()
    assert time.monotonic() - before < 100
    run(folder, ScriptedModel(quoting))  # nobody holds the folder any more


def test_a_log_that_cannot_be_written_ends_the_run(folder):
    (folder / "log").write_text("in the way")
    for reader in ("embedded", ModelReader(ScriptedModel(quoting))):
        with pytest.raises(AuditError):
            list(triage(folder / "in", folder / "out", reader=reader, audit=folder / "log", settings=Settings(jobs=1)))


def docreview(*args, cwd, **environment):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(cwd / "c"), "XDG_CACHE_HOME": str(cwd / "k")}
    command = [sys.executable, "-m", "docreview", *map(str, args)]
    return subprocess.run(command, cwd=cwd, env=env | environment, capture_output=True, text=True, timeout=300)


@pytest.fixture
def script(folder):
    line = {"when": "Rent", "reply": block(clause("Rent", "The rent of flat 1 is 100 EUR."))}
    (folder / "s.jsonl").write_text(json.dumps(line) + "\n")
    return f"scripted:{folder / 's.jsonl'}"


@pytest.mark.slow
def test_the_command_line_reviews_with_a_model(folder, script):
    options = ["--model", script, "--checklist", "list.toml"]
    done = docreview("review", "in/lease 1.txt", *options, "--json", "--audit", "log", cwd=folder)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["clauses"][0]["status"] == "found"
    assert "tokens in 1 prompt" in done.stderr  # the cost line
    assert "LFM Open License" in done.stderr
    assert list(show(folder / "log"))
    again = docreview("review", "in/lease 1.txt", *options, "--keep-cache", cwd=folder)
    assert "LFM Open License" not in again.stderr  # once
    assert "The rent of flat 1" in again.stdout
    wrong = docreview("review", "in/lease 1.txt", *options, "--context", "half", cwd=folder)
    assert wrong.returncode == 2
    assert "retrieved" in wrong.stderr


@pytest.mark.slow
def test_the_command_line_triages_with_a_model(folder, script):
    done = docreview(
        "triage", "in", "-o", "out", "--model", script, "--checklist", "list.toml", "--audit", "log", cwd=folder
    )
    assert done.returncode == 1, done.stderr  # the empty file
    assert "4 reviewed, 1 quarantined" in done.stdout
    assert len({event.run_id for event in show(folder / "log")}) == 5  # four documents, and the one without a run


@pytest.mark.slow
def test_kept_caches_are_listed_and_cleared(folder):
    (folder / "docreview.toml").write_text(f'cache_dir = "{folder / "kept"}"\n')
    (folder / "kept").mkdir()
    listed = docreview("models", "caches", "list", cwd=folder)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert f"0 caches, 0.0 MB, in {folder / 'kept'}" in listed.stderr
    assert "0 caches deleted" in docreview("models", "caches", "clear", cwd=folder).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.slow
def test_ctrl_c_ends_a_review_cleanly(folder):
    line = {"when": "Rent", "reply": "<think>" + "so many different words to think about today " * 200_000}
    (folder / "s.jsonl").write_text(json.dumps(line) + "\n")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(folder / "c")}
    command = [
        sys.executable,
        "-m",
        "docreview",
        "review",
        "in/lease 1.txt",
        "--model",
        f"scripted:{folder / 's.jsonl'}",
    ]
    process = subprocess.Popen([*command, "--checklist", "list.toml"], cwd=folder, env=env, stderr=subprocess.PIPE)
    for told in process.stderr:
        if b"tokens in 1 prompt" in told:
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert b"Traceback" not in process.stderr.read()
