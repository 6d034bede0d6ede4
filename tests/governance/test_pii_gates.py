"""A planted canary leaks through none of the six gates, and passes when a gate is open."""

import dataclasses
import io
import logging
import os
import subprocess
import sys

import pytest

from docreview import read
from docreview.checklist import Checklist, Question
from docreview.errors import ConfigError, PolicyError
from docreview.governance import restore
from docreview.governance.audit import AuditLog
from docreview.governance.audit.show import payloads
from docreview.governance.pii.gates import GATES, Gates, RedactionPolicy, audit_gate
from docreview.models import ScriptedModel
from docreview.readers.model import ModelReader
from docreview.review import review
from docreview.types import Span

CANARIES = ("Kurt Dresch", "(404) 815-5909", "k.dresch@example.com", "1025 Lenox Park Blvd")
LETTER = (
    "SUPPLY AGREEMENT\n\n1. Rent. The tenant pays 1,200 EUR to Kurt Dresch.\n\n2. Notices. Attn: Kurt Dresch, "
    "1025 Lenox Park Blvd Atlanta, GA 30319, (404) 815-5909, k.dresch@example.com\n"
)
ALL = RedactionPolicy(gates=GATES)


def clean(data):
    raw = data if isinstance(data, bytes) else str(data).encode()
    return not any(canary.encode() in raw or canary.split()[-1].encode() in raw for canary in CANARIES)


@pytest.fixture
def letter(tmp_path):
    place = tmp_path / "letter.txt"
    place.write_text(LETTER, encoding="utf-8")
    return place


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A working folder whose policy closes every gate."""
    (tmp_path / "governance").mkdir()
    names = ", ".join(f'"{gate}"' for gate in GATES)
    (tmp_path / "governance" / "policy.toml").write_text(f"[redaction]\ngates = [{names}]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_open_gate_lets_everything_through(letter):
    gates = Gates(RedactionPolicy(gates=()))
    assert gates.text("prompt", LETTER) == LETTER
    document = read(letter)
    assert gates.document("index", document) == (document, None)
    assert audit_gate(RedactionPolicy()) is None


def test_log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Gates(ALL).log_filter())
    logger = logging.Logger("canary")
    logger.addHandler(handler)
    logger.warning("could not reach %s at %s", CANARIES[2], CANARIES[1])
    try:
        raise ValueError(f"bad row: Attn: {CANARIES[0]}")
    except ValueError:
        logger.exception("failed")
    assert clean(stream.getvalue())
    assert "[EMAIL_1]" in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_error(closed):
    done = subprocess.run(
        [sys.executable, "-m", "docreview", "verify", "missing k.dresch@example.com.txt", "x"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "k.dresch@" not in done.stderr
    assert "[EMAIL_1]" in done.stderr


def test_audit(tmp_path):
    key = tmp_path / "key"
    with AuditLog(tmp_path / "log", key=key, gate=audit_gate(ALL)) as log:
        log.add("tool_call", {"gen_ai.tool.name": "record_clause"}, payload={"quote": LETTER, "n": [CANARIES[2]]})
    shown = list(payloads(tmp_path / "log", lambda _: True, key=key))
    assert len(shown) == 1
    assert clean(shown)
    assert "[PERSON_1]" in str(shown)


def test_index(closed, letter):
    from docreview.search import Library, build

    (closed / "in").mkdir()
    letter.rename(closed / "in" / "letter.txt")
    build(closed / "in", closed / "library")
    files = [f for f in (closed / "library").rglob("*") if f.is_file()]
    assert files
    assert all(clean(f.read_bytes()) for f in files)
    hits = Library.open(closed / "library").search("tenant pays rent")
    assert "[PERSON_1]" in hits[0].passage.text


@pytest.mark.slow
def test_export(closed, letter):
    (closed / "in").mkdir()
    letter.rename(closed / "in" / "letter.txt")
    done = subprocess.run(
        [sys.executable, "-m", "docreview", "triage", "in", "--out", "out"],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = [f for f in (closed / "out").rglob("*") if f.is_file()]
    assert (closed / "out" / "clauses.csv") in files
    assert all(clean(f.read_bytes()) for f in files)
    assert clean(done.stdout + done.stderr)


def test_prompt(letter):
    seen = []

    def reply(prompt):
        seen.append(prompt)
        quote = "The tenant pays 1,200 EUR to [PERSON_1]."
        assert quote in prompt
        return f'<|tool_call_start|>[record_clause(name="Rent", quote={quote!r}, value="[PERSON_1]")]<|tool_call_end|>'

    document = read(letter)
    questions = Checklist(
        name="c", title="c", questions=(Question(name="Rent", text="What is the rent?", kind="text"),)
    )
    reader = ModelReader(ScriptedModel(reply), gates=Gates(ALL))
    outcome = review(document, questions, reader=reader)
    assert seen
    assert all(clean(prompt) for prompt in seen)
    (found,) = [c for c in outcome.clauses if c.name == "Rent"]
    assert found.citations[0].quote == "The tenant pays 1,200 EUR to Kurt Dresch."
    assert document[found.citations[0].span] == found.citations[0].quote
    assert found.value == "Kurt Dresch"
    assert outcome.coverage.spans == (Span(0, len(LETTER)),)


def test_a_redacted_document_keeps_its_parts(letter):
    document = read(letter)
    shown, done = Gates(ALL).document("prompt", document)
    assert clean(shown.text)
    assert clean(repr(shown))
    assert restore(done) == LETTER
    assert [s.title for s in shown.sections] == [s.title for s in document.sections]
    for before, after in zip(document.sections, shown.sections, strict=True):
        assert shown[after.heading] == document[before.heading]


def test_the_policy_and_what_may_be_changed(tmp_path):
    place = tmp_path / "policy.toml"
    place.write_text('[redaction]\ngates = ["export", "prompt"]\nkinds = ["PERSON", "EMAIL"]\nall_dates = true\n')
    policy = RedactionPolicy.load(place)
    assert policy.gates == ("prompt", "export")
    assert policy.kinds == {"PERSON", "EMAIL"}
    assert policy.tightened(gates=["log"], kinds=["PERSON", "EMAIL", "ORG"]).gates == ("prompt", "log", "export")
    with pytest.raises(PolicyError, match="EMAIL"):
        policy.tightened(kinds=["PERSON"])
    assert Gates(policy).text("prompt", "signed on 3 May 2020 by phone (404) 815-5909").endswith("(404) 815-5909")
    for wrong in ('gates = "prompt"', 'gates = ["door"]', 'kinds = ["NAME"]', "all_dates = 1", "extra = 1"):
        place.write_text(f"[redaction]\n{wrong}\n")
        with pytest.raises(ConfigError):
            RedactionPolicy.load(place)


def test_plain_data_are_redacted_with_their_keys():
    value = Gates(ALL).value("export", {"a@b.example.com": [1, None, ("Dear Priya,",)]})
    assert value == {"[EMAIL_1]": [1, None, ["Dear [PERSON_1],"]]}
    assert dataclasses.is_dataclass(ALL)
