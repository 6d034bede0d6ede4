"""The tools that record: clauses and flags with proven quotes, absences, abstentions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from docreview.prompts import restore
from docreview.tools.arguments import Abstain, Flag, RecordAbsent, RecordClause
from docreview.tools.desk import Desk, answer
from docreview.tools.trail import audit_id
from docreview.tools.values import Recorded, ToolResult
from docreview.types import Document, ToolCall
from docreview.verify import Change, Verification, verify

_NAMED: Final = 3  # differences named to the model
_SHOWN: Final = 600  # characters shown of the place that a refused quote is like
_KEPT: Final = "It is kept as unproven, for a person to look at. Do not record it again."


def record_clause(desk: Desk, call: ToolCall, given: RecordClause) -> ToolResult:
    """Record a place that answers a question, with a citation for every place where the quote stands."""
    name = desk.question(given.name)
    return quoted(desk, call, Recorded(kind="clause", call_id=call.id, name=name, value=given.value), given.quote)


def record_absent(desk: Desk, call: ToolCall, given: RecordAbsent) -> ToolResult:
    """Record that the document does not answer a question."""
    name = desk.question(given.name)
    desk.add(Recorded(kind="absent", call_id=call.id, name=name))
    return answer(call, f"{name}: recorded as absent.", settled=True)


def flag(desk: Desk, call: ToolCall, given: Flag) -> ToolResult:
    """Record a place that a person should look at, and why."""
    return quoted(desk, call, Recorded(kind="flag", call_id=call.id, reason=given.reason), given.quote, given.doc)


def abstain(desk: Desk, call: ToolCall, given: Abstain) -> ToolResult:
    """Record that the model can't answer, and why."""
    name = desk.question(given.name) if given.name else ""
    desk.trail.add("abstention", {"gen_ai.tool.call.id": audit_id(call.id)}, {"name": name, "reason": given.reason})
    desk.add(Recorded(kind="abstention", call_id=call.id, name=name, reason=given.reason))
    return answer(call, "Recorded.", settled=True)


def quoted(desk: Desk, call: ToolCall, draft: Recorded, quote: str, doc: str | None = None) -> ToolResult:
    """Record a quote with its proof. One that fails is kept as unproven until a later reply puts it right."""
    document = desk.open(doc)
    own = restore(quote)
    proof = verify(own, document)
    label = draft.name if draft.kind == "clause" else f"The {draft.kind}"
    again = _take_back(desk, draft, proof)
    if proof.proven:
        desk.add(replace(draft, quote=own, citations=proof.citations))
        return answer(call, f"{label}: recorded.", settled=True)
    problem = difference(proof)
    _log_refusal(desk, call, proof)
    desk.add(replace(draft, quote=own, problem=problem, closest=proof.closest))
    if again:
        return answer(call, f"{label}: not recorded. {problem} {_KEPT}", ok=False, settled=True)
    advice = f"Copy the place character for character and call {call.name} again, or leave it."
    return answer(call, f"{label}: not recorded. {problem}{_closest(proof, document)} {advice}", ok=False)


def _same(entry: Recorded, draft: Recorded) -> bool:
    """Whether an earlier record is an unproven one of the same question."""
    return not entry.proven and (entry.kind, entry.name) == (draft.kind, draft.name)


def _take_back(desk: Desk, draft: Recorded, proof: Verification) -> bool:
    """Take back the unproven record of an earlier reply that this quote is a second try at; whether there was one.

    That is the one that stands near the same place, else the first one of the same question.
    """
    failed = [item for item in desk.entries if item[0] < desk.round and _same(item[1], draft)]
    here = [*proof.spans, *([proof.closest] if proof.closest else [])]
    near = [item for item in failed if (was := item[1].closest) and any(span.overlaps(was) for span in here)]
    for item in (near or failed)[:1]:
        desk.entries.remove(item)
    return bool(failed)


def _log_refusal(desk: Desk, call: ToolCall, proof: Verification) -> None:
    data = {"gen_ai.tool.call.id": audit_id(call.id), "verdict": proof.verdict}
    changed = [[change.quote, change.document] for change in proof.changed]
    desk.trail.add("quote_refused", data, {"quote": proof.quote, "changed": changed, "note": proof.note})


def difference(proof: Verification) -> str:
    """What keeps a quote from being proven, in words for a model or a person."""
    if proof.verdict == "not_found":
        return f"The document does not say this{f' ({proof.note})' if proof.note else ''}."
    named = [_named(change) for change in proof.changed[:_NAMED]]
    more = f"; and {len(proof.changed) - _NAMED} more" if len(proof.changed) > _NAMED else ""
    note = f" ({proof.note})" if proof.note else ""
    return f"The quote is not what the document says{note}{': ' * bool(named)}{'; '.join(named)}{more}."


def _named(change: Change) -> str:
    if not change.quote:
        return f'the quote leaves out "{_short(change.document)}"'
    if not change.document:
        return f'the document has no "{_short(change.quote)}"'
    return f'the quote has "{_short(change.quote)}", the document "{_short(change.document)}"'


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:80]} ... {text[-30:]}"


def _closest(proof: Verification, document: Document) -> str:
    if proof.closest is None or len(proof.closest) > _SHOWN:
        return ""
    return f'\nThe closest place reads: "{document[proof.closest]}"\n'
