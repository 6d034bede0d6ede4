"""Defined terms: used and not defined, defined and not used, defined twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import DefinedTerm, Document, Span

_CAPITALISED: Final = re.compile(
    r"\b(?:the|any|each|such|all|no|every|a|an)\s+(?P<term>[A-Z][a-z]+(?:[ ][A-Z][a-z]+){1,3})"
    r"(?![\w’'-]|\s+[A-Z(]|\s+(?:of|to|for|and|in)\s+(?:the\s+)?[A-Z])"
)
_BORROWED: Final = re.compile(
    r"(?:terms?|words?)\b[^.]{0,120}?(?:not\s+(?:otherwise\s+|specifically\s+)?defined|used\s+(?:but\s+)?not\s+defined|without\s+definition)"
    r"|(?:terms?|words?)\b[^.]{0,80}?(?:have|has|ascribed|given)\s[^.]{0,60}?(?:meaning|definition)s?[^.]{0,60}?(?:in|by|under)\s+(?:the|such|that)\s",
    re.IGNORECASE,
)
_MEANS: Final = re.compile(
    r"[\"”’']\s*,?\s*(?:shall\s+|will\s+)?means?\b(?!\s+(?:as\s+)?(?:the\s+meaning|set\s+forth|defined))"
)
_ALTERNATIVE: Final = re.compile(r"[\"”’']\s*(?:or|and)\s*[\"“‘'](?P<other>[^\"”’]{2,60})[\"”’]")
_SHORT: Final = re.compile(r"^(?P<long>.{3,}?)\s*\((?P<short>[^()]{2,})\)$")
_USES: Final = 4
"""Uses from which on a capitalised expression counts as a term."""
_COMMON: Final = tuple(
    "act|code|rules|regulations|board of directors|united states|chief executive officer|chief financial officer"
    "|general counsel".split("|")
)


def unused_terms(document: Document) -> Iterator[Fault]:
    """Terms that stand nowhere in the document but where they are defined."""
    text = _folded(document.text)
    for term in document.terms:
        if not term.term[:1].isupper() or len(term.term) < 3 or re.search(r"\b\w \w\b", term.term):  # "F ranchi s e"
            continue
        if all(len(re.findall(rf"(?<!\w){re.escape(_stem(each))}", text)) <= 1 for each in _forms(document, term)):
            yield Fault(f"{term.term!r} is defined and not used", (term.span,), "info")


def _forms(document: Document, term: DefinedTerm) -> Iterator[str]:
    """The forms under which a term may be used: Total Available Minutes (TAM); "LUN" or "Logical Unit Number"."""
    short = _SHORT.match(term.term)
    yield from map(_folded, short.groups() if short else (term.term,))
    if after := _ALTERNATIVE.match(document.text, term.span.end):
        yield _folded(after["other"])
    before = document.text[max(0, term.span.start - 80) : term.span.start]
    for match in _ALTERNATIVE.finditer(before + term.term + '"'):
        if match["other"] == term.term:
            yield _folded(re.split(r"[\"“‘]", before[: match.start()])[-1])


def defined_twice(document: Document) -> Iterator[Fault]:
    """Terms with two sentences that say what they mean."""
    meant: dict[str, DefinedTerm] = {}
    for term in document.terms:
        if not _MEANS.match(document.text, term.span.end):
            continue
        first = meant.setdefault(term.term, term)
        if first is not term and _folded(document[first.definition]) != _folded(document[term.definition]):
            yield Fault(f"{term.term!r} is defined twice", (first.span, term.span))


def undefined_terms(document: Document) -> Iterator[Fault]:
    """Capitalised expressions used like terms that nothing in the document defines.

    Left out: expressions with a word that the document never writes small (names), headings, what stands in quotation
    marks or parentheses anywhere, and documents that take terms from another one.
    """
    text = document.text
    if len(document.terms) < 3 or _BORROWED.search(text):
        return
    uses = list(_CAPITALISED.finditer(text))
    counts = Counter(match["term"] for match in uses)
    known = {_stem(_folded(term.term)) for term in document.terms}
    titles = {_folded(section.title).strip(" .") for section in document.sections}
    small = set(re.findall(r"\b[a-z]+\b", text))
    for term, count in counts.items():
        folded = _folded(term)
        if count < _USES or _stem(folded) in known or folded in titles or folded.endswith(_COMMON):
            continue
        if not all(word.lower() in small for word in term.split()) or _introduced(text, term):
            continue
        if any(_stem(folded).endswith(stem) or stem.startswith(_stem(folded)) for stem in known):
            continue
        first = next(match for match in uses if match["term"] == term)
        span = Span(first.start("term"), first.end("term"))
        yield Fault(f"{term!r} is used {count} times and not defined", (span,), "info")


def _introduced(text: str, term: str) -> bool:
    """Whether the text sets a term apart anywhere: in quotation marks, parentheses, or at the start of a line."""
    words = r"\s+".join(map(re.escape, term.split()))
    return bool(
        re.search(
            rf"(?im)[\"“”‘'(\[*_]\s*(?:the\s+)?{words}|^\s*(?:[\d.()a-z]{{1,8}}\s+)?{words}\b|\b{words}\s+(?:shall\s+)?means?\b",
            text,
        )
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _stem(term: str) -> str:
    """Without the ending of a plural."""
    term = re.sub(r"\((?:s|es|ies)\)$", "", term).rstrip(".,;’' ")
    return term[:-3] if term.endswith("ies") else term[:-1] if term.endswith(("s", "y")) and len(term) > 4 else term
