"""How much a document wants a person's attention: a plain sum that anyone can redo, with its reasons in words.

Points, with `weight` (0..3) from the checklist:

- a question that found something: its weight, unless the checklist expects it (`expected = true`);
- an expected one that is not found: its weight;
- one that is unsure, not read or failed: half its weight;
- each page that could not be read: 1, at most 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from docreview.checklist import Checklist, Question

MOST_PAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """`points` (higher: look sooner), and the reasons, the heaviest first."""

    points: float
    why: tuple[str, ...]


def assess(
    checklist: Checklist, statuses: Mapping[str, str], places: Mapping[str, int], unread_pages: Iterable[int]
) -> Risk:
    """The risk of a document from the status of each question and the number of places found for it."""
    reasons: list[tuple[float, str]] = []
    unread = len(tuple(unread_pages))
    if unread:
        reasons.append((min(unread, MOST_PAGES), f"{unread} page{'s' if unread > 1 else ''} not read"))
    groups: dict[str, list[Question]] = {}
    for question in checklist.questions:
        status = statuses[question.name]
        points = _points(question, status)
        if points and status in ("found", "not_found"):
            reasons.append((points, _words(question, status, places.get(question.name, 1))))
        elif points:
            groups.setdefault(status, []).append(question)
    for status, questions in groups.items():
        reasons.append((sum(_points(q, status) for q in questions), _group(status, questions)))
    reasons.sort(key=lambda pair: -pair[0])
    return Risk(points=sum(points for points, _ in reasons), why=tuple(text for _, text in reasons))


def _points(question: Question, status: str) -> float:
    if status in ("unsure", "not_read", "failed"):
        return question.weight / 2
    wanted = "not_found" if question.expected else "found"
    return float(question.weight) if status == wanted else 0.0


def _words(question: Question, status: str, places: int) -> str:
    if status == "not_found":
        return f"no {question.label} found"
    return question.label + (f" ({places})" if places > 1 else "")


def _group(status: str, questions: list[Question]) -> str:
    what = {"unsure": "unsure", "not_read": "not read", "failed": "failed"}[status]
    return f"{what}: {questions[0].label}" if len(questions) == 1 else f"{len(questions)} questions {what}"
