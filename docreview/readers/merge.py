"""Answers from several windows of one document -> tool calls, each place once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docreview.readers.asking import SURE, Answer, Place
from docreview.types import Document


def calls(
    document: Document, names: Sequence[str], answers: Sequence[Mapping[str, Answer]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and arguments of calls for all questions. A question without an answer anywhere gets no call.

    Absent is only what is absent from every window; a question that was answered in some and left out in others is
    neither found nor absent there, so it gets no call either.

    Args:
        document: What was read.
        names: The questions.
        answers: By question, one mapping for each window; none when the document has no text.
    """
    for name in names:
        each = [answer[name] for answer in answers]
        places = merged(place for answer in each for place in answer.places)
        for place in places:
            yield "record_clause", _arguments(document, name, place)
        for answer in each:
            for reason in answer.unsure:
                yield "abstain", {"name": name, "reason": reason}
            if answer.failed:
                yield "failed", {"name": name, "reason": answer.failed}
        if all(answer.absent for answer in each) and not places:
            yield "record_absent", {"name": name}


def merged(places: Iterator[Place]) -> list[Place]:
    """Places that do not overlap, in document order: proven ones before others, then the longest, then the surest."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda p: (bool(p.note), -len(p.span), -p.score, p.span)):
        if not any(place.span.overlaps(other.span) for other in kept):
            kept.append(place)
    return sorted(kept, key=lambda p: p.span)


def _arguments(document: Document, name: str, place: Place) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": name,
        "start": place.span.start,
        "end": place.span.end,
        "quote": document[place.span],
        "score": place.score,
        "sure": place.score >= SURE and not place.note,
        "value": place.value,
    }
    return row | ({"note": place.note} if place.note else {})
