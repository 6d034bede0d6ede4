"""The command, its batch form, and the figures it is measured by."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docreview.cli import app
from docreview.evaluate.verification import Outcome, bench, report

TEXT = "The Buyer shall pay within thirty (30) days.\nThe Buyer shall not assign this Agreement to any third party.\n"


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    file = tmp_path / "contract.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def test_batch_keeps_order_and_ids(contract: Path, tmp_path: Path) -> None:
    quotes = [
        {"id": "b", "quote": "The Buyer shall pay"},
        {"id": 1, "quote": "within sixty (60) days"},
        {"id": "b", "quote": "THIRTY (30) DAYS"},
        {"id": "e", "quote": ""},
    ]
    source, out = tmp_path / "q.jsonl", tmp_path / "v.jsonl"
    source.write_text("\n".join(map(json.dumps, quotes)), encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", str(contract), "--quotes", str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["id"], row["verdict"]) for row in rows] == [
        ("b", "verbatim"), (1, "altered"), ("b", "normalised"), ("e", "not_found"),
    ]  # fmt: skip
    assert rows[0]["spans"] == [[0, 19]]
    assert rows[1]["spans"] == []
    assert rows[1]["changed"][0] == {"quote": "sixty", "document": "thirty", "span": [27, 33]}


def test_one_quote(contract: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(contract), "The Buyer shall assign"])
    assert result.exit_code == 0
    assert result.output.startswith("altered")
    assert "'not'" in result.output


@pytest.mark.parametrize("row", ['{"id": 1}', '{"quote": "x"}', '["x"]', "not json", '{"id": 1, "quote": 5}'])
def test_bad_rows_are_named(contract: Path, tmp_path: Path, row: str) -> None:
    source = tmp_path / "q.jsonl"
    source.write_text(row, encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", str(contract), "--quotes", str(source)])
    assert result.exit_code == 2


def test_neither_or_both_is_wrong_use(contract: Path) -> None:
    assert CliRunner().invoke(app, ["verify", str(contract)]).exit_code == 2


def test_bench_on_our_own_text(tmp_path: Path) -> None:
    clauses = [
        f"{n}. The “Supplier” shall not, without Buyer's prior written consent, assign the sub-licence {n}/{n + 3} "
        f"before {n} May 20{n:02}; the fee of ${n},500.00 (net of {n}.5% tax) may be final and is due in "
        f"{n + 30} days. Either Party may terminate the non-exclusive Licence within {n} months after notice {n}."
        for n in range(10, 90)
    ]
    (tmp_path / "long.txt").write_text("\n\n".join(clauses), encoding="utf-8")
    outcome = bench(tmp_path, seed=3, per_document=12)
    assert sum(tally.tried for tally in outcome.true.values()) > 120
    assert sum(tally.tried for tally in outcome.false.values()) > 120
    for tally in [*outcome.true.values(), *outcome.false.values()]:
        assert tally.wrong == []
    assert "true, accepted" in report(outcome)


def test_report_of_nothing() -> None:
    assert report(Outcome()).startswith("0 documents")


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["contractnli/dev/contracts", "multilingual/udhr"])
def test_real_texts(shared: Path, folder: str) -> None:
    outcome = bench(shared / folder, seed=5, per_document=2)
    assert [t.wrong for t in outcome.true.values() if t.wrong] == []
    assert [t.wrong for t in outcome.false.values() if t.wrong] == []
