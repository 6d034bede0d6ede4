"""A review as people left it. Places that they named are proved like a reader's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from docreview.decisions.entry import Entry
from docreview.decisions.items import Item, items
from docreview.types import Citation, Clause, Document, Finding, Review, Status
from docreview.verify import cite

RULE: Final = "decision"
"""The rule of findings about decisions that could not be applied."""


def apply(review: Review, entries: Iterable[Entry], document: Document) -> Review:
    """The review with people's decisions in it.

    An accepted place is `found`; an edited one has the person's answer and place, an added one is a clause of its own;
    neither has a score, which is the reader's. A rejected place is left out: when a question's last one is, the
    question is `not_found`, or `not_read` when the reader did not see all of the text. A flagged one stays as it is; an
    unsure one is `unsure`. The answer "nothing is there", rejected, is `unsure`.

    A decision whose place does not hold the characters that the person saw, or about something that is not in this
    review, changes nothing and becomes a finding of rule "decision": nothing is dropped in silence.

    Args:
        entries: Those of this document.
        document: The text that the review is about.
    """
    said = list(entries)
    lost = [_gone(entry) for entry in said if entry.verdict is not None and not _known(entry, review, said)]
    clauses: dict[str, list[Clause]] = {clause.name: [] for clause in review.clauses}
    for item in items(review, said):
        clause, finding = applied(item, document)
        group = clauses.setdefault(item.clause, [])
        group += [clause] if clause is not None else []
        lost += [finding] if finding is not None else []
    return replace(
        review,
        clauses=tuple(c for name, group in clauses.items() for c in _settled(name, group, review, document)),
        findings=(*review.findings, *lost),
        decisions=(*review.decisions, *(entry.decision for entry in said if entry.verdict is not None)),
    )


def _known(entry: Entry, review: Review, said: list[Entry]) -> bool:
    """Whether what a verdict is about is there: a place of the review, an added clause, or a question as a whole."""
    _, name, span = entry.key
    if entry.verdict == "added" or any(e.verdict == "added" and e.key == entry.key for e in said):
        return True
    own = [clause for clause in review.clauses if clause.name == name]
    return bool(own) and (span is None or any(c.span == span for clause in own for c in clause.citations[:1]))


def _gone(entry: Entry) -> Finding:
    return Finding(
        rule=RULE,
        severity="error",
        message=f"decision {entry.seq} is about something that is not in this review; it was not applied",
    )


def applied(item: Item, document: Document) -> tuple[Clause | None, Finding | None]:
    """The clause of one item as it stands, None when it was rejected; and what is wrong with the decision."""
    entry, own = item.entry, item.proposal
    if entry is None:
        return own, None
    if entry.verdict in ("edited", "added"):
        citation, finding = _proved(entry, document) if entry.quote_span else (None, None)
        return (own, finding) if finding else (_edited(item, citation), None)
    added, finding = _added(item, document) if own is None else (own, None)
    return (_judged(added, entry) if added else None), finding


def _proved(entry: Entry, document: Document) -> tuple[Citation | None, Finding | None]:
    span = entry.quote_span
    citation = cite(entry.quote, document, span) if span and span.end <= len(document) else None
    if citation is not None:
        return citation, None
    message = f"decision {entry.seq}: its place does not hold the characters that were chosen; it was not applied"
    return None, Finding(rule=RULE, severity="error", message=message)


def _edited(item: Item, citation: Citation | None) -> Clause:
    own, note = item.proposal, item.entry.note if item.entry else ""
    citations = (citation,) if citation else own.citations if own else ()
    status: Status = "found" if citations else "unsure"
    return Clause(name=item.clause, status=status, value=item.value or None, citations=citations, note=note)


def _added(item: Item, document: Document) -> tuple[Clause | None, Finding | None]:
    """The clause that a person added and another decided on since."""
    first = next(entry for entry in reversed(item.entries) if entry.verdict == "added")
    citation, finding = _proved(first, document)
    if citation is None:
        return None, finding
    return Clause(name=item.clause, status="found", value=first.value, citations=(citation,), note=first.note), None


def _judged(clause: Clause, entry: Entry) -> Clause | None:
    note = entry.note or clause.note
    if entry.verdict == "accepted":
        return replace(clause, status="found", note=entry.note) if clause.citations else clause
    if entry.verdict == "rejected":
        denied = entry.note or "a person does not agree that nothing is there"
        return None if clause.citations else replace(clause, status="unsure", note=denied)
    return replace(clause, status="unsure", note=note) if entry.verdict == "unsure" else replace(clause, note=note)


def _settled(name: str, group: list[Clause], review: Review, document: Document) -> list[Clause]:
    """The clauses of a question: without an answer "nothing is there" beside a place, never none."""
    if any(clause.status == "found" for clause in group):
        return [clause for clause in group if clause.status not in ("not_found", "not_read")]
    if group:
        return group
    whole = review.coverage.complete(document)
    note = "what the reader proposed was rejected"
    return [Clause(name=name, status="not_found" if whole else "not_read", note=note)]
