"""Who can owe something: the words for a party, and the names that a document gives its parties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.types import Document

ROLES: Final = tuple(
    "Supplier|Customer|Vendor|Client|Company|Contractor|Subcontractor|Consultant|Distributor|Reseller|Licensor|"
    "Licensee|Sublicensee|Landlord|Tenant|Lessor|Lessee|Buyer|Seller|Purchaser|Manufacturer|Service Provider|"
    "Provider|Franchisee|Franchisor|Employer|Employee|Executive|Agent|Recipient|Discloser|Disclosing Party|"
    "Receiving Party|Indemnifying Party|Indemnified Party|Indemnitor|Indemnitee|Owner|Borrower|Lender|Guarantor|"
    "Publisher|Author|Sponsor|Investor|Developer|Operator|Carrier|Processor|Controller|Transporter|Shipper|Producer|"
    "Marketer|Advertiser|Affiliate Partner|Participant|Subscriber|Merchant|Representative|Holder|Issuer|"
    "Administrator|Servicer|Trustee|Manager|Partner|Member|Promoter|Talent|Artist|User".split("|")
)
"""Words that stand for a party wherever they are capitalised."""
_ENTITY: Final = re.compile(
    r"\b(?:Inc|Incorporated|Corp|Corporation|L\.?L\.?C|L\.?L?\.?P|Ltd|Limited|P\.?L\.?C|plc|GmbH|AG|S\.?A|B\.?V|N\.?V|"
    r"Company|Co|corporation|company|partnership|individual|organi[sz]ed|incorporated|association|University)\b"
)
_NO_PARTY: Final = re.compile(
    r"(?i)agreement|contract|date|term\b|services?\b|products?\b|territory|software|property|information|parties|act\b|"
    r"fees?\b|shares?|notes?\b|premises|marks?\b|plan\b|period|program|project|website|site\b|order|exchange|schedule|"
    r"addendum|amendment|exhibit|technology|business|affiliates?$|party$"
)
_HEAD: Final = 8000
"""Characters from the start in which the parties are named."""
_NEAR: Final = 400
_PARTY: Final = (
    r"(?:(?:[Tt]he|[Ee]ach|[Ee]ither|[Bb]oth|[Nn]either|[Nn]o|[Ss]uch|[Aa]ny|[Ee]very|[Tt]hat|[Tt]he\s+other)\s+(?:of\s+the\s+)?"
    r"(?:(?:[Oo]ther|[Nn]on-?\w+|[Dd]efaulting|[Tt]erminating|[Dd]isclosing|[Rr]eceiving|[Ii]ndemnif(?:ying|ied))\s+)?"
    r"[Pp]art(?:y|ies)|P(?:arty|arties|ARTY|ARTIES)(?:\s+[AB]\b)?|PARTIES|(?<![\w-])parties)"
)


def party_pattern(document: Document) -> str:
    """A regular expression for whatever this document calls a party. It has no groups."""
    names = {*ROLES, *(role.upper() for role in ROLES), *_own_names(document)}
    words = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(names, key=lambda n: (-len(n), n)))
    plural = "|".join(f"{role}s" for role in ROLES if not role.endswith("y"))
    return rf"(?:{_PARTY}|(?:(?:[Tt]he|[Ee]ach|[Ss]uch|[Aa]n?|[Nn]o|THE)\s+)?(?:{plural}|{words})(?![\w-]))"


def _own_names(document: Document) -> Iterator[str]:
    """Terms that stand, in the document's head, right behind the name of a company or a description of a person."""
    last = 0
    for term in sorted(document.terms, key=lambda term: term.span):
        if term.span.start > _HEAD:
            return
        before = document.text[max(last, term.span.start - _NEAR) : term.span.start]
        opened = before.rstrip(" \n\"“”‘'").endswith(("(", "the", "as", "or"))
        if opened and _ENTITY.search(before) and term.term[:1].isupper() and not _NO_PARTY.search(term.term):
            yield term.term
        last = term.span.end
