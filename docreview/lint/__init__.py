"""Faults of drafting that need no model to find: `lint(document)` says what, and shows where.

Rules are made to be quiet: each speaks only where the document's own text settles the matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from docreview._shown import Rows
from docreview.lint.attachments import missing_attachments
from docreview.lint.dates import contradicting_dates, impossible_dates
from docreview.lint.fault import Fault
from docreview.lint.names import contradicting_names
from docreview.lint.numbering import duplicate_numbers
from docreview.lint.numbers import contradicting_numbers
from docreview.lint.placeholders import placeholders
from docreview.lint.references import dangling_references
from docreview.lint.terms import defined_twice, undefined_terms, unused_terms
from docreview.types import Document, Finding
from docreview.verify import cite

RULES: Final[dict[str, Callable[[Document], Iterable[Fault]]]] = {
    "number-in-words": contradicting_numbers,
    "dangling-reference": dangling_references,
    "missing-attachment": missing_attachments,
    "placeholder": placeholders,
    "undefined-term": undefined_terms,
    "unused-term": unused_terms,
    "defined-twice": defined_twice,
    "duplicate-number": duplicate_numbers,
    "party-name": contradicting_names,
    "impossible-date": impossible_dates,
    "contradicting-date": contradicting_dates,
}
"""Every rule by its name."""


def lint(document: Document, rules: Iterable[str] | None = None) -> Rows[Finding]:
    """Faults of drafting, in document order; each with the places that prove it.

    Args:
        document: From `docreview.read`. Rules on terms and names are made for English.
        rules: Names of the rules to apply; all by default.

    Raises:
        KeyError: There is no such rule.
    """
    found = [finding for name in (rules or RULES) for finding in _findings(name, document)]
    return Rows(Finding, sorted(found, key=lambda finding: (finding.citations[0].span, finding.rule)))


def _findings(rule: str, document: Document) -> Iterator[Finding]:
    for fault in RULES[rule](document):
        citations = tuple(filter(None, (cite(document[span], document, span) for span in fault.spans)))
        yield Finding(rule=rule, severity=fault.severity, message=fault.message, citations=citations)
