"""Numbers that belong to a person: cards, accounts, telephone numbers, social security and national identifiers.

A number counts for one of three reasons: its check digits and shape fit (`national.py`), a word beside it says what it
is (`words.toml`), or it is written as nothing else is ("+44 ...", "(404) 815-5909").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from docreview.governance.pii.flat import Look, said_after, said_before, words
from docreview.governance.pii.national import is_card, is_iban, national_id
from docreview.governance.pii.phones import phone
from docreview.governance.pii.span import PiiSpan

_SEP: Final = r"(?: ?\(|\) ?-?| ?[-/] ?| |\.)"
_RUN: Final = re.compile(rf"\d(?:{_SEP}?+\d)*+")
_GROUP: Final = re.compile(r"\d++")
_LEFT: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9]|[-/](?=[A-Za-z0-9])){0,15}[-/]?\Z")
_RIGHT: Final = re.compile(
    r"[A-Za-z0-9]{0,20}(?:[-/](?:[A-Z]{1,4}(?![A-Za-z])|[A-Za-z]{0,4}\d[A-Za-z0-9]{0,15})){0,3}(?![A-Za-z0-9])"
)
_IBAN: Final = re.compile(r"[A-Z](?<![A-Za-z0-9].)[A-Z]\d\d(?: ?[A-Z0-9]){8,34}(?![A-Za-z0-9])")
_IBAN_SAID: Final = re.compile(
    r"\W{0,4}(?:is\s|no\W{0,3}|number\W{0,3})?([a-z]{2}\d{2}(?: ?(?=[a-z]{0,4}\d)[a-z0-9]{1,24}){1,9})(?![a-z0-9])"
)
_MASKED: Final = re.compile(r"\d{4}[ -]?(?:[*xX•]{2,6}[ -]?){1,3}\d{3,4}(?!\d)|[*xX•]{3}-[*xX•]{2}-\d{4}(?!\d)")
_SSN: Final = re.compile(r"\d{3}([- .]?)\d{2}\1\d{4}")
_CASE: Final = re.compile(r"\d(?<![\w/]\d)\d{0,5}(?: ?/ ?\d{2,4}){1,3}(?! ?/ ?\d)(?!\w)")
_REPORT: Final = re.compile(
    r"(?<![^\W\d_])[A-ZÅÄÖ]{2,5} (?:19|20)\d\d,? (?:p|s|ref|not)\. ?\d{1,4}(?!\d)"
    r"|(?<!\d)\d{1,3} (?:WLR|All ER|AC|QB|Cr App R|EHRR|Ch) \d{1,5}(?!\d)"
)
_ENDING: Final = re.compile(r"(?<=(?:in|th) )[*•#]{1,16} ?\d{3,4}(?!\w)")  # "ending in *456"
_NUMBERED: Final = re.compile(r"(?i:\bn(?:os?\.?|[°º]|\. ?[oº])s?) ?\Z")
_SHORT_LABEL: Final = re.compile(r"(?<![A-Za-z])(?:DL|ATIN|TIN|EIN|VIN|MRN|NI|NIN|ID|PAN|SS): ?\Z")
_PLOT: Final = re.compile(
    r"\W{0,3}(?:n\. ?[oº]|nos?\.?|n[°º]|nr\.?|number)?[\s:]{0,2}"
    r"(\d{1,5}(?:[ ./,]{1,3}(?:\d{1,4}(?! m)[EW]?|[EW])(?![^\W\d_])|[EW](?![^\W\d_]))*+)"
    r"((?: (?:and|y|et|und|e) (?:[EW]\. ?)?\d{1,5}(?: ?/ ?\d{1,3})*(?:[EW]\d{0,3}){0,3})?)"
)
_LIST: Final = re.compile(r"(?:\s|,|;|and|et|y|e|und|\d{1,6} ?/ ?\d{2,4}){1,12}\Z")
_TOO_MANY: Final = 40
"""Groups of digits in one run; more make a table, of which only its long groups are looked at."""


class _Run(NamedTuple):
    """Digits with single marks between them, and what the words beside it say."""

    text: str
    start: int
    end: int

    def says(self, table: str) -> bool:
        """Whether a word of the table stands before it."""
        return bool(said_before(table, self.text, self.start))


def find_numbers(look: Look, region: str | None = None) -> Iterator[PiiSpan]:
    """Cards, IBANs, SSNs, identifiers and telephone numbers.

    Args:
        region: The country ("GB") whose national telephone numbers are known without a word that announces them.
    """
    flat = look.flat
    yield from _ibans(look)
    yield from _cases(flat)
    yield from (PiiSpan(*match.span(), "ID", 0.6) for match in _ENDING.finditer(flat))
    yield from _plots(look)
    for match in _MASKED.finditer(flat):
        yield PiiSpan(match.start(), match.end(), "SSN" if flat[match.start()] in "*xX•" else "CREDIT_CARD", 0.8)
    floor = 0
    for match in _RUN.finditer(flat):
        start, end = match.span()
        if end <= floor or not _long_enough(flat, start, end):
            continue
        value = _attached(flat, start, end)
        if value is not None:
            found = _coded(flat, *value)
            floor = value[1]
            if found:
                yield found
            continue
        yield from _plain_run(flat, start, end, region)


def _long_enough(flat: str, start: int, end: int) -> bool:
    """Five digits, or fewer that are part of a longer code ("M88R49125")."""
    if end - start >= 5 and sum(map(str.isdigit, flat[start : min(end, start + 64)])) >= 5:
        return True
    return flat[end : end + 1].isalnum() or flat[start - 1 : start].isalnum()


def _attached(flat: str, start: int, end: int) -> tuple[int, int] | None:
    """The whole code when letters hang on a run of digits; None for digits alone."""
    left = _LEFT.search(flat, max(0, start - 17), start)
    first = left.start() if left else start
    right = _RIGHT.match(flat, end)
    last = right.end() if right else end
    grown = flat[first:start] + flat[end:last]
    if re.fullmatch(r"[xX]\d*", grown):  # an extension: 555-0100x12
        return None
    if not any(c.isalpha() and c.isascii() for c in grown) or last - first > 40:
        return None
    return first, last


def _coded(flat: str, start: int, end: int) -> PiiSpan | None:
    """A code of letters and digits."""
    value = flat[start:end]
    if national_id(value):
        return PiiSpan(start, end, "ID", 0.95)
    digits = sum(map(str.isdigit, value))
    if digits < 3 or len(value) < 5:
        return None
    if label := _SHORT_LABEL.search(flat, max(0, start - 8), start):
        start = label.start()
    if (label or said_before("id", flat, start)) and not re.fullmatch(r"\d+(?:st|nd|rd|th)|\d{1,3}[a-z]", value):
        return PiiSpan(start, end, "ID", 0.7)
    return None


def _plain_run(flat: str, start: int, end: int, region: str | None) -> Iterator[PiiSpan]:
    groups = [m.span() for m in _GROUP.finditer(flat, start, end)]
    if len(groups) > _TOO_MANY:
        groups = [g for g in groups if g[1] - g[0] >= 6]
    i = 0
    while i < len(groups):
        taken = _from(flat, groups, i, region)
        if taken is None:
            i += 1
            continue
        yield taken
        while i < len(groups) and groups[i][0] < taken.end:
            i += 1


def _from(flat: str, groups: list[tuple[int, int]], i: int, region: str | None) -> PiiSpan | None:
    """What begins with the i-th group, if anything."""
    run = _Run(flat, groups[i][0], groups[-1][1])
    ends = [g[1] for g in groups[i : i + 9]]
    carded = run.says("card")
    for end in reversed(ends):
        value = flat[run.start : end]
        if is_card(value, said=carded):
            return PiiSpan(run.start, end, "CREDIT_CARD", 0.95 if is_card(value) else 0.6)
        if national_id(value) and end == ends[-1]:
            return PiiSpan(run.start, end, "ID", 0.9)
    if social := _social(run, ends):
        return social
    called = run.says("phone") or said_after("phone", flat, ends[-1])
    identified = not called and run.says("id")
    if identified and sum(map(str.isdigit, flat[run.start : ends[-1]])) >= 4:
        return PiiSpan(run.start, ends[-1], "ID", 0.7)
    if place := phone(flat, run.start, ends, called=called, region=region):
        return PiiSpan(*place, "PHONE", 0.85 if called else 0.75)
    return None


def _social(run: _Run, ends: list[int]) -> PiiSpan | None:
    """A US social security number (or ITIN): "123-45-6789", in other forms when it is named."""
    for end in ends[:3]:
        match = _SSN.fullmatch(run.text, run.start, end)
        if match and run.says("ssn"):
            return PiiSpan(run.start, end, "SSN", 0.95)
        if match and match[1] == "-" and not run.says("id") and match.group()[:3] not in ("000", "666"):
            return PiiSpan(run.start, end, "SSN", 0.8)
    return None


def _ibans(look: Look) -> Iterator[PiiSpan]:
    for match in _IBAN.finditer(look.flat):
        value = match.group()
        while " " in value and not is_iban(value):  # words in capitals may follow
            value = value[: value.rindex(" ")]
        if is_iban(value):
            yield PiiSpan(match.start(), match.start() + len(value), "IBAN", 0.98)
    for at in look.places(("iban",)):
        said = _IBAN_SAID.match(look.low, at)
        if said and sum(map(str.isdigit, said[1])) >= 6:
            yield PiiSpan(*said.span(1), "IBAN", 0.7)


def _cases(flat: str) -> Iterator[PiiSpan]:
    """Numbers of cases and applications ("no. 24647/04", "NJA 2005 p. 884"): who looks one up has the name."""
    last = -100
    for match in _CASE.finditer(flat):
        chained = match.start() - last < 12 and _LIST.fullmatch(flat, last, match.start()) is not None
        numbered = _NUMBERED.search(flat, max(0, match.start() - 8), match.start()) is not None
        if chained or numbered or said_before("application", flat, match.start()):
            yield PiiSpan(match.start(), match.end(), "ID", 0.6)
            last = match.end()
    yield from (PiiSpan(*match.span(), "ID", 0.6) for match in _REPORT.finditer(flat))


def _plots(look: Look) -> Iterator[PiiSpan]:
    """Numbers of plots of land in a register."""
    for at in look.places(words()["plot"]["words"]):
        match = _PLOT.match(look.flat, at)
        if match:
            yield PiiSpan(match.start(1), match.end(2), "ID", 0.55)
