"""What a difference is about. The gravest that is true counts; a word beside a sum of money is not money."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from docreview._dates import ONES, TENS, date_spans
from docreview.compare.values import Kind
from docreview.types import Document

_AROUND: Final = 60
"""Characters beside a difference that can belong to the date, sum or name that it changes."""
_SHORT: Final = 10
"""Words on each side up to which a difference turns an obligation, names a party or changes a sum by itself."""
_SPELT: Final = "|".join(sorted({*ONES, *TENS, "hundred", "thousand", "million", "billion"}, key=len, reverse=True))
_CURRENCY: Final = r"(?:USD|EUR|GBP|CHF|JPY|CNY|CAD|AUD|INR|SEK|NOK|DKK|PLN|(?:US|C|A)?\$|€|£|¥|₹)"
_AMOUNT: Final = r"\d[\d,.'’]{0,30}(?:\s?(?:thousand|million|billion|[mMkK]|bn)\b)?"
_MONEY: Final = re.compile(
    rf"{_CURRENCY}\s?{_AMOUNT}|(?:{_AMOUNT}|\b(?:(?:{_SPELT})[-\s]+(?:and\s+)?){1, 12})\s*(?:\([^()]{{1,20}}\)\s*)?"
    r"(?:USD|EUR|GBP|CHF|€|£|(?:U\.?S\.?\s)?dollars|euros?|pounds(?:\ssterling)?|francs|yen|cents)(?!\w)",
    re.IGNORECASE,
)
_MORE_DATES: Final = re.compile(
    r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\s+\d{1,4}\b|\b\d{1,2}\s+(?:January|February|March|April|"
    r"May|June|July|August|September|October|November|December)\b"
)
_NUMBER: Final = re.compile(
    rf"\d+(?:[.,:/]\d+)*\s?%?|\b(?:{_SPELT})\b|\b(?:half|twice|double|percent)\b", re.IGNORECASE
)
_ROLE: Final = re.compile(
    r"\b(?:Buyer|Seller|Supplier|Customer|Client|Licensor|Licensee|Landlord|Tenant|Lessor|Lessee|Lender|Borrower|Employer|"
    r"Employee|Contractor|Subcontractor|Consultant|Company|Discloser|Recipient|(?:Disclosing|Receiving)\sParty|Vendor|"
    r"Purchaser|Provider|Distributor|Manufacturer|Franchisor|Franchisee|Guarantor|Assignor|Assignee|Processor|Controller|"
    r"Reseller|Publisher|Agent|Principal|Owner|Operator|Executive|Investor)s?\b"
)
_COMPANY: Final = re.compile(
    r"(?<![\w&.-])[A-Z][\w&'’-]*(?:[ ](?:[A-Z&][\w&'’-]*|of|and|de)){0,5},?\s+"
    r"(?:Inc(?:orporated)?|Corp(?:oration)?|L\.?L\.?C|L\.?L?\.?P|Ltd|Limited|[Pp]\.?[Ll]\.?[Cc]|GmbH|AG|S\.?A|B\.?V|N\.?V)\b"
)
_FORCE: Final = {
    **dict.fromkeys("shall must will obliged required undertakes agrees".split(), "duty"),
    **dict.fromkeys("may can might could entitled permitted".split(), "leave"),
    **dict.fromkeys("not no never cannot neither nor without unless except prohibited n't".split(), "not"),
    **dict.fromkeys("more most above exceed maximum greater after".split(), "up"),
    **dict.fromkeys("less least below fewer minimum before".split(), "down"),
}
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
Stretch = tuple[int, int]
Find = Callable[[str], list[Stretch]]


def kind_of(old: Document, old_part: Stretch, new: Document, new_part: Stretch) -> Kind:
    """What a difference between two stretches of text is about; either may be empty."""
    before, after = old.text[slice(*old_part)], new.text[slice(*new_part)]
    sides = ((old.text, old_part), (new.text, new_part))
    short = max(len(_WORD.findall(before)), len(_WORD.findall(after))) <= _SHORT
    if short and _force(before) != _force(after):
        return "obligation"
    if short or (before and after):
        if _changes(sides, _sums):
            return "money"
        if _changes(sides, _dates):
            return "date"
        if short and _parties(sides):
            return "party"
        if _said(_NUMBER, before) != _said(_NUMBER, after):
            return "number"
    return "wording" if before and after else "added" if after else "removed"


def _force(words: str) -> Counter[str]:
    """How often a text obliges, allows, denies, raises or lowers."""
    found = (_FORCE.get(word.lower()) for word in _WORD.findall(words) if word != "May")  # the month
    return Counter(force for force in found if force)


def _said(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(" ".join(match.group().split()).casefold() for match in pattern.finditer(text))


def _sums(text: str) -> list[Stretch]:
    return [match.span() for match in _MONEY.finditer(text)]


def _dates(text: str) -> list[Stretch]:
    return date_spans(text) + [match.span() for match in _MORE_DATES.finditer(text)]


def _names(text: str) -> list[Stretch]:
    return [match.span() for match in _COMPANY.finditer(text)]


def _changes(sides: tuple[tuple[str, Stretch], ...], find: Find) -> bool:
    """Whether what `find` sees in the two texts, where it reaches into the difference, is not the same."""
    seen = [Counter(_touched(text, part, find)) for text, part in sides]
    return seen[0] != seen[1]


def _touched(text: str, part: Stretch, find: Find) -> list[str]:
    low, high = max(0, part[0] - _AROUND), part[1] + _AROUND
    start, end = part[0] - low, part[1] - low
    window = text[low:high]
    return [" ".join(window[a:b].split()) for a, b in find(window) if a < end and start < b]


def _parties(sides: tuple[tuple[str, Stretch], ...]) -> bool:
    """Whether other parties are named."""
    roles = [_said(_ROLE, text[slice(*part)]) for text, part in sides]
    return roles[0] != roles[1] or _changes(sides, _names)
