"""`governance/dpia.md`: the tables in it are made here, the text around them belongs to its reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from docreview.errors import ConfigError
from docreview.evaluate.papers.sources import ThreatModel, table
from docreview.governance.audit.event import ACTORS, FIELDS, KINDS
from docreview.governance.audit.retention import Retention
from docreview.governance.pii.gates import GATES, RedactionPolicy
from docreview.governance.tool_policy import ToolPolicy

_PART: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PRIVACY: Final = frozenset(("documents", "log", "decisions"))


def dpia(text: str, threats: ThreatModel, policy: Path) -> str:
    """The page with its tables made anew.

    Raises:
        ConfigError: A table is missing, or one is asked for that there is none of.
    """
    parts = {"policy": _policy(policy), "log": _log(), "risks": _risks(threats)}
    named = [name for _, name, _ in _PART.findall(text)]
    if sorted(named) != sorted(parts):
        raise ConfigError("dpia.md", "tables", f"needs one of each: {', '.join(sorted(parts))}; has {', '.join(named)}")
    return _filled(text, parts)


def _filled(text: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", text)


def _policy(file: Path) -> str:
    days, redaction = Retention.load(file).payload_days, RedactionPolicy.load(file)
    tools = ToolPolicy.load(file)
    gates = ", ".join(redaction.gates) or "none"
    rows = [
        ("`[retention] payload_days`", f"{days} days: payloads older than this are deleted by `docreview audit purge`"),
        ("a legal hold", "keeps payloads longer, until it is released; both are logged"),
        ("`[redaction] gates`", f"where personal data are taken out of what passes: {gates} (of {', '.join(GATES)})"),
        ("`[tools] allow`", f"what a language model may call: {', '.join(tools.allow)}"),
        ("`[model] thoughts`", f"what is kept of a model's chains of thought: {tools.thoughts}"),
        ("settings and flags", "may only be stricter"),
    ]
    return table(("rule", ""), rows)


def _log() -> str:
    rows = [
        ("kinds of event", ", ".join(KINDS)),
        ("actors", ", ".join(ACTORS)),
        ("fields in clear", ", ".join(sorted(FIELDS))),
    ]
    return table(("", "words from fixed lists, ids, hashes, numbers"), rows)


def _risks(threats: ThreatModel) -> str:
    rows = [
        (threat.id, threat.title, threat.residual, threat.left)
        for threat in threats.threat
        if _PRIVACY & set(threat.assets)
    ]
    order = ("high", "medium", "low")
    return table(("", "threat", "risk left", ""), sorted(rows, key=lambda row: order.index(row[2])))
