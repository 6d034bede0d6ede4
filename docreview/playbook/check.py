"""A reviewed document against a playbook: a verdict for each clause, with the rule that gave it and what shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from docreview import checklist
from docreview._shown import Rows, table
from docreview.obligations.duties import statements
from docreview.playbook.book import Playbook, Position, Rule
from docreview.playbook.conditions import Held, Outcome, holds
from docreview.playbook.words import compiled
from docreview.review import BELOW
from docreview.types import Citation, Clause, Document, Finding, Level, Review, Span, Value
from docreview.verify import cite

Judgement = Literal["acceptable", "needs_review", "unacceptable", "missing", "not_read", "not_covered"]
Mode = Literal["strict", "permissive"]
GRAVEST_FIRST: Final[tuple[Judgement, ...]] = (
    "unacceptable",
    "missing",
    "needs_review",
    "not_read",
    "acceptable",
    "not_covered",
)
MOST_PLACES: Final = 20
"""Places of one clause that are judged and shown; a clause with more needs review."""

_SHORTEST: Final = 5  # words
_LONGEST: Final = 1800  # characters; a longer sentence is a list of many clauses
_LEADERS: Final = re.compile(r"(?:\.\s?){6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked(Value):
    """The verdict on one clause. `position` is the id of the position that decided it, "" if none did.

    `finding.rule` is "playbook/clause#position". `fallback` is the text to propose instead; "" where it is acceptable.
    """

    clause: str
    title: str
    judgement: Judgement
    position: str
    finding: Finding
    fallback: str = ""


@table(Checked, "judgement clause title message position quote page start end fallback")
def _row(each: Checked) -> Iterator[tuple[object, ...]]:
    first = each.finding.citations[0] if each.finding.citations else None
    where = (first.quote, first.page, first.span.start, first.span.end) if first else (None,) * 4
    yield (each.judgement, each.clause, each.title, each.finding.message, each.position, *where, each.fallback)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a clause. `sure`: the review found it there, or the words that the playbook looks for stand there."""

    span: Span
    sure: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What the positions say at a place: the one that decided, and why none could."""

    place: Place
    level: str  # a position's level, or "unclear" or "none"
    position: Position | None
    spans: tuple[Span, ...] = ()
    why: str = ""


def check(document: Document, review: Review, playbook: Playbook, mode: Mode = "strict") -> Rows[Checked]:
    """The verdict for every clause of a playbook, in its order, then the clauses that the playbook does not cover.

    strict: every place that is surely the clause must hold an acceptable position, no walk-away position may be in
    doubt, and all of the document must have been read. permissive: one such place is enough, and a place of which the
    reader is unsure counts when there is no other. In both, a walk-away position at a place that is surely the clause
    makes it unacceptable. Where no position holds, or a program can't tell, a clause needs review. It is missing only
    if all of the document was read.
    """
    sentences = list(sentences_of(document))
    results = [_checked(rule, document, review, playbook, mode, sentences) for rule in playbook.clause]
    return Rows(Checked, (*results, *_not_covered(review, playbook)))


def _checked(
    rule: Rule, document: Document, review: Review, playbook: Playbook, mode: Mode, sentences: list[Span]
) -> Checked:
    places = places_of(rule, document, review, sentences)
    if not places:
        return _nowhere(rule, document, review, playbook)
    judged = [judge(rule, document, place, playbook) for place in places[:MOST_PLACES]]
    judgement, by = strictly(judged) if mode == "strict" else _permissive(judged)
    doubt = ""
    if judgement == "acceptable" and len(places) > MOST_PLACES:
        judgement, doubt = "needs_review", "there are too many places"
    elif judgement == "acceptable" and mode == "strict" and not review.coverage.complete(document):
        judgement, doubt = "needs_review", "acceptable where it was found, but not all of the document was read"
    position = by.position if judgement in ("acceptable", "unacceptable") else None
    message = position.text if position else doubt or undecided(by)
    spans = (by.place.span, *(each.place.span for each in judged if each is not by), *by.spans)
    return _result(rule, playbook, judgement, position, message, _citations(document, spans))


def places_of(rule: Rule, document: Document, review: Review, sentences: list[Span]) -> list[Place]:
    """Where the clause stands: what the review quoted, widened to whole sentences, and what the words find."""
    sure: dict[Span, bool] = {}
    for clause in review.clauses:
        if clause.name in rule.questions and clause.note != BELOW:
            for citation in clause.citations:
                for span in (each for each in sentences if each.overlaps(citation.span)):
                    sure[span] = sure.get(span, False) or clause.status == "found"
    patterns = [compiled(pattern) for pattern in rule.locate]
    for span in sentences:
        if any(pattern.search(document.text, span.start, span.end) for pattern in patterns):
            sure[span] = True
    return [Place(span, sure[span]) for span in sorted(sure, key=lambda span: (not sure[span], span))]


def sentences_of(document: Document) -> Iterator[Span]:
    """The sentences that say something: no headings and no lines of a table of contents."""
    headings = {section.heading.start: section.heading.end for section in document.sections}
    for span in statements(document):
        sentence = document[span]
        heading = span.end <= headings.get(span.start, 0)
        if not heading and len(sentence.split()) >= _SHORTEST and not _LEADERS.search(sentence):
            yield span


def judge(rule: Rule, document: Document, place: Place, playbook: Playbook) -> Judged:
    """What the positions of a rule say at a place."""
    if len(place.span) > _LONGEST:
        return Judged(place, "unclear", None, (), "the sentence is a list too long to be judged as a whole")
    level, position, outcome = deciding(rule, document, place.span, playbook)
    return Judged(place, level, position, outcome.spans, outcome.why)


def deciding(rule: Rule, document: Document, span: Span, playbook: Playbook) -> tuple[str, Position | None, Outcome]:
    """The position that decides about a place, and its level: a walk-away one first, then one in doubt ("unclear"),
    then the preferred and the acceptable ones; "none" where none holds.
    """
    outcomes = [(each, holds(each, document, span, playbook)) for each in rule.position]
    for level in ("walk_away", "unclear", "preferred", "acceptable"):
        for position, outcome in outcomes:
            if _level(position, outcome) == level:
                return level, position, outcome
    why = next((outcome.why for _, outcome in outcomes if outcome.held is Held.UNCLEAR), "no position holds")
    return "none", None, Outcome(Held.NO, (), why)


def _level(position: Position, outcome: Outcome) -> str:
    """The level that an outcome speaks for. A walk-away position is in doubt only where its words are there."""
    if outcome.held is Held.YES:
        return position.level
    return "unclear" if position.level == "walk_away" and outcome.held is Held.UNCLEAR and outcome.spans else ""


def strictly(judged: list[Judged]) -> tuple[Judgement, Judged]:
    """The verdict over places when each must be acceptable, and the place that gives it."""
    sure = [each for each in judged if each.place.sure]
    if refused := _at(sure, "walk_away"):
        return "unacceptable", refused
    if doubt := _at(judged, "walk_away") or _at(sure, "unclear") or _at(sure, "none"):
        return "needs_review", doubt
    good = _at(sure, "acceptable") or _at(sure, "preferred")
    return ("acceptable", good) if good else ("needs_review", judged[0])


def _permissive(judged: list[Judged]) -> tuple[Judgement, Judged]:
    sure = [each for each in judged if each.place.sure]
    if refused := _at(sure, "walk_away"):
        return "unacceptable", refused
    counted = sure or judged
    if good := _at(counted, "preferred") or _at(counted, "acceptable"):
        return "acceptable", good
    return "needs_review", _at(judged, "walk_away") or _at(counted, "unclear") or judged[0]


def _at(judged: Iterable[Judged], level: str) -> Judged | None:
    return next((each for each in judged if each.level == level), None)


def undecided(by: Judged) -> str:
    """Why a person must read a place."""
    if by.level == "walk_away" and by.position:
        return f"the reader is unsure that this is the clause; if it is: {by.position.text}"
    if not by.place.sure and by.level in ("preferred", "acceptable"):
        return "the reader is unsure that this is the clause"
    return f"a person must read it: {by.why}"


def _nowhere(rule: Rule, document: Document, review: Review, playbook: Playbook) -> Checked:
    clauses = [clause for clause in review.clauses if clause.name in rule.questions]
    if any(clause.status in ("failed", "unsure", "found") for clause in clauses):
        quoted = tuple(citation for clause in clauses for citation in clause.citations)
        message = "the reader quotes no whole sentence" if quoted else "the reader could not tell"
        return _result(rule, playbook, "needs_review", None, message, quoted)
    if any(clause.status == "not_read" for clause in clauses) or not review.coverage.complete(document):
        message = next((clause.note for clause in clauses if clause.note), "not all of the document was read")
        return _result(rule, playbook, "not_read", None, message, ())
    if {*rule.questions} - {clause.name for clause in clauses}:
        return _result(rule, playbook, "not_read", None, "the review did not ask for it", ())
    titles = [s.heading for s in document.sections if any(compiled(p).search(s.title) for p in rule.headings)]
    if titles:
        message = "a section has this title, but no sentence that the playbook knows"
        return _result(rule, playbook, "needs_review", None, message, _citations(document, titles))
    what = "the review found nothing" if rule.questions else "nothing has its words"
    message = f"{what}; all {len(document):,} characters were read"
    return _result(rule, playbook, rule.absent, None, message, ())


def _not_covered(review: Review, playbook: Playbook) -> Iterator[Checked]:
    covered = {name for rule in playbook.clause for name in rule.questions} | {*playbook.passive}
    found: dict[str, list[Clause]] = {}
    for clause in review.clauses:
        if clause.status == "found" and clause.name not in covered:
            found.setdefault(clause.name, []).append(clause)
    for name, clauses in found.items():
        rule = Rule(id=name, title=_label(playbook, name), position=(), severity="info")
        citations = tuple(citation for clause in clauses for citation in clause.citations)
        yield _result(rule, playbook, "not_covered", None, "the playbook has no rule for it", citations)


def _label(playbook: Playbook, name: str) -> str:
    """The short name of a question for people."""
    questions = checklist.load(playbook.checklist).questions
    return next((question.label for question in questions if question.name == name), name)


def _result(
    rule: Rule, playbook: Playbook, judgement: Judgement, position: Position | None, message: str,
    citations: tuple[Citation, ...],
) -> Checked:  # fmt: skip
    severity: Level = rule.severity
    if judgement in ("acceptable", "not_covered"):
        severity = "info"
    elif judgement in ("needs_review", "not_read"):
        severity = "warning"
    name = f"{playbook.name}/{rule.id}" + (f"#{position.id}" if position else "")
    finding = Finding(rule=name, severity=severity, message=message, citations=citations)
    fallback = "" if judgement in ("acceptable", "not_covered", "not_read") else rule.fallback
    return Checked(
        clause=rule.id,
        title=rule.title,
        judgement=judgement,
        position=position.id if position else "",
        finding=finding,
        fallback=fallback,
    )


def _citations(document: Document, spans: Iterable[Span]) -> tuple[Citation, ...]:
    return tuple(filter(None, (cite(document[span], document, span) for span in dict.fromkeys(spans))))
