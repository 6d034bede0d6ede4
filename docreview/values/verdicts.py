"""Yes or no, and what limits it."""

from __future__ import annotations

import re
from typing import Final

from docreview.types import Span
from docreview.values.amounts import counts, money, percent
from docreview.values.answer import Answer, clipped
from docreview.values.lengths import duration

_LIMIT: Final = re.compile(
    r"(?i)\b(?:without\s+(?:the\s+|its\s+)?(?:(?:express|prior|written|other|party)\W+)*(?:party['’]s\s+)?(?:\w+\W+){0,3}?consent|except|unless|"
    r"provided(?:,?\s+however)?,?\s+that|subject\s+to|other\s+than|so\s+long\s+as|only\s+if)\b[^.;]*"
)
_FORMULA: Final = re.compile(
    r"(?i)\b(?:amounts?|fees?|sums?|payments?|price|compensation|consideration|revenues?|commissions?)\b[^.;]{0,40}?\b"
    r"(?:paid|payable|received|due|owed|invoiced)\b[^.;]*"
)
_DENIED: Final = {
    "Third Party Beneficiary": r"\bno(?:r|t|thing)?\b[^.;]{0,200}?(?:third[\s-]+part(?:y|ies)|any\s+(?:\w+\s+)?person)",
    "Exclusivity": r"\bnon-?\s?exclusive\b",
    "License Grant": r"\bno\s+(?:right|licen[sc]e|rights\s+or\s+licen[sc]es)\b[^.;]{0,60}\b(?:grant|convey|impl)",
    "Termination for Convenience": r"\b(?:may|shall|can)\s+not\s+(?:be\s+)?terminate\w*[^.;]{0,60}"
    r"\b(?:convenience|without\s+cause)",
}
_UNLESS: Final = {
    "Third Party Beneficiary": r"\b(?:except|other\s+than|is\s+an?\s+(?:\w+\s+)*third"
    r"|shall\s+be\s+(?:an?\s+)?(?:\w+\s+)?third|are\s+(?:\w+\s+)?third|unless)",
    "Exclusivity": r"(?<!non-)(?<!non)(?<!non\s)\b(?:exclusive|sole)\w*",
    "License Grant": r"\bhereby\s+grants?\b|\bexcept\b",
    "Termination for Convenience": r"\bexcept|unless\b",
}
_AMOUNTS: Final = {
    "Cap on Liability": ("money", "formula", "percent"),
    "Liquidated Damages": ("money", "percent"),
    "Minimum Commitment": ("money", "percent", "count"),
    "Volume Restriction": ("count", "money", "percent"),
    "Revenue/Profit Sharing": ("percent", "money"),
    "Price Restrictions": ("percent", "money"),
    "Insurance": ("money",),
    "Audit Rights": ("duration",),
    "Post-Termination Services": ("duration",),
    "Non-Compete": ("duration",),
    "No-Solicit of Employees": ("duration",),
    "No-Solicit of Customers": ("duration",),
    "Warranty Duration": ("duration",),
}


def verdict(name: str, text: str) -> Answer | None:
    """Whether a clause answers a yes-or-no question with yes, and the words that limit it or give its amount.

    A clause that expressly denies what is asked ("no third party shall ...") is a no. None for an empty clause.
    """
    if not text.strip():
        return None
    denied = _DENIED.get(name) and re.search(_DENIED[name], text, re.IGNORECASE)
    if denied and not re.search(_UNLESS[name], text, re.IGNORECASE):
        return Answer(kind="yes_no", value="No", marks=(Span(*denied.span()),))
    found = amounts(name, text)
    if found:
        marks = tuple(mark for one in found for mark in one.marks)
        return Answer(kind="yes_no", value="Yes", marks=marks, condition="; ".join(dict.fromkeys(map(str, found))))
    limit = _LIMIT.search(text)
    mark = Span(*limit.span()) if limit else Span(len(text) - len(text.lstrip()), len(text.rstrip()))
    return Answer(kind="yes_no", value="Yes", marks=(mark,), condition=clipped(limit[0]) if limit else "")


def amounts(name: str, text: str) -> tuple[Answer, ...]:
    """What a question that has an amount finds in a clause: of money, percentages, formulas, counts and lengths
    those that it asks for.
    """
    found: list[Answer] = []
    for kind in _AMOUNTS.get(name, ()):
        if kind == "money":
            found += money(text)
        elif kind == "percent":
            found += percent(text)
        elif kind == "count" and not found:
            found += counts(text)
        elif kind == "duration":
            found += [one for one in (duration(text),) if one]
        elif kind == "formula" and (match := _FORMULA.search(text)):
            found.append(Answer(kind="money", value=f"formula: {clipped(match[0])}", marks=(Span(*match.span()),)))
    return tuple(found)
