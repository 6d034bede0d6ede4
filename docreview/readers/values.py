"""Short answers read off a quote where that is safe: a full date as ISO 8601, the place whose law governs."""

from __future__ import annotations

import re
from typing import Final

from docreview._dates import single_date

_LAW: Final = re.compile(
    r"(?i:\blaws?\s+(?:(?:and|or)\s+\w+\s+)?of\s+)(?i:the\s+)?(?i:(?:state|commonwealth|province|republic|kingdom)\s+of\s+)?"
    r"(?P<place>[A-Z][a-z]+(?:[ ](?:[A-Z][a-z]+|of(?=[ ][A-Z])|and(?=[ ]Wales))){0,4})"
)
_NOT_PLACES: Final = frozenset(("Agreement", "Section", "Article", "State", "The", "Contract", "Jurisdiction"))
_DATED: Final = frozenset(("Agreement Date", "Effective Date", "Expiration Date"))


def value_of(name: str, quote: str) -> str | None:
    """The short answer that a quote holds for a question, or None when it takes more than reading it off."""
    if name in _DATED:
        return single_date(quote)
    if name == "Governing Law":
        return single_place(quote)
    return None


def single_place(text: str) -> str | None:
    """The one place whose laws a text names, as written; None when there is none, or more than one."""
    found = {match["place"] for match in _LAW.finditer(" ".join(text.split()))}
    found -= _NOT_PLACES
    return found.pop() if len(found) == 1 else None
