"""What people decided about a review, as the answers that a model should have given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from docreview.types import Clause, Decision, Review

Rejected = Literal["drop", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The right answers by question, and why other questions have none.

    `places` is empty for a question that the document does not answer.
    """

    places: Mapping[str, tuple[Clause, ...]] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)


def answers(review: Review, *, rejected: Rejected = "drop") -> Answers:
    """What a person's last word on each question makes of its clauses.

    Accepted: the clauses as they are, found or not found. Edited: the same places with the person's value. Rejected:
    the places are wrong, but nobody said what is right; so the question is dropped, or taken to be absent. Everything
    else (flagged, unsure, not read, not decided) is dropped.

    Args:
        review: With its decisions.
        rejected: "absent" when your reviewers reject a place only where the document has none.
    """
    last: dict[str, Decision] = {decision.clause: decision for decision in review.decisions}
    places: dict[str, tuple[Clause, ...]] = {}
    dropped: dict[str, str] = {}
    for name in dict.fromkeys(clause.name for clause in review.clauses):
        clauses = [clause for clause in review.clauses if clause.name == name]
        decision = last.get(name)
        if decision is None or decision.verdict in ("flagged", "unsure", "withdrawn"):
            dropped[name] = decision.verdict if decision else "not decided"
        elif decision.verdict == "rejected":
            if rejected == "absent":
                places[name] = ()
            else:
                dropped[name] = "rejected"
        else:
            _accept(name, clauses, decision, places, dropped)
    return Answers(places=places, dropped=dropped)


def _accept(
    name: str,
    clauses: list[Clause],
    decision: Decision,
    places: dict[str, tuple[Clause, ...]],
    dropped: dict[str, str],
) -> None:
    located = [clause for clause in clauses if clause.citations and clause.status in ("found", "unsure")]
    sure = [clause for clause in located if clause.status == "found"] or located
    if decision.verdict == "edited":
        sure = [replace(clause, value=decision.value) for clause in sure[:1]]
    if sure:
        places[name] = tuple(sure)
    elif decision.verdict == "accepted" and all(clause.status == "not_found" for clause in clauses):
        places[name] = ()
    else:
        dropped[name] = f"{decision.verdict} without a place"
