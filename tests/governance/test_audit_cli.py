"""`docreview audit ...` as a shell sees it."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def audit(tmp_path):
    def run(*words, text="", code=0):
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        program = [sys.executable, "-m", "docreview", "audit", *map(str, words)]
        done = subprocess.run(program, input=text, capture_output=True, text=True, env=environment)
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.mark.slow
def test_a_log_from_the_shell(audit, tmp_path):
    log = ("--log", tmp_path / "log")
    text = '{"kind": "tool_call", "gen_ai.tool.name": "record_clause", "quote": "shall not"}\n'
    text += '\n[1]\n{"kind"\n{"pages": 2, "a": "\\ud800"}'
    done = audit("append", *log, text=text, code=1)
    assert done.stdout.splitlines()[0] == "OK 0"
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["OK 0", "ERROR 3", "ERROR 4", "OK 1"]
    keys = list((tmp_path / "config").rglob("audit.key"))
    assert len(keys) == 1
    assert keys[0].stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "log").rglob("*.key"))
    assert audit("append", *log, text='{"kind": "run_ended"}\n').stdout == "OK 2\n"
    result = json.loads(audit("verify", *log).stdout)
    assert (result["intact"], result["records"]) == (True, 3)
    note = audit("checkpoint", *log).stdout
    (tmp_path / "note.txt").write_text(note)
    assert note.split("\n")[1] == "3"
    assert json.loads(audit("verify", *log, "--checkpoint", tmp_path / "note.txt").stdout)["checkpoints"]
    shown = [json.loads(line) for line in audit("show", *log, "--payloads").stdout.splitlines()]
    assert shown[0]["payload"] == {"data": {"quote": "shall not"}}
    assert shown[1]["data"]["pages"] == 2
    assert shown[1]["payload"] == {"data": {"a": "\ud800"}}
    assert [json.loads(line)["seq"] for line in audit("show", *log, "--kind", "run_ended").stdout.splitlines()] == [2]
    assert json.loads(audit("hold", *log, "--seqs", "0", "--reason", "case 7").stdout)["seqs"] == [[0, 0]]
    assert json.loads(audit("purge", *log, "--seqs", "0").stdout) == {"deleted": 0, "held": 1}
    key = json.loads(audit("hold", *log, "--list").stdout)["id"]
    assert audit("hold", *log, "--release", key).stdout == ""
    assert json.loads(audit("purge", *log, "--seqs", "0").stdout) == {"deleted": 1, "held": 0}
    audit("purge", *log, "--days", "9999", code=2)
    audit("export", *log, "--out", tmp_path / "out", "--disclose", "all")
    assert subprocess.run([sys.executable, tmp_path / "out" / "verify.py"], capture_output=True).returncode == 0
    assert json.loads(audit("verify", *log).stdout)["intact"]


def test_each_record_is_answered_as_soon_as_it_is_safe(tmp_path):
    program = [
        sys.executable,
        "-m",
        "docreview",
        "audit",
        "append",
        "--log",
        tmp_path / "log",
        "--key",
        tmp_path / "key",
    ]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        for number in range(5):
            writer.stdin.write('{"kind": "record"}\n')
            writer.stdin.flush()
            assert writer.stdout.readline() == f"OK {number}\n"
        writer.stdin.close()
        assert writer.wait() == 0


@pytest.mark.slow
def test_a_harmed_or_missing_log_is_no_success(audit, tmp_path):
    log = ("--log", tmp_path / "log")
    assert json.loads(audit("verify", *log, code=1).stdout)["intact"] is False
    audit("checkpoint", *log, code=2)
    audit("show", *log, code=2)
    audit("purge", *log, code=2)
    audit("append", *log)
    assert json.loads(audit("verify", *log).stdout)["records"] == 0
    audit("append", *log, text="{}\n" * 3)
    segment = tmp_path / "log" / "segments" / "0000000000000000.jsonl"
    segment.write_bytes(segment.read_bytes().replace(b'"seq":1', b'"seq":7'))
    result = json.loads(audit("verify", *log, code=1).stdout)
    assert (result["intact"], result["seq"]) == (False, 1)


def test_a_log_that_cannot_be_written_is_said_before_any_record_is_taken(audit, tmp_path):
    (tmp_path / "log").write_text("a file")
    done = audit("append", "--log", tmp_path / "log", text='{"kind": "record"}\n', code=2)
    assert done.stdout == ""
    assert "log" in done.stderr
