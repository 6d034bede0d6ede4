"""Whether a position holds at a place: yes, no, or not to be told by a program. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from docreview.obligations.parties import party_pattern
from docreview.playbook.amounts import READINGS, Amount, limit_of, place_of_law
from docreview.playbook.book import LIMITS, Playbook, Position
from docreview.playbook.words import occurrences
from docreview.types import Document, Span

_MUTUAL: Final = re.compile(
    r"(?i)\b(?:(?:each|either|both|neither|no)\s+(?:of\s+the\s+)?part(?:y|ies)\b|mutual(?:ly)?\b|each\s+of\s+the\s+parties"
    r"|(?<!third )(?<!other )\bparties\s+(?:shall|will|must|may|agree)\b|to\s+the\s+other\s+party\b)"
)
_MODAL: Final = (
    r"(?:,[^,;:.]{2,90},)?\s+(?:hereby\s+|also\s+)?"
    r"(?:shall|will|must|may|agrees?|undertakes?|warrants?|represents?|grants?|assigns?)\b"
)


class Held(Enum):
    """Whether a condition holds."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a condition holds, where that shows, and why it can't be told."""

    held: Held
    spans: tuple[Span, ...] = ()
    why: str = ""


NO: Final = Outcome(Held.NO)


def holds(position: Position, document: Document, place: Span, playbook: Playbook) -> Outcome:
    """Whether all conditions of a position hold at a place: no, if one does not; unclear, if one is."""
    outcomes = list(_conditions(position, document, place, playbook))
    for held in (Held.NO, Held.UNCLEAR):
        for outcome in outcomes:
            if outcome.held is held:
                return outcome
    return Outcome(Held.YES, tuple(span for outcome in outcomes for span in outcome.spans))


def _conditions(position: Position, document: Document, place: Span, playbook: Playbook) -> Iterator[Outcome]:
    text = document.text
    if position.says:
        yield _any(position.says, text, place)
    for pattern in position.says_all:
        yield _any((pattern,), text, place)
    if position.lacks:
        yield _none(position.lacks, text, place)
    if position.places:
        yield _place(position.places, text, place)
    for name in LIMITS:
        if (limit := getattr(position, name)) not in ("", None):
            yield _limit(name, limit, text, place)
    if position.mutual is not None or position.by:
        yield _sides(position, document, place, playbook)


def _any(patterns: tuple[str, ...], text: str, place: Span) -> Outcome:
    denied: list[Span] = []
    for pattern in patterns:
        plain, behind = occurrences(pattern, text, place)
        if plain:
            return Outcome(Held.YES, (plain[0],))
        denied += behind
    return Outcome(Held.UNCLEAR, tuple(denied[:1]), "the words stand behind a negation") if denied else NO


def _none(patterns: tuple[str, ...], text: str, place: Span) -> Outcome:
    outcome = _any(patterns, text, place)
    return {Held.YES: NO, Held.NO: Outcome(Held.YES), Held.UNCLEAR: outcome}[outcome.held]


def _place(places: tuple[str, ...], text: str, place: Span) -> Outcome:
    named = place_of_law(text, place)
    if named is None:
        return Outcome(Held.UNCLEAR, (), "it does not name exactly one place whose law applies")
    return Outcome(Held.YES) if named.casefold() in {each.casefold() for each in places} else NO


def _limit(name: str, limit: object, text: str, place: Span) -> Outcome:
    kind, _, way = name.partition("_at_")
    bound, found = limit_of(kind, limit), READINGS[kind](text, place)
    if not found:
        return Outcome(Held.UNCLEAR, (), f"no {kind} can be read from it")
    if any(each.unit != bound.unit for each in found):
        return Outcome(Held.UNCLEAR, (), "its sums are in another currency")
    kept = {_kept(each, bound, way == "most") for each in found}
    if len(kept) > 1:
        return Outcome(Held.UNCLEAR, tuple(each.span for each in found[:2]), f"it has more than one {kind}")
    (held,) = kept
    why = f"its {kind} can't be compared to the day" if held is Held.UNCLEAR else ""
    return Outcome(held, (found[0].span,), why)


def _kept(each: Amount, bound: Amount, most: bool) -> Held:
    low, high = (each.low, each.high) if most else (-each.high, -each.low)
    least, top = (bound.low, bound.high) if most else (-bound.high, -bound.low)
    if high <= top and low <= least:
        return Held.YES
    return Held.NO if low > least else Held.UNCLEAR


def _sides(position: Position, document: Document, place: Span, playbook: Playbook) -> Outcome:
    """Whom a clause binds or entitles, from the parties that stand before its verbs."""
    who = _who(document, place, playbook)
    if not who:
        return Outcome(Held.UNCLEAR, (), "it does not show whom it binds")
    both = "both" in who or {"us", "them"} <= who
    if position.mutual is not None and both != position.mutual:
        return NO
    side = "both" if both else min(who)
    if position.by and side == "other":
        return Outcome(Held.UNCLEAR, (), "the playbook does not know on which side the party is that it binds")
    return Outcome(Held.YES) if not position.by or side == position.by else NO


def _who(document: Document, place: Span, playbook: Playbook) -> set[str]:
    quote = document[place]
    sides: set[str] = set()
    for match in re.finditer(rf"(?<![\w-])(?P<who>{_party(document, playbook)}){_MODAL}", quote):
        if _MUTUAL.match(match["who"]):
            return {"both"}
        name = re.sub(r"(?i)^(?:the|such|each|any)\s+", "", " ".join(match["who"].split())).casefold()
        known = {word.casefold(): "us" for word in playbook.us} | {word.casefold(): "them" for word in playbook.them}
        sides.add(known.get(name, "other"))
    if _MUTUAL.search(quote):  # beside one side's own duty, "either party" may be no more than mentioned
        return {"both"} if len(sides & {"us", "them"}) != 1 else set()
    return sides if len(sides) == 1 or "other" not in sides else set()


def _party(document: Document, playbook: Playbook) -> str:
    own = "|".join(re.escape(word) for word in (*playbook.us, *playbook.them))
    return rf"(?:{party_pattern(document)}|(?:[Tt]he\s+)?(?:{own or '(?!)'})(?!\w))"
