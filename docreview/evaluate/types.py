"""Trains and measures the model for document types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from docreview.evaluate.clauses import Table, stack
from docreview.evaluate.data import agreements, contracts, data_digest, folds
from docreview.evaluate.fit import TITLES, fit, prune
from docreview.readers.doctype import TRANSCRIPT, document_rows, softmax
from docreview.readers.weights import save

_FEATURES: Final = 40_000
MERGED: Final[Mapping[str, str]] = {
    "Affiliate Agreement": "affiliate",
    "Affiliate_Agreements": "affiliate",
    "Agency Agreements": "agency",
    "Co_Branding": "co-branding",
    "Consulting Agreements": "consulting",
    "Endorsement Agreement": "endorsement",
    "IP": "intellectual property",
    "Joint Venture": "joint venture",
    "Joint Venture _ Filing": "joint venture",
    "License_Agreements": "license",
    "Non_Compete_Non_Solicit": "non-compete",
    "Strategic Alliance": "strategic alliance",
}
"""Folder names of CUAD that are more than a spelling in lower case away from our name of the type."""


def type_name(folder: str) -> str:
    """Our name of a contract type from CUAD's folder name."""
    return MERGED.get(folder, folder.replace("_", " ").lower())


def examples(folder: Path) -> list[tuple[str, str, str]]:
    """`(group, type, text)` of contracts (`cuad/dev`), NDAs (`contractnli/dev`) and transcripts (`qmsum/dev/txt`)
    under a folder.

    Raises:
        ConfigError: The contracts or the NDAs are missing.
    """
    rows = [(c.group, type_name(c.kind), c.text) for c in contracts(folder / "cuad/dev")]
    rows += [(d.doc, "nda", d.text) for d in agreements(folder / "contractnli/dev")]
    for file in sorted((folder / "qmsum/dev/txt").glob("*.txt")):
        rows.append((file.name, TRANSCRIPT, file.read_text(encoding="utf-8")))
    return rows


def train(rows: Sequence[tuple[str, str, str]], out: Path, *, count: int = 5, seed: int = 7) -> dict[str, Any]:
    """Train on all examples, write the weights, and return the figures from cross-validation by group."""
    import numpy as np

    names = sorted({kind for _, kind, _ in rows})
    truth = np.array([names.index(kind) for _, kind, _ in rows])
    labels = np.eye(len(names), dtype=np.float32)[truth]
    table = Table(stack([[document_rows(text)] for *_, text in rows]), labels, np.arange(len(rows)))
    fold = folds([group for group, *_ in rows], count, seed)
    logits = np.zeros_like(labels)
    for number in range(count):
        model = fit(*table.pick(fold != number), names, plan=TITLES, seed=seed)
        logits[fold == number] = model.logits(table.pick(fold == number)[0])
    slope = _slope(logits, truth)
    full = prune(fit(table.rows, labels, table.documents, names, plan=TITLES, seed=seed), _FEATURES)
    arrays = {"slope": np.array([slope]), **{f"linear.{k}": v for k, v in full.arrays().items()}}
    meta = {"kind": "types", "labels": names, "data": data_digest([text for *_, text in rows]), "seed": seed}
    return {**_figures(logits, truth, names), "sha256": save(out, arrays, meta)}


def _slope(logits: Any, truth: Any) -> float:
    """The sharpness of the softmax that makes the right answers likeliest (temperature scaling, Guo et al. 2017)."""
    import numpy as np

    steps = np.linspace(0.1, 4, 79)
    rows = np.arange(len(truth))
    fits = [np.log(np.maximum(softmax(logits * step)[rows, truth], 1e-9)).sum() for step in steps]
    return float(steps[int(np.argmax(fits))])


def _figures(logits: Any, truth: Any, names: Sequence[str]) -> dict[str, Any]:
    import numpy as np

    guess = logits.argmax(1)
    contract = np.array([name not in ("nda", TRANSCRIPT) for name in names])[truth]
    per = {name: round(float((guess == i)[truth == i].mean()), 3) for i, name in enumerate(names)}
    top3 = (np.argsort(-logits, axis=1)[:, :3] == truth[:, None]).any(1)
    return {
        "documents": len(truth),
        "accuracy": round(float((guess == truth).mean()), 4),
        "accuracy_contracts": round(float((guess == truth)[contract].mean()), 4),
        "top3_contracts": round(float(top3[contract].mean()), 4),
        "per_type": per,
    }
