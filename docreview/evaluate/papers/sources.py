"""What the papers are made from: `governance/models.toml` and `threat_model.toml`, as values that are checked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from docreview._json import load
from docreview.errors import ConfigError
from docreview.types import Value

T = TypeVar("T")
STRIDE = {
    "S": "spoofing",
    "T": "tampering",
    "R": "repudiation",
    "I": "information disclosure",
    "D": "denial of service",
    "E": "elevation of privilege",
}
LLM = {
    "LLM01": "prompt injection",
    "LLM02": "sensitive information disclosure",
    "LLM03": "supply chain",
    "LLM04": "data and model poisoning",
    "LLM05": "improper output handling",
    "LLM06": "excessive agency",
    "LLM07": "system prompt leakage",
    "LLM08": "vector and embedding weaknesses",
    "LLM09": "misinformation",
    "LLM10": "unbounded consumption",
}
"""OWASP Top 10 for LLM applications, 2025."""
AGENTIC = {
    "ASI01": "agent goal hijack",
    "ASI02": "tool misuse and exploitation",
    "ASI03": "identity and privilege abuse",
    "ASI04": "agentic supply chain vulnerabilities",
    "ASI05": "unexpected code execution",
    "ASI06": "memory and context poisoning",
    "ASI07": "insecure inter-agent communication",
    "ASI08": "cascading failures",
    "ASI09": "human-agent trust exploitation",
    "ASI10": "rogue agents",
}
"""OWASP Top 10 for agentic applications, 2026."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset(Value):
    """Data that a model was made from. `personal`: what personal data it holds."""

    id: str
    name: str
    holder: str
    licence: str
    url: str
    personal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Value):
    """A model that ships with docreview; `licence` is an SPDX identifier, of its weights."""

    id: str
    file: str
    name: str
    task: str
    architecture: str
    languages: tuple[str, ...]
    datasets: tuple[str, ...]
    limits: str
    base: str = ""
    licence: str = "Apache-2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Value):
    """A figure that was measured here; `value` as it is printed in `document`."""

    model: str
    dataset: str
    measure: str
    value: str
    how: str
    command: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Models(Value):
    """The file `models.toml`."""

    measured: str
    dataset: tuple[Dataset, ...]
    model: tuple[Model, ...]
    figure: tuple[Figure, ...]

    def figures_of(self, model: Model) -> list[Figure]:
        """What was measured of one model."""
        return [figure for figure in self.figure if figure.model == model.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Value):
    """An asset or a boundary."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat(Value):
    """One threat: `text` says what happens, `left` what remains after the countermeasure."""

    id: str
    title: str
    stride: tuple[str, ...]
    llm: tuple[str, ...]
    agentic: tuple[str, ...]
    boundary: str
    assets: tuple[str, ...]
    text: str
    countermeasure: str
    tests: tuple[str, ...]
    residual: Literal["low", "medium", "high"]
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatModel(Value):
    """The file `threat_model.toml`."""

    method: str
    asset: tuple[Place, ...]
    boundary: tuple[Place, ...]
    threat: tuple[Threat, ...]

    def problems(self) -> list[str]:
        """References that lead nowhere, ids that occur twice, and classes that no threat belongs to."""
        assets, boundaries = {each.id for each in self.asset}, {each.id for each in self.boundary}
        found = []
        for threat in self.threat:
            found += [f"{threat.id}: no such asset {name}" for name in threat.assets if name not in assets]
            found += [f"{threat.id}: no such boundary {threat.boundary}"] if threat.boundary not in boundaries else []
            for names, known in ((threat.stride, STRIDE), (threat.llm, LLM), (threat.agentic, AGENTIC)):
                found += [f"{threat.id}: no such class {name}" for name in names if name not in known]
            found += [] if threat.tests else [f"{threat.id}: no test"]
        ids = [threat.id for threat in self.threat]
        found += [f"{name} occurs twice" for name in sorted(set(ids)) if ids.count(name) > 1]
        for known, attribute in ((STRIDE, "stride"), (LLM, "llm"), (AGENTIC, "agentic")):
            covered = {name for threat in self.threat for name in getattr(threat, attribute)}
            found += [f"no threat of class {name}" for name in known if name not in covered]
        return found + [f"no threat at boundary {name}" for name in boundaries - {t.boundary for t in self.threat}]


def read_models(folder: Path) -> Models:
    """From `models.toml` of a governance folder.

    Raises:
        ConfigError: The file is missing or not what it should be.
    """
    return _read(Models, folder / "models.toml")


def read_threats(folder: Path) -> ThreatModel:
    """From `threat_model.toml` of a governance folder.

    Raises:
        ConfigError: The file is missing or not what it should be, or a reference in it leads nowhere.
    """
    model = _read(ThreatModel, folder / "threat_model.toml")
    if problems := model.problems():
        raise ConfigError("threat_model.toml", "threat", "; ".join(problems))
    return model


def missing_tests(model: ThreatModel, root: Path) -> list[str]:
    """Tests that a threat names and that do not exist."""
    named = [test for threat in model.threat for test in threat.tests]
    return [test for test in named if not _exists(root, test)]


def _exists(root: Path, test: str) -> bool:
    file, *places, name = test.split("::")
    path = root / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return f"def {name}(" in text and all(f"class {place}" in text for place in places)


def _read(kind: type[T], file: Path) -> T:
    try:
        return load(kind, tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(str(file), "(whole file)", str(error)[:500]) from None


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(lines + [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows])
