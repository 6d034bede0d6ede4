"""Dates, and which of them are dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from docreview.governance.pii.flat import Look, phrases, said_before, words
from docreview.governance.pii.span import PiiSpan

_YEAR: Final = r"(?:1[89]|20)\d\d"
_BORN: Final = re.compile(rf"{_YEAR}(?!\w)")
_TIME: Final = r"(?:[t ]\d{1,2}:\d\d(?::\d\d)?)?"
_BIRTH_REACH: Final = 60


@lru_cache(maxsize=1)
def _full() -> re.Pattern[str]:
    """A whole date, in figures or words (small letters)."""
    month = "(?:" + "|".join(words()["month"]["words"]) + r")[^\W\d_]{0,10}\.?"
    forms = (
        rf"{_YEAR}[-./]\d{{1,2}}[-./]\d{{1,2}}{_TIME}",
        rf"\d{{1,2}}[-./]\d{{1,2}}[-./](?:{_YEAR}|\d\d)",
        rf"(?:ngày )?\d{{1,2}} tháng \d{{1,2}} năm {_YEAR}",
        rf"{_YEAR} ?年 ?\d{{1,2}} ?月 ?\d{{1,2}} ?日",
        r"(?:令和|平成|昭和)(?:\d{1,2}|元)年\d{1,2}月\d{1,2}日",
        rf"{_YEAR}년 ?\d{{1,2}}월 ?\d{{1,2}}일",
        rf"\d{{1,2}}(?:st|nd|rd|th|er|\.|º|-го)? ?(?:de |of |ב|d')?{month},? ?(?:de |del )?{_YEAR}",
        rf"{month} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}",
    )
    return re.compile(r"(?<![\w./-])(?:" + "|".join(forms) + r")(?![a-z0-9_/-])")


def find_dates(look: Look) -> Iterator[PiiSpan]:
    """Every full date, in words or figures."""
    for match in _full().finditer(look.low):
        yield PiiSpan(match.start(), match.end(), "DATE", 0.6)


def find_births(look: Look) -> Iterator[PiiSpan]:
    """Dates of birth: dates and years that a word beside them says somebody was born on."""
    last = -1
    for at in look.places(phrases("birth").all):
        if at < last:
            continue
        for pattern in (_full(), _BORN):
            match = pattern.search(look.low, at, at + _BIRTH_REACH)
            if match and said_before("birth", look.low, match.start()):
                yield PiiSpan(match.start(), match.end(), "DATE", 0.85)
                last = match.end()
                break
