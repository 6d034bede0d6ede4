"""How much personal data is found in annotated texts, how much is found that is none, and how fast."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from docreview._json import read_jsonl
from docreview.governance.pii import PiiSpan, find_pii

STRUCTURED: Final = ("EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "SSN", "URL", "IP", "ID")
"""Kinds that have a shape or a number."""
HOSTILE: Final = ("a@a@a@", "1-1-1-", "((((", "1.1.1.", "a:a:", "://", "www.", "Mr. A ", "[PERSON_1]")
_COVERED: Final = 0.9  # of the letters and digits of a gold span: what stays readable is what leaks
_MEGABYTE: Final = 1_000_000
_NEGATIVES: Final = "negatives"

Row = Mapping[str, Any]


def _letters(text: str, start: int, end: int) -> list[int]:
    return [i for i in range(start, end) if text[i].isalnum()] or [start]


def count(rows: Sequence[Row], found: Sequence[Sequence[PiiSpan]]) -> dict[tuple[str, str], Counter[str]]:
    """For each (label, source with its language) and each (label, "all"): `gold`, `hit`, `said`, `right`.

    A gold span is hit when found spans of any label cover nine tenths of its letters and digits. A found span is right
    when it overlaps a gold span of any label; it counts only where its label was annotated.
    """
    table: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row, spans in zip(rows, found, strict=True):
        text, source = row["text"], f"{row['source']} {row['lang']}"
        covered = {i for s in spans for i in range(s.start, s.end)}
        for gold in row["spans"]:
            letters = _letters(text, gold["start"], gold["end"])
            hit = sum(i in covered for i in letters) >= _COVERED * len(letters)
            for key in ((gold["label"], source), (gold["label"], "all")):
                table[key].update(gold=1, hit=hit)
        for span in spans:
            if span.label in row["labels_annotated"]:
                right = any(span.start < g["end"] and g["start"] < span.end for g in row["spans"])
                for key in ((span.label, source), (span.label, "all")):
                    table[key].update(said=1, right=right)
    return table


def bench(path: Path, *, judged: Path | None = None, seconds: bool = True) -> dict[str, Any]:
    """The figures of docs/BENCHMARKS.md.

    Args:
        path: JSON lines {"text", "spans", "lang", "source", "labels_annotated"}.
        judged: What models that did not see a text found in it, as `docreview train ner --judged` writes it: its names
            are added to those of the rules.
        seconds: Also measure speed, with texts made to be slow.
    """
    rows = list(read_jsonl(path))
    names = _judged(rows, judged) if judged else [[] for _ in rows]
    found = [
        find_pii(row["text"], row["lang"], names=lambda _t, _l=None, *, given=given: given)
        for row, given in zip(rows, names, strict=True)
    ]
    table = count(rows, found)
    negatives = [(row, spans) for row, spans in zip(rows, found, strict=True) if _NEGATIVES in row["source"]]
    false = [s for row, spans in negatives for s in spans if s.label in row["labels_annotated"]]
    size = sum(len(row["text"]) for row, _ in negatives)
    structured = [table[label, "all"] for label in STRUCTURED]
    return {
        "structured_recall": _ratio(sum(c["hit"] for c in structured), sum(c["gold"] for c in structured)),
        "false_spans_per_100_negatives": _ratio(100 * len(false), len(negatives)),
        "over_redacted_percent": _ratio(100 * sum(s.end - s.start for s in false), size),
        "rows": [
            {
                "label": label, "source": source, "gold": c["gold"], "recall": _ratio(c["hit"], c["gold"]),
                "found": c["said"], "precision": _ratio(c["right"], c["said"]),
            }
            for (label, source), c in sorted(table.items())
        ],
        **(_speeds(rows) if seconds else {}),
    }  # fmt: skip


def _judged(rows: Sequence[Row], path: Path) -> list[list[PiiSpan]]:
    given = iter(list(read_jsonl(path)))
    return [
        [PiiSpan(s["start"], s["end"], s["label"], 0.55) for s in next(given)["spans"]]
        if "PERSON" in row["labels_annotated"]
        else []
        for row in rows
    ]


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _speeds(rows: Sequence[Row]) -> dict[str, Any]:
    """MB/s of processor time on the texts' own words, and the time of hostile megabytes relative to a plain one."""
    text = "\n\n".join(row["text"] for row in rows if row["lang"] == "en" and "presidio" not in row["source"])
    text = (text * (_MEGABYTE // max(len(text), 1) + 1))[:_MEGABYTE]
    plain = _seconds(text)
    slow = {piece: round(_seconds((piece * _MEGABYTE)[:_MEGABYTE]) / plain, 2) for piece in HOSTILE}
    return {"mb_per_second": round(len(text.encode()) / 1e6 / plain, 2), "hostile_times_normal": slow}


def _seconds(text: str) -> float:
    find_pii(text[:1000])
    started = time.process_time()
    find_pii(text)
    return time.process_time() - started


def report(figures: Mapping[str, Any]) -> str:
    """The figures as text."""
    lines = [f"{key}: {value}" for key, value in figures.items() if key != "rows"]
    lines.append(f"{'label':12} {'source':42} {'gold':>5} {'recall':>7} {'found':>6} {'precision':>9}")
    for row in figures["rows"]:
        shown = ("-" if row[key] is None else f"{row[key]:.3f}" for key in ("recall", "precision"))
        recall, precision = shown
        lines.append(
            f"{row['label']:12} {row['source']:42} {row['gold']:5} {recall:>7} {row['found']:6} {precision:>9}"
        )
    return "\n".join(lines)
