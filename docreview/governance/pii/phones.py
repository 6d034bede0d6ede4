"""Telephone numbers: which digits belong to one."""

from __future__ import annotations

import re
from typing import Final

_NANP: Final = re.compile(r"(?:(?:\+|00)?1[-. ])?(?:\([2-9]\d\d\) ?-?|[2-9]\d\d([-.]))[2-9]?\d\d(?(1)\1|[-. ])\d{4}")
_EXTENSION: Final = re.compile(r" ?(?:x|ext\.?|extension|poste|доб\.?|durchwahl) ?\.?:? ?\d{1,6}(?!\d)", re.IGNORECASE)
_ABROAD: Final = re.compile(r"\+|00(?=[1-9])|001[-. ]|011[-. ]")
_MONEY: Final = frozenset("$€£¥₹%#")
_FEWEST, _MOST = 6, 15


def phone(flat: str, start: int, ends: list[int], *, called: bool, region: str | None) -> tuple[int, int] | None:
    """Where the telephone number lies that begins with the digits at `start`, if there is one.

    Args:
        ends: Where it may end: after each group of digits.
        called: A word beside it says that it is one.
        region: Country whose national form counts without such a word.
    """
    first = _opened(flat, start)
    if flat[first - 1 : first] in _MONEY and first:
        return None
    for end in reversed(ends):
        size = sum(map(str.isdigit, flat[start:end]))
        if size > _MOST or size < _FEWEST:
            continue
        value = flat[first:end]
        if _written_as(value, size) or (called and not _DATED.search(value)) or _national(value, region):
            extension = _EXTENSION.match(flat, end)
            return first, extension.end() if extension else end
    return None


def _opened(flat: str, start: int) -> int:
    """With the "+" or "(" before the first digit."""
    first = start
    while first > 0 and start - first < 3 and flat[first - 1] in "+(":
        first -= 1
    return first


def _written_as(value: str, size: int) -> bool:
    """Whether it is written as only telephone numbers are: with a country code, or as in North America."""
    if _NANP.fullmatch(value):
        return True
    if value.lstrip("(").startswith("+"):
        return size >= 8 and _possible(value)
    return bool(_ABROAD.match(value)) and size >= 10 and any(c in " -." for c in value) and _possible(value)


def _possible(value: str) -> bool:
    import phonenumbers

    abroad = re.sub(r"^\(?(?:011|00)[-. ]?", "+", value)
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(abroad, None)))
    except phonenumbers.NumberParseException:
        return False


def _national(value: str, region: str | None) -> bool:
    if region is None or value.isdigit() or _is_date(value) or "/" in value:
        return False
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, region)))
    except phonenumbers.NumberParseException:
        return False


_DATE: Final = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2}")


_DATED: Final = re.compile(
    r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d(?!\d)|(?<!\d)(?:19|20)\d\d-\d{1,2}-\d{1,2}(?!\d)"
)


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value))
