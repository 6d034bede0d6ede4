"""Measures of a deployment: planted reviews, decisions and audit events, and what they must add up to."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from docreview._json import dumps
from docreview.cli import app
from docreview.config import Settings
from docreview.errors import AuditError, OutputError
from docreview.evaluate.kpi import kpi, report
from docreview.governance.audit import AuditLog, Record, Ruling
from docreview.models import ScriptedModel
from docreview.readers.model import ModelReader
from docreview.triage import triage
from docreview.types import Citation, Clause, Coverage, Decision, Review, Span

SHA = "ab" * 32


def clause(name, status, score=None):
    where = Citation(doc_id="d", span=Span(0, 4), quote="Rent", verdict="verbatim")
    return Clause(name=name, status=status, score=score, citations=(where,) if status == "found" else ())


def write_out(folder, *, decisions=(), rows=(), seen=100, unread=(), sha=SHA):
    """A triage folder of one document with four questions, one of them left open by the reader."""
    clauses = (clause("a", "found", 0.9), clause("b", "found", 0.4), clause("c", "not_found"), clause("e", "unsure"))
    review = Review(
        doc_id="d", checklist="contract", clauses=clauses, reader="r", run_id="x", decisions=tuple(decisions),
        coverage=Coverage.of([Span(0, seen)], unread),
    )  # fmt: skip
    (folder / "reviews").mkdir(parents=True)
    (folder / "reviews" / "d.json").write_text(dumps(review), encoding="utf-8")
    done = {"doc": "d", "sha256": sha, "status": "done", "seconds": 2.0, "chars": 100, "unread_pages": []}
    lost = {"doc": "e", "sha256": sha, "status": "quarantined", "seconds": 9.0, "review": None}
    (folder / "documents.jsonl").write_text(dumps(done | {"review": "reviews/d.json"}) + "\n" + dumps(lost) + "\n")
    if rows:
        (folder / "decisions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def decision(name, verdict, at="2026-11-20T10:00:00Z", by="ann"):
    return Decision(clause=name, verdict=verdict, by=by, at=at)


def test_nothing_known_is_none_and_not_zero(tmp_path):
    figures = kpi([write_out(tmp_path / "out")])
    answers = figures["answers"]
    assert (answers["all"], answers["judged"], answers["answered"]) == (4, 0, 0.75)
    assert [
        answers[name] for name in ("accuracy", "hallucination_rate", "non_hallucination_rate", "index", "aurc")
    ] == [None] * 5
    assert answers["pass_hat_k"]["value"] is None
    assert figures["people"]["minutes_per_document"] is None
    assert figures["people"]["target_met"] is None
    assert figures["audit"] is None
    assert "not known" in report(figures)


def test_documents_and_coverage(tmp_path):
    figures = kpi(
        [write_out(tmp_path / "1"), write_out(tmp_path / "2", seen=50), write_out(tmp_path / "3", unread=(2,))]
    )
    assert figures["documents"]["all"] == 6
    assert figures["documents"]["seconds"] == {"count": 3, "mean": 2.0, "median": 2.0}
    assert figures["coverage"] == {"characters": 250 / 300, "documents_whole": 1 / 6}


def test_answers_by_what_people_said(tmp_path):
    said = [decision("a", "rejected"), decision("a", "accepted"), decision("b", "rejected"), decision("c", "edited")]
    answers = kpi([write_out(tmp_path / "out", decisions=[*said, decision("e", "flagged")])])["answers"]
    assert [answers[n] for n in ("correct", "incorrect", "partial", "abstained")] == [1, 1, 1, 1]
    assert answers["accuracy"] == 25.0
    assert answers["non_hallucination_rate"] == pytest.approx(200 / 3)
    assert answers["index"] == 0.0
    assert answers["aurc"] == (0 + 1 / 2) / 2, "the sure one is right, the unsure one wrong"


def test_a_flag_is_no_judgement(tmp_path):
    answers = kpi([write_out(tmp_path / "out", decisions=[decision("a", "flagged"), decision("b", "unsure")])])[
        "answers"
    ]
    assert answers["judged"] == 0


def test_several_folders_are_trials_of_the_same_questions(tmp_path):
    verdicts = (("accepted", "accepted"), ("accepted", "rejected"), ("accepted", "rejected"))
    outs = [
        write_out(tmp_path / str(n), decisions=[decision("a", a), decision("b", b)])
        for n, (a, b) in enumerate(verdicts)
    ]
    assert kpi(outs, k=2)["answers"]["pass_hat_k"] == {"k": 2, "value": 0.5, "tasks": 2}
    assert kpi(outs, k=4)["answers"]["pass_hat_k"] == {"k": 4, "value": None, "tasks": 0}
    other = write_out(tmp_path / "other", decisions=[decision("a", "accepted")], sha="cd" * 32)
    assert kpi([outs[0], other], k=2)["answers"]["pass_hat_k"]["tasks"] == 0, "another document is no trial of it"


def test_minutes_from_measured_seconds(tmp_path):
    rows = [
        {"doc": "d", "clause": n, "verdict": "accepted", "by": "ann", "at": "2026-11-20T10:00:00Z", "seconds": 60.0}
        for n in "ab"
    ]
    people = kpi([write_out(tmp_path / "out", rows=rows)], baseline=4.0)["people"]
    assert people["minutes_per_document"] == 2.0
    assert people["change_percent"] == -50.0
    assert people["target_met"] is True
    assert kpi([tmp_path / "out"], baseline=2.5)["people"]["target_met"] is False


def test_minutes_from_gaps_leave_pauses_out(tmp_path):
    at = ["10:00:00", "10:01:00", "10:03:00", "11:30:00", "11:30:30"]
    said = [decision("a", "accepted", f"2026-11-20T{time}Z") for time in at]
    people = kpi([write_out(tmp_path / "out", decisions=[*said, decision("b", "accepted", by="bob")])])["people"]
    assert people["minutes_per_document"] == pytest.approx(3.5)
    assert people["change_percent"] is None


def test_edits_and_agreement_of_reviewers(tmp_path):
    def row(name, by, verdict):
        at = "2026-11-20T10:00:00Z"
        return {"doc": "d", "clause": name, "by": by, "verdict": verdict, "at": at, "value": "x"}

    said = [("a", "ann", "accepted"), ("a", "bob", "accepted"), ("b", "ann", "accepted"), ("b", "bob", "rejected")]
    said += [("c", "ann", "rejected"), ("c", "bob", "rejected"), ("e", "ann", "flagged"), ("e", "bob", "accepted")]
    people = kpi([write_out(tmp_path / "1", rows=[row(*each) for each in said])])["people"]
    assert people["edits_per_document"] == 0.0
    assert people["reviewers"] == 2
    assert people["agreement"]["items"] == 3, "a flag is no judgement"
    assert people["agreement"]["same"] == pytest.approx(2 / 3)
    assert people["agreement"]["cohen_kappa"] == pytest.approx(0.4)
    edited = [row("a", "ann", "edited"), row("b", "ann", "edited"), row("b", "ann", "accepted")]
    people = kpi([write_out(tmp_path / "2", rows=edited), tmp_path / "1"])["people"]
    assert people["edits_per_document"] == 0.5, "the last word on each counts"
    assert kpi([write_out(tmp_path / "3")])["people"]["edits_per_document"] is None
    alone = kpi([tmp_path / "2"])["people"]["agreement"]
    assert alone == {"pairs": 0, "items": 0, "same": None, "cohen_kappa": None}


def test_an_answer_that_is_right_in_some_places(tmp_path):
    def row(verdict, **more):
        return {"seq": 0, "doc": "d", "clause": "a", "by": "x", "verdict": verdict, "at": "2026-11-20T10:00:00Z"} | more

    def outcome(*rows):
        write_out(tmp_path / "out", rows=[each | {"seq": number} for number, each in enumerate(rows, 1)])
        answers = kpi([tmp_path / "out"])["answers"]
        shutil.rmtree(tmp_path / "out")
        return [name for name in ("correct", "incorrect", "partial") if answers[name]]

    here, there = {"span": {"start": 0, "end": 4}}, {"span": {"start": 5, "end": 9}}
    added = {"quote_span": there["span"], "quote": "EUR?"}
    assert outcome(row("accepted", **here)) == ["correct"]
    assert outcome(row("accepted", **here), row("rejected", **there)) == ["partial"]
    assert outcome(row("accepted", **here), row("flagged", **there)) == ["correct"]
    assert outcome(row("accepted", **here), row("added", **added)) == ["partial"]
    assert outcome(row("rejected", **here), row("added", **added)) == ["incorrect"]
    assert outcome(row("flagged", **here)) == []


def test_the_audit_log(tmp_path):
    ruling = Ruling(verdict="allowed", rule="tools.allow", policy_sha256="0" * 64)
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        for ok in (True, True, False):
            with log.action(Record(kind="tool_call"), ruling) as running:
                running.data["ok"] = ok
        with pytest.raises(KeyError), log.action(Record(kind="tool_call"), ruling):
            raise KeyError
        log.add("tool_call", {"stage": "denied", "rule": "calls.syntax"})
        log.append([Record(kind="tool_call", data={"stage": "proposed", "action": "ab12"})])
        usage = {
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 7,
            "gen_ai.usage.cache_read.input_tokens": 90,
        }
        for seconds in (1.0, 2.0, 6.0):
            log.add("model_call", {"seconds": seconds, **usage})
        for kind in ("abstention", "loop", "loop", "quote_refused"):
            log.add(kind, {})
        log.add("decision", {"document_sha256": SHA, "verdict": "accepted", "seconds": 90.0})
        log.add("decision", {"document_sha256": SHA, "verdict": "edited", "seconds": 30.0})
    figures = kpi(log=tmp_path / "log", baseline=4)
    audit = figures["audit"]
    assert audit["tool_calls"] == {"done": 2, "failed": 2, "denied": 1, "interrupted": 1, "success": 2 / 5}
    assert audit["events"]["tool_call"] == 6
    assert audit["model_call_seconds"] == {"count": 3, "mean": 3.0, "median": 2.0}
    assert audit["tokens"] == {"input": 300, "output": 21, "cached": 270}
    assert (audit["abstentions"], audit["loops"], audit["quotes_refused"]) == (1, 2, 1)
    assert figures["people"]["minutes_per_document"] == 2.0
    assert figures["people"]["change_percent"] == -50.0


def test_an_empty_log_has_no_success_rate(tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        log.add("run_started", {})
    audit = kpi(log=tmp_path / "log")["audit"]
    assert audit["tool_calls"]["success"] is None
    assert audit["model_call_seconds"]["mean"] is None


def test_what_is_no_folder_and_no_log_is_named(tmp_path):
    with pytest.raises(OutputError, match="triage"):
        kpi([tmp_path])
    with pytest.raises(AuditError):
        kpi(log=tmp_path)


def test_the_command(tmp_path):
    out = write_out(tmp_path / "out")
    assert "people.minutes_per_document" in CliRunner().invoke(app, ["kpi", str(out)]).stdout
    done = CliRunner().invoke(app, ["kpi", str(out), "--json", "--baseline", "20"])
    assert json.loads(done.stdout)["people"]["baseline_minutes"] == 20
    assert CliRunner().invoke(app, ["kpi"]).exit_code == 2


def test_a_triage_with_a_model_from_end_to_end(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "in").mkdir()
    for i in range(2):
        (tmp_path / "in" / f"lease {i}.txt").write_text(f"LEASE {i}\n\nThe rent of flat {i} is {i}00 EUR.\n")
    (tmp_path / "list.toml").write_text(
        'title = "T"\n[[question]]\nname = "Rent"\ntext = "What is the rent?"\nkind = "text"\n'
    )
    call = '<|tool_call_start|>[record_clause(name="Rent", quote="{}")]<|tool_call_end|>'

    def reply(prompt):
        line = next(line for line in prompt.splitlines() if line.startswith("The rent"))
        return call.format(line if "flat 1" in line else line.replace("EUR", "USD"))

    reader = ModelReader(ScriptedModel(reply))
    options = {"checklist": str(tmp_path / "list.toml"), "settings": Settings(jobs=1), "audit": tmp_path / "log"}
    assert len(list(triage(tmp_path / "in", tmp_path / "out", reader=reader, **options))) == 2
    figures = kpi([tmp_path / "out"], tmp_path / "log", baseline=10)
    assert figures["documents"]["done"] == 2
    assert figures["documents"]["tokens"]["input"] > 0
    assert figures["coverage"]["characters"] == 1.0
    assert figures["answers"]["answered"] == 0.5, "the altered quote is for a person"
    audit = figures["audit"]
    assert audit["quotes_refused"] >= 1
    assert 0 < audit["tool_calls"]["success"] < 1
    assert audit["tool_calls"]["interrupted"] == 0
    assert audit["tokens"]["input"] > 0
    assert audit["model_call_seconds"]["count"] > 0
    assert audit["run_seconds"]["count"] == 2
