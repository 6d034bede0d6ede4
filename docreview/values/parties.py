"""The parties of a contract with the names that it gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from docreview.types import Span, Value

_OPEN: Final = "\"“”„«'‘’"
_QUOTED: Final = re.compile(r"[\"“”„«]\s*([^\"“”„»\n]{1,60}?)[\s,.]*[\"“”»]")
_BRACKET: Final = re.compile(r"\(([^()]{1,250})\)")
_REACH: Final = 400
_BOTH: Final = re.compile(r"(?i)\b(?:part(?:y|ies)|collectively|individually|together|each)\b")
_COMMON: Final = re.compile(r"(?i)^\W*(?:the\s+)?part(?:y|ies)\W*$")
_ORGANISED: Final = re.compile(r"(?i)\b(?:inc|llc|l\.l\.c|ltd|limited|corp|corporation|company|co|gmbh|s\.?a|b\.?v|l\.?p|n\.?v|plc|ag)\b\.?\W*$")


@dataclass(frozen=True, slots=True)
class Party(Value):
    """A party as the contract writes it, and the names it is given: `Netgear, Inc.`, ("Distributor",)."""

    name: str
    called: tuple[str, ...]
    marks: tuple[Span, ...]

    def __str__(self) -> str:
        return self.name + (f" ({', '.join(f'“{name}”' for name in self.called)})" if self.called else "")


def called(text: str, name: Span, until: int | None = None) -> tuple[tuple[str, Span], ...]:
    """The names that a contract gives a party right behind it, `... (the "Seller")`, with their places.

    Args:
        until: Where the next party begins; nothing behind it belongs to this one.
    """
    stop = min(len(text), name.end + _REACH, len(text) if until is None else until)
    for bracket in _BRACKET.finditer(text, name.end, stop):
        quoted = [(m[1].strip(), Span(bracket.start(1) + m.start(1), bracket.start(1) + m.end(1))) for m in _QUOTED.finditer(bracket[1])]
        own = [(term, place) for term, place in quoted if not _COMMON.match(term)]
        if own:
            return tuple(own)
    match = re.compile(
        r"[^.;]{0,200}?\b(?:hereinafter|herein|hereafter|referred\s+to|called|known)\b[^.;\"“]{0,60}[\"“]([^\"”]{1,60}?)[,.]?[\"”]"
    ).match(text, name.end, stop)
    return ((match[1].strip(), Span(*match.span(1))),) if match and not _COMMON.match(match[1]) else ()


def is_term(text: str, place: Span) -> bool:
    """Whether a place holds a name that is given to a party, not the party's own: it stands in quotation marks, or
    speaks of the parties together.
    """
    words = text[place.start : place.end]
    if _BOTH.search(words) and len(words) > 8:
        return True
    inner = words.strip()
    if inner[:1] in _OPEN or "\"" in inner or "“" in inner:
        return True
    before, after = text[max(0, place.start - 2) : place.start], text[place.end : place.end + 2]
    return any(c in _OPEN for c in before) or (any(c in _OPEN for c in after) and not _ORGANISED.search(words))


def parties(text: str, places: Sequence[Span]) -> tuple[Party, ...]:
    """The parties at some places of a contract, in its order, each with the names that it is given.

    Places that hold only given names, or speak of all parties, are no parties of their own. A given name belongs to the
    party that it stands behind.
    """
    ordered = sorted(set(places))
    names = [place for place in ordered if not is_term(text, place)]
    terms = {_bare(text[place.start : place.end]) for place in ordered if place not in names}
    found: dict[str, Party] = {}
    for i, place in enumerate(names):
        name = " ".join(text[place.start : place.end].split()).strip(" ,;")
        if _bare(name) in terms or not name:
            continue
        until = names[i + 1].start if i + 1 < len(names) else None
        given = called(text, place, until)
        if _bare(name) not in found or not found[_bare(name)].called:
            found[_bare(name)] = Party(name, tuple(term for term, _ in given), (place, *(mark for _, mark in given)))
    given_names = {_bare(term) for party in found.values() for term in party.called}
    return tuple(party for key, party in found.items() if key not in given_names or key in _own(found))


def _own(found: dict[str, Party]) -> set[str]:
    """Names of parties that are called by their own name."""
    return {key for key, party in found.items() if key in {_bare(term) for term in party.called}}


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()
