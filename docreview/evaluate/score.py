"""Scores proposed clauses against annotated ones, by two rules on one pooled precision/recall curve.

"published" is the rule that comes with CUAD (Hendrycks et al. 2021, arXiv:2103.06268): a proposal is right when its
word set and the
annotation's overlap with a Jaccard index of at least 0.5; for Parties also when it contains the annotated text.
"strict" asks
for the same place: at least half of the union in characters, at the annotated place or at another one with the same
text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

Gold = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]
Rows = Sequence[Mapping[str, Any]]
Rule = Callable[[Rows, Rows, str], list[list[bool]]]
LEAST_SPANS: Final = 5
"""A category with fewer annotated spans does not count in the macro average."""


def score(gold: Gold, findings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures under both rules.

    Args:
        gold: By document, by category, the annotated spans (`start`, `end`, `text`, maybe `alts`).
        findings: Rows with `doc`, `category`, `text`, `start`, `end`, `score`.

    Returns:
        `{"published" | "strict": {"aupr", "p_at_80r", "p_at_90r", "max_recall", "macro_aupr", "categories"}}`.
    """
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in findings:
        grouped.setdefault((row["doc"], row["category"]), []).append(row)
    rules: dict[str, Rule] = {"published": published, "strict": strict}
    return {name: _figures(gold, grouped, rule) for name, rule in rules.items()}


def published(answers: Rows, proposals: Rows, category: str) -> list[list[bool]]:
    """CUAD's own rule, (answers, proposals)."""
    gold, mine = ([word_set(row["text"]) for row in rows] for rows in (answers, proposals))
    contained = category == "Parties"
    return [
        [
            len(left & right) >= 0.5 * len(left | right) or (contained and answer["text"] in proposal["text"])
            for right, proposal in zip(mine, proposals, strict=True)
        ]
        for left, answer in zip(gold, answers, strict=True)
    ]


def strict(answers: Rows, proposals: Rows, category: str) -> list[list[bool]]:  # noqa: ARG001 - a `Rule`
    """The same place, (answers, proposals)."""
    places = [[(a["start"], a["end"]), *map(tuple, a.get("alts", ()))] for a in answers]
    return [[max(iou(p["start"], p["end"], options)) >= 0.5 for p in proposals] for options in places]


def iou(start: int, end: int, places: Iterable[tuple[int, int]]) -> list[float]:
    """Overlap of `[start, end)` with each place, as a share of the union."""
    return [max(0, min(end, b) - max(start, a)) / (max(end, b) - min(start, a)) for a, b in places]


def word_set(text: str) -> frozenset[str]:
    """Words as CUAD's script takes them: lower case, no `.,;:`, `/` as a blank, cut at single blanks."""
    for mark in ".,;:":
        text = text.replace(mark, "")
    return frozenset(text.lower().replace("/", " ").split(" "))


def thresholds() -> Any:
    """0.99, 0.98 ... 0.01, 0.001, 0."""
    import numpy as np

    return np.array([*np.arange(0.99, 0, -0.01), 0.001, 0.0])


def counts(gold: Gold, found: Mapping[tuple[str, str], Rows], category: str, rule: Rule) -> Any:
    """True positives, false positives and misses at each threshold, (3, thresholds)."""
    import numpy as np

    levels = thresholds()
    total = np.zeros((3, len(levels)))
    for doc, clauses in gold.items():
        answers = clauses.get(category, ())
        proposals = _distinct(found.get((doc, category), ()), by_place=rule is not published)
        on = np.array([p["score"] for p in proposals])[None, :] > levels[:, None]
        hit = np.array(rule(answers, proposals, category), bool).reshape(len(answers), len(proposals))
        seen = (on[:, None, :] & hit[None]).any(2).sum(1)
        total += [seen, (on & ~hit.any(0)).sum(1), len(answers) - seen]
    return total


def _distinct(rows: Rows, *, by_place: bool) -> Rows:
    """Each text (at each place) once, with its best score; empty texts left out."""
    best: dict[tuple[str, int | None], Mapping[str, Any]] = {}
    for row in rows:
        key = (row["text"], row["start"] if by_place else None)
        if row["text"] and (key not in best or best[key]["score"] < row["score"]):
            best[key] = row
    return list(best.values())


def _figures(gold: Gold, found: Mapping[tuple[str, str], Rows], rule: Rule) -> dict[str, Any]:
    import numpy as np

    categories = sorted({category for clauses in gold.values() for category in clauses})
    single = {category: counts(gold, found, category, rule) for category in categories}
    result = curve(sum(single.values()))
    rows = {name: {**curve(part), "n": int(part[0, -1] + part[2, -1])} for name, part in single.items()}
    usual = [row["aupr"] for row in rows.values() if row["n"] >= LEAST_SPANS]
    return {**result, "macro_aupr": float(np.mean(usual)) if usual else 0.0, "categories": rows}


def curve(total: Any) -> dict[str, float]:
    """Area under the curve of precision (made monotone) over recall, and precision at two recalls."""
    import numpy as np

    right, wrong, missed = total
    precision = np.r_[1.0, right / np.maximum(right + wrong, 1)]
    recall = np.r_[0.0, right / np.maximum(right + missed, 1)]
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    area = float((np.diff(recall) * (precision[1:] + precision[:-1]) / 2).sum())
    at = {level: precision[recall >= level] for level in (0.8, 0.9)}
    p80, p90 = (float(at[level][0]) if len(at[level]) else 0.0 for level in (0.8, 0.9))
    return {"aupr": area, "p_at_80r": p80, "p_at_90r": p90, "max_recall": float(recall.max())}
