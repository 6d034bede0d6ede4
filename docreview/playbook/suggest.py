"""What people decided, held against a playbook: which positions they accepted or corrected, and what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from docreview._shown import Rows, table
from docreview.playbook.book import Playbook, Rule
from docreview.playbook.check import deciding
from docreview.types import Clause, Decision, Document, Review, Source, Span, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice(Value):
    """What people did about one question of the checklist. `clause` is the playbook's rule for it, "" if it has none.

    `positions` counts, by position, the quotes of clauses that people accepted; under "" those that no position fits,
    which are the ones a playbook could learn from. `values` counts the values to which people corrected a clause.
    """

    question: str
    clause: str
    reviews: int
    found: int
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    positions: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, int] = field(default_factory=dict)


@table(Practice, "question clause reviews found accepted edited rejected positions values")
def _row(each: Practice) -> Iterator[tuple[object, ...]]:
    counts = (each.reviews, each.found, each.accepted, each.edited, each.rejected)
    yield (each.question, each.clause, *counts, dict(each.positions), dict(each.values))


def suggest(reviews: Iterable[Review], playbook: Playbook) -> Rows[Practice]:
    """One row for each question that the reviews asked, those most often decided on first.

    The last decision on a question counts. Only a review's own quotes are judged, so positions on what stands in the
    rest of a sentence may not be recognised.
    """
    known = [review for review in reviews if review.checklist == playbook.checklist]
    names = dict.fromkeys(clause.name for review in known for clause in review.clauses)
    rows = [_practice(name, known, playbook) for name in names if name not in playbook.passive]
    return Rows(
        Practice,
        sorted(rows, key=lambda row: (-(row.accepted + row.edited + row.rejected), -row.found, row.question)),
    )


def _practice(name: str, reviews: list[Review], playbook: Playbook) -> Practice:
    rule = next((rule for rule in playbook.clause if name in rule.questions), None)
    decided: Counter[str] = Counter()
    positions: Counter[str] = Counter()
    values: Counter[str] = Counter()
    for review in reviews:
        decision = _last(name, review.decisions)
        if decision is None:
            continue
        decided[decision.verdict] += 1
        if decision.verdict in ("edited", "added") and decision.value:
            values[decision.value] += 1
        if decision.verdict == "accepted":
            found = [clause for clause in review.clauses if clause.name == name and clause.status == "found"]
            positions.update(_position(clause, rule, playbook) for clause in found)
    asked = [[clause for clause in review.clauses if clause.name == name] for review in reviews]
    return Practice(
        question=name,
        clause=rule.id if rule else "",
        reviews=sum(map(bool, asked)),
        found=sum(any(clause.status == "found" for clause in clauses) for clauses in asked),
        accepted=decided["accepted"],
        edited=decided["edited"] + decided["added"],
        rejected=decided["rejected"],
        positions=dict(positions.most_common()),
        values=dict(values.most_common()),
    )


def _last(name: str, decisions: Iterable[Decision]) -> Decision | None:
    mine = [decision for decision in decisions if decision.clause == name]
    return max(mine, key=lambda decision: decision.at) if mine else None


def _position(clause: Clause, rule: Rule | None, playbook: Playbook) -> str:
    """The position that the quotes of a clause hold; "" if none does."""
    if rule is None:
        return ""
    text = " ".join(citation.quote for citation in clause.citations)
    quotes = Document(id=clause.citations[0].doc_id, source=Source(path="", media_type="", sha256=""), text=text)
    level, position, _ = deciding(rule, quotes, Span(0, len(text)), playbook)
    return position.id if position and level != "unclear" else ""
