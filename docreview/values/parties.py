"""The parties of a contract with the names that it gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from docreview.types import Span, Value

_OPEN: Final = "\"“”„«'‘’"
_CLOSED: Final = re.compile(r"[,.\s]?[\"”»]")
_SENTENCE: Final = re.compile(r"[a-z)]{3}\.\s+[A-Z][a-z]+\s+[a-z]")
_QUOTED: Final = re.compile(r"[\"“”„«]\s*([^\"“”„»\n]{1,60}?)[\s,.]*[\"“”»]")
_BRACKET: Final = re.compile(r"\(([^()]{1,250})\)")
_REACH: Final = 400
_LOOKS: Final = 8
_BOTH: Final = re.compile(r"(?i)\b(?:part(?:y|ies)|collectively|individually|together|each)\b")
_COMMON: Final = re.compile(
    r"(?i)^\W*(?:an?\s+|the\s+|this\s+)?(?:part(?:y|ies)|\w*\s*agreement|contract|term|marks|effective\s+date)\W*$"
)
_ROLE: Final = re.compile(r"(?i)(?:the\s+)?(?:party\s+\w+|[a-z-]+(?:or|er|ee|ant|ent)|company)")
_ALIAS: Final = re.compile(r"(?i)\W*(?:d/?b/?a|doing\s+business\s+as|a/k/a|also\s+known\s+as|f/k/a|formerly)\b")
_ORGANISED: Final = re.compile(
    r"(?i)(?!the\s)\b\w[\w.&'’-]*,?\s+(?:inc|llc|l\.l\.c|ltd|limited|corp|corporation|company|co|gmbh|s\.?a|b\.?v|l\.?p|n\.?v|plc|ag)\b\.?\W*$"
)


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
        quoted = [
            (m[1].strip(), Span(bracket.start(1) + m.start(1), bracket.start(1) + m.end(1)))
            for m in _QUOTED.finditer(bracket[1])
        ]
        own = [(term, place) for term, place in quoted if not _COMMON.match(term)]
        if _SENTENCE.search(text, name.end, bracket.start()):
            return ()
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
    if inner[:1] in _OPEN or '"' in inner or "“" in inner:
        return True
    quoted = any(c in _OPEN for c in text[max(0, place.start - 2) : place.start]) or _CLOSED.match(text, place.end)
    return bool(quoted) and not _ORGANISED.search(words)


def parties(text: str, places: Sequence[Span]) -> tuple[Party, ...]:
    """The parties at some places of a contract, in its order, each with the names that it is given.

    Places that hold only given names, or speak of all parties, are no parties of their own. A given name belongs to the
    party that it stands behind.
    """
    names = [place for place in _joined(text, sorted(set(places))) if not is_term(text, place)]
    seen = sorted(
        place for name in {text[place.start : place.end] for place in names} for place in _occurrences(text, name)
    )
    found: dict[str, Party] = {}
    for place in names:
        name = " ".join(text[place.start : place.end].split()).strip(" ,;")
        key = _bare(name)
        if not key or key in found:
            continue
        given = next(filter(None, (_called_at(text, at, seen) for at in _occurrences(text, name))), ())
        found[key] = Party(name, tuple(term for term, _ in given), (place, *(mark for _, mark in given)))
    kept = [party for key, party in found.items() if not _is_short(key, party, found, text)]
    roles = [party for party in kept if not party.called and _ROLE.fullmatch(party.name)]
    if len(kept) - len(roles) >= 2:
        kept = [party for party in kept if party not in roles]
    return tuple(kept or found.values())


def _occurrences(text: str, name: str) -> list[Span]:
    """The first places of a name, in any case and white space."""
    words = r"[\s,]+".join(re.escape(word) for word in re.split(r"[\s,]+", name.strip(" ,;")) if word)
    matches = re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) if words else iter(())
    return [Span(*match.span()) for match in islice(matches, _LOOKS)]


def _called_at(text: str, place: Span, seen: Sequence[Span]) -> tuple[tuple[str, Span], ...]:
    """The names given behind one occurrence, before the next party is named."""
    return called(text, place, next((other.start for other in seen if other.start >= place.end), None))


def _joined(text: str, places: Sequence[Span]) -> list[Span]:
    """Places in order; one that goes on with "doing business as" is part of the one before it."""
    out: list[Span] = []
    for place in places:
        goes_on = _ALIAS.match(text[place.start : place.end])
        if goes_on and out and 0 <= place.start - out[-1].end <= 20:
            out[-1] = Span(out[-1].start, place.end)
        elif not goes_on:
            out.append(place)
    return out


def _is_short(key: str, party: Party, found: Mapping[str, Party], text: str) -> bool:
    """Whether a name is a given or a shortened one of another party: it stands in quotation marks somewhere, or a
    longer name begins with it.
    """
    others = [other for other in found if other != key]
    if not others or party.called:
        return False
    if any(other.startswith(f"{key} ") for other in others):
        return True
    if any(key == _bare(term) for other in others for term in found[other].called):
        return True
    return re.search(rf"[\"“«]\s*(?:the\s+)?{re.escape(party.name)}[,.]?\s*[\"”»]", text, re.IGNORECASE) is not None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()
