"""`governance/token_overhead.csv`: what our own agreement in 14 languages costs with each tokenizer."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from docreview.evaluate.overhead import Text, measure, read_texts
from docreview.evaluate.overhead_report import csv_of, rows_of
from docreview.models.profiles import profile_named
from docreview.tokens import load_counter

SHIPPED: Final = "minilm"
_OTHERS: Final = {
    "gpt-2": "gpt-2", "llama-2": "llama-2-spm", "llama-3": "llama-3", "mistral-v3": "mistral-v3", "phi-3": "phi-3",
    "qwen2": "qwen2", "LFM2": "LFM2", "LFM2.5": "LFM2.5",
}  # fmt: skip
"""Tokenizers that do not ship with docreview, by the folder in which they may be found."""


def found_in(folder: Path | None) -> dict[str, str]:
    """Names and places of the tokenizers that are here: the shipped one, and those in a folder of tokenizers."""
    here = {name: str(folder / place) for name, place in _OTHERS.items() if folder and (folder / place).is_dir()}
    return {SHIPPED: SHIPPED, **here}


def token_overhead(corpora: Path, tokenizers: Mapping[str, str], kept: str = "") -> str:
    """The file's content. Rows of `kept`, the file as it is, stay where their tokenizer is not here.

    Args:
        corpora: The folder with `multilingual/`.
        tokenizers: Places by name; see `found_in`.
    """
    profile = profile_named("LFM2.5-8B-A1B")
    counters = {name: load_counter(place) for name, place in tokenizers.items()}
    files = sorted((corpora / "multilingual").glob("*.txt"))
    texts = [text for text in read_texts(files) if isinstance(text, Text)]
    measured = csv_of(rows_of(measure(texts, counters), profile))
    head, *lines = measured.splitlines(keepends=True)
    if kept.startswith(head):
        old = kept.splitlines(keepends=True)[1:]
        lines += [line for line, row in zip(old, csv.DictReader(kept.splitlines()), strict=True)
                  if row["tokenizer"] not in tokenizers]  # fmt: skip
    return head + "".join(sorted(lines, key=_place))


def _place(line: str) -> tuple[str, str]:
    name, _, tokenizer, *_ = line.split(",")
    return name, tokenizer
