"""`find_pii`: personal data in a text, by patterns, check digits and the words beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from docreview._shown import Rows
from docreview.governance.pii.dates import find_births, find_dates
from docreview.governance.pii.flat import MASK, Look
from docreview.governance.pii.links import find_links
from docreview.governance.pii.numbers import find_numbers
from docreview.governance.pii.people import find_people
from docreview.governance.pii.places import find_addresses
from docreview.governance.pii.span import LABELS, PiiSpan, disjoint

DEFAULT_KINDS: Final = frozenset(LABELS) - {"ORG"}
_REGIONS: Final = dict(
    pair.split(":")
    for pair in (
        "de:DE fr:FR es:ES it:IT pt:PT nl:NL pl:PL ru:RU uk:UA tr:TR he:IL ja:JP ko:KR zh:CN vi:VN hi:IN ar:SA "
        "sv:SE da:DK no:NO nb:NO fi:FI cs:CZ sk:SK hr:HR hu:HU ro:RO el:GR th:TH id:ID"
    ).split()
)
"""The country whose telephone numbers a text in a language most likely holds; English is spoken in too many."""


class Recogniser(Protocol):
    """What finds names in running text: text -> spans. It runs on this machine and opens no connection."""

    def __call__(self, text: str, language: str | None = None) -> Iterable[PiiSpan]:
        """Spans in any order; they may overlap."""
        ...


def find_pii(
    text: str,
    language: str | None = None,
    *,
    kinds: Iterable[str] = DEFAULT_KINDS,
    all_dates: bool = False,
    names: Recogniser | None = None,
) -> Rows[PiiSpan]:
    """Personal data in a text, in order and without overlap.

    Works offline; linear in the length of the text.

    Args:
        language: ISO 639-1 code ("de"), if known: then national telephone numbers count without "Tel." before them.
        kinds: The labels to look for; all but ORG by default.
        all_dates: Every full date, not only dates of birth.
        names: What finds names in running text (`docreview.governance.names.recogniser`). By default rules alone do:
            they see names beside labels, titles and signatures, and wherever else these names stand.

    Raises:
        ValueError: There is no such kind.
    """
    wanted = frozenset(kinds)
    if unknown := wanted - set(LABELS):
        raise ValueError(f"not kinds of personal data: {', '.join(sorted(unknown))}; there are {', '.join(LABELS)}")
    look = Look.at(text)
    region = _REGIONS.get((language or "").partition("-")[0].lower())
    found = [*find_links(look), *find_numbers(look, region)]
    if "DATE" in wanted:
        found += find_dates(look) if all_dates else find_births(look)
    if wanted & {"ADDRESS", "LOCATION"}:
        found += find_addresses(look)
    if "PERSON" in wanted:
        found += find_people(look, found)
    if names is not None:
        found += (s for s in names(text, language) if not any(c == MASK for c in look.flat[s.start : s.end]))
    return Rows(PiiSpan, (span for span in disjoint(found, text) if span.label in wanted))
