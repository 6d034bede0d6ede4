"""`docreview escalate ...`: ask a service that the policy names about what the reader was not sure of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from docreview.escalation import Escalation, Item

escalate = typer.Typer(
    help="Ask an outside service, if the policy names one: redacted, and one consent for each item.",
    no_args_is_help=True,
)

Out = Annotated[Path, typer.Argument(metavar="OUT", help="The folder that `docreview triage` wrote.")]
Key = Annotated[str, typer.Argument(metavar="ITEM", help="An item's id, or how it begins.")]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="By default governance/policy.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(escalate, name="escalate")


@escalate.command("queue")
def queue(
    out: Out,
    checklist: Annotated[str | None, typer.Option(help="Of reviews with a checklist of your own: its .toml.")] = None,
    below_score: Annotated[float | None, typer.Option(help="A lower score than the policy's.")] = None,
    hide: Annotated[
        list[str] | None,
        typer.Option(help="Words that no item of this folder may show: parties, products. Repeatable."),
    ] = None,
    policy: PolicyFile = None,
) -> None:
    """Queue what the policy calls doubtful, redacted. Nothing is sent."""
    from docreview.escalation import Queue, collect, redactor
    from docreview.escalation import hide as hide_words
    from docreview.triage.results import results

    rules = _policy(policy).tightened(below_score=below_score)
    hide_words(Queue(out).folder, hide or [])
    redact = redactor(Queue(out).folder)
    found: list[Item] = []
    for each in results(out, checklist=checklist):
        files = (each.doc, each.text)
        found += collect(each.document, each.review, each.checklist, rules, redact, files=files)
    added = Queue(out).add(found)
    typer.echo(f"{len(added)} items queued, {len(found) - len(added)} were there. Nothing was sent.", err=True)


@escalate.command("list")
def list_(out: Out, as_json: AsJson = False) -> None:
    """All items: id, state, document, question, and why it is doubtful."""
    from docreview._json import dumps
    from docreview.escalation import Queue

    for item in Queue(out).items():
        line = f"{item.id}  {item.state:8}  {item.doc}  {item.question}  ({item.reason})"
        typer.echo(dumps(item) if as_json else _clean(line))


@escalate.command("show")
def show(out: Out, item: Key, as_json: AsJson = False) -> None:
    """One item: where it would go, every character that would be sent, and the answer if there is one."""
    from docreview._json import dumps
    from docreview.escalation import Queue

    found = Queue(out).item(item)
    if as_json:
        typer.echo(dumps(found))
        return
    for line in _lines(found):
        typer.echo(_clean(line))


@escalate.command("send")
def send(
    out: Out,
    item: Key,
    by: Annotated[
        str, typer.Option("--yes-i-consent-by", metavar="NAME", help="Your name: you have seen this item and consent.")
    ] = "",
    log: Annotated[Path | None, typer.Option(help="The audit log; by default OUT/escalation/audit.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The log's key file; the user's own by default.")] = None,
    policy: PolicyFile = None,
) -> None:
    """Send one item, with your consent, and show the answer: a suggestion, proven in the document or marked."""
    from docreview.escalation import Consent, Queue, redactor
    from docreview.escalation import send as send_item
    from docreview.governance.audit import AuditLog

    rules, waiting = _policy(policy), Queue(out)
    found = waiting.item(item)
    consent = Consent(item=found.id, by=by) if by else None
    with AuditLog(log or waiting.folder / "audit", key=key) as writer:
        done = send_item(waiting, found, consent, rules, redactor(waiting.folder), writer)
    for line in _answer(done):
        typer.echo(_clean(line))


@escalate.command("drop")
def drop(out: Out, item: Key) -> None:
    """Take an item out of the queue: it is never sent."""
    from docreview.escalation import Queue

    Queue(out).drop(item)


def _policy(file: Path | None) -> Escalation:
    from docreview.escalation import Escalation

    rules = Escalation.load(file)
    rules.address()
    return rules


def _lines(item: Item) -> list[str]:
    import json

    body = json.loads(item.body)
    lines = [
        f"{item.id}  {item.state}  {item.doc}  {item.question}  ({item.reason})",
        f"to {item.endpoint}, model {body['model']}, {len(item.body.encode()):,} bytes:",
    ]
    for message in body["messages"]:
        lines += ["", f"[{message['role']}]", *message["content"].splitlines()]
    return [*lines, "", *_answer(item)]


def _answer(item: Item) -> list[str]:
    if item.suggestion is None:
        return [f"no answer{': ' + item.note if item.note else ''}"]
    said = item.suggestion
    lines = [f"suggestion: {said.status}{': ' + said.value if said.value else ''}"]
    if said.quote:
        places = ", ".join(f"{each.span.start}-{each.span.end}" for each in said.citations)
        lines.append(f'"{said.quote}" ({said.verdict}{" at " + places if places else ""})')
    return [*lines, *([f"note: {item.note}"] if item.note else [])]


def _clean(text: str) -> str:
    from docreview.cli._table import clean

    return clean(text)
