"""Proof: whether a quote is in a document, where, and if it is not, what was changed. No model, no threshold.

What is forgiven is listed in `docreview._text` and docs/verification.md. Everything else counts as a change.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import Final

from docreview._html import Safe, tag
from docreview._shown import Shown, html, table_html
from docreview._text import Folded
from docreview._words import Words
from docreview.read.transcripts.court import without_margins
from docreview.types import Citation, Document, Span, Verdict
from docreview.verify.ellipsis import MIN_PART, chains, parts, swallowed, weight
from docreview.verify.find import Place, Wanted, places
from docreview.verify.nearest import Nearest, nearest

__all__ = ["MIN_QUOTE", "Change", "Verification", "cite", "locate", "verify"]

MIN_QUOTE: Final = 2
"""A quote with fewer letters and digits proves nothing: it is `not_found`."""
_KEPT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the quote says and what the document says instead; either may be empty. `span` is the document's."""

    quote: str
    document: str
    span: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Shown):
    """The outcome for one quote.

    `citations` prove it, in document order: one for each place, for a quote with an ellipsis one for each part of
    each place. The verdict is `verbatim` when one of them has the quote's very characters. `changed` and `closest`
    say what the document has instead of an `altered` quote. `note` is for people.
    """

    quote: str
    verdict: Verdict
    citations: tuple[Citation, ...] = ()
    changed: tuple[Change, ...] = ()
    closest: Span | None = None
    note: str = ""

    @property
    def proven(self) -> bool:
        """Whether the document says this: `verbatim` or `normalised`."""
        return self.verdict in ("verbatim", "normalised")

    @property
    def spans(self) -> tuple[Span, ...]:
        """Where it says so."""
        return tuple(citation.span for citation in self.citations)


@html.register
def _(found: Verification) -> str:
    """The verdict, the quote with the words that the document does not have, and the places that prove it."""
    head = tag("p", tag("strong", found.verdict.replace("_", " ")), ": ", tag("q", found.quote), dir="auto")
    changed = [(tag("del", each.quote), tag("ins", each.document)) for each in found.changed]
    differ = table_html(("the quote says", "the document says"), changed) if changed else Safe("")
    note = tag("p", tag("em", found.note)) if found.note else Safe("")
    return tag("div", head, differ, *(Safe(html(citation)) for citation in found.citations), note)


def cite(quote: str, document: Document, span: Span) -> Citation | None:
    """The citation of a quote that is the document's very characters at `span`; None when it is not.

    For readers that say where they read: nothing is searched for.
    """
    return _citation(document, span, "verbatim") if document[span] == quote else None


class _Prepared:
    """A document made ready for many quotes."""

    def __init__(self, text: str) -> None:
        self.folded = Folded(text)

    @cached_property
    def words(self) -> Words:
        return Words(self.folded.key)


_prepared: dict[int, tuple[weakref.ref[Document], _Prepared]] = {}


def _prepare(document: Document) -> _Prepared:
    entry = _prepared.get(id(document))
    if entry is not None and entry[0]() is document:
        return entry[1]
    while len(_prepared) >= _KEPT:
        _prepared.pop(next(iter(_prepared)), None)
    made = _Prepared(without_margins(document))
    _prepared[id(document)] = (weakref.ref(document, _forget), made)
    return made


def _forget(gone: weakref.ref[Document]) -> None:
    for key, (reference, _) in list(_prepared.items()):
        if reference is gone:
            _prepared.pop(key, None)


def verify(quote: str, document: Document, *, within: Span | None = None) -> Verification:
    """Prove a quote, or say what was changed in it.

    Outer white space of the quote does not count. Words and numbers may not be cut: "30 days" is not in "130 days".

    Args:
        within: Only places inside this span count; the whole document by default.
    """
    wanted = Wanted(quote)
    if len(list(islice(filter(str.isalnum, wanted.solid), MIN_QUOTE))) < MIN_QUOTE:
        return Verification(quote=quote, verdict="not_found", note="too short to prove anything")
    prepared = _prepare(document)
    found = places(wanted, document.text, prepared.folded)
    if within is not None:
        found = [place for place in found if within.start <= place.start and place.end <= within.end]
    whole = [place for place in found if not place.cut]
    if whole:
        verdict: Verdict = "verbatim" if any(place.exact for place in whole) else "normalised"
        return Verification(quote=quote, verdict=verdict, citations=_cited(document, whole))
    pieces = parts(quote)
    if pieces and pieces != [wanted.quote]:
        return _elliptic(quote, [Wanted(piece) for piece in pieces], document, within)
    return _altered(wanted, found, document, within)


def locate(quote: str, document: Document, *, within: Span | None = None) -> Citation | None:
    """The first place that proves a quote (`verbatim` ones first); None when the document does not say it."""
    citations = verify(quote, document, within=within).citations
    exact = (citation for citation in citations if citation.verdict == "verbatim")
    return next(exact, citations[0] if citations else None)


def _cited(document: Document, found: list[Place]) -> tuple[Citation, ...]:
    return tuple(_citation(document, Span(p.start, p.end), "verbatim" if p.exact else "normalised") for p in found)


def _citation(document: Document, span: Span, verdict: Verdict) -> Citation:
    page, turn = document.page_at(span.start), document.turn_at(span.start)
    return Citation(
        doc_id=document.id,
        span=span,
        quote=document[span],
        verdict=verdict,
        page=page.number if page else None,
        speaker=turn.speaker if turn else None,
        start_s=turn.time_at(span.start) if turn else None,
    )


def _elliptic(quote: str, wanted: list[Wanted], document: Document, within: Span | None) -> Verification:
    if len(wanted) > 1 and any(weight(part) < MIN_PART for part in wanted):
        return Verification(quote=quote, verdict="not_found", note="a part beside the ellipsis is too short")
    chained = chains(wanted, document, _prepare(document).folded)
    if within is not None:
        chained = [c for c in chained if within.start <= c[0].start and c[-1].end <= within.end]
    refused: Span | None = None
    proven: list[Place] = []
    for chain in chained:
        lost = next(filter(None, (swallowed(document, a.end, b.start) for a, b in pairwise(chain))), None)
        refused = refused or lost
        if lost is None:
            proven += chain
    if proven:
        unique = sorted(set(proven), key=lambda place: place.start)
        spans = tuple(_citation(document, Span(p.start, p.end), "normalised") for p in unique)
        return Verification(quote=quote, verdict="normalised", citations=spans)
    if refused is not None:
        change = Change(quote="…", document=document[refused], span=refused)
        note = "the ellipsis leaves out a negation"
        return Verification(quote=quote, verdict="altered", changed=(change,), closest=refused, note=note)
    return _parts_altered(quote, wanted, document, within)


def _parts_altered(quote: str, wanted: list[Wanted], document: Document, within: Span | None) -> Verification:
    """No chain: a part is altered or not there, or all are there but not in this order in one section."""
    each = [verify(part.quote, document, within=within) for part in wanted]
    if any(part.verdict == "not_found" for part in each):
        return Verification(quote=quote, verdict="not_found", note="a part beside the ellipsis is not there")
    changed = tuple(change for part in each for change in part.changed)
    note = "" if changed else "the parts are not in this order in one section"
    closest = next((part.closest or part.spans[0] for part in each if part.closest or part.spans), None)
    return Verification(quote=quote, verdict="altered", changed=changed, closest=closest, note=note)


def _altered(wanted: Wanted, cut: list[Place], document: Document, within: Span | None) -> Verification:
    prepared = _prepare(document)
    near = nearest(wanted.core, prepared.folded, prepared.words)
    if cut and (near is None or not near.differences):
        place = Span(cut[0].start, cut[0].end)
        change = Change(quote=wanted.quote, document=_widened(document.text, place), span=place)
        note = "the quote cuts a word or a number"
        return Verification(quote=wanted.quote, verdict="altered", changed=(change,), closest=place, note=note)
    closest = _source(prepared.folded, near.span) if near else None
    if near is None or closest is None or (within is not None and closest not in within):
        return Verification(quote=wanted.quote, verdict="not_found")
    changed = _changes(wanted, near, document, prepared.folded)
    return Verification(quote=wanted.quote, verdict="altered", changed=changed, closest=closest)


def _widened(text: str, span: Span) -> str:
    """The span with the rest of the words that it cuts, up to the next white space."""
    start, end = span.start, span.end
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end]


def _changes(wanted: Wanted, near: Nearest, document: Document, folded: Folded) -> tuple[Change, ...]:
    own, shift = wanted.folded, len(wanted.lead)
    made = []
    for difference in near.differences:
        here = _source(own, (difference.quote[0] + shift, difference.quote[1] + shift))
        there = _source(folded, difference.text)
        said = wanted.quote[here.start : here.end] if here else ""
        made.append(Change(quote=said, document=document[there] if there else "", span=there))
    return tuple(made)


def _source(folded: Folded, span: tuple[int, int]) -> Span | None:
    if span[0] >= span[1]:
        return None
    found = folded.source(*span)
    return Span(*found) if found else None
