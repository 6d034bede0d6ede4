"""Two versions of a contract against a playbook: which positions got better or worse, and by which differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from docreview._json import plain as as_plain
from docreview.compare import Comparison, Difference, Pair
from docreview.compare.show import plain
from docreview.compare.values import Note, Notes
from docreview.playbook.book import Playbook, Rule
from docreview.playbook.check import (
    MOST_PLACES,
    Checked,
    Judged,
    Judgement,
    Place,
    check,
    judge,
    places_of,
    sentences_of,
    strictly,
    undecided,
)  # fmt: skip
from docreview.types import Document, Review, Span, Value

Level = Literal["preferred", "acceptable", "needs_review", "missing", "walk_away", "not_read"]
Way = Literal["better", "worse", "same", "unclear"]
_RANKS: Final[dict[Level, int]] = {"preferred": 3, "acceptable": 2, "missing": 1, "walk_away": 0}
_WAYS: Final[tuple[Way, ...]] = ("worse", "unclear", "better", "same")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand(Value):
    """Where a contract stands on one clause of a playbook.

    `position` is the id of the position that holds, "" where none decides; `why` is its text, or why none does.
    """

    level: Level
    position: str = ""
    why: str = ""

    @property
    def told(self) -> str:
        """For people: "walk-away (capped below the charges of a year)"."""
        return self.level.replace("_", "-" if self.level == "walk_away" else " ") + (
            f" ({self.why})" if self.why else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Value):
    """What became of one clause of a playbook. `way` is "unclear" where a person must read one of the versions.

    `fallback` is the text to propose, where the new version is worse than acceptable.
    """

    clause: str
    title: str
    before: Stand
    after: Stand
    way: Way
    fallback: str = ""

    @property
    def told(self) -> str:
        """For people, on one line."""
        return f"{self.title}: {self.before.told} → {self.after.told}: {self.way}"


@dataclass(frozen=True, kw_only=True)
class Shifts(Value):
    """All clauses of a playbook over two whole documents; and, by difference, those whose words it touches.

    `at` has one tuple for each of `Comparison.differences`, in their order; most are empty.
    """

    playbook: str
    clauses: tuple[Shift, ...]
    at: tuple[tuple[Shift, ...], ...]

    def counts(self) -> dict[Way, int]:
        """How many clauses went which way, the bad news first."""
        found = [shift.way for shift in self.clauses]
        return {way: found.count(way) for way in _WAYS if way in found}


def shifts(comparison: Comparison, old: Review, new: Review, playbook: Playbook) -> Shifts:
    """Each difference of two versions, judged by the positions of a playbook.

    Whole documents are judged as `check` does it when strict. A difference is judged where it touches a sentence that
    is a place of a clause: all places of that clause in the pair of pieces count, on each side. Where one side of the
    pair has no place of it, that side stands as its whole document does. Nothing is said of the other differences: the
    playbook has no position on their words. "better" and "worse" order preferred, acceptable, missing, walk-away;
    a walk-away position where there was none for sure is worse.

    Args:
        old: The review of `comparison.old`, with the playbook's checklist; `new` that of `comparison.new`.
    """
    sides = (_Side(comparison.old, old, playbook), _Side(comparison.new, new, playbook))
    whole = {rule.id: (sides[0].whole(rule), sides[1].whole(rule)) for rule in playbook.clause}
    at = tuple(
        tuple(_touched(pair, difference, sides, playbook.clause))
        for pair in comparison.pairs
        for difference in pair.differences
    )
    clauses = tuple(_shift(rule, *whole[rule.id]) for rule in playbook.clause)
    return Shifts(playbook=playbook.name, clauses=clauses, at=at)


class _Side:
    """One version: its places of every clause, and where it stands on each as a whole."""

    def __init__(self, document: Document, review: Review, playbook: Playbook) -> None:
        self._document, self._review, self._playbook = document, review, playbook
        self._places: dict[str, list[Place]] = {}
        self._checked = {each.clause: each for each in check(document, review, playbook)}

    @cached_property
    def _sentences(self) -> list[Span]:
        return list(sentences_of(self._document))

    def places(self, rule: Rule, within: Span) -> list[Place]:
        """The places of a clause that begin inside a span."""
        if rule.id not in self._places:
            self._places[rule.id] = places_of(rule, self._document, self._review, self._sentences)
        return [place for place in self._places[rule.id] if place.span.start in within]

    def at(self, rule: Rule, places: Sequence[Place]) -> Stand:
        """Where these places stand."""
        if not places:
            return self.whole(rule)
        judged = [judge(rule, self._document, place, self._playbook) for place in places[:MOST_PLACES]]
        judgement, by = strictly(judged)
        return _local(judgement, by)

    def whole(self, rule: Rule) -> Stand:
        """Where the whole document stands."""
        return _overall(rule, self._checked[rule.id])


def _local(judgement: Judgement, by: Judged) -> Stand:
    if judgement == "needs_review" or by.position is None:
        return Stand(level="needs_review", why=undecided(by))
    return Stand(level=by.position.level, position=by.position.id, why=by.position.text)


def _overall(rule: Rule, checked: Checked) -> Stand:
    level = next((position.level for position in rule.position if position.id == checked.position), None)
    if level is not None:
        return Stand(level=level, position=checked.position, why=checked.finding.message)
    absent: dict[Judgement, Level] = {
        "acceptable": "acceptable",
        "unacceptable": "walk_away",
        "missing": "missing",
        "not_read": "not_read",
    }
    return Stand(level=absent.get(checked.judgement, "needs_review"), why=checked.finding.message)


def _touched(pair: Pair, difference: Difference, sides: tuple[_Side, _Side], rules: Sequence[Rule]) -> Iterator[Shift]:
    pieces, at = (pair.old, pair.new), (difference.old_at, difference.new_at)
    spans = (difference.old, difference.new)
    for rule in rules:
        places = [side.places(rule, piece.span) if piece else [] for side, piece in zip(sides, pieces, strict=True)]
        if any(_touches(each.span, spans[i], at[i]) for i in (0, 1) for each in places[i]):
            before, after = (side.at(rule, own) for side, own in zip(sides, places, strict=True))
            yield _shift(rule, before, after)


def _touches(place: Span, span: Span | None, at: int) -> bool:
    """Whether a difference changes a sentence; words that come in beside it do not."""
    return place.overlaps(span) if span else place.start < at < place.end


def _shift(rule: Rule, before: Stand, after: Stand) -> Shift:
    good = _RANKS.get(after.level, 0) >= _RANKS["acceptable"]
    return Shift(
        clause=rule.id,
        title=rule.title,
        before=before,
        after=after,
        way=_way(before, after),
        fallback="" if good or after.level == "not_read" else rule.fallback,
    )


def _way(before: Stand, after: Stand) -> Way:
    """Where a person must read the old version, no walk-away position was seen in it: one in the new is worse."""
    if before.level == "needs_review" and after.level == "walk_away":
        return "worse"
    if before.level not in _RANKS or after.level not in _RANKS:
        return "unclear"
    old, new = _RANKS[before.level], _RANKS[after.level]
    return "same" if old == new else "better" if new > old else "worse"


def notes(comparison: Comparison, found: Shifts) -> Notes:
    """What the playbook says of each difference, to be shown beside it; the fallback where it got worse."""
    return {
        difference: [_note(found.playbook, shift) for shift in at]
        for difference, at in zip(comparison.differences, found.at, strict=True)
        if at
    }


def _note(playbook: str, shift: Shift) -> Note:
    propose = f" Propose: {shift.fallback}" if shift.way == "worse" and shift.fallback else ""
    tone: Literal["", "better", "worse"] = shift.way if shift.way in ("better", "worse") else ""
    return Note(f"Playbook {playbook}: {shift.told}.{propose}", tone)


def summary(found: Shifts) -> Iterator[str]:
    """How the whole documents compare, and the clauses that do not stand where they stood, the bad news first."""
    counts = ", ".join(f"{count} {way}" for way, count in found.counts().items())
    yield f"playbook {found.playbook}: {counts or 'no clauses'}"
    for way in _WAYS:
        yield from (f"    {each.told}" for each in found.clauses if each.way == way and each.before != each.after)


def with_playbook(comparison: Comparison, found: Shifts) -> dict[str, Any]:
    """A comparison ready for JSON, with the playbook's clauses, and those that each difference touches."""
    whole = plain(comparison)
    differences = [each for pair in whole["pairs"] for each in pair["differences"]]
    for each, at in zip(differences, found.at, strict=True):
        each["playbook"] = as_plain(at)
    return whole | {"playbook": {"name": found.playbook, "counts": found.counts(), "clauses": as_plain(found.clauses)}}
