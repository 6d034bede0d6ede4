"""JupyterLab started with our settings asks nobody for news, updates or extensions."""

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupyterlab", reason="the notebooks need the extra `notebooks`")

from docreview.evaluate.offline import prove
from docreview.evaluate.offline.jobs import Job

ROOT = Path(__file__).parent.parent.parent


def test_make_lab_starts_it_with_the_tested_settings():
    assert "jupyter lab --config=notebooks/jupyter_lab_config.json" in (ROOT / "Makefile").read_text(encoding="utf-8")
    settings = json.loads((ROOT / "notebooks" / "jupyter_lab_config.json").read_text(encoding="utf-8"))
    assert settings["ServerApp"]["ip"] == "127.0.0.1"


@pytest.mark.slow
def test_jupyterlab_reaches_nothing_beyond_this_machine():
    command = (sys.executable, str(Path(__file__).parent / "lab.py"))
    proof = prove(jobs=[Job(name="JupyterLab", command=command)], watches=("namespace",))
    assert [ran.message for ran in proof.jobs] == [""]
    assert proof.clean, proof.jobs
