"""What the log says in clear, what it keeps private, and what it lets run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from audit_logs import in_memory
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview.errors import AuditError, ConfigError, PolicyError
from docreview.governance.audit import (
    AuditLog,
    Record,
    Retention,
    Ruling,
    checkpoint,
    export,
    hold,
    holds,
    purge,
    release,
    show,
    verify,
)  # fmt: skip
from docreview.governance.audit.event import FIELDS, KINDS, schema, split
from docreview.governance.audit.show import payloads

ROOT = Path(__file__).parent.parent.parent
CANARY = "Zebra-Quagga-7731"
ALLOWED = Ruling(verdict="allowed", rule="tools.allow", policy_sha256="0" * 64)


def everything(_):
    return True


def in_clear(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_no_text_name_or_argument_is_on_the_disk_in_clear(tmp_path, key):
    rows = [
        {"kind": CANARY, "actor": CANARY, "run_id": CANARY, "data": {CANARY: 1}, CANARY: CANARY},
        {"kind": "decision", "actor": CANARY, "verdict": CANARY, "rule": CANARY, "hold": CANARY},
        *({"kind": kind, "data": dict.fromkeys(FIELDS, CANARY), "payload": {"text": [CANARY]}} for kind in KINDS),
        *({"kind": kind, "data": {field: [CANARY] for field in FIELDS}} for kind in KINDS),
        {"kind": ["purge"], "data": CANARY, "actor": 7, "run_id": None, "gen_ai.tool.name": CANARY},
    ]
    with AuditLog(tmp_path / "log", key=key) as log:
        log.append([Record.of(row) for row in rows])
        hold(log, run=CANARY, reason=CANARY)
        with pytest.raises(ValueError, match=CANARY), log.action(Record(kind="tool_call", payload=CANARY), ALLOWED):
            raise ValueError(CANARY)
    assert CANARY.encode() not in in_clear(tmp_path / "log")
    assert CANARY.encode() not in in_clear(key.parent)
    opened = [payload for _, _, payload in payloads(tmp_path / "log", everything, key=key)]
    assert json.dumps(opened).count(CANARY) > len(rows)
    assert verify(tmp_path / "log", key=key)["intact"]


def test_ids_hashes_and_numbers_stay_in_clear_under_their_opentelemetry_names():
    data = {
        "gen_ai.operation.name": "chat", "gen_ai.request.temperature": 0.3, "gen_ai.usage.input_tokens": 12000,
        "gen_ai.response.finish_reasons": ["tool_calls"], "weights_sha256": "a" * 64, "seconds": 2, "cached": True,
    }  # fmt: skip
    head, clear, hidden = split(Record(kind="model_call", data=data, actor="model", run_id="5f3a9c00aa"))
    assert (head, clear, hidden) == ({"kind": "model_call", "actor": "model", "run_id": "5f3a9c00aa"}, data, {})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seconds", "2"), ("seconds", float("inf")), ("seconds", True), ("pages", 1.5), ("cached", 1),
        ("pages", 1 << 60),
        ("document_sha256", "A" * 64), ("document_sha256", "a" * 64 + "\n"), ("rule", "No Such"), ("stage", "maybe"),
        ("gen_ai.tool.name", "john_smith"), ("gen_ai.response.finish_reasons", ["stop", "Smith"]), ("unknown", 1),
        ("seqs", [[1]]), ("commitment", "a" * 64), ("gen_ai.tool.call.id", "Smith"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_private(key, value):
    _, clear, hidden = split(Record(data={key: value}))
    assert (clear, hidden) == ({}, {"data": {key: value}})


def test_reserved_kinds_are_not_taken_from_outside():
    for kind in ("purge", "hold", "recovery"):
        head, _, hidden = split(Record.of({"kind": kind, "data": {"seqs": [[0, 9]], "count": 10}}))
        assert head["kind"] == "record"
        assert kind in json.dumps(hidden)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.text(max_size=10) | st.sampled_from(["kind", "data", "payload"]), json_values), max_size=4
    )
)
def test_any_record_is_logged_and_comes_back(rows):
    with in_memory() as place:
        with AuditLog(place / "log", key=place / "key") as log:
            log.append([Record.of(row) for row in rows])
            log.add("run_ended")
        assert verify(place / "log", key=place / "key")["records"] == len(rows) + 1
        back = {seq: payload for seq, _, payload in payloads(place / "log", everything, key=place / "key")}
        events = list(show(place / "log"))
    for seq, row in enumerate(rows):
        _, clear, hidden = split(Record.of(row))
        assert {k: v for k, v in events[seq].data.items() if k != "commitment"} == clear
        assert back.get(seq, {}) == hidden


def test_the_committed_schema_is_the_one_the_code_keeps_to():
    text = (ROOT / "governance" / "audit_event.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema(), "run: docreview audit schema > governance/audit_event.schema.json"


def test_an_action_is_logged_before_and_after_it_runs(tmp_path, key):
    with AuditLog(tmp_path / "log", key=key) as log:
        with log.action(Record(kind="tool_call", data={"gen_ai.tool.name": "record_clause"}), ALLOWED) as running:
            before = [event.data["stage"] for event in show(log.folder)]
            running.data["ok"] = True
        with pytest.raises(ZeroDivisionError), log.action(Record(kind="export"), ALLOWED):
            1 / 0  # noqa: B018
    events = list(show(tmp_path / "log"))
    assert before == ["proposed", "allowed"]
    assert [e.data["stage"] for e in events] == ["proposed", "allowed", "done", "proposed", "allowed", "failed"]
    assert len({e.data["action"] for e in events}) == 2
    assert events[1].data["rule"] == "tools.allow"
    assert events[2].data["ok"] is True


def test_a_person_is_asked_only_after_the_proposal_is_logged(tmp_path, key):
    log = AuditLog(tmp_path / "log", key=key)

    def ask():
        assert [event.data["stage"] for event in show(log.folder)] == ["proposed"]
        return Ruling(verdict="confirmed", rule="tools.ask", policy_sha256="0" * 64, by="person")

    with log.action(Record(kind="export"), ask):
        pass
    assert [(e.data["stage"], e.actor) for e in show(log.folder)][1] == ("confirmed", "person")


def test_what_is_denied_or_cannot_be_logged_does_not_run(tmp_path, key):
    ran = []
    log = AuditLog(tmp_path / "log", key=key)
    denied = Ruling(verdict="denied", rule="tools.allow", policy_sha256="0" * 64)
    with pytest.raises(PolicyError, match=r"tools\.allow"), log.action(Record(kind="tool_call"), denied):
        ran.append(1)
    assert [event.data["stage"] for event in show(log.folder)] == ["proposed", "denied"]
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(AuditError), AuditLog(tmp_path / "file", key=key).action(Record(kind="tool_call"), ALLOWED):
        ran.append(2)
    assert not ran


def test_a_deleted_payload_is_gone_and_the_log_still_verifies(made, key):
    signed = checkpoint(made, key=key)
    row = next(r for f in (made / "payloads").iterdir() for r in f.read_bytes().splitlines() if r.startswith(b"4 "))
    with AuditLog(made, key=key) as log:
        assert purge(log, Retention(), chosen=lambda event: event.seq in (4, 5)) == {"deleted": 2, "held": 0}
        assert purge(log, Retention(), chosen=lambda event: event.seq in (4, 5)) == {"deleted": 0, "held": 0}
    assert row.split()[1] not in in_clear(made)
    assert not {4, 5} & {seq for seq, _, _ in payloads(made, everything, key=key)}
    result = verify(made, key=key)
    assert result["intact"], result
    assert result["payloads"]["deleted"] == 2
    assert checkpoint(made, key=key) != signed
    events = list(show(made, after=59))
    assert events[0].data["seqs"] == [[4, 5]]
    assert events[0].data["rule"] == "request"


def test_an_interrupted_deletion_is_seen_and_finished(made, key):
    with AuditLog(made, key=key) as log:
        rows = (made / "payloads" / "0000000000000000.rows").read_bytes().splitlines()
        size = sum(len(row.split()[1]) for row in rows[:2])
        log.append([Record(kind="purge", data={"seqs": [[1, 2]], "count": 2, "bytes": size, "stage": "allowed"})])
    assert verify(made, key=key)["payloads"]["to_delete"] == 2
    with AuditLog(made, key=key) as log:
        purge(log, Retention())
    result = verify(made, key=key)
    assert (result["intact"], result["payloads"]["to_delete"], result["payloads"]["deleted"]) == (True, 0, 2)


def test_a_changed_row_of_a_deleted_payload_is_found(made, key):
    with AuditLog(made, key=key) as log:
        purge(log, Retention(), chosen=lambda event: event.seq == 1)
    rows = made / "payloads" / "0000000000000000.rows"
    before = rows.read_bytes()
    for change in ((b"1 --", b"1 ---"), (b"1 --", b"1 -"), (b"1 --", b"1 -x"), (b"1 -", b"2 -")):
        rows.write_bytes(before.replace(*change, 1))
        assert not verify(made, key=key)["intact"], change


def test_a_payload_that_vanished_without_a_logged_deletion_is_found(made, key):
    rows = made / "payloads" / "0000000000000000.rows"
    lines = rows.read_bytes().splitlines(keepends=True)
    number, box = lines[1].split()
    rows.write_bytes(lines[0] + number + b" " + b"-" * len(box) + b"\n" + b"".join(lines[2:]))
    assert "no deletion was logged" in verify(made, key=key)["fault"]


def test_a_legal_hold_keeps_payloads_until_its_release(made, key):
    with AuditLog(made, key=key) as log:
        some = hold(log, seqs=[(0, 4)], reason="a case")
        assert purge(log, Retention(), chosen=lambda event: event.seq < 8) == {"deleted": 2, "held": 3}
        every = hold(log)
        assert purge(log, Retention(), chosen=everything)["deleted"] == 0
        assert [kept.id for kept in holds(show(made))] == [some.id, every.id]
        release(log, every.id)
        release(log, some.id)
        with pytest.raises(AuditError, match="no hold"):
            release(log, some.id)
        assert purge(log, Retention(), chosen=lambda event: event.seq < 8) == {"deleted": 3, "held": 0}
    assert verify(made, key=key)["intact"]


def test_retention_deletes_what_is_too_old_and_flags_only_tighten(made, key):
    with AuditLog(made, key=key) as log:
        assert purge(log, Retention())["deleted"] == 0
        with pytest.raises(PolicyError, match="payload_days"):
            purge(log, Retention(payload_days=30), days=31)
        assert purge(log, Retention(), days=0, dry=True)["deleted"] == 40
        assert purge(log, Retention(), days=0) == {"deleted": 40, "held": 0}
    assert verify(made, key=key)["payloads"]["present"] == 0


def test_the_policy_is_loaded_and_checked(tmp_path):
    shipped = Retention.load(ROOT / "governance" / "policy.toml")
    assert shipped.payload_days == Retention().payload_days == 365
    file = tmp_path / "policy.toml"
    for bad in ("payload_days = 0", 'payload_days = "9"', "payload_days = true", "days = 3", "payload_days"):
        file.write_text(f"[retention]\n{bad}\n")
        with pytest.raises(ConfigError):
            Retention.load(file)
    file.write_text("[retention]\npayload_days = 9\n[tools]\nallow = []\n")
    assert Retention.load(file).payload_days == 9
    with pytest.raises(ConfigError):
        Retention.load(tmp_path / "none.toml")


@pytest.mark.parametrize("form", ["copy", "copy.zip"])
def test_an_export_is_checked_by_plain_python(made, key, tmp_path, form):
    out = tmp_path / form
    assert export(made, out, key=key, disclose=lambda seq: seq < 10) == 6
    if out.suffix:
        import zipfile

        out = tmp_path / "unpacked"
        zipfile.ZipFile(tmp_path / form).extractall(out)

    def check(*more):
        program = [sys.executable, "-I", "-S", out / "verify.py", out, *more]
        done = subprocess.run(program, capture_output=True, text=True, env={})
        return done.returncode, json.loads(done.stdout)

    code, result = check()
    assert (code, result["records"], result["payloads"], result["checkpoints"]) == (0, 61, 6, [61])
    openings = out / "openings.jsonl"
    openings.write_text(openings.read_text().replace("secret 4", "secret 5"))
    assert check()[0] == 1
    openings.unlink()
    assert check()[0] == 0
    segment = sorted((out / "segments").glob("*.jsonl"))[0]
    segment.write_bytes(segment.read_bytes().replace(b'"pages":3', b'"pages":4'))
    code, result = check()
    assert (code, result["fault"]) == (1, "event 3: its hash is not that of its content")


def test_an_existing_folder_of_something_else_is_not_made_a_log(tmp_path, key):
    (tmp_path / "contract.txt").write_text("text")
    with pytest.raises(AuditError, match="no part of a log"):
        AuditLog(tmp_path, key=key).add("run_started")


def test_another_key_is_refused(made, tmp_path):
    with pytest.raises(AuditError, match="another key"):
        AuditLog(made, key=tmp_path / "other.key").add("run_started")
    AuditLog(tmp_path / "other", key=tmp_path / "other.key").add("run_started")
    with pytest.raises(AuditError, match="another key"):
        AuditLog(made, key=tmp_path / "other.key").add("run_started")


def test_the_key_is_for_its_owner_alone(made, key):
    assert key.stat().st_mode & 0o777 == 0o600
    os.chmod(key, 0o644)
    with pytest.raises(AuditError, match="chmod 600"):
        checkpoint(made, key=key)
