"""The documents of `governance/` that hold figures, made from what is measured and from what is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from docreview._json import write_atomic
from docreview.errors import ConfigError

SOURCES: Final = ("README.md", "policy.toml", "models.toml", "threat_model.toml")
MEASURED: Final = ("clause_scores.json",)
"""What a measurement leaves in `governance/`, where it was made."""
"""Files of `governance/` that people write; README.md alone is read by nobody but people."""


def build(root: Path, data: Path | None = None) -> dict[str, str]:
    """What every made file of `governance/` should hold, by name.

    Args:
        root: The repository, with `governance/`, `corpora/`, `tests/` and `pyproject.toml`.
        data: A folder of data that are not in the repository, with `tokenizers/` and `pii/dev/pii.jsonl`: what it holds
            is measured with. Figures that need what is not there stay as they are.

    Raises:
        ConfigError: A source is missing or not what it should be; a threat names a test that there is not; a figure is
            not in the document that it names.
    """
    from docreview.evaluate.papers.bom import bill_of_materials
    from docreview.evaluate.papers.card import model_card
    from docreview.evaluate.papers.dpia import dpia
    from docreview.evaluate.papers.overhead import found_in, token_overhead
    from docreview.evaluate.papers.redaction import pii_baseline
    from docreview.evaluate.papers.scores import read_scores
    from docreview.evaluate.papers.sources import missing_tests, read_models, read_threats
    from docreview.evaluate.papers.threats import threat_model
    from docreview.governance.audit.event import schema

    folder = root / "governance"
    models, threats = read_models(folder), read_threats(folder)
    if lost := missing_tests(threats, root):
        raise ConfigError("threat_model.toml", "tests", f"there is no {', no '.join(lost)}")
    for figure in models.figure:
        if figure.value not in _read(root / figure.document):
            raise ConfigError("models.toml", figure.measure, f"{figure.value} is not in {figure.document}")
    policy = folder / "policy.toml"
    kept = _read(folder / "pii_baseline.json", "")
    return {
        "audit_event.schema.json": json.dumps(schema(), indent=2) + "\n",
        "dpia.md": dpia(_read(folder / "dpia.md"), threats, policy),
        "mlbom.cdx.json": bill_of_materials(models, root / "pyproject.toml"),
        "model_card.md": model_card(models, read_scores(folder)),
        "pii_baseline.json": pii_baseline(data and data / "pii" / "dev" / "pii.jsonl", kept),
        "threat_model.md": threat_model(threats),
        "token_overhead.csv": token_overhead(
            root / "corpora", found_in(data and data / "tokenizers"), _read(folder / "token_overhead.csv", "")
        ),
    }


def stale(root: Path, data: Path | None = None) -> list[str]:
    """Names of files of `governance/` that are not what they should be; errors as for `build`."""
    made = build(root, data)
    return [name for name, text in made.items() if _read(root / "governance" / name, "") != text]


def write(root: Path, data: Path | None = None) -> list[str]:
    """Bring `governance/` up to date; the names of the files that changed. Errors as for `build`."""
    made = build(root, data)
    changed = [name for name, text in made.items() if _read(root / "governance" / name, "") != text]
    for name in changed:
        write_atomic(root / "governance" / name, made[name])
    return changed


def _read(file: Path, otherwise: str | None = None) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if otherwise is None:
            raise ConfigError(str(file), "(whole file)", "there is no such file") from None
        return otherwise
