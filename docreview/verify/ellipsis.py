"""Quotes with an ellipsis: their parts, in order, in one section, with no negation swallowed."""

from __future__ import annotations

import re
from typing import Final

from docreview._text import Folded, is_unspaced
from docreview.types import Document, Section, Span
from docreview.verify.find import Place, Wanted, places

MIN_PART: Final = 10
"""The least weight of a part: a letter or digit counts one, a character of a script without spaces two."""
MAX_GAP: Final = 2000
"""The most characters that an ellipsis may stand for."""

_ELLIPSIS: Final = re.compile(r"\s*[\[(]?\s*(?<!\*)(?:…(?:\s?[….])*|\.(?:\s?\.){2,})(?!\*)\s*[\])]?\s*")
_HEADING: Final = re.compile(
    r"(?:\n[ \t]*|[ \t]{3})(?:"
    r"(?:ARTICLE|Article|SECTION|Section|SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEX|Annex|§)\s+[\dIVXA-Z]"
    r"|\d{1,2}(?:\.\d{1,2})*[.)]?[ \t]+[A-Z\"“])"
)
_LIST_NUMBER: Final = re.compile(r"\(?\w{1,4}\)")
_WORD: Final = re.compile(r"[^\W_]+")
_SENTENCE_END: Final = re.compile(r"[.;:?!。；：？！]")
_NO: Final = """
    not never no nor neither none nothing cannot
    nicht kein keine keinen keiner keinem nie niemals   ne pas jamais aucun aucune   nunca ningún ninguna
    não nenhum nenhuma   non mai nessun nessuna   niet geen nooit   не ни нет   nie ani
"""
_IN_NO_EVENT: Final = re.compile(r"\s*(?:in|under|at)\s+(no)\s+(?:event|case|circumstances?|time|way)\b", re.IGNORECASE)
_AFTER_NOT: Final = frozenset(("to", "be", "been", "have", "so"))
NEGATIONS: Final = frozenset(_NO.split())


def parts(quote: str) -> list[str]:
    """The quote without its ellipses, in pieces; one piece when it has none. Brackets around an ellipsis go with it."""
    return [part for part in _ELLIPSIS.split(quote.strip()) if part]


def weight(wanted: Wanted) -> int:
    """How much a part says, see `MIN_PART`."""
    return sum(2 if is_unspaced(char) else 1 for char in wanted.solid if char.isalnum())


def chains(wanted: list[Wanted], document: Document, folded: Folded) -> list[list[Place]]:
    """Every run of places, one for each part, in order and close enough to belong together."""
    found = [[place for place in places(part, document.text, folded) if not place.cut] for part in wanted]
    chained: list[list[Place]] = []
    for first in found[0]:
        chain = _chain(first, found[1:], document)
        if chain and not (chained and chained[-1][-1] == chain[-1]):
            chained.append(chain)
    return chained


def _chain(first: Place, rest: list[list[Place]], document: Document) -> list[Place] | None:
    chain = [first]
    for options in rest:
        following = next((place for place in options if place.start >= chain[-1].end), None)
        if following is None or not together(document, chain[-1], following):
            return None
        chain.append(following)
    return chain


def together(document: Document, left: Place, right: Place) -> bool:
    """Whether two places lie in one section (one turn of a transcript), at most `MAX_GAP` characters apart."""
    if right.start - left.end > MAX_GAP or document.turn_at(left.start) is not document.turn_at(right.start):
        return False
    between = document.text[left.end : right.start]
    if document.sections and "\n" in between:
        return _section(document, left.start) == _section(document, right.start)
    return _HEADING.search(between) is None


def _section(document: Document, offset: int) -> Section | None:
    """The innermost section that is more than an item of a list, "(a)" or "iv)"."""
    inner = document.section_at(offset)
    if inner is None or not _LIST_NUMBER.fullmatch(inner.number):
        return inner
    outer = [s for s in document.sections if offset in s.span and not _LIST_NUMBER.fullmatch(s.number)]
    return outer[-1] if outer else None


def swallowed(document: Document, left: int, right: int) -> Span | None:
    """A negation that `text[left:right]`, left out of a quote, holds directly beside what is quoted.

    Directly: as its first or last word, or one further in, in "in no event", "not to", "not be".
    """
    text = document.text
    words = list(_WORD.finditer(text, left, right))
    if not words:
        return None
    if event := _IN_NO_EVENT.match(text, left, right):
        return Span(*event.span(1))
    last = words[-2] if len(words) > 1 and words[-1].group().casefold() in _AFTER_NOT else words[-1]
    for word, a, b in ((words[0], left, words[0].start()), (last, last.end(), right)):
        if word.group().casefold() in NEGATIONS and not _SENTENCE_END.search(text, a, b):
            return Span(*word.span())
    return None
