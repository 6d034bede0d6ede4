"""Measured quality on our own documents does not fall: the floors in baseline.json only rise."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from docreview.evaluate.planted import measure

pytestmark = pytest.mark.slow

FLOORS = json.loads((Path(__file__).parent / "baseline.json").read_text(encoding="utf-8"))
FLOORS.pop("micro")  # those of tests/models/test_micro.py
FLOORS.pop("eval")  # those of test_suites.py


@pytest.fixture(scope="module")
def figures(corpora):
    return asdict(measure(corpora))


def test_every_figure_has_a_floor(figures):
    assert set(figures) == set(FLOORS)


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_quality_stays_at_or_above_its_floor(figures, name):
    assert figures[name] >= FLOORS[name]
