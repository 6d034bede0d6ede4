"""What a reader's tool calls may look like: each is checked here, and none is dropped without a word."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from docreview.checklist import Checklist
from docreview.types import Citation, Document, Span, ToolCall
from docreview.verify import cite

_REQUIRED: Final = {
    "record_clause": ("name", "start", "end", "quote", "score", "sure"),
    "record_absent": ("name",),
    "record_type": ("type", "score"),
    "abstain": ("name", "reason"),
    "failed": ("name", "reason"),
}
_OPTIONAL: Final = {"record_clause": ("value", "note")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A clause that a reader proposed and whose quote was proven."""

    citation: Citation
    score: float
    sure: bool
    value: str | None
    note: str = ""


@dataclass(slots=True)
class Checked:
    """A reader's calls, sorted by what they are good for.

    `proposals`, `refused`, `abstained` and `absent` are by question; `stray` holds refusals that belong to no question.
    `refused` also holds why the reader failed, `abstained` why it could not decide.
    """

    proposals: dict[str, dict[Span, Proposal]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    abstained: dict[str, list[str]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    stray: list[str] = field(default_factory=list)
    doc_type: str = ""
    doc_type_score: float = 0.0


class _RefusedError(Exception):
    """A call does not fit; the message says why, without the document's words."""


def check(calls: Iterable[ToolCall], document: Document, checklist: Checklist) -> Checked:
    """Sort calls into proven proposals, absences, the type, and refusals with their reasons."""
    result, known = Checked(), frozenset(checklist.names)
    for call in calls:
        try:
            _take(call, document, known, result)
        except _RefusedError as error:
            name = call.arguments.get("name")
            reason = f"call {call.id} ({call.name[:40]}) was refused: {error}"
            if isinstance(name, str) and name in known:
                result.refused.setdefault(name, []).append(reason)
            else:
                result.stray.append(reason)
    return result


def _take(call: ToolCall, document: Document, known: frozenset[str], result: Checked) -> None:
    if call.name not in _REQUIRED:
        raise _RefusedError("there is no such tool")
    arguments = call.arguments
    _check_keys(call.name, arguments)
    if call.name == "record_type":
        result.doc_type, result.doc_type_score = _text(arguments, "type"), _number(arguments, "score")
        return
    name = _text(arguments, "name")
    if name not in known:
        raise _RefusedError("the checklist has no such question")
    if call.name == "record_absent":
        result.absent.add(name)
    elif call.name != "record_clause":
        kept = result.abstained if call.name == "abstain" else result.refused
        kept.setdefault(name, []).append(_text(arguments, "reason"))
    else:
        _add(result.proposals.setdefault(name, {}), _proposal(arguments, document))


def _check_keys(tool: str, arguments: Mapping[str, Any]) -> None:
    missing = [key for key in _REQUIRED[tool] if key not in arguments]
    unknown = [key for key in arguments if key not in (*_REQUIRED[tool], *_OPTIONAL.get(tool, ()))]
    if missing:
        raise _RefusedError(f"{', '.join(missing)} not given")
    if unknown:
        raise _RefusedError(f"{len(unknown)} unknown arguments")


def _proposal(arguments: Mapping[str, Any], document: Document) -> Proposal:
    start, end = _integer(arguments, "start"), _integer(arguments, "end")
    if not 0 <= start < end <= len(document):
        raise _RefusedError(f"[{start}, {end}) is no place in a text of {len(document)} characters")
    citation = cite(_text(arguments, "quote"), document, Span(start, end))
    if citation is None:
        raise _RefusedError(f"the quote is not what stands at [{start}, {end})")
    value = arguments.get("value")
    if not (value is None or isinstance(value, str)):
        raise _RefusedError("value is not a text")
    if not isinstance(arguments["sure"], bool):
        raise _RefusedError("sure is not true or false")
    note = arguments.get("note", "")
    if not isinstance(note, str):
        raise _RefusedError("note is not a text")
    score = _number(arguments, "score")
    return Proposal(citation=citation, score=score, sure=arguments["sure"], value=value, note=note)


def _add(proposals: dict[Span, Proposal], new: Proposal) -> None:
    """Of two proposals for one place the better one counts."""
    old = proposals.get(new.citation.span, new)
    proposals[new.citation.span] = max(old, new, key=lambda p: (p.sure, p.score))


def _text(arguments: Mapping[str, Any], key: str) -> str:
    value = arguments[key]
    if not isinstance(value, str) or not value:
        raise _RefusedError(f"{key} is not a text")
    return value


def _integer(arguments: Mapping[str, Any], key: str) -> int:
    value = arguments[key]
    if not isinstance(value, int) or isinstance(value, bool):
        raise _RefusedError(f"{key} is not a whole number")
    return value


def _number(arguments: Mapping[str, Any], key: str) -> float:
    value = arguments[key]
    if (
        not isinstance(value, (int, float))
        or isinstance(value, bool)
        or not math.isfinite(value)
        or not 0 <= value <= 1
    ):
        raise _RefusedError(f"{key} is not a number between 0 and 1")
    return float(value)
