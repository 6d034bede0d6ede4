"""From PDFs to a searchable library: our two levels of readiness timed beside a LlamaIndex default pipeline."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview._json import read_jsonl
from docreview.evaluate import ingest_llama_index
from docreview.search import Library, build, build_dense

BUDGET: Final = 8000
"""Characters of retrieved text that are looked at."""
_RUN: Final = 5  # words
Ask = Callable[[str, str], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One pipeline: wall `seconds` from files to ready for questions, and how much of the answers it then finds.

    `recall` is the mean share of the gold clauses within the first 8,000 retrieved characters of the named document,
    None when there were no questions. PDFs and the annotated texts differ in white space and page furniture, so it is
    measured in runs of five words: a run counts as found when some retrieved passage holds it.
    """

    name: str
    seconds: float
    recall: float | None = None


def bench_ingest(folder: Path, *, n: int = 60, short: bool = False) -> list[Timed]:
    """Time the pipelines on the first `n` PDFs of a folder, in one run: instant, full, LlamaIndex.

    Questions come from `retrieval_queries.jsonl` in the folder above, if it is there (CUAD's layout).

    Args:
        short: Also LlamaIndex with passages of 256 tokens.

    Raises:
        MissingExtra: The `bench` or the `dense` extra is not installed.
    """
    files = sorted(folder.glob("*.pdf"))[:n]
    questions = _questions(folder.parent, files)
    with tempfile.TemporaryDirectory() as work:
        base = Path(work)
        (base / "pdf").mkdir()
        for file in files:
            os.symlink(file.resolve(), base / "pdf" / file.name)
        timed = _ours(base, questions)
        for size in (1024, 256) if short else (1024,):
            seconds, ask = ingest_llama_index.index(files, base / f"llama-{size}", size)
            timed.append(Timed(name=f"LlamaIndex, {size} tokens", seconds=seconds, recall=_recall(questions, ask)))
    return timed


def _questions(folder: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
    source, names = folder / "retrieval_queries.jsonl", {file.stem: file.name for file in files}
    if not source.exists():
        return []
    found = []
    for row in read_jsonl(source):
        stem = row["doc"].removesuffix(".txt")
        if stem in names:
            text = (folder / "contracts" / row["doc"]).read_text(encoding="utf-8")
            found.append(
                {"question": row["question"], "doc": names[stem], "gold": [text[a:b] for a, b in row["snippets"]]}
            )
    return found


def _ours(base: Path, questions: Sequence[dict[str, Any]]) -> list[Timed]:
    began = time.perf_counter()
    build(base / "pdf", base / "library")
    instant = time.perf_counter() - began
    recall = _recall(questions, _asker(Library.open(base / "library", dense=False)))
    began = time.perf_counter()
    build_dense(base / "library")
    full = instant + time.perf_counter() - began
    dense = _recall(questions, _asker(Library.open(base / "library", dense=True)))
    return [
        Timed(name="docreview, instant", seconds=instant, recall=recall),
        Timed(name="docreview, full", seconds=full, recall=dense),
    ]


def _asker(library: Library) -> Ask:
    return lambda question, doc: (hit.passage.text for hit in library.search(question, 200, doc=doc))


def _recall(questions: Sequence[dict[str, Any]], ask: Ask) -> float | None:
    shares = []
    for row in questions:
        left, there = BUDGET, set[str]()
        for text in ask(row["question"], row["doc"]):
            there |= _runs(text[:left])
            left -= len(text)
            if left <= 0:
                break
        gold = {run for text in row["gold"] for run in _runs(text)}
        if gold:
            shares.append(len(gold & there) / len(gold))
    return round(sum(shares) / len(shares), 4) if shares else None


def _runs(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[i : i + _RUN]) for i in range(max(len(words) - _RUN + 1, 1))}


def report(timed: Sequence[Timed]) -> str:
    """The figures as a small table; how many times faster than the first LlamaIndex pipeline."""
    slow = next(one.seconds for one in timed if one.name.startswith("LlamaIndex"))
    lines = [f"{'pipeline':26}{'seconds':>9}{'faster':>9}{'recall':>9}"]
    for one in timed:
        recall = "-" if one.recall is None else f"{one.recall:.3f}"
        lines.append(f"{one.name:26}{one.seconds:9.1f}{slow / one.seconds:8.1f}x{recall:>9}")
    return "\n".join(lines)
