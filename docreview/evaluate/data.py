"""Annotated documents as they lie on disk."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview._json import read_jsonl
from docreview.errors import ConfigError

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A contract with its annotated spans by category; contracts of one `group` resemble each other."""

    doc: str
    group: str
    kind: str
    text: str
    clauses: Mapping[str, Sequence[Mapping[str, Any]]]
    answers: Mapping[str, str]


def contracts(folder: Path) -> list[Contract]:
    """The contracts of a folder with `annotations.jsonl` and `contracts/`, in the file's order.

    Raises:
        ConfigError: A file is missing or a row does not fit.
    """
    file = folder / "annotations.jsonl"
    try:
        return [_contract(folder, row) for row in read_jsonl(file)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(str(file), "(whole file)", f"not annotated contracts: {error}") from None


def _contract(folder: Path, row: Mapping[str, Any]) -> Contract:
    text = (folder / "contracts" / row["doc"]).read_bytes().decode("utf-8")
    return Contract(
        doc=row["doc"],
        group=row["group"],
        kind=row.get("contract_type_folder", ""),
        text=text,
        clauses=row["clauses"],
        answers=row.get("answers", {}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A non-disclosure agreement: its annotators' spans, and for each hypothesis the choice and the evidence's
    span numbers.
    """

    doc: str
    text: str
    spans: tuple[tuple[int, int], ...]
    choices: Mapping[str, tuple[str, tuple[int, ...]]]


def agreements(folder: Path) -> list[Agreement]:
    """The documents of a ContractNLI file (`dev.json` or the only JSON file of the folder).

    Raises:
        ConfigError: There is no such file, or it does not fit.
    """
    files = sorted(folder.glob("*.json"))
    try:
        rows = json.loads(files[0].read_text(encoding="utf-8"))["documents"]
        return [_agreement(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigError(str(folder), "*.json", f"not a ContractNLI file: {error!r}") from None


def _agreement(row: Mapping[str, Any]) -> Agreement:
    choices = row["annotation_sets"][0]["annotations"]
    return Agreement(
        doc=row["file_name"],
        text=row["text"],
        spans=tuple((a, b) for a, b in row["spans"]),
        choices={name: (item["choice"], tuple(item["spans"])) for name, item in choices.items()},
    )


def folds(groups: Sequence[str], count: int, seed: int) -> Any:
    """A fold number for each item; items of one group share it.

    Returns:
        Integers in `range(count)`.
    """
    import numpy as np

    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {name: int(place % count) for name, place in zip(names, order, strict=True)}
    return np.array([fold[group] for group in groups])


def near_copies(texts: Sequence[str], *, share: float = 0.3) -> list[int]:
    """For each text the number of the first that it is a near copy of, itself if of none.

    Near copies have at least `share` of the shorter one's runs of five words in common, or a near copy in common.
    """
    runs = [_runs(text) for text in texts]
    first = list(range(len(texts)))
    for i, mine in enumerate(runs):
        for j in range(i):
            if len(mine & runs[j]) >= share * max(min(len(mine), len(runs[j])), 1):
                old, new = max(first[i], first[j]), min(first[i], first[j])
                first = [new if group == old else group for group in first]
    return first


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return set(zip(*(words[step:] for step in range(5)), strict=False))


def data_digest(texts: Sequence[str]) -> str:
    """SHA-256 over texts, for naming what was trained on."""
    total = hashlib.sha256()
    for text in texts:
        total.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return total.hexdigest()
