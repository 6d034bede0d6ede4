"""The verbs `playbook` and `obligations` as a user types them."""

import json

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.errors import ConfigError

TEXT = "The laws of Delaware govern this Agreement.\n\nSupplier shall deliver the goods to Customer by 3 March 2026.\n"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "order.txt"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def run(*words):
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result


def test_check_says_a_verdict_for_every_clause(file):
    rows = [json.loads(line) for line in run("playbook", "check", file, "--json").stdout.splitlines()]
    law = next(row for row in rows if row["clause"] == "governing-law")
    assert (law["judgement"], law["finding"]["rule"]) == ("acceptable", "vendor-msa/governing-law#home")
    assert law["finding"]["citations"][0]["quote"] == "The laws of Delaware govern this Agreement."
    assert next(row for row in rows if row["clause"] == "insurance")["judgement"] == "missing"
    shown = run("playbook", "check", file, "--mode", "permissive")
    assert "MISSING  Insurance" in shown.stdout
    assert "permissive" in shown.stderr


def test_list_show_and_suggest(tmp_path, file):
    assert run("playbook", "list").stdout.count("\n") == 2
    assert "walk-away: without an end [for-ever]" in run("playbook", "show", "nda-recipient").stdout
    review = tmp_path / "review.json"
    review.write_text(run("review", file, "--json").stdout, encoding="utf-8")
    assert "Governing Law -> governing-law" in run("playbook", "suggest", str(review)).stdout


def test_obligations_and_their_calendar(tmp_path, file):
    (row,) = (json.loads(line) for line in run("obligations", file, "--json").stdout.splitlines())
    assert row["deadline"]["date"] == "2026-03-03"
    assert "by: by 3 March 2026 -> 2026-03-03" in run("obligations", file).stdout
    calendar = tmp_path / "dates.ics"
    run("obligations", file, "--ics", str(calendar), "--confirm", row["id"])
    assert calendar.read_bytes().count(b"\r\nDTSTART;VALUE=DATE:20260303\r\n") == 1


@pytest.mark.parametrize("words", [["--ics", "x.ics"], ["--confirm", "x"], ["--ics", "x.ics", "--confirm", "x"]])
def test_a_calendar_without_a_known_confirmed_date_is_refused(file, words):
    with pytest.raises(ConfigError):
        CliRunner().invoke(app, ["obligations", file, *words], catch_exceptions=False)
