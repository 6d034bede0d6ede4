"""Every bad file of the real data ends as its manifest expects, within time and memory."""

import re
import subprocess
import sys

import pytest

from docreview.evaluate.badinput import MOST_MIB, MOST_SECONDS, report, run


@pytest.mark.slow
def test_all_bad_files_end_as_expected(shared):
    # In a process of its own: the memory of this one is that of all tests before.
    command = [sys.executable, "-m", "docreview", "bench", "badinput", str(shared / "badinput" / "dev")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    readings, faults = map(int, re.search(r"^(\d+) readings: .*?(\d+) not as expected", done.stdout, re.M).groups())
    assert (readings >= 241, faults) == (True, 0)
    seconds, mib = re.search(r"slowest ([\d.]+) s .*?peak memory ([\d,]+) MiB", done.stdout).groups()
    assert float(seconds) < MOST_SECONDS
    assert int(mib.replace(",", "")) < MOST_MIB


def test_a_wrong_end_is_found(tmp_path):
    (tmp_path / "a.txt").write_text("Some words.")
    (tmp_path / "manifest.csv").write_text(
        "file,expectation,password,must_contain,must_contain_is\n"
        "a.txt,text,,Some words,phrase\n"
        'a.txt,text,,words Some,"words, in any order"\n'
        "a.txt,text,,other,phrase\n"
        "a.txt,error,,,\n"
        "b.txt,text,,,\n"
        "b.txt,either,,,\n"
    )
    outcomes = list(run(tmp_path))
    assert [bool(row.fault) for row in outcomes] == [False, False, True, True, True, False]
    assert "3 not as expected" in report(outcomes)
