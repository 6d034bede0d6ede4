"""`governance/pii_baseline.json`: what the rules of redaction find and miss in annotated texts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

_NOTE: Final = (
    "recall: spans of which nine tenths of the letters are covered; rules alone, without a model. Made by "
    "`docreview governance build --data DATA`; the same as `docreview bench pii DATA/pii/dev/pii.jsonl --no-seconds`."
)


def pii_baseline(annotated: Path | None, kept: str) -> str:
    """The file's content; `kept`, the file as it is, where the annotated texts are not here."""
    if annotated is None or not annotated.is_file():
        return kept
    from docreview.evaluate.pii import bench

    figures: dict[str, Any] = bench(annotated, seconds=False)
    rows = [json.dumps(row, ensure_ascii=False) for row in figures.pop("rows")]
    head = {"note": _NOTE, "data_sha256": hashlib.sha256(annotated.read_bytes()).hexdigest(), **figures}
    body = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    return body + ',\n "rows": [\n  ' + ",\n  ".join(rows) + "\n ]\n}\n"
