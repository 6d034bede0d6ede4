"""Postal addresses: a street with a number, a post box, a town with its postal code, or what stands after "Address:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from docreview.governance.pii.flat import Look, words
from docreview.governance.pii.people import UP
from docreview.governance.pii.span import PiiSpan

_STATE: Final = (
    "A[KLRZ]|C[AOT]|D\\.?C\\.?|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]|A[AEP]|"
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|"
    "Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|"
    "Mexico|York)|North (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Texas|Utah|"
    "Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming|Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|ON|QC|BC|AB|MB|NSW|VIC|QLD"
)  # fmt: skip
_ZIP: Final = rf"(?:{_STATE}),?[ \n]{{1,3}}(?:\d{{5}}(?:-\d{{4}})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{{4}})(?![\w-])"
_WORD: Final = rf"(?:[{UP}][\w'.\-]*|\d{{1,3}}(?:st|nd|rd|th)|of the|of|the|and|&)"
_NUMBER: Final = r"(?:\d{1,6}(?:[-/]\d{1,4})?[A-Za-z]?|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)"
_UNIT: Final = (
    r"(?:(?:Suite|Ste|Apt|Apartment|Unit|Floor|Flat|Room|Rm|Building|Bldg|Box|Level|Block|Tower|Wing)\.? ?(?:No\.? ?)?#?[\w-]{1,8}|#\d{1,5}"
    r"|\d{1,3}(?:st|nd|rd|th) Fl(?:oo)?r?\.?|[NSEW]{1,2}\.?(?:[NSEW]\.?)?(?![\w])|P\.? ?O\.? Box \d{1,6}|Mail ?stop [\w-]{1,8})"
)
_GLUE: Final = r"(?:,? ?\n{0,2} {0,3}|, {0,3})"
_TOWN: Final = rf"(?:[{UP}][\w'.\-]+(?: (?:of |upon |on |am |la |de |del |sur |en )?[{UP}][\w'.\-]*){{0,3}})"
_STREET_WORDS: Final = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Way|Terrace|Ter|"
    "Plaza|Close|Crescent|Gardens|Grove|Mews|Row|Walk|Quay|Trail|Turnpike|Pike|Loop|Alley|Broadway|Center|Centre|Park|Hill|Rise|Green|Wharf|Freeway|Expressway|Route|Embankment|Green"
)  # fmt: skip
_POSTAL: Final = (
    r"(?:[A-Z]{1,2}-)?(?:\d{2}-\d{3}|\d{4}-\d{3}|\d{4} ?[A-Z]{2}|\d{3} ?\d{2,3}|\d{4,7})(?![\d-])|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)|[A-Z]\d[A-Z] ?\d[A-Z]\d"
)
_TAIL: Final = rf"(?:{_GLUE}(?:{_UNIT}|(?:{_POSTAL})(?: {_TOWN})?|{_TOWN}(?:,? (?:{_ZIP}|{_POSTAL}))|{_ZIP}))"
_US: Final = re.compile(
    rf"(?<![\w$.,/-])(?:{_NUMBER} (?:{_WORD},? ){{0,6}}?(?:{_STREET_WORDS})\b\.?|P(?:ost)?\.? ?O(?:ffice)?\.? Box \d{{1,7}})(?:,? (?:of the|of) [{UP}]\w+)?"
    rf"{_TAIL}{{0,4}}"
)
_START: Final = re.compile(rf"(?<![\w$.,/-])(?:{_NUMBER} (?=[{UP}\d])|P\.? ?O\.? Box \d|(?:[{UP}]\w+ ){{1,3}}(?:Center|Centre|Plaza|Building|House|Tower)[, ])")
_ZIP_RE: Final = re.compile(_ZIP)
_BREAK: Final = re.compile(
    r"(?:\b(?:Inc|LLC|L\.L\.C|LLP|L\.L\.P|L\.P|Ltd|Limited|Corp|Corporation|Company|GmbH|N\.V|B\.V|S\.A|plc)\b[.,]*|(?:Attn|Attention|[Tt]el\w*|[Ff]ax\w*|[Ff]acsimile|E-?mail|Phone)[^\n]{0,3}|\n\s*\n|[:;])"
)  # fmt: skip
_REACH: Final = 150


def find_addresses(look: Look) -> Iterator[PiiSpan]:
    """Street addresses and post boxes, with the town where it follows."""
    yield from _labelled(look)
    yield from _with_zip(look)
    for match in _US.finditer(look.flat):
        yield PiiSpan(match.start(), match.end(), "ADDRESS", 0.7)
    for pattern in _abroad():
        for match in pattern.finditer(look.flat):
            yield PiiSpan(match.start(), match.end(), "ADDRESS", 0.65)


def _with_zip(look: Look) -> Iterator[PiiSpan]:
    """Backwards from a state and its postal code to the number that the address begins with."""
    for match in _ZIP_RE.finditer(look.flat):
        floor = max(0, match.start() - _REACH)
        for stop in _BREAK.finditer(look.flat, floor, match.start()):
            floor = stop.end()
        start = _START.search(look.flat, floor, match.start())
        if start:
            yield PiiSpan(start.start(), match.end(), "ADDRESS", 0.8)
        else:
            town = re.search(rf"{_TOWN},? ?\n?\Z", look.flat[floor : match.start()])
            yield PiiSpan(floor + town.start() if town else match.start(), match.end(), "ADDRESS", 0.6)


_VALUE: Final = re.compile(r"[\s:：]{0,4}([^\n;；।。]{4,140}?)(?=[;；।。]|\n|\.\s+[^\W\d_]+ ?[:：]|[,，、]? ?(?:[^\W\d_]|[-'\" ]){2,20}?[:：]? [^\s@]{1,64}@|\. [A-Z]|\.?\Z|,? (?:e-?mail|e-posta|email|tel|phone|correo|correio|telephone|fax)\b|[,，、](?:邮箱|メール|이메일|电话| 이메일))")


def _labelled(look: Look) -> Iterator[PiiSpan]:
    table = words()["address"]
    for at in look.places(table["words"]):
        before = look.low[max(0, at - 40) : at]
        word = next((w for w in sorted(table["words"], key=len, reverse=True) if before.endswith(w)), "")
        start = at - len(word)
        if start and look.low[start - 1].isalpha() and word[0].isalpha() and word.isascii():
            continue
        match = _VALUE.match(look.flat, at)
        if match and re.match(r"\s?[:：]|\s(?:is|to|at)\b", look.flat[at : at + 4]) and any(c.isdigit() for c in match[1]) and "@" not in match[1] and "://" not in match[1]:
            yield PiiSpan(*match.span(1), "ADDRESS", 0.72)
    for at in look.places(table["zip"]):
        match = re.compile(r"(?: (?:is|was|code|number))?[:\s]{1,3}((?=[A-Z0-9 -]*\d)[A-Z0-9][A-Z0-9 -]{2,8}[A-Z0-9])(?!\w)").match(look.flat, at)
        if match:
            yield PiiSpan(*match.span(1), "ADDRESS", 0.7)


@lru_cache(maxsize=1)
def _abroad() -> tuple[re.Pattern[str], ...]:
    """Streets of other countries: the word for street before the name or grown together with it."""
    table = words()["address"]
    prefixes = "|".join(re.escape(p) for p in sorted(table["prefixes"], key=len, reverse=True))
    suffixes = "|".join(re.escape(p) for p in sorted(table["suffixes"], key=len, reverse=True))
    number = r"(?:\d{1,5}(?:[-/ ]?[a-zA-Z0-9]{1,4})?(?![\d.]\d))"
    more = rf"(?:,? ?(?:\d{{1,2}}[.º°ª]+ ?[\wº]{{1,5}}\.?|(?:кв|д|оф|корп|стр|lok|m|D|No|int|piso|bus|appt?|étage|Stock|Top)\.?:? ?\d{{1,4}}\w?))*"
    tail = rf"(?:(?:,? |,?\n|, )(?:(?:{_POSTAL}) ?{_TOWN}(?:/{_TOWN})?|{_TOWN},? ?(?:{_POSTAL})))?"
    return (
        re.compile(rf"(?:{number}(?: (?:bis|ter|quater))?,? )?(?<![^\W_])(?:{prefixes}) ?(?:[\w'’.\-]+ ){{0,4}}?[\w'’.\-]*[{UP}][\w'’.\-]*,? ?(?:n[°ºr.]{{0,2}} |№ ?|д\. ?|буд\. ?|No:? ?)?{number}?{more}{tail}"),
        re.compile(rf"[{UP}](?<![^\W_].)[\w.\-]*(?: [{UP}][\w.\-]*){{0,3}}?(?:{suffixes})\b\.?(?: [Nn]o\.?:?)? ?{number}{more}{tail}"),
        re.compile(r"(?:[\u4e00-\u9fff]{2,4}[省市都道府県縣](?:[\u4e00-\u9fff]{1,6}[市区區县縣郡])?[\u4e00-\u9fffァ-ヶ0-9\-]{2,30}(?:[号號室楼樓层層番地丁目]|\d)+(?:[0-9\-号號室楼樓层層番地丁目])*)"),
        re.compile(r"[가-힣]{2,6}(?:특별시|광역시|특별자치시|도|시) [가-힣]{1,5}[시군구](?: [가-힣0-9]{1,12}(?:로|길|동|읍|면)){1,2} ?\d{1,4}(?:-\d{1,4})?(?:번지)?(?:,? ?\d{1,4}(?:층|호|동))*"),
    )
