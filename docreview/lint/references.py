"""References to sections that the document does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault, is_amendment
from docreview.types import Document, Span

_NUMBER: Final = r"\d{1,3}(?:\.\d{1,3}){1,3}"
_REFERENCE: Final = re.compile(
    rf"(?:\b(?:Sections?|Clauses?|Articles?|Paragraphs?|Subsections?|Sub-[Ss]ections?)|§§?)\s+(?P<number>{_NUMBER})(?![\d%]|\.\d)"
    r"(?:\s*\([a-zA-Z0-9]{1,4}\))*(?=(?P<after>(?:[^.;]|\.\d){0,90}))"
)
_LISTED: Final = re.compile(
    r"(?:(?<!this )(?:Sections?|Clauses?|Articles?|Paragraphs?|Subsections?|§§?)"
    r"|,|and|or|to|through|&|/|-|–|\)|under|with|by|of|in|see)\s*$",
    re.IGNORECASE,
)
_ELSEWHERE: Final = re.compile(
    r"^\W{0,3}+(?:\([^)]*\)\s*+)*+(?:,?\s*+(?:and\s+|or\s+|through\s+|to\s+)?(?:Sections?\s+)?\d[\d.]*+(?:\([a-z\d]+\))*+)*+,?\s*+"
    r"(?:of|to|in|under|from)\s+(?!this\b|the\s+(?:General|Standard)\s+Terms)(?:the|such|that|its|their|any|[A-Z])",
)
_THEREOF: Final = re.compile(r"(?:[^.;]|\.\d){0,40}\bthereof\b")
_OWN: Final = re.compile(r"^\W{0,3}(?:of\s+this|hereof|herein|above|below|hereto)", re.IGNORECASE)
_LAW: Final = re.compile(
    r"(?:C\.?F\.?R|U\.?S\.?C|Reg(?:ulation)?s?|Treas|Code|Act|Rule|Law|Statutes?)\W*(?:§|Sections?)?\W*$"
)
_MOST: Final = 3
_SHARE: Final = 5
_ENOUGH: Final = 8
"""Numbered sections that a document must have before a missing one means anything."""


def dangling_references(document: Document) -> Iterator[Fault]:
    """References by number ("Section 9.4") to a number that stands nowhere in the document but in references.

    Only where the document has numbers of the same kind: "9.1" or "9.3" for a "9.4", or no article 9 at all though
    there are others. References to other documents and to laws are left out, and all of them in an amendment. Where
    too many lead nowhere, one fault says so.
    """
    numbers = {section.number.rstrip(".") for section in document.sections if re.match(r"\d", section.number)}
    if len(numbers) < _ENOUGH or is_amendment(document):
        return
    stems = {number.rpartition(".")[0] for number in numbers if "." in number}
    tops = [int(number.split(".")[0]) for number in numbers]
    own = {m["number"]: m for m in _REFERENCE.finditer(document.text) if not _other(document.text, m)}
    lost: list[tuple[str, Span]] = []
    for number, match in own.items():
        stem, top = number.rpartition(".")[0], int(number.split(".")[0])
        near = stem in stems or (top > max(tops) and len(stems) > 2)
        if number not in numbers and near and not _stands(document.text, number):
            lost.append((number, Span(match.start(), match.end("number"))))
    if len(lost) > max(_MOST, len(own) // _SHARE):
        message = f"{len(lost)} of {len(own)} references lead to no number; the text has probably lost its numbering"
        yield Fault(message, tuple(sorted(span for _, span in lost)), "info")
        return
    for number, span in lost:
        yield Fault(f"there is no {number} in this document", (span,))


def _other(text: str, match: re.Match[str]) -> bool:
    """Whether a reference is to another document or a law."""
    before = text[max(0, match.start() - 25) : match.start()]
    if _LAW.search(before):
        return True
    after = match["after"]
    if _THEREOF.match(after):
        return True
    return bool(not _OWN.match(after) and _ELSEWHERE.match(after))


def _stands(text: str, number: str) -> bool:
    """Whether a number stands anywhere as something else than a reference."""
    for match in re.finditer(rf"(?<![\d.]){re.escape(number)}(?!\d)", text):
        before = text[max(0, match.start() - 20) : match.start()]
        if not before.strip() or "\n" in before[len(before.rstrip()) :] or not _LISTED.search(before):
            return True
    return False
