"""What `docreview eval` measures: each suite's figures, and their table with what others published beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: `path` leads to the figure, `aim` is what we want, `published` what others reached."""

    label: str
    path: tuple[str, ...]
    aim: float | None = None
    published: str = ""


FOLDERS: Final[Mapping[str, str]] = {
    "clauses": "cuad/dev",
    "contractnli": "contractnli/dev",
    "qmsum": "",
    "types": "",
    "values": "cuad/dev",
}
"""Where in a folder with all data each suite's lie."""
_HELD: Final = "held_out"
ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    "clauses": (
        Row(
            "AUPR, CUAD's rule", ("published", "aupr"), 0.75, "BERT-base .324, RoBERTa-large .482, DeBERTa-xlarge .478"
        ),
        Row("  macro AUPR", ("published", "macro_aupr"), 0.62),
        Row(
            "  precision at 80 % recall",
            ("published", "p_at_80r"),
            0.50,
            "BERT-base .082, RoBERTa-large .381, DeBERTa-xlarge .440",
        ),
        Row("  precision at 90 % recall", ("published", "p_at_90r"), None, "DeBERTa-xlarge .178"),
        Row("AUPR, exact place", ("strict", "aupr"), 0.60),
        Row("  macro AUPR", ("strict", "macro_aupr"), 0.55),
        Row("calibration error (ECE), all candidates", ("reliability", "calibration", "all", "ece")),
        Row("  candidates that are shown", ("reliability", "calibration", "shown", "ece")),
        Row("AURC, every answer", ("reliability", "answers", "aurc")),
        Row("  candidates that are shown", ("reliability", "proposals", "aurc")),
        Row("yes or no of a contract: accuracy", ("reliability", "yes_no", "accuracy"), 0.93),
        Row("  always the commonest answer", ("reliability", "yes_no", "majority")),
        Row("  balanced accuracy", ("reliability", "yes_no", "balanced")),
    ),
    "contractnli": (
        Row("evidence mAP", ("evidence_map",), 0.80, "Span NLI BERT-large .922"),
        Row("  one list of spans for each question", ("evidence_map_lists_by_question",)),
        Row("  precision at 80 % recall, one list", ("precision_at_80_recall",), None, "Span NLI BERT-large .793"),
        Row("accuracy", ("accuracy",), 0.78, "Span NLI BERT-large .875"),
        Row("F1 of contradicted", ("f1_contradicted",), None, "Span NLI BERT-large .357"),
    ),
    "qmsum": (
        Row("gold words within 3,000 words", ("recall",), 0.75),
        Row("  BM25 over turns, smoothed over 400 words", ("bm25",)),
        Row("  Academic", ("by_domain", "Academic")),
        Row("  Committee", ("by_domain", "Committee")),
        Row("  Product", ("by_domain", "Product")),
    ),
    "types": (
        Row("accuracy, types of contract", ("accuracy_contracts",), 0.85),
        Row("  with NDAs and transcripts", ("accuracy",)),
        Row("  right one among the first three", ("top3_contracts",)),
    ),
    "values": (
        Row("governing law", (_HELD, "Governing Law", "right"), 0.90),
        Row("agreement date", (_HELD, "Agreement Date", "right"), 0.90),
        Row("effective date", (_HELD, "Effective Date", "right"), 0.90),
        Row("expiration date", (_HELD, "Expiration Date", "right"), 0.75),
        Row("renewal term", (_HELD, "Renewal Term", "right"), 0.75),
        Row("notice to end renewal", (_HELD, "Notice Period to Terminate Renewal", "right"), 0.75),
        Row("parties, F1", (_HELD, "Parties", "f1"), 0.85),
        Row("parties with given names, F1", (_HELD, "Parties with the names they are given", "f1")),
    ),
}
"""The figures that a suite's table shows. Published ones are of other splits, with more to learn from."""


def folder(suite: str, data: Path) -> Path:
    """Where a suite's data are: in a folder with all data, or the folder itself."""
    inside = data / FOLDERS[suite]
    return inside if inside.is_dir() else data


def contractnli(data: Path, *, seed: int = 7) -> dict[str, Any]:
    """Figures of the NDA checklist, ten folds by document, near copies together; no weights are made."""
    from docreview.evaluate import nda
    from docreview.evaluate.data import agreements

    ready = nda.prepare(agreements(data), seed=seed)
    return nda.figures(ready, nda.held_out(ready, seed=seed))


def types(data: Path, *, seed: int = 7) -> dict[str, Any]:
    """Figures of the types of documents, five folds by group; no weights are kept."""
    from docreview.evaluate.types import examples, train

    return _measured(lambda out: train(examples(data), out, seed=seed))


def _measured(train: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, Any] = train(Path(folder) / "weights.npz")
    return {name: value for name, value in figures.items() if name != "sha256"}


def table(suite: str, figures: Mapping[str, Any]) -> str:
    """The figures of a suite in lines; those that were not measured are left out."""
    rows = [("", "measured", "asked for", "published, on another split"), *_rows(suite, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{a:{widths[0]}s}  {b:>{widths[1]}s}  {c:>{widths[2]}s}  {d}".rstrip() for a, b, c, d in rows]
    return "\n".join(lines) + "\n"


def _rows(suite: str, figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for row in ROWS[suite]:
        value: Any = figures
        for key in row.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            aim = "" if row.aim is None else f"{row.aim:.2f}"
            yield row.label, f"{value:.3f}", aim, row.published
