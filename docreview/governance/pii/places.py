"""Postal addresses: a street with a number, a post box, a town with its postal code, or what stands after "Address:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from docreview.governance.pii.flat import Look, words
from docreview.governance.pii.people import UP
from docreview.governance.pii.span import PiiSpan

_STATES: Final = (
    "A[KLRZ]|C[AOT]|D\\.?C\\.?|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]|A[AEP]|"
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|"
    "Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|"
    "Nevada|New (?:Hampshire|Jersey|Mexico|York)|North (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    "South (?:Carolina|Dakota)|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)  # fmt: skip
_CODE: Final = re.compile(  # postal codes that are like nothing else, or that stand behind their state
    r"(?:(?<=[ \n,])\d{5}(?:-\d{4})?(?![\w,.-]\d|\w)|[A-Z](?<![\w-].)[A-Z]?\d[A-Z\d]? \d[A-Z]{2}(?!\w)|[A-Z](?<![\w-].)\d[A-Z] \d[A-Z]\d(?!\w))"
)
_BEFORE_CODE: Final = re.compile(rf"(?<!\w)(?:{_STATES}),?[ \n]{{1,3}}\Z")
_COUNTRY: Final = re.compile(
    r"[,\s]{1,4}(?:U\.?S\.?A\.?|United States(?: of America)?|United Kingdom|U\.?K\.?|England|Scotland|Wales|Canada|Ireland|Germany|France|"
    r"Switzerland|Netherlands|The Netherlands|Japan|China|P\.?R\.? China|Hong Kong|Singapore|Australia|New Zealand|India|Israel|Spain|Italy)(?!\w)"
)
_WORD: Final = rf"(?:[{UP}][\w'.\-]*|\d{{1,3}}(?:st|nd|rd|th)|of the|of|the|and|&)"
_NUMBER: Final = r"(?:\d{1,6}(?:[-/]\d{1,4})?[A-Za-z]?|One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)"
_UNIT: Final = (
    r"(?:(?:Suite|Ste|Apt|Apartment|Unit|Floor|Flat|Room|Rm|Building|Bldg|Box|Level|Block|Tower|Wing)\.? ?(?:No\.? ?)?#?[\w-]{1,8}|#\d{1,5}"
    r"|\d{1,3}(?:st|nd|rd|th) Fl(?:oo)?r?\.?|[NSEW]{1,2}\.?(?:[NSEW]\.?)?(?![\w-])|P\.? ?O\.? Box \d{1,6}|Mail ?stop [\w-]{1,8})"
)
_GLUE: Final = r"(?:,? ?\n{0,2} {0,3}|, {0,3})"
_TOWN: Final = rf"(?:[{UP}][\w'.\-]+(?: (?:of |upon |on |am |la |de |del |sur |en )?[{UP}][\w'.\-]*){{0,3}})"
_STREET_WORDS: Final = (
    "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Way|Terrace|Ter|"
    "Plaza|Close|Crescent|Gardens|Grove|Mews|Row|Walk|Quay|Trail|Turnpike|Pike|Loop|Alley|Broadway|Center|Centre|Park|Hill|Rise|Green|Wharf|Freeway|Expressway|Route|Embankment|Green"
)  # fmt: skip
_POSTAL: Final = r"(?:[A-Z]{1,2}-)?(?:\d{2}-\d{3}|\d{4}-\d{3}|\d{4} ?[A-Z]{2}|\d{3} ?\d{2,3}|\d{4,7})(?![\d-])|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)|[A-Z]\d[A-Z] ?\d[A-Z]\d"
_TAIL: Final = rf"(?:{_GLUE}(?:{_UNIT}|(?:{_POSTAL})(?: {_TOWN})?|{_TOWN}(?:,? (?:(?:{_STATES}) )?(?:{_POSTAL}))))"
_STREET: Final = re.compile(
    rf"(?:\d(?<![\w$.,/-].)[\w/-]{{0,10}}|[OTFSEN](?<!\w.)(?:ne|wo|hree|our|ive|ix|even|ight|ine|en)) (?=[{UP}\d]){_WORD},?"
    rf"(?: {_WORD},?){{0,6}}?(?: (?:{_STREET_WORDS})| ?(?<=Broadway))\b\.?(?:,? (?:of the|of) [{UP}]\w+)?{_TAIL}{{0,4}}"
)
_BOX: Final = re.compile(rf"P(?<!\w.)(?:ost)?\.? ?O(?:ffice)?\.? Box \d{{1,7}}{_TAIL}{{0,4}}")
_START: Final = re.compile(
    rf"(?<![\w$.,/-])(?:{_NUMBER} (?=[{UP}\d])|P\.? ?O\.? Box \d|(?:[{UP}]\w+ ){{1,3}}(?:Center|Centre|Plaza|Building|House|Tower)[, ])"
)
_BREAK: Final = re.compile(
    r"(?:\b(?:Inc|LLC|L\.L\.C|LLP|L\.L\.P|L\.P|Ltd|Limited|Corp|Corporation|Company|GmbH|N\.V|B\.V|S\.A|plc)\b[.,]*|(?:Attn|Attention|[Tt]el\w*|[Ff]ax\w*|[Ff]acsimile|E-?mail|Phone)[^\n]{0,3}|\n\s*\n|[:;])"
)  # fmt: skip
_TOWN_BEFORE: Final = re.compile(rf"{_TOWN}(?:,? {_TOWN})?,?[ \n]{{0,2}}\Z")
_REACH: Final = 150


def find_addresses(look: Look) -> Iterator[PiiSpan]:
    """Street addresses and post boxes, with the town where it follows."""
    yield from _labelled(look)
    yield from _with_code(look)
    for pattern in (_STREET, _BOX):
        for match in pattern.finditer(look.flat):
            yield PiiSpan(match.start(), match.end(), "ADDRESS", 0.7)
    yield from _abroad(look)


def _with_code(look: Look) -> Iterator[PiiSpan]:
    """Backwards from a postal code to the number that the address begins with."""
    for match in _CODE.finditer(look.flat):
        state = _BEFORE_CODE.search(look.flat, max(0, match.start() - 20), match.start())
        if match.group()[0].isdigit() and not state:
            continue
        town_end = state.start() if state else match.start()
        floor = max(0, town_end - _REACH)
        for stop in _BREAK.finditer(look.flat, floor, town_end):
            floor = stop.end()
        country = _COUNTRY.match(look.flat, match.end())
        end = country.end() if country else match.end()
        start = _START.search(look.flat, floor, town_end)
        if start:
            yield PiiSpan(start.start(), end, "ADDRESS", 0.8)
            continue
        town = _TOWN_BEFORE.search(look.flat, floor, town_end)
        if town is None and state and state.group().startswith("ID"):
            continue  # "user ID 54321"
        yield PiiSpan(town.start() if town else town_end, end, "ADDRESS", 0.6)


_COLON: Final = re.compile(r" ?[:：] ?| (?:is|to|at) (?=.{0,24}\d)")
_LINE: Final = re.compile(r"[^\n;；।。]{4,160}")
_SEGMENT: Final = re.compile(r"[^,，、.]*(?:[,，、]|\.(?!\s*\Z)|\.?\Z)\s*")
_OTHER_LABEL: Final = re.compile(r"\W*[^\d:：@]{2,24}[:：]|.*@|\W*(?:e-?mail|e-posta|tel|phone|fax)\b", re.IGNORECASE)
_OTHER_FIELD: Final = re.compile(r" ?[(\"“]|\b(?:Attn|Attention|Tel\w*|Fax|Facsimile|E-?mail|Phone)\b", re.IGNORECASE)
_ZIP_VALUE: Final = re.compile(
    r"(?: (?:is|was|code|number))?[:\s]{1,3}((?=[A-Z0-9 -]*\d)[A-Z0-9][A-Z0-9 -]{2,8}[A-Z0-9])(?!\w)"
)
_MOST_TOWNS: Final = 2


def _labelled(look: Look) -> Iterator[PiiSpan]:
    table = words()["address"]
    for at in look.places(table["words"]):
        colon = _COLON.match(look.flat, at)
        line = _LINE.match(look.flat, colon.end()) if colon else None
        other = _OTHER_FIELD.search(look.flat, *line.span()) if line else None
        if colon and line and (end := _address_end(look.flat, line.start(), other.start() if other else line.end())):
            yield PiiSpan(colon.end(), end, "ADDRESS", 0.72)
    for at in look.places(table["zip"]):
        if match := _ZIP_VALUE.match(look.flat, at):
            yield PiiSpan(*match.span(1), "ADDRESS", 0.7)


def _address_end(flat: str, start: int, stop: int) -> int:
    """Where an address that begins here ends: with its last part that has a number, and a town or two behind; 0 if none."""
    for code in _CODE.finditer(flat, start, stop):
        if _BEFORE_CODE.search(flat, max(start, code.start() - 20), code.start()):
            stop = code.end()
            break
    end = towns = pending = 0
    for part in _SEGMENT.finditer(flat, start, stop):
        text = part.group()
        if not text or (part.start() > start and _OTHER_LABEL.match(text)) or "@" in text or "://" in text:
            break
        if any(c.isdigit() for c in text):
            pending = 0
        elif end and towns < _MOST_TOWNS and len(text.split()) <= 4 and flat[part.start() - 2] in ",，、":
            towns += 1
        elif pending < (2 if end else 4) and len(text) < 24:
            pending += 1
            continue
        else:
            break
        end = part.start() + len(text.rstrip(" ,，、."))
    return end


_MORE: Final = (
    r"(?:,? ?(?:\d{1,2}[.º°ª]+ ?[\wº]{1,5}\.?|(?:кв|д|оф|корп|стр|lok|m|D|No|int|piso|bus|appt?|étage|Stock|Top)\.?:? ?\d{1,4}\w?"
    r"|(?:quận|phường|thành phố|district|huyện) [^\W\d_]+(?: [^\W\d_]+){0,2}|مبنى \d{1,4}))*"
)
_PLACE: Final = rf"(?:(?:, ?\n?| )(?:(?:{_POSTAL}) ?{_TOWN}(?:/{_TOWN})?|{_TOWN},? ?(?:{_POSTAL})|(?<=,.){_TOWN}(?![\w:])|[^\W\d_]+ (?:{_POSTAL})))?"
_HOUSE: Final = (
    r"(?:n[°ºr.]{0,2} |№ ?|д\. ?|буд\. ?|[Nn][or]\.?:? ?)?\d{1,5}(?:[-/ ]?[a-zA-Z](?!\w)|[-/]\d{1,4})?(?![\d.]\d)"
)
_NAMED: Final = re.compile(
    rf" ?(?:[\w'.\-]+ ){{0,4}}?[\w'\-]*[^\W\d_a-z][\w'.\-]*(?P<number>,? {_HOUSE})?{_MORE}(?P<place>{_PLACE})"
)
_FRONT: Final = re.compile(r"(?<![\w.,/])\d{1,5}(?:[-/]\d{1,4})?[a-zA-Z]?(?: (?:bis|ter|quater))?,? \Z")
_AFTER: Final = re.compile(rf"\.? ?{_HOUSE}{_MORE}{_PLACE}")
_BACK: Final = re.compile(rf"[{UP}](?<![^\W_].)[\w.'\-]*(?: [\w.'\-]+){{0,3}}?\Z")
_HAN: Final = re.compile(
    r"[省市都道府県縣](?:[\u4e00-\u9fff]{1,6}[市区區县縣郡])?[\u4e00-\u9fffァ-ヶ0-9\-]{2,30}(?:[号號室楼樓层層番地丁目]|\d)[0-9\-号號室楼樓层層番地丁目]*"
)
_HANGUL: Final = re.compile(
    r"[가-힣]{2,6}(?:특별시|광역시|특별자치시|도|시) [가-힣]{1,5}[시군구](?: [가-힣0-9]{1,12}(?:로|길|동|읍|면)){1,2} ?\d{1,4}(?:-\d{1,4})?(?:번지)?(?:,? ?\d{1,4}(?:층|호|동))*"
)


def _abroad(look: Look) -> Iterator[PiiSpan]:
    """Streets elsewhere: the word for street before the name ("rue"), grown together with it ("straße"), or by district."""
    table = words()["address"]
    for at in look.places(table["prefixes"]):
        word = next(w for w in _by_length() if look.low.endswith(w, 0, at))
        start = at - len(word)
        match = _NAMED.match(look.flat, at)
        if match is None or look.low[start - 1 : start].isalnum():
            continue
        front = _FRONT.search(look.flat, max(0, start - 14), start)
        if front or match["number"] or any(c.isdigit() for c in match["place"]):
            yield PiiSpan(front.start() if front else start, match.end(), "ADDRESS", 0.65)
    suffixes = tuple(s.strip(" .") for s in table["suffixes"])
    grown = {word for word in look.vocabulary if word.endswith(suffixes)}
    for at in look.places(grown):
        after = _AFTER.match(look.flat, at)
        back = _BACK.search(look.flat, max(0, at - 48), at) if after else None
        if after and back:
            yield PiiSpan(back.start(), after.end(), "ADDRESS", 0.65)
    for match in _HAN.finditer(look.flat):
        start = match.start()
        while start and match.start() - start < 3 and "\u4e00" <= look.flat[start - 1] <= "\u9fff":
            start -= 1
        yield PiiSpan(start, match.end(), "ADDRESS", 0.65)
    for match in _HANGUL.finditer(look.flat):
        yield PiiSpan(match.start(), match.end(), "ADDRESS", 0.65)


@lru_cache(maxsize=1)
def _by_length() -> list[str]:
    return sorted(words()["address"]["prefixes"], key=len, reverse=True)
