"""Where a name or a title begins and ends: no word is cut, nothing that opens is left unclosed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from docreview.readers.settle import Candidate, Taken
from docreview.readers.words import COMPANY

NAMES: Final = ("Parties", "Document Name")
"""Categories whose answers are a few words."""
_JOINED: Final = re.compile(r"[^\W_]|[&’'-]")
_CLOSING: Final = {"“": "”", "(": ")", "[": "]", "‘": "’"}
_OPENING: Final = {"”": "“", ")": "(", "]": "["}
_STRIPPED: Final = " \t\r\n,;:([{“‘"
_LEADING: Final = re.compile(r"(?:[Ff]or|of|and|[Bb]y|[Bb]etween|among)\s+(?=\S)")
_TRAILING: Final = re.compile(r"\s+(?:and|or|is|are|of|by)$")
_BEFORE: Final = re.compile(r"([A-Z][\w.&’'-]*|&)[ \t]$")
_NO_NAME: Final = frozenset(
    "a an and any between by each for from in is made of on or party parties that the this to whereas with "
    "company corporation customer seller buyer supplier distributor licensor licensee agreement "
    "name title its signed signatory authorized authorised president vice chief executive officer ceo cfo chairman "
    "director manager secretary treasurer member partner managing general witness date dear attention attn mr mrs ms "
    "dr".split()
)
_MOST: Final = 5  # words by which the beginning may move
_LONGEST: Final = 40  # characters of a word that was cut


def tidied(text: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates with mended edges; one that now overlaps a likelier one of its category is left out, and another
    extent that is now the same place.

    Args:
        candidates: The best of each category first; other extents last.
    """
    taken = {name: Taken() for name in NAMES}
    kept: dict[tuple[str, int, int], Candidate] = {}
    for each in candidates:
        start, end = tidy(text, each.start, each.end, each.category)
        if each.category in NAMES and not each.other and not taken[each.category].free(0, start, end):
            continue
        kept.setdefault((each.category, start, end), replace(each, start=start, end=end))
    return list(kept.values())


def tidy(text: str, start: int, end: int, category: str) -> tuple[int, int]:
    """The place of a name or a title with whole words; the same place where there is nothing to mend."""
    if category not in NAMES:
        return start, end
    first, last = _whole_words(text, *_trimmed(text, start, end))
    if category == "Parties" and COMPANY.search(text[first:last]):
        first = _beginning(text, first)
    return (first, last) if first < last else (start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without what opens at the end, and without a mark at the beginning that nothing closes."""
    if text[start:end].count('"') == 1:
        start += text[start] == '"'
        end -= text[end - 1] == '"'
    if found := _LEADING.match(text, start, end):
        start = found.end()
    if found := _TRAILING.search(text, start, end):
        end = found.start()
    while end > start and (text[end - 1] in _STRIPPED or _OPENING.get(text[end - 1], "") not in text[start:end]):
        end -= 1
    while start < end and (text[start].isspace() or _CLOSING.get(text[start], "") not in text[start + 1 : end]):
        start += 1
    return start, end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """With the rest of a word that was cut; lines of marks are no part of it."""
    first, last = start, end
    while max(0, start - _LONGEST) < first < end and _JOINED.match(text[first]) and _JOINED.match(text[first - 1]):
        first -= 1
    while first < start and not text[first].isalnum():
        first += 1
    while first < last < min(len(text), end + _LONGEST) and _JOINED.match(text[last]) and text[last - 1].isalnum():
        last += 1
    return first, last


def _beginning(text: str, start: int) -> int:
    """Where a company's name begins, when words of it stand before `start` on the same line."""
    for _ in range(_MOST):
        found = _BEFORE.search(text, max(0, start - 40), start)
        if found is None or found[1].lower().strip(".") in _NO_NAME or found[1].endswith("."):
            break
        start = found.start(1)
    return start + 2 * (text[start] == "&")
