"""What people did: minutes, edits, and how far they agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise
from statistics import fmean, median
from typing import Any, Final

from docreview.decisions import Entry
from docreview.decisions.second import verdict_of
from docreview.evaluate.metrics import cohen_kappa

PAUSE_S: Final = 300.0
"""A longer gap between two decisions is a pause, and not time spent on the document."""
TARGET: Final = -30.0
"""The change of minutes per document, in percent, that pilots usually aim at."""
_JUDGED: Final = ("accepted", "edited", "rejected", "added")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An entry and the document that it is about: its folder and its name there."""

    document: tuple[str, str]
    entry: Entry


def people(decided: Sequence[Decided], baseline: float | None, *, minutes: Sequence[float] | None) -> dict[str, Any]:
    """The figures; those that nothing is known of are None.

    Args:
        baseline: Minutes that a document took before.
        minutes: Of each document, where there are no entries to measure them by.
    """
    verdicts = [each for each in decided if each.entry.verdict is not None]
    spent = _minutes(decided) if minutes is None else minutes
    mean = fmean(spent) if spent else None
    change = 100 * (mean / baseline - 1) if mean is not None and baseline else None
    return {
        "documents": len(spent),
        "minutes_per_document": mean,
        "median_minutes": median(spent) if spent else None,
        "baseline_minutes": baseline,
        "change_percent": change,
        "target_percent": TARGET,
        "target_met": None if change is None else change <= TARGET,
        "edits_per_document": _edits(verdicts),
        "reviewers": len({each.entry.by for each in verdicts}),
        "agreement": agreement(verdicts),
    }


def _minutes(decided: Sequence[Decided]) -> list[float]:
    """Minutes that people spent on each document: the seconds that were measured, else the gaps between decisions."""
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for each in decided:
        groups[each.document].append(each.entry)
    found = (_spent(group) for group in groups.values())
    return [seconds / 60 for seconds in found if seconds is not None]


def _spent(group: Sequence[Entry]) -> float | None:
    timed = [entry.seconds for entry in group if entry.seconds is not None]
    if timed:
        return sum(timed)
    gaps: list[float] = []
    for person in {entry.by for entry in group}:
        at = sorted(datetime.fromisoformat(entry.at) for entry in group if entry.by == person)
        gaps += [(after - before).total_seconds() for before, after in pairwise(at)]
    short = [gap for gap in gaps if gap <= PAUSE_S]
    return sum(short) if short else None


def _edits(verdicts: Sequence[Decided]) -> float | None:
    """Clauses that people corrected or added, at the last word on each, of a document that was decided on."""
    last = {(each.document, each.entry.key): each.entry.verdict for each in verdicts}
    documents = {each.document for each in verdicts}
    return sum(said in ("edited", "added") for said in last.values()) / len(documents) if documents else None


def agreement(verdicts: Sequence[Decided]) -> dict[str, Any]:
    """How far people who decided on the same things agree: the share of the same verdicts, and Cohen's kappa.

    Each person's last verdict on a thing counts; flagged and unsure are no judgement; who adds a clause accepts it.
    With more than two people: the mean over the pairs whose kappa is defined (Light, 1971).
    """
    said: dict[str, dict[Any, str]] = defaultdict(dict)
    for each in verdicts:
        if each.entry.verdict in _JUDGED:
            said[each.entry.by][each.document, each.entry.key] = str(verdict_of(each.entry))
        else:
            said[each.entry.by].pop((each.document, each.entry.key), None)
    kappas: list[float] = []
    pairs = things = same = 0
    for one, other in combinations(sorted(said), 2):
        both = sorted(said[one].keys() & said[other].keys(), key=repr)
        first, second = [said[one][key] for key in both], [said[other][key] for key in both]
        pairs, things = pairs + bool(both), things + len(both)
        same += sum(a == b for a, b in zip(first, second, strict=True))
        kappa = cohen_kappa(first, second)
        kappas += [] if kappa is None else [kappa]
    return {
        "pairs": pairs,
        "items": things,
        "same": same / things if things else None,
        "cohen_kappa": fmean(kappas) if kappas else None,
    }
