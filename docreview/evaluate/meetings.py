"""How much of what a meeting says to a question lies in the turns that search puts first, on meetings never seen."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from docreview.evaluate import train_towers as towers
from docreview.evaluate.search_data import load
from docreview.evaluate.train_search import FOLDS, Case, Say, distilled, fit, fold_of, held_cases
from docreview.search.static import Static

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WORDS: Final = 3000
"""Words of the meeting that may be shown."""
BELL: Final = 400
"""Words that plain BM25 is smoothed over, as a thing to compare with."""


def measure(data: Path, *, seed: int = 0, say: Say = print) -> dict[str, Any]:
    """The mean share of a question's gold words among the first `WORDS` words, by meetings left out of all training.

    Five folds; AMI's meetings of one series stay together. The towers and the ranker are trained anew for each fold:
    some 10 minutes on two cores. Needs the `dense` extra.

    Args:
        data: Holds `cuad/dev`, `contractnli/dev` and `qmsum/dev`.

    Returns:
        `recall`, `bm25` (the same for BM25 alone), `by_domain`, and numbers of `meetings` and `questions`.
    """
    cases = _cases(data, seed, say)
    got: defaultdict[str, list[float]] = defaultdict(list)
    for fold in range(FOLDS):
        weights = fit([case for case in cases if fold_of(case.sample.asked.group) != fold], seed)
        for case in (case for case in cases if fold_of(case.sample.asked.group) == fold):
            share = within(case, weights(case.rows))
            got["recall"].append(share)
            got[case.sample.asked.domain].append(share)
            got["bm25"].append(within(case, case.sample.ranker.talk.smooth(case.rows[:, 0], BELL)))
    means = {name: round(sum(values) / len(values), 4) for name, values in got.items()}
    return {
        "meetings": len({case.sample.asked.name for case in cases}),
        "questions": len(cases),
        "recall": means.pop("recall"),
        "bm25": means.pop("bm25"),
        "by_domain": dict(sorted(means.items())),
    }


def _cases(data: Path, seed: int, say: Say) -> list[Case]:
    asked = load(data)
    base = distilled(asked, say)
    samples = [towers.sample(one, Static(base)) for one in asked]
    out: list[Case] = []
    for fold in range(FOLDS):
        held = [one for one in samples if one.asked.source == "qmsum" and fold_of(one.asked.group) == fold]
        out += held_cases(samples, held, base, fold, seed=seed)
        say(f"fold {fold + 1} of {FOLDS}: {len(held)} meetings")
    return out


def within(case: Case, scores: Floats, budget: int = WORDS) -> float:
    """The share of a question's gold words among the first words, best unit first; the last one is cut."""
    import numpy as np

    sizes, left, found = case.sample.ranker.talk.sizes, budget, 0.0
    for unit in np.argsort(-scores, kind="stable").tolist():
        taken = min(int(sizes[unit]), left)
        found += taken * float(case.target[unit])
        left -= taken
        if left <= 0:
            break
    return found / max(float((sizes * case.target).sum()), 1e-9)
