"""Where sentences begin and end in contracts and talk, as exact spans.

Rules, no model: a blank line ends a sentence; so do `.`, `?` and `!` before white space and something that can begin a
sentence, unless the full stop belongs to an abbreviation ("Inc.", "No. 4"), a name's initial or a clause number
("12.3. Term"); so does `;` before an enumerator or a line break. One line break alone ends nothing, and a wide gap
neither: PDF text is full of both.
"""

from __future__ import annotations

import re
from typing import Final

_BREAK: Final = re.compile(
    r"""
      \n[^\S\n]*+\n\s*+                                                # a blank line
    | [.?!]["'”’)\]]{0,4}+\s++                                         # a full stop and
        (?=["'“‘(\[]{0,3}[A-Z0-9•●○À-ÞΑ-Я*_$§])                        # something that can begin a sentence
    | ;\s*+(?:and|or|provided)?+\s*+(?=\(?[a-zA-Z0-9]{1,5}\)\s)        # "; (b) ..."
    | ;(?:[^\S\n]*+(?:and|or|provided))?+[^\S\n]*+\n\s*+              # ";" at the end of a line
    | [。！？]\s*+                                                      # these need no space
    """,
    re.VERBOSE,
)
_LAST_WORD: Final = re.compile(r"[\w.&'-]+$")
_ABBREVIATIONS: Final = frozenset(
    (
        "inc corp co ltd llc lp llp plc no nos sec secs art arts para paras cl dr mr mrs ms messrs prof hon rev gen "
        "col st ave blvd rd bldg ste fl dept div est approx ca cf viz vs v eg e.g i.e ie etc al et seq ex exh fig "
        "figs vol pp p ed eds jr sr jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.s.a u.s.c n.y d.c s.a "
        "n.v b.v a.m p.m ph.d m.d l.p l.l.c attn tel ref reg sch std max min assn bros intl natl gmbh pty pte pvt "
        "mfg c.f.r n.a"
    ).split()
)
_NUMBER: Final = re.compile(r"(?:\d{1,3}\.)*\d{1,3}[a-zA-Z]?|[IVXLC]{1,6}|[A-Za-z]")
_NUMBERED: Final = ("section ", "article ")
_BEFORE: Final = 24


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Sentences of `text[start:end]` as `(start, end)` offsets into `text`, in order, without outer white space.

    Together they hold every character that is not white space, each exactly once.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    at = _skip(text, start, end)
    for match in _BREAK.finditer(text, start, end):
        left, right = match.span()
        if left < at:
            continue
        mark = text[left]
        if mark == "." and _goes_on(text, at, left):
            continue
        stop = left if mark.isspace() else left + len(match.group().rstrip())
        if stop > at:
            spans.append((at, stop))
        at = right
    if last := text[at:end].rstrip():
        spans.append((at, at + len(last)))
    return spans


def _skip(text: str, start: int, end: int) -> int:
    return end - len(text[start:end].lstrip())


def _goes_on(text: str, begin: int, dot: int) -> bool:
    """Whether the full stop at `dot` ends no sentence: an abbreviation, or the number that a clause begins with."""
    word = _LAST_WORD.search(text, max(begin, dot - _BEFORE), dot)
    if word is None:
        return False
    last = word.group().lower()
    if last in _ABBREVIATIONS:
        return True
    if word.start() - begin <= 1 or (word.start() - begin == 8 and text[begin : begin + 8].lower() in _NUMBERED):
        return _NUMBER.fullmatch(text, word.start(), dot) is not None
    return len(last) == 1 and last.isalpha() and text[dot - 1].isupper()
