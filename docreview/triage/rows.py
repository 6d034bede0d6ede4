"""A review as rows: located candidates for findings.jsonl, one answer a question and the evidence for the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from docreview.checklist import Checklist
from docreview.review import BELOW, question_status
from docreview.types import Citation, Clause, Review

MOST_UNSURE: Final = 12
"""Of candidates that are unsure, tables and reports show this many a question; findings.jsonl holds all."""


def findings(doc: str, review: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every located candidate of a saved review, in the order of the checklist, the best first."""
    for clause in review["clauses"]:
        for citation in clause["citations"]:
            yield {
                "doc": doc,
                "category": clause["name"],
                "start": citation["span"]["start"],
                "end": citation["span"]["end"],
                "text": citation["quote"],
                "page": citation["page"],
                "speaker": citation["speaker"],
                "time": citation["start_s"],
                "score": clause["score"],
                "answer": clause["value"],
                "status": clause["status"],
                "reader": review["reader"],
            }


def by_question(review: Review, checklist: Checklist) -> dict[str, list[Clause]]:
    """The clauses of each question, in the checklist's order; last those of questions that a person named."""
    order = {name: i for i, name in enumerate(checklist.names)}
    clauses = sorted(review.clauses, key=lambda c: (order.get(c.name, len(order)), "" if c.name in order else c.name))
    return {name: list(group) for name, group in groupby(clauses, key=lambda c: c.name)}


def shown(clauses: list[Clause]) -> list[Clause]:
    """Those that a person should see of one question: all but the weakest candidates."""
    kept, unsure = [], 0
    for clause in clauses:
        unsure += clause.status == "unsure"
        if clause.note != BELOW and (clause.status != "unsure" or unsure <= MOST_UNSURE):
            kept.append(clause)
    return kept


def answer(label: str, clauses: list[Clause]) -> dict[str, Any]:
    """One question's answer: its status, the reader's short answer or the best quote, and how many places there are."""
    seen = shown(clauses)
    best, left = seen[0], sum(clause.note != BELOW for clause in clauses) - len(seen)
    more = [f"{left} weaker candidates are in findings.jsonl alone"] if left else []
    return {
        "category": best.name,
        "label": label,
        "status": question_status(clauses),
        "answer": best.value,
        "places": sum(c.status == "found" for c in clauses),
        "note": "; ".join(filter(None, [best.note, *more])),
        **_place(next(iter(best.citations), None)),
    }


def evidence(clauses: list[Clause]) -> Iterator[dict[str, Any]]:
    """A row for each place that a person should see, and for each clause without one."""
    for clause in shown(clauses):
        yield from places(clause)


def places(clause: Clause) -> Iterator[dict[str, Any]]:
    """A row for each citation of a clause, one if it has none."""
    for citation in clause.citations or (None,):
        yield {
            "category": clause.name,
            "status": clause.status,
            "score": clause.score,
            "answer": clause.value,
            "note": clause.note,
            **_place(citation),
        }


def _place(citation: Citation | None) -> dict[str, Any]:
    if citation is None:
        return dict.fromkeys(("quote", "page", "speaker", "time", "start", "end"))
    return {
        "quote": citation.quote,
        "page": citation.page,
        "speaker": citation.speaker,
        "time": citation.start_s,
        "start": citation.span.start,
        "end": citation.span.end,
    }
