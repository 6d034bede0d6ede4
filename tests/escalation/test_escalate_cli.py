"""`docreview escalate ...` from a policy file to a suggestion, on a folder as triage writes it."""

import json

import pytest
from doubtful import CHECKLIST, MAIL, NAME, PHONE
from typer.testing import CliRunner

from docreview.cli import app
from docreview.errors import ConfigError, OutputError, PolicyError
from docreview.triage.results import results

pytestmark = pytest.mark.slow


def run(*arguments):
    return CliRunner().invoke(app, ["escalate", *map(str, arguments)])


@pytest.fixture
def rules(tmp_path, service):
    file = tmp_path / "policy.toml"
    file.write_text(f'[escalation]\nendpoint = "{service.url}"\nmodel = "big"\nbelow_score = 0.7\n')
    return file


@pytest.fixture
def queued(out, rules):
    done = run("queue", out, "--policy", rules, "--checklist", out / "mini.toml")
    assert done.exit_code == 0, done.output
    assert "2 items queued" in done.stderr
    return [json.loads(line) for line in run("list", out, "--json").stdout.splitlines()]


def test_queue_list_show_send_drop(out, rules, queued, service):
    first, second = queued
    listed = run("list", out).stdout
    assert [first["id"] in listed, "Notices" in listed, NAME in listed] == [True, True, False]
    shown = run("show", out, first["id"][:6]).stdout
    assert "[PERSON_1]" in shown
    assert service.url in shown
    assert not [each for each in (NAME, MAIL, PHONE) if each in shown]
    for line in json.loads(first["body"])["messages"][1]["content"].splitlines():
        assert line in shown
    refused = run("send", out, first["id"], "--policy", rules, "--key", out / "key")
    assert isinstance(refused.exception, PolicyError)
    assert service.requests == []
    service.answer = json.dumps({"status": "found", "quote": "by registered post", "value": "post to [PERSON_1]"})
    sent = run("send", out, first["id"], "--yes-i-consent-by", "Ann", "--policy", rules, "--key", out / "key")
    assert sent.exit_code == 0, sent.output
    assert f"suggestion: found: post to {NAME}" in sent.stdout
    assert '"by registered post" (verbatim at ' in sent.stdout
    assert len(service.requests) == 1
    assert run("drop", out, second["id"]).exit_code == 0
    assert [json.loads(line)["state"] for line in run("list", out, "--json").stdout.splitlines()] == [
        "answered",
        "dropped",
    ]


def test_a_lower_score_may_be_asked_for_and_a_higher_one_not(out, rules):
    arguments = ("queue", out, "--policy", rules, "--checklist", out / "mini.toml", "--below-score")
    assert isinstance(run(*arguments, "0.8").exception, PolicyError)
    assert "1 items queued" in run(*arguments, "0.5").stderr


def test_without_a_policy_nothing_is_queued(out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(run("queue", out).exception, PolicyError)
    assert not (out / "escalation").exists()


def test_results_are_read_back_and_must_fit_together(out, document, reviewed):
    (result,) = results(out, checklist=str(out / "mini.toml"))
    assert (result.doc, result.document.text, result.review) == ("notice.txt", document.text, reviewed)
    assert result.checklist == CHECKLIST
    with pytest.raises(ConfigError, match="--checklist"):
        list(results(out))
    (out / "text" / "notice.txt").write_text(document.text[1:])
    with pytest.raises(OutputError, match="not the text of"):
        list(results(out, checklist=str(out / "mini.toml")))
    (out / "reviews" / "notice.json").write_text("{}")
    with pytest.raises(OutputError, match="not a review"):
        list(results(out, checklist=str(out / "mini.toml")))
    with pytest.raises(OutputError, match="holds no results"):
        list(results(out / "text"))


def test_words_of_one_s_own_are_taken_out_of_every_item(out, rules):
    arguments = ("queue", out, "--policy", rules, "--checklist", out / "mini.toml", "--hide", "registered  Post")
    assert run(*arguments).exit_code == 0
    first, _ = [json.loads(line) for line in run("list", out, "--json").stdout.splitlines()]
    assert "registered" not in first["body"]
    assert "by [OTHER_1] within ten days" in first["body"]
    assert run(*arguments, "--hide", "ten days").exit_code == 0
    refused = run("send", out, first["id"], "--yes-i-consent-by", "Ann", "--policy", rules, "--key", out / "key")
    assert "queue it again" in str(refused.exception)
    newest = json.loads(run("list", out, "--json").stdout.splitlines()[2])
    assert "within [OTHER_2]." in newest["body"]
    assert (out / "escalation" / "hidden.txt").read_text() == "registered Post\nten days\n"
