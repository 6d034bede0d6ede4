"""Short answers read off a quote where that is safe: a full date as ISO 8601, the place whose law governs."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH: Final = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_DATES: Final = (
    re.compile(rf"(?i)\b(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?\s*,?\s+(?P<y>\d{{4}})\b"),
    re.compile(
        rf"(?i)\b(?P<d>\d{{1,2}})(?:\s?(?:st|nd|rd|th))?\s+(?:day\s+of\s+)?(?P<m>{_MONTH})\.?\s*,?\s+(?P<y>\d{{4}})\b"
    ),
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})\b"),
)
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


def single_date(text: str) -> str | None:
    """The one full date of a text as YYYY-MM-DD; None when there is none, or more than one. Dates in numbers alone
    ("3/4/2020") are left: which is the month is a guess.
    """
    found = {iso for pattern in _DATES for match in pattern.finditer(text) if (iso := _iso(match))}
    return found.pop() if len(found) == 1 else None


def _iso(match: re.Match[str]) -> str | None:
    month = match["m"]
    number = int(month) if month.isdigit() else 1 + [name[:3] for name in _MONTHS].index(month[:3].lower())
    try:
        return date(int(match["y"]), number, int(match["d"])).isoformat()
    except ValueError:
        return None


def single_place(text: str) -> str | None:
    """The one place whose laws a text names, as written; None when there is none, or more than one."""
    found = {match["place"] for match in _LAW.finditer(" ".join(text.split()))}
    found -= _NOT_PLACES
    return found.pop() if len(found) == 1 else None
