import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from docreview.config import Settings
from docreview.errors import ConfigError, OutputError
from docreview.triage import triage
from docreview.triage.journal import Lock, prepare
from docreview.types import Failure, Review

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
READER = "planted_readers:Planted"
RENT = (
    "This lease is made by and between the landlord and the tenant, who is to pay the rent on the first of each month."
)
LEASE = f"{RENT}\nGoverning law: Utah\n\nLiability: capped at <b>USD 5</b>\nThe end.\n"


def make(folder, count=6):
    for i in range(count):
        path = folder / f"lease {i}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(LEASE.replace("Utah", f"State {i}"), encoding="utf-8")
    return folder


def run(inputs, out, *, jobs=2, **more):
    return list(triage(inputs, out, reader=READER, settings=Settings(jobs=jobs), **more))


def lines(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [json.loads(line) for line in file]


def content(out):
    """All that a run wrote but its journal, without the seconds."""
    files = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file() and ".docreview" not in p.parts}
    files[Path("documents.jsonl")] = [row | {"seconds": 0} for row in lines(out / "documents.jsonl")]
    return files


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    root = tmp_path_factory.mktemp("run")
    folder = make(root / "in")
    (folder / "sub").mkdir()
    (folder / "sub" / "odd <i>'\"&.txt").write_text(
        "Liability: perhaps\n=Governing law: \u202eevil <script>alert(1)</script>\n"
    )
    (folder / "sub" / "program.exe").write_bytes(b"MZ\x00\x01\x02" * 50)
    (folder / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    return root / "out", run(folder, root / "out")


def test_every_file_is_accounted_for(done):
    out, results = done
    rows = lines(out / "documents.jsonl")
    assert len(rows) == len(results) == 9
    assert {row["doc"]: (row["status"], row["error"]) for row in rows if row["status"] != "done"} == {
        ".DS_Store": ("quarantined", "unsupported"),
        "sub/program.exe": ("quarantined", "unsupported"),
    }
    assert all(row["message"] for row in rows if row["status"] != "done")
    assert sum(isinstance(r, Review) for r in results) == 7
    assert sum(isinstance(r, Failure) for r in results) == 2
    first = rows[1]
    assert (first["doc"], first["type"], first["language"]) == ("lease 0.txt", "Lease", "en")
    assert (len(first["sha256"]), first["chars"]) == (64, len(LEASE) + 3)


def test_offsets_point_into_the_text_that_was_written(done):
    out, _ = done
    documents = {row["doc"]: row for row in lines(out / "documents.jsonl")}
    findings = lines(out / "findings.jsonl")
    assert len(findings) == 14
    for row in findings:
        with open(out / documents[row["doc"]]["text"], encoding="utf-8", newline="") as file:
            assert file.read()[row["start"] : row["end"]] == row["text"]
    assert {row["status"] for row in findings} == {"found", "unsure"}


def test_reviews_hold_an_outcome_for_every_question(done):
    _, results = done
    review = next(r for r in results if isinstance(r, Review))
    assert {clause.status for clause in review.clauses} == {"found", "not_found"}
    assert len({clause.name for clause in review.clauses}) == 41


def test_the_report_is_escaped_and_loads_nothing(done):
    out, _ = done
    pages = [out / "report.html", *(out / "report").iterdir()]
    assert len(pages) == 8
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "Content-Security-Policy" in text
        assert "default-src 'none'" in text
        assert text.count("<script>") == 1, "only our own"
        assert "\u202e" not in text
        assert not any(word in text for word in ("src=", "@import", "url(", "http:", "https:", "<link", "style="))
    index = (out / "report.html").read_text(encoding="utf-8")
    assert "no Non-Compete" not in index
    assert "&lt;b&gt;USD 5&lt;/b&gt;" in index
    assert "sub/program.exe" in index


def test_tables_have_a_row_for_each_answer_and_no_formula(done):
    out, _ = done
    with open(out / "clauses.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7 * 41
    assert [r["quote"] for r in rows if r["doc"] == "lease 0.txt" and r["status"] == "found"] == [
        "Governing law: State 0",
        "Liability: capped at <b>USD 5</b>",
    ]
    book = openpyxl.load_workbook(out / "clauses.xlsx")
    assert book.sheetnames == ["Answers", "Evidence", "Legend"]
    assert book["Answers"].max_row == 10
    assert book["Evidence"].max_row == 7 * 41 + 1
    assert {c.data_type for sheet in book for row in sheet.iter_rows() for c in row} <= {"s", "n"}


def test_results_do_not_depend_on_the_number_of_processes(done, tmp_path):
    out, _ = done
    run(out.parent / "in", tmp_path / "out", jobs=1)
    assert content(tmp_path / "out") == content(out)


def test_what_is_finished_is_not_done_again(done):
    out, _ = done
    before = content(out)
    seen = []
    run(out.parent / "in", out, progress=seen.append)
    assert content(out) == before
    assert seen[-1].resumed == 8, "all but the file that was never opened"
    assert (seen[-1].reviewed, seen[-1].quarantined, seen[-1].total) == (7, 1, 9)


def test_what_changed_is_done_again_and_what_is_gone_disappears(tmp_path):
    folder, out = make(tmp_path / "in"), tmp_path / "out"
    run(folder, out)
    (folder / "lease 0.txt").unlink()
    (folder / "lease 1.txt").write_text("Governing law: Mars")
    (out / "text" / "lease 2.txt.txt").write_text("tampered")
    (out / "text" / "my notes.txt").write_text("mine")
    seen = []
    run(folder, out, progress=seen.append)
    assert (seen[-1].total, seen[-1].resumed) == (5, 3)
    assert (out / "text" / "lease 2.txt.txt").read_text() != "tampered"
    assert not list(out.rglob("lease 0*"))
    assert "Mars" in (out / "findings.jsonl").read_text()
    assert (out / "text" / "my notes.txt").exists(), "what no run wrote is not touched"
    run(folder, out, progress=seen.append, checklist="nda")
    assert seen[-1].resumed == 0


def test_a_document_that_kills_its_process_is_quarantined_and_the_others_go_on(tmp_path):
    folder = make(tmp_path / "in", 4)
    (folder / "bad.txt").write_text("CRASH")
    results = run(folder, tmp_path / "out")
    [failure] = [r for r in results if isinstance(r, Failure)]
    assert (os.path.basename(failure.path), failure.error) == ("bad.txt", "crashed")
    assert len(results) == 5


def command(folder, out, reader="Slow"):
    arguments = ["triage", str(folder), "--out", str(out), "--reader", f"planted_readers:{reader}", "--jobs", "2"]
    own = {key: value for key, value in os.environ.items() if not key.startswith("DOCREVIEW_")}
    environment = own | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
    return [sys.executable, "-m", "docreview", *arguments], environment


def started(folder, out):
    """A run of the command line that has finished at least two documents."""
    line, environment = command(folder, out)
    process = subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    journal = out / ".docreview" / "journal.jsonl"
    deadline = time.monotonic() + 300
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 2):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_goes_on_to_the_same_results(tmp_path, how):
    folder = make(tmp_path / "in", 9)
    process = started(folder, tmp_path / "out")
    process.send_signal(how)
    process.wait()
    with open(tmp_path / "out" / ".docreview" / "journal.jsonl", "ab") as file:
        file.write(b'{"doc": "half a li')
    (tmp_path / "out" / "text" / ".tmp-left").touch()
    assert not (tmp_path / "out" / "documents.jsonl").exists()
    seen = []
    settings = Settings(jobs=2)
    list(triage(folder, tmp_path / "out", reader="planted_readers:Slow", settings=settings, progress=seen.append))
    list(triage(folder, tmp_path / "whole", reader="planted_readers:Slow", settings=settings))
    assert seen[-1].resumed >= 2
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_ctrl_c_is_130_and_can_be_resumed(tmp_path):
    folder = make(tmp_path / "in", 9)
    process = started(folder, tmp_path / "out")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "Traceback" not in said
    line, environment = command(folder, tmp_path / "out")
    again = subprocess.run([*line, "--json"], env=environment, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["reviewed"] == 9
    assert "from before" in again.stderr


def test_a_run_that_is_left_early_can_go_on(tmp_path):
    folder = make(tmp_path / "in")
    next(triage(folder, tmp_path / "out", reader=READER, settings=Settings(jobs=1)))
    assert not (tmp_path / "out" / "report.html").exists()
    assert len(run(folder, tmp_path / "out")) == 6


def test_two_runs_do_not_share_a_folder(tmp_path):
    folder = make(tmp_path / "in", 1)
    prepare(tmp_path / "out")
    lock = Lock(tmp_path / "out")
    with pytest.raises(OutputError, match="another run"):
        run(folder, tmp_path / "out")
    lock.release()
    assert run(folder, tmp_path / "out")


def test_somebody_elses_files_are_not_overwritten(tmp_path):
    folder = make(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "report.html").write_text("mine")
    with pytest.raises(OutputError, match=r"report\.html"):
        run(folder, tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="can't be written"):
        run(make(tmp_path / "in", 1), tmp_path / "file" / "out")


@pytest.mark.parametrize("wrong", [{"checklist": "lease"}, {"reader": "nobody"}, {"reader": "planted_readers:Nobody"}])
def test_a_wrong_name_stops_the_run_before_it_starts(tmp_path, wrong):
    with pytest.raises(ConfigError):
        list(triage(make(tmp_path / "in", 1), tmp_path / "out", **({"reader": READER} | wrong)))


def test_quarantine_makes_the_exit_code_1_and_wrong_use_2(tmp_path):
    folder = make(tmp_path / "in", 1)
    (folder / "x.exe").write_bytes(b"MZ\x00\x01\x02" * 50)
    line, environment = command(folder, tmp_path / "out", "Planted")
    some = subprocess.run(line, env=environment, capture_output=True, text=True)
    assert (some.returncode, "1 reviewed, 1 quarantined" in some.stdout) == (1, True)
    line, environment = command(tmp_path / "nothing", tmp_path / "out2", "Planted")
    wrong = subprocess.run(line, env=environment, capture_output=True, text=True)
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
