"""Dates, and which of them are dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.governance.pii.flat import said_before
from docreview.governance.pii.span import PiiSpan

_MONTH: Final = (
    r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec|janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago|"
    r"dic|gen|mag|giu|lug|set|ott|fev|out|mrt|mei|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru|янв|фев|мар|апр|мая|май|июн|"
    r"июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|"
    r"يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|ינואר|פברואר|מרץ|אפריל|מאי|יוני|"
    r"יולי|אוגוסט|ספטמבר|אוקטובר|נובמבר|דצמבר|जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर)"
    r"[^\W\d_]*\.?"
)
_YEAR: Final = r"(?:1[89]|20)\d\d"
_TIME: Final = r"(?:[T ]\d{1,2}:\d\d(?::\d\d)?)?"
_FULL: Final = re.compile(
    rf"(?<![\w./-])(?:{_YEAR}[-./]\d{{1,2}}[-./]\d{{1,2}}{_TIME}|\d{{1,2}}[-./]\d{{1,2}}[-./](?:{_YEAR}|\d\d)"
    rf"|(?:ngày )?\d{{1,2}} tháng \d{{1,2}} năm {_YEAR}|{_YEAR} ?年 ?\d{{1,2}} ?月 ?\d{{1,2}} ?日|{_YEAR}년 ?\d{{1,2}}월 ?\d{{1,2}}일"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.|º|-го)? ?(?:de |of |ב|d')?{_MONTH},? ?(?:de |del )?{_YEAR}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR})(?![\w/-])|(?:令和|平成|昭和)(?:\d{{1,2}}|元)年\d{{1,2}}月\d{{1,2}}日",
    re.IGNORECASE,
)
_BORN: Final = re.compile(rf"{_YEAR}(?!\w)")
_BORN_HINT: Final = re.compile(
    r"birth|born|\bd\.?o\.?b|naiss|\bn[ée]e? |gebor|\bgeb\.|geburt|nac[ió]|nat[ao] |nascit|nascid|nascim|urodz|\bur\.|рожд|родил|"
    r"народ|doğum|sinh|出生|生年|生于|生まれ|생년|출생|ميلاد|المولود|לידה|जन्म|född|født|syntyn|naroz|narod|rođen|születés|วันเกิด", re.IGNORECASE
)  # fmt: skip


def find_dates(flat: str) -> Iterator[PiiSpan]:
    """Every full date in a flat text, in words or figures."""
    for match in _FULL.finditer(flat):
        yield PiiSpan(match.start(), match.end(), "DATE", 0.6)


def find_births(flat: str) -> Iterator[PiiSpan]:
    """Dates of birth: dates and years that a word beside them says somebody was born on."""
    last = -1
    for hint in _BORN_HINT.finditer(flat):
        if hint.start() < last:
            continue
        for pattern in (_FULL, _BORN):
            match = pattern.search(flat, hint.end(), hint.end() + 60)
            if match and said_before("birth", flat, match.start()):
                yield PiiSpan(match.start(), match.end(), "DATE", 0.85)
                last = match.end()
                break
