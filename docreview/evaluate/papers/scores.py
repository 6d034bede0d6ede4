"""The part of the model card that says how far scores of clauses can be believed, from `clause_scores.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError
from docreview.evaluate.papers.sources import table

FILE: Final = "clause_scores.json"
"""In `governance/`; written by `docreview eval clauses --measured`."""
_STEPS: Final = (0.2, 0.4, 0.6, 0.8, 0.9, 1.0)


def read_scores(folder: Path) -> Mapping[str, Any] | None:
    """What was measured; None when nothing was.

    Raises:
        ConfigError: The file is no such measurement.
    """
    try:
        found: Mapping[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        found["calibration"], found["answers"], found["operating_points"], found["yes_no"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        hint = "not a measurement. Run: docreview eval clauses --data DATA/cuad/dev --measured governance/" + FILE
        raise ConfigError(FILE, "(whole file)", hint) from None
    return found


def section(scores: Mapping[str, Any] | None) -> str:
    """The section, or a line that says that nothing was measured."""
    head = "## How far the scores of clauses can be believed"
    if scores is None:
        return f"{head}\n\nNot measured for the shipped weights."
    parts = [
        head,
        f"From {scores['candidates']:,} candidates in {scores['contracts']} contracts, each scored by models that saw "
        "neither the contract nor its group; thresholds chosen on the other folds.\n"
        f"`docreview eval clauses --data DATA/cuad/dev --measured governance/{FILE}`",
        _calibrated(scores["calibration"]),
        _risk(scores),
        _verdicts(scores["yes_no"]),
        _points(scores["operating_points"]),
    ]
    return "\n\n".join(parts)


def _calibrated(calibration: Mapping[str, Any]) -> str:
    bins = calibration["all"]["bins"]
    rows = [(f"{r['from']:.1f}", f"{r['n']:,}", f"{r['score']:.3f}", f"{r['right']:.3f}") for r in bins]
    return (
        f"**Calibration.** Expected calibration error (ten bins) {calibration['all']['ece']:.4f} over all candidates, "
        f"{calibration['shown']['ece']:.4f} over those that are shown to a person.\n\n"
        + table(("score from", "candidates", "mean score", "right"), rows)
    )


def _risk(scores: Mapping[str, Any]) -> str:
    rows = []
    for name, key in (("every answer", "answers"), ("shown candidates", "proposals")):
        if found := scores[key]:
            risks = [f"{row['risk']:.3f}" for row in found["curve"] if row["coverage"] in _STEPS]
            rows.append((name, f"{found['n']:,}", f"{found['aurc']:.4f}", *risks))
    return (
        "**Risk and coverage.** The share of wrong ones among the surest part, and the area under that curve (AURC; "
        "lower is better). An answer is the likeliest candidate from 0.5 on, right at the annotated place; below, it "
        'is "not found".\n\n' + table(("", "n", "AURC", *(f"surest {share:.0%}" for share in _STEPS)), rows)
    )


def _verdicts(verdicts: Mapping[str, Any]) -> str:
    return (
        f"**Yes or no.** {len(verdicts['questions'])} questions to a whole contract are answered as the annotators did "
        f"in {verdicts['accuracy']:.3f} of {verdicts['n']:,} cases; always the commonest answer: "
        f"{verdicts['majority']:.3f}; mean over yes and no: {verdicts['balanced']:.3f}."
    )


def _points(points: Mapping[str, Mapping[str, Any]]) -> str:
    def shown(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    rows = [
        (
            name,
            "none: unsure" if row["score"] is None else shown(row["score"]),
            str(row["n"]),
            shown(row["precision"]),
            shown(row["recall"]),
        )
        for name, row in sorted(points.items())
    ]
    return (
        "**Operating points.** A candidate counts as `found` from this score on: the lowest from which 80 % were "
        "right, never under 0.5. Where no score reaches that, all are `unsure`. Precision and recall are those on "
        "the folds left out.\n\n" + table(("question", "found from", "n", "precision", "recall"), rows)
    )
