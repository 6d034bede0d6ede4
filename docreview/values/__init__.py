"""Answers of clauses as values: dates, lengths, renewals, laws, parties, yes and no, amounts.

Everything is read off the clause's own characters by rules; `Answer.marks` says which. A value that would be a guess is
None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docreview.types import Span
from docreview.values.amounts import counts, money, percent
from docreview.values.answer import Answer
from docreview.values.dates import Found, dates
from docreview.values.ends import effective, end
from docreview.values.law import law
from docreview.values.lengths import notice, renewal
from docreview.values.parties import Party, called, is_term, parties
from docreview.values.verdicts import verdict

__all__ = ["ANCHORS", "Answer", "Party", "counts", "money", "normalise", "parties", "percent"]

ANCHORS: Final = ("Effective Date", "Agreement Date")
"""The questions whose values a term can be counted from."""
LONGEST: Final = 20_000
"""Characters of a quote; what is longer is no clause, and has no value."""
_NONE: Final[Mapping[str, Answer]] = {}


def normalise(
    name: str,
    quote: str,
    *,
    document: str = "",
    span: Span | None = None,
    anchors: Mapping[str, Answer] = _NONE,
) -> Answer | None:
    """The value that a quote holds for a question of the contract checklist; None when it holds none.

    Args:
        name: The question's name, "Governing Law".
        document: The text that the quote stands in. Its other dates tell whether "03/04/2019" is in March or April.
        span: The quote's place in the document; names that a party is given are looked for behind it.
        anchors: Values of `ANCHORS`, each read from its own quote. Without them an end that is counted from the
            effective date stays a length of time.
    """
    if len(quote) > LONGEST:
        return None
    if name == "Expiration Date":
        return end(quote, anchors, document)
    if name == "Agreement Date":
        return _date(next(iter(dates(quote, document)), None))
    if name == "Effective Date":
        return effective(quote, anchors, document)
    if name == "Parties":
        return _party(quote, document, span)
    plain = {
        "Renewal Term": renewal,
        "Notice Period to Terminate Renewal": notice,
        "Governing Law": law,
    }.get(name)
    if plain:
        return plain(quote)
    return verdict(name, quote) if name != "Document Name" else None


def _date(found: Found | None) -> Answer | None:
    if found is None:
        return None
    return Answer(kind="date", value=found.iso, iso=found.iso, marks=(Span(found.start, found.end),))


def _party(quote: str, document: str, span: Span | None) -> Answer | None:
    if not quote.strip() or span is None or is_term(document, span):
        return None
    given = tuple(term for term, _ in called(document, span))
    name = " ".join(quote.split()).strip(" ,;")
    return Answer(kind="party", value=str(Party(name, given, (span,))), marks=(Span(0, len(quote)),))
