"""Reviews -> train.jsonl and valid.jsonl, split by document, with what was kept and what was not."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from docreview._json import dumps, write_atomic
from docreview.errors import ContextOverflow, OutputError, PolicyError
from docreview.finetune.answers import Rejected, answers
from docreview.finetune.base import Base
from docreview.finetune.examples import Example, examples
from docreview.governance import find_pii
from docreview.triage.results import Result

MOST: Final = 4096
"""Tokens of an example by default."""


def export(
    reviewed: Iterable[Result],
    out: str | os.PathLike[str],
    model: Base,
    *,
    licence_accepted: bool,
    most: int = MOST,
    valid: float = 0.1,
    seed: int = 0,
    rejected: Rejected = "drop",
) -> dict[str, Any]:
    """Write `train.jsonl`, `valid.jsonl` and `statistics.json` to a folder; the statistics.

    A document's examples are all in one of the two files: which one depends on the documents and the seed alone.
    Windows of a long document that show none of its answers are kept only as far as there are others, first ones first,
    so that a model does not learn to say that nothing is there. A document with an answer too long for `most` is left
    out, and counted.

    Args:
        reviewed: From `docreview.triage.results.results`.
        out: A folder; made when absent.
        model: Who is to be trained.
        licence_accepted: That you keep to the model's licence.
        most: Tokens of an example in all; give the same as `--max-seq-length` to mlx_lm.lora, which cuts longer ones.
        valid: Share of the documents (0..1) that are kept for validation.
        seed: Another one gives another split.
        rejected: See `answers`.

    Raises:
        PolicyError: The model has a licence that was not accepted.
        OutputError: The folder can't be written, or no review has an answer that a person decided.
        ContextOverflow: `most` is too small for every document.
    """
    if model.licence and not licence_accepted:
        raise PolicyError("licence", f"{model.profile.name}: {model.licence}. Accept it with --accept-licence")
    made, dropped, decided = _all(reviewed, model, most, rejected)
    if not made:
        raise OutputError(out, "no review holds an answer that a person accepted or corrected")
    parts = _split(made, valid, seed)
    statistics = {
        "model": model.name,
        "licence": model.licence,
        "most_tokens": most,
        "seed": seed,
        "documents": {name: len({each.doc_id for each in rows}) for name, rows in parts.items()},
        "examples": {name: len(rows) for name, rows in parts.items()},
        "clauses": sum(each.found for each in made),
        "longest_tokens": max(each.tokens for each in made),
        "questions": decided,
        "dropped": dict(sorted(dropped.items())),
        "personal_data": _personal(made),
    }
    try:
        for name, rows in parts.items():
            _write_private(Path(out) / f"{name}.jsonl", "".join(dumps(each.row()) + "\n" for each in rows))
        write_atomic(Path(out) / "statistics.json", dumps(statistics) + "\n")
    except OSError as error:
        raise OutputError(out, error.strerror or "can't be written") from None
    return statistics


def _all(
    reviewed: Iterable[Result], model: Base, most: int, rejected: Rejected
) -> tuple[list[Example], Counter[str], int]:
    made: list[Example] = []
    dropped: Counter[str] = Counter()
    decided, overflow = 0, None
    for each in reviewed:
        right = answers(each.review, rejected=rejected)
        dropped.update(right.dropped.values())
        decided += len(right.places)
        try:
            found = list(examples(each.document, each.checklist, right.places, model, most=most))
        except ContextOverflow as error:
            overflow = error
            dropped["an answer too long for the tokens allowed"] += len(right.places)
            continue
        written = [example for example in found if example is not None]
        kept = _balanced(written)
        dropped["could not be written as a call"] += len(found) - len(written)
        dropped["window without an answer"] += len(written) - len(kept)
        made += kept
    if overflow and not made:
        raise overflow
    return made, +dropped, decided


def _balanced(found: list[Example]) -> list[Example]:
    """A document's examples less windows without an answer, as far as there are more of them than of the others."""
    empty = [example for example in found if not example.found and not example.whole]
    spare = empty[len(found) - len(empty) :]
    return [example for example in found if example not in spare]


def _split(made: Sequence[Example], valid: float, seed: int) -> dict[str, list[Example]]:
    """Documents in the order of a hash with the seed; the first ones are for validation: at least one of several."""
    ids = sorted({each.doc_id for each in made}, key=lambda key: hashlib.sha256(f"{seed} {key}".encode()).digest())
    count = min(len(ids) - 1, max(1, round(valid * len(ids)))) if valid > 0 else 0
    held = set(ids[:count])
    return {
        "train": [each for each in made if each.doc_id not in held],
        "valid": [each for each in made if each.doc_id in held],
    }


def _personal(made: Sequence[Example]) -> dict[str, int]:
    """Pieces of personal data in the files, by kind: an adapter learns them."""
    texts = {message["content"] for each in made for message in each.messages if message["role"] == "system"}
    return dict(sorted(Counter(span.label for text in texts for span in find_pii(text)).items()))


def _write_private(path: Path, text: str) -> None:
    """Write a whole file that only the user can read."""
    write_atomic(path, text)
    path.chmod(0o600)
