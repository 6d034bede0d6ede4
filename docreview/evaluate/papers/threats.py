"""`governance/threat_model.md`, from `threat_model.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docreview.evaluate.papers.sources import AGENTIC, LLM, STRIDE, Threat, ThreatModel, table

_HEAD: Final = """\
# Threat model

Made from threat_model.toml by `docreview governance build`; a test compares it, and finds every test that is named."""


def threat_model(model: ThreatModel) -> str:
    """The page."""
    parts = [
        _HEAD,
        model.method,
        "## What is to be protected\n\n" + table(("asset", ""), [(each.id, each.text) for each in model.asset]),
        "## Boundaries\n\n" + table(("boundary", ""), [(each.id, each.text) for each in model.boundary]),
        "## Threats\n\n" + _overview(model),
        *(_section(threat) for threat in model.threat),
        "## Classes\n\n" + "\n\n".join(_classes(model)),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _overview(model: ThreatModel) -> str:
    rows = [(t.id, t.title, t.boundary, " ".join(t.stride), t.residual) for t in model.threat]
    return table(("", "threat", "boundary", "STRIDE", "risk left"), rows)


def _section(threat: Threat) -> str:
    classes = [*(STRIDE[name] for name in threat.stride), *threat.llm, *threat.agentic]
    tests = "\n".join(f"- `{test}`" for test in threat.tests)
    return (
        f"### {threat.id} {threat.title}\n\n{threat.text}\n\n"
        f"At the boundary *{threat.boundary}*; endangers {', '.join(threat.assets)}. {', '.join(classes)}.\n\n"
        f"**Against it.** {threat.countermeasure}\n\n{tests}\n\n"
        f"**Left: {threat.residual}.** {threat.left}"
    )


def _classes(model: ThreatModel) -> list[str]:
    named = (
        ("STRIDE", STRIDE, "stride"),
        ("OWASP LLM 2025", LLM, "llm"),
        ("OWASP agentic 2026", AGENTIC, "agentic"),
    )
    return [table((title, "", "threats"), _rows(model, known, attribute)) for title, known, attribute in named]


def _rows(model: ThreatModel, known: Mapping[str, str], attribute: str) -> list[tuple[str, str, str]]:
    return [
        (name, text, ", ".join(threat.id for threat in model.threat if name in getattr(threat, attribute)))
        for name, text in known.items()
    ]
