"""One item, sent with one person's consent; the answer is a suggestion, proven here or marked as not proven."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from docreview._json import load
from docreview.errors import ModelError, OutputError, PolicyError
from docreview.escalation.collect import Redactor
from docreview.escalation.policy import Escalation
from docreview.escalation.queue import Item, Queue, Suggestion
from docreview.governance import Redacted, restore
from docreview.models.http import Client
from docreview.types import Document, Source, Status
from docreview.verify import verify

if TYPE_CHECKING:
    from docreview.governance.audit import AuditLog

CONSENT: Final = "escalation.consent"
_LONGEST: Final = 65_536
_FENCE: Final = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's consent to send one item."""

    item: str
    by: str

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise PolicyError(CONSENT, "a consent has the name of the person who gives it")


class _Answer(BaseModel):
    """What a service may answer; anything else is no answer."""

    model_config = ConfigDict(extra="ignore", strict=True)
    status: Literal["found", "not_found", "unsure"]
    quote: str = Field(default="", max_length=8000)
    value: str = Field(default="", max_length=2000)


def send(
    queue: Queue, item: Item, consent: Consent | None, policy: Escalation, redact: Redactor, log: AuditLog
) -> Item:
    """Send one item and keep what came back.

    The log has the proposal before the consent is looked at, the consent before a byte goes out, and the outcome after.
    The document is redacted again first: if that gives another text than the one shown, the item must be queued anew.

    Args:
        queue: The queue that holds it.
        item: The item, as it was shown.
        consent: The consent to this very item.
        policy: The present policy.
        redact: As for `collect`.
        log: The audit log.

    Raises:
        PolicyError: No consent to this item, or the policy does not allow it (any more). Nothing was sent.
        OutputError: The queue or the document's text can't be read or written. Nothing was sent.
        AuditError: The log can't be written. Before the request: nothing was sent.
        ModelError: The service did not answer; the item is `failed` and may be sent again, with a new consent.
    """
    with queue.changing():
        item = queue.item(item.id)
        _allowed(item, policy)
        document = document_of(queue, item)
        redacted = _still_redacted(item, document, redact)
        try:
            return _asked(queue, item, consent, policy, log, document, redacted)
        except PolicyError as error:
            why = f"{item.id} was not sent: it needs a person's consent to this very item"
            raise PolicyError(error.rule, why) from None


def _allowed(item: Item, policy: Escalation) -> None:
    policy.address()
    if item.endpoint != policy.endpoint:
        raise PolicyError("escalation.endpoint", f"{item.id} was queued for another endpoint than the policy's")
    if json.loads(item.body)["model"] != policy.model:
        raise PolicyError("escalation.endpoint", f"{item.id} was queued for another model than the policy's")
    if item.state in ("answered", "dropped"):
        raise PolicyError(CONSENT, f"{item.id} is {item.state}: it is not sent again")


def document_of(queue: Queue, item: Item) -> Document:
    """The document's text as it was reviewed.

    Raises:
        OutputError: It is not in the folder of results any more.
    """
    path = queue.out / item.text
    if not path.resolve().is_relative_to(queue.out.resolve()):
        raise OutputError(path, "lies outside the folder of results")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise OutputError(path, error.strerror or "can't be read") from None
    source = Source(path=item.doc, media_type="text/plain", sha256=hashlib.sha256(raw).hexdigest())
    return Document(id=item.doc_id, source=source, text=raw.decode("utf-8", "replace"))


def _still_redacted(item: Item, document: Document, redact: Redactor) -> Redacted:
    """The document redacted anew: each passage of the item must stand in it."""
    redacted = redact(document.text)
    question = json.loads(item.body)["messages"][1]["content"]
    passages = re.split(r"\n\nPassage \d+:\n", question)[1:]
    if not passages or any(passage not in redacted.text for passage in passages):
        raise PolicyError(
            "escalation.redaction", f"{item.id}: the text would be redacted otherwise now; queue it again"
        )
    return redacted


def _asked(
    queue: Queue,
    item: Item,
    consent: Consent | None,
    policy: Escalation,
    log: AuditLog,
    document: Document,
    redacted: Redacted,
) -> Item:
    from docreview.governance.audit import Record, Ruling

    given = consent is not None and consent.item == item.id

    def ruling() -> Ruling:
        return Ruling(
            verdict="confirmed" if given else "denied",
            rule=CONSENT,
            policy_sha256=policy.policy_sha256,
            by="person" if given else "system",
        )

    data = {"bytes": len(item.body.encode())}
    payload = {"item": item.id, "endpoint": item.endpoint, "body": item.body, "by": consent.by if consent else ""}
    with log.action(Record(kind="escalation", data=data, actor="person", payload=payload), ruling) as running:
        by = consent.by if consent else ""
        queue.write([replace(item, state="sent", by=by)])
        try:
            answer = _post(policy, item)
        except ModelError as error:
            queue.write([replace(item, state="failed", by=by, note=f"{_now()} {error.code}")])
            raise
        suggestion, note = suggestion_of(answer, document, redacted)
        running.data |= {"status": suggestion.status} if suggestion else {}
        running.payload = {"answer": answer}
        done = replace(item, state="answered", by=by, suggestion=suggestion, note=note)
        queue.write([done])
    return done


def _post(policy: Escalation, item: Item) -> str:
    key = os.environ.get(policy.key_env) if policy.key_env else None
    found = Client(policy.address(), key).post("/v1/chat/completions", json.loads(item.body))
    try:
        content = found["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        content = None
    if not isinstance(content, str):
        raise ModelError("escalation", "server", "the service's answer holds no message")
    return content[:_LONGEST]


def suggestion_of(answer: str, document: Document, redacted: Redacted) -> tuple[Suggestion | None, str]:
    """What an answer says, with names put back and its quote proven; or None, and why it says nothing.

    Args:
        answer: The service's words: not trusted, never run, never obeyed.
        document: The document that was asked about.
        redacted: The document as the service saw it.
    """
    fenced = _FENCE.match(answer)
    try:
        said = load(_Answer, fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        return None, "the answer is not the JSON object that was asked for"
    values = {redacted.text[r.redacted.start : r.redacted.end]: r.value for r in redacted.replacements}
    quote, value = restore(said.quote, values), restore(said.value, values)
    if not quote:
        claimed = said.status == "found"
        return Suggestion(status="unsure" if claimed else said.status, value=value), "no quote" if claimed else ""
    proof = verify(quote, document)
    status: Status = said.status if proof.proven or said.status != "found" else "unsure"
    note = "" if proof.proven else f"its quote is {proof.verdict.replace('_', ' ')} in the document"
    return (
        Suggestion(status=status, value=value, quote=quote, verdict=proof.verdict, citations=proof.citations),
        note,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
