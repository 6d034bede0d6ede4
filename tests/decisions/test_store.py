"""Decisions on the disk: what is "saved" is never lost or overwritten, and the log knows of it without names."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docreview._json import canonical
from docreview.decisions import Decisions, Entry
from docreview.errors import AuditError, DecisionConflict, DecisionError, OutputError
from docreview.governance.audit import AuditLog, show, verify
from docreview.governance.audit.files import FileOps
from docreview.types import Span
from tests.decisions.decided_folders import SHA, at, write

LAW = at("the laws of Ireland")


def verdict(said="accepted", **more):
    return Entry(**{"doc": "a.txt", "by": "Ann", "clause": "Governing Law", "span": LAW, "verdict": said} | more)


def lines(out):
    return (out / "decisions.jsonl").read_bytes().splitlines()


def test_an_entry_gets_its_number_and_time_and_is_read_back(tmp_path):
    decisions = Decisions(write(tmp_path))
    first = decisions.add(verdict(seconds=3.5, note="fine"))
    second = decisions.add(Entry(doc="a.txt", by="Bo", kind="comment", note="why?"))
    assert (first.seq, second.seq) == (1, 2)
    assert first.at.endswith("Z")
    assert Decisions(tmp_path).entries() == [first, second]
    assert lines(tmp_path)[0] == canonical(first)
    assert decisions.entries("b.txt") == []


def test_what_is_on_the_disk_is_never_touched_again(tmp_path):
    decisions = Decisions(write(tmp_path))
    before = b""
    for said in ("accepted", "flagged", "rejected"):
        decisions.add(verdict(said), seen=len(decisions.entries()))
        now = (tmp_path / "decisions.jsonl").read_bytes()
        assert now.startswith(before)
        before = now


def test_two_people_on_one_place_lose_nothing(tmp_path):
    ann, bo = Decisions(write(tmp_path)), Decisions(tmp_path)
    ann.add(verdict("accepted", at="2026-11-20T10:00:00Z"), seen=0)
    with pytest.raises(DecisionConflict, match=r"Ann decided meanwhile: accepted, 2026-11-20T10:00:00Z") as caught:
        bo.add(verdict("rejected", by="Bo"), seen=0)
    assert (caught.value.by, caught.value.verdict, caught.value.seq) == ("Ann", "accepted", 1)
    assert len(lines(tmp_path)) == 1
    assert bo.add(verdict("rejected", by="Bo"), seen=1).seq == 2, "who has seen it may differ"


@pytest.mark.parametrize(
    "other",
    [
        {"span": at("The rent is 400 EUR"), "clause": "Rent"},
        {"span": at("The rent is 400 EUR")},
        {"span": None},
        {"doc": "b.txt"},
        {"kind": "comment", "verdict": None, "note": "hm"},
        {"kind": "second_review", "verdict": None, "assignee": "Cy"},
        {"kind": "assignment", "verdict": None, "assignee": "Cy"},
        {"verdict": "added", "span": None, "quote_span": at("The rent is 400 EUR")},
    ],
)
def test_other_things_do_not_conflict(tmp_path, other):
    decisions = Decisions(write(tmp_path, ("a.txt", "b.txt")))
    decisions.add(verdict())
    assert decisions.add(verdict(**other), seen=0).seq == 2


def test_two_assignments_conflict_and_an_added_place_can_be_decided_on(tmp_path):
    decisions = Decisions(write(tmp_path))
    decisions.add(Entry(doc="a.txt", by="Ann", kind="assignment", assignee="Bo"))
    with pytest.raises(DecisionConflict, match="assigned to Bo"):
        decisions.add(Entry(doc="a.txt", by="Cy", kind="assignment", assignee="Cy"))
    rent = at("The rent is 400 EUR")
    decisions.add(verdict("added", clause="Rent", span=None, quote_span=rent), seen=1)
    with pytest.raises(DecisionConflict, match="added"):
        decisions.add(verdict("rejected", clause="Rent", span=rent), seen=1)


def test_a_place_is_proved_before_it_is_saved(tmp_path):
    decisions = Decisions(write(tmp_path))
    rent = at("400 EUR")
    assert decisions.add(verdict("edited", quote_span=rent)).quote == "400 EUR"
    assert decisions.add(verdict("edited", quote_span=rent, quote="400 EUR"), seen=1).quote == "400 EUR"
    letters = at("𝔘𝔫𝔦𝔠𝔬𝔡𝔢")
    assert decisions.add(verdict("edited", quote_span=letters), seen=2).quote == "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "code points, not UTF-16"
    for span, quote in ((rent, "500 EUR"), (Span(0, 10_000), ""), (Span(16, 18), "")):
        with pytest.raises(DecisionError, match="words that were chosen"):
            decisions.add(verdict("edited", quote_span=span, quote=quote), seen=3)
    assert len(lines(tmp_path)) == 3


def test_a_document_that_is_not_there_and_a_folder_that_is_none(tmp_path):
    with pytest.raises(DecisionError, match="answer, a place, or both"):
        Decisions(write(tmp_path / "out")).add(verdict("edited"))
    with pytest.raises(DecisionError, match=r"b\.txt"):
        Decisions(write(tmp_path / "out")).add(verdict(doc="b.txt"))
    (tmp_path / "none").mkdir()
    with pytest.raises(OutputError, match="triage"):
        Decisions(tmp_path / "none").add(verdict())
    assert Decisions(tmp_path / "none").entries() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": None},
        {"kind": "comment"},
        {"by": " "},
        {"doc": ""},
        {"clause": ""},
        {"verdict": "added"},
        {"quote_span": Span(0, 3)},
        {"seconds": -1.0},
        {"at": "yesterday"},
        {"at": "2026-11-20T10:00:00"},
        {"seconds": float("nan")},
        {"kind": "comment", "verdict": None, "note": " "},
        {"verdict": "added", "quote_span": Span(0, 3)},
    ],
)
def test_an_impossible_entry_can_not_be_built(wrong):
    with pytest.raises(ValueError):
        verdict(**wrong)


def test_old_rows_are_read(tmp_path):
    write(tmp_path)
    old = {
        "doc": "a.txt",
        "clause": "Rent",
        "verdict": "accepted",
        "by": "x",
        "at": "2026-01-01T00:00:00Z",
        "seconds": 4,
    }
    (tmp_path / "decisions.jsonl").write_text(json.dumps(old) + "\n\n" + json.dumps(old | {"more": 1}) + "\n")
    decisions = Decisions(tmp_path)
    assert [entry.seq for entry in decisions.entries()] == [1, 2]
    assert decisions.entries()[0].seconds == 4.0
    assert decisions.add(verdict(), seen=2).seq == 3


@pytest.mark.parametrize(
    "bad", ['{"doc":"a"}', "[]", "not json", '{"seq":7,"doc":"a.txt","by":"x","kind":"comment","note":"n"}']
)
def test_a_line_that_is_no_entry_is_said_and_nothing_is_added(tmp_path, bad):
    decisions = Decisions(write(tmp_path))
    decisions.add(verdict())
    with open(tmp_path / "decisions.jsonl", "a") as file:
        file.write(bad + "\n")
    before = (tmp_path / "decisions.jsonl").read_bytes()
    for reader in (decisions, Decisions(tmp_path)):
        with pytest.raises(OutputError, match="entry 2"):
            reader.entries()
        with pytest.raises(OutputError, match="entry 2"):
            reader.add(verdict(), seen=9)
    assert (tmp_path / "decisions.jsonl").read_bytes() == before


def test_a_torn_last_line_is_kept_aside_and_reported(tmp_path):
    decisions = Decisions(write(tmp_path))
    decisions.add(verdict())
    with open(tmp_path / "decisions.jsonl", "ab") as file:
        file.write(b'{"seq":2,"doc":"a.t')
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        after = Decisions(tmp_path, log=log)
        assert len(after.entries()) == 1, "half an entry is none"
        assert after.add(verdict("rejected"), seen=1).seq == 2
        (torn,) = after.torn
        assert torn.size == 19
        assert torn.path.read_bytes() == b'{"seq":2,"doc":"a.t'
        recorded = [event.data for event in show(tmp_path / "log") if event.kind == "record"]
    assert recorded[0]["torn_bytes"] == 19
    assert len(decisions.entries()) == 2


class FullDisk(FileOps):
    """Writes a part of what it is given, then nothing more."""

    room = 10

    def write(self, fd, data, offset):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        count = super().write(fd, data[: self.room], offset)
        self.room -= count
        return count


def test_a_full_disk_saves_nothing_and_says_so(tmp_path):
    Decisions(write(tmp_path)).add(verdict())
    before = (tmp_path / "decisions.jsonl").read_bytes()
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        with pytest.raises(OutputError, match="not saved: No space left"):
            Decisions(tmp_path, log=log, files=FullDisk()).add(verdict("rejected"), seen=1)
        events = [event.data for event in show(tmp_path / "log")]
    assert (tmp_path / "decisions.jsonl").read_bytes() == before
    assert [event.get("status") for event in events] == [None, "failed"]


class BrokenLog:
    def append(self, records):
        raise AuditError(None, "the log is full")


def test_what_can_not_be_logged_is_not_saved(tmp_path):
    decisions = Decisions(write(tmp_path), log=BrokenLog())
    with pytest.raises(AuditError, match="full"):
        decisions.add(verdict())
    assert decisions.entries() == []


def test_the_log_knows_of_every_entry_without_a_name_or_a_word(tmp_path):
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        decisions = Decisions(write(tmp_path), log=log)
        decisions.add(verdict("edited", value="Eire", note="said Smith", seconds=7.0))
        decisions.add(verdict("unsure", by="Bo"), seen=1)
        decisions.add(Entry(doc="a.txt", by="Ann", kind="assignment", assignee="Bo"))
        events = show(tmp_path / "log")
        events = [event for event in events if event.kind == "decision"]
    assert [event.actor for event in events] == ["person"] * 3
    assert events[0].data["document_sha256"] == SHA
    assert (events[0].data["start"], events[0].data["seconds"]) == (LAW.start, 7.0)
    assert [event.data.get("verdict") for event in events] == ["edited", "unsure", None]
    clear = b"".join(path.read_bytes() for path in (tmp_path / "log" / "segments").iterdir())
    for private in (b'"Ann"', b'"Bo"', b"Smith", b"Eire", b"a.txt", b"Governing"):
        assert private not in clear
    verify(tmp_path / "log", key=tmp_path / "key")


WRITER = """
import sys
from pathlib import Path
from docreview.decisions import Decisions, Entry
from docreview.errors import DecisionConflict
from docreview.governance.audit import AuditLog
from docreview.types import Span
out, name, log = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
decisions = Decisions(out, log=AuditLog(log / "log", key=log / "key"))
for number in range(20):
    entry = Entry(doc="a.txt", by=name, clause=f"Q{number}", span=Span(number, number + 1), verdict="accepted")
    try:
        print("saved", decisions.add(entry, seen=0).seq, flush=True)
    except DecisionConflict as conflict:
        print("conflict", conflict.seq, conflict.by, flush=True)
"""


@pytest.mark.slow
def test_eight_processes_at_once_lose_nothing(tmp_path):
    write(tmp_path / "out")
    with AuditLog(tmp_path / "log", key=tmp_path / "key") as log:
        log.add("run_started")
    command = [sys.executable, "-c", WRITER, str(tmp_path / "out")]
    running = [
        subprocess.Popen([*command, f"p{i}", str(tmp_path)], stdout=subprocess.PIPE, text=True) for i in range(8)
    ]
    said = [process.communicate(timeout=300)[0].split("\n")[:-1] for process in running]
    assert all(process.returncode == 0 for process in running)
    entries = Decisions(tmp_path / "out").entries()
    saved = sorted(int(line.split()[1]) for told in said for line in told if line.startswith("saved"))
    assert saved == [entry.seq for entry in entries] == list(range(1, 21)), "each question was decided once"
    assert sum(map(len, said)) == 160, "everybody got an answer"
    by_number = {entry.seq: entry for entry in entries}
    for told in said:
        for line in told:
            if line.startswith("conflict"):
                _, seq, who = line.split()
                assert by_number[int(seq)].by == who
    assert sum(event.kind == "decision" for event in show(tmp_path / "log")) == 20


def test_threads_that_share_one_object(tmp_path):
    decisions = Decisions(write(tmp_path))

    def work(name):
        for number in range(15):
            decisions.add(verdict(by=name, span=Span(number, number + 1), clause=name))
            decisions.entries()

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in decisions.entries()] == list(range(1, 91))
    assert decisions.entries() == Decisions(tmp_path).entries()


words = st.text(max_size=30)
some = st.builds(
    dict,
    by=st.text(min_size=1, max_size=10).filter(str.strip),
    clause=st.text(min_size=1, max_size=20),
    verdict=st.sampled_from(["accepted", "rejected", "flagged", "unsure"]),
    note=words,
    span=st.none() | st.builds(lambda a, n: Span(a, a + n), st.integers(0, 99), st.integers(1, 9)),
    seconds=st.none() | st.floats(0, 1e6),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(some, max_size=8))
def test_any_entries_are_read_back_as_they_were(tmp_path_factory, rows):
    decisions = Decisions(write(Path(tmp_path_factory.mktemp("out"))))
    added = [decisions.add(Entry(doc="a.txt", **each), seen=number) for number, each in enumerate(rows)]
    assert Decisions(decisions.out).entries() == added
