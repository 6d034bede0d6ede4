"""What an event may say in clear, and what it only commits to.

The log is kept for years and shown to strangers, so a line holds ids, hashes, numbers and words from fixed lists.
Everything else that a caller hands over (text, names, arguments) is the event's payload: it goes to the payload store,
and the line holds a salted commitment to it.

Attribute names of model and tool calls are OpenTelemetry's
(https://opentelemetry.io/docs/specs/semconv/gen-ai/, status "development").
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KINDS: Final = (
    "run_started",
    "run_ended",
    "document_read",
    "model_call",
    "tool_call",
    "quote_refused",
    "loop",
    "abstention",
    "decision",
    "escalation",
    "export",
    "purge",
    "hold",
    "recovery",  # the log's own: what an interrupted writer left behind
    "record",  # anything else
)
RESERVED: Final = ("purge", "hold", "recovery")
"""Kinds that change what the log means; only the log's own functions write them."""
ACTORS: Final = ("system", "reader", "model", "person", "operator")
STAGES: Final = ("proposed", "allowed", "denied", "confirmed", "done", "failed")
TOOLS: Final = (
    "record_clause",
    "record_absent",
    "cite",
    "record_type",  # the embedded reader's own
    "search",
    "read_span",
    "list_sections",
    "lookup_definition",
    "compute_date",
    "flag",
    "note",
    "abstain",
)
COMMITMENT: Final = "commitment"
"""The key of an event's data that holds the commitment to its payload."""

SHA256: Final = r"^[0-9a-f]{64}$"
ID: Final = r"^(call_)?[0-9a-f][0-9a-f-]{0,63}$"
RULE: Final = r"^[a-z][a-z0-9_]{0,31}(\.[a-z0-9_]{1,32}){0,3}$"
RUN: Final = r"^([0-9a-f][0-9a-f-]{5,63})?$"


def _words(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


_NUMBER: Final = {"type": "number"}
_COUNT: Final = {"type": "integer"}
_FLAG: Final = {"type": "boolean"}
_RANGES: Final = {"type": "array", "items": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}}

_COUNTS: Final = """
    bytes chars pages count documents failures clauses start end torn_bytes held rank page calls repeats round
    thoughts_chars
    gen_ai.request.max_tokens gen_ai.request.seed gen_ai.request.top_k
    gen_ai.usage.input_tokens gen_ai.usage.output_tokens gen_ai.usage.cache_read.input_tokens
"""
_NUMBERS: Final = """
    seconds score gen_ai.request.temperature gen_ai.request.top_p gen_ai.request.min_p
    gen_ai.request.frequency_penalty gen_ai.request.presence_penalty gen_ai.request.repetition_penalty
"""

FIELDS: Final[dict[str, dict[str, Any]]] = {
    COMMITMENT: _text(SHA256),
    "action": _text(ID),
    "stage": _words(*STAGES),
    "rule": _text(RULE),
    "verdict": _words(
        "verbatim",
        "normalised",
        "altered",
        "not_found",
        "accepted",
        "rejected",
        "edited",
        "flagged",
        "unsure",
        "added",
        "withdrawn",
    ),
    "status": _words("found", "not_found", "not_read", "unsure", "failed", "done", "quarantined"),
    "reason": _words("retention", "erasure", "request"),
    "hold": _text(ID),
    "released": _FLAG,
    "run": _text(RUN),
    "seqs": _RANGES,
    "gen_ai.operation.name": _words("chat", "text_completion", "embeddings", "execute_tool", "invoke_agent"),
    "gen_ai.tool.name": _words(*TOOLS),
    "gen_ai.tool.call.id": _text(ID),
    "gen_ai.response.finish_reasons": {
        "type": "array",
        "items": _words("stop", "length", "tool_calls", "content_filter", "error", "loop", "time", "cancelled"),
    },
    "gen_ai.request.stream": _FLAG,
    "ok": _FLAG,
    "cached": _FLAG,
    **{
        f"{name}_sha256": _text(SHA256)
        for name in ("document", "policy", "weights", "template", "prompt", "checklist", "output", "torn", "thoughts")
    },
    **dict.fromkeys(_COUNTS.split(), _COUNT),
    **dict.fromkeys(_NUMBERS.split(), _NUMBER),
}
"""Every key that may stand in clear, as JSON Schema. A value that does not fit goes to the payload."""


canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
"""The same text for equal values: sorted keys, no spaces, ASCII."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a caller wants logged. `data` is sorted into clear fields and payload by `FIELDS`; `payload` is private.

    `at` is the log's own clock, never the caller's.
    """

    kind: str = "record"
    data: Mapping[str, Any] = field(default_factory=dict)
    payload: Any = None
    actor: str = "system"
    run_id: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Record:
        """A record from any JSON object: keys that it does not know are data. A reserved kind is not taken."""
        known: dict[str, Any] = {}
        rest = dict(row)
        if rest.get("kind") in RESERVED:
            rest["claimed_kind"] = rest.pop("kind")
        for key, kind in (("kind", str), ("data", dict), ("actor", str), ("run_id", str)):
            if isinstance(rest.get(key), kind):
                known[key] = rest.pop(key)
        payload = rest.pop("payload", None)
        if rest:
            known["data"] = {**known["data"], "other": rest} if "data" in known else rest
        return cls(**known, payload=payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One line of the log. `previous` is the hash of the line before; `hash` is this line's RFC 6962 leaf hash."""

    seq: int
    at: str
    run_id: str
    actor: str
    kind: str
    data: Mapping[str, Any]
    previous: str
    hash: str


def fits(value: Any, rule: Mapping[str, Any]) -> bool:
    """Whether a value may stand in clear under a key. Knows only what `FIELDS` uses of JSON Schema."""
    if "enum" in rule:
        return isinstance(value, str) and value in rule["enum"]
    kind = rule["type"]
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str) and re.match(rule["pattern"], value) is not None and "\n" not in value
    if kind == "array":
        low, high = rule.get("minItems", 0), rule.get("maxItems", 1 << 20)
        return isinstance(value, list) and low <= len(value) <= high and all(fits(v, rule["items"]) for v in value)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
    return whole or (kind == "number" and isinstance(value, float) and math.isfinite(value))


def split(record: Record) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """A record's head (run_id, actor, kind), its clear data, and what must not be seen; the last may be empty."""
    clear: dict[str, Any] = {}
    private: dict[str, Any] = {}
    for key, value in record.data.items():
        rule = FIELDS.get(key) if key != COMMITMENT else None
        (clear if rule is not None and fits(value, rule) else private)[key] = value
    hidden: dict[str, Any] = {"data": private} if private else {}
    head = {"run_id": record.run_id, "actor": record.actor, "kind": record.kind}
    for key, fine, instead in (
        ("run_id", re.fullmatch(RUN[1:-1], record.run_id) is not None, ""),
        ("actor", record.actor in ACTORS, "person"),
        ("kind", record.kind in KINDS, "record"),
    ):
        if not fine:
            hidden[key], head[key] = head[key], instead
    if record.payload is not None:
        hidden["payload"] = record.payload
    return head, clear, hidden


def pack(hidden: Mapping[str, Any]) -> bytes:
    """A payload's bytes, the same for equal payloads.

    Raises:
        ValueError: It holds something that JSON has no word for.
    """
    try:
        return canonical(hidden).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not plain JSON data ({error})") from None


def commitment_of(salted: bytes) -> str:
    """SHA-256 of a payload behind its 32-byte salt, in hexadecimal: tells nothing about it to who lacks the salt."""
    return hashlib.sha256(b"docreview payload\n" + salted).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON Schema of a line."""
    properties: dict[str, Any] = {
        "seq": {"type": "integer", "minimum": 0},
        "at": _text(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"),
        "run_id": _text(RUN),
        "actor": _words(*ACTORS),
        "kind": _words(*KINDS),
        "data": {"type": "object", "properties": FIELDS, "additionalProperties": False},
        "previous": _text(SHA256),
        "hash": _text(SHA256),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a docreview audit log",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
