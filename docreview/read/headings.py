"""Places in a text that may begin a section: what is printed there, and whether a title follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from docreview.read.titles import REFERENCE, VERB, title_after

_CAPITAL: Final = r"(?=(?:\s{1,40}|(?<=[\d.)][.)]))[\"“‘'(\[*_<]{0,3}(?:[^\W\d_a-zß-öø-ÿ]|[a-z][A-Z]))"
_NUMBER: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,5})([ ]?\.\)?|\)|:)?" + _CAPITAL)
_ROMAN: Final = re.compile(r"([IVX]{1,6})\." + _CAPITAL)
_LETTER: Final = re.compile(r"\(([a-z])\)" + _CAPITAL)
_INITIAL: Final = re.compile(r"([A-Z])\." + _CAPITAL)
_ROMAN_FORM: Final = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})\Z")
_INSIDE: Final = re.compile(r"[\w.,$€£#%/§&(-]")  # before a number that is part of something else
_ID: Final = r"(?:\d{1,3}(?:\.\d{1,3}){0,3}|[IVXL]{1,7}\b|[A-Z](?:-?\d{1,2})?\b)"
_ARTICLE: Final = re.compile(
    rf"((?:ARTICLE|Article|ARTIKEL|Artikel|ART[IÍ]CULO|Art[ií]culo|ARTICOLO|Articolo|ARTIGO|Artigo)[^\S\n]{{1,3}}({_ID}))"
)
_PART: Final = re.compile(
    r"((?:SCHEDULE|Schedule|EXHIBIT|Exhibit|ANNEX|Annex|ANNEXE|Annexe|ANNEXURE|APPENDIX|Appendix|ATTACHMENT|Attachment"
    rf"|ADDENDUM|ANLAGE|Anlage|ANHANG|Anhang|ANEXO|Anexo)[^\S\n]{{1,3}}[\"“]?({_ID}))"
)
_SECTION: Final = re.compile(
    r"((?:(?:SECTION|Section|SEC\.|Sec\.|CLAUSE|Clause|CL[ÁA]USULA|Cl[áa]usula)|§)[^\S\n]{0,3}"
    r"(\d{1,3}(?:\.\d{1,3}){0,4}))(?![\w-])"
)
_MARKDOWN: Final = re.compile(r"\n(?:(#{1,6})[ \t]{1,8}(?:(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?[ \t]{1,8})?(?=\S)|```|~~~)")
_CAPS_LINE: Final = re.compile(r"\n[ \t]{0,80}(?=[^\W\d_a-z])([^\na-z_|=<>\[\]$%@*#]{4,80})(?=\n|\Z)")
_NAMED: Final = re.compile(
    r"(RECITALS|BACKGROUND|PREAMBLE|WITNESSETH|W[ ]I[ ]T[ ]N[ ]E[ ]S[ ]S[ ]E[ ]T[ ]H)\b(?=[: \t\n])"
)
_NO_CAPS: Final = re.compile(
    r"\b(?:CORPORATION|LIMITED|GMBH|S\.A|PLC|L\.P|BY|NAME|TITLE|DATE|PAGE|CONTENTS|CONFIDENTIAL"
    r"|SOURCE|REDACTED|WHEREOF|AND|BETWEEN|AMONG|THE|OF|TO|FOR|WITH)\b[.:,]?\s*$"
    r"|\d{3}|\b(?:INC|LLC|LTD|CORP)\b|\S[ \t]{3,}\S|^\W*(?:PAGE|BY|BETWEEN|AND)\b"
)
_CONTENTS_END: Final = re.compile(
    r"(?:\.[ .]{2,40}|…|\t|[ ]{3,40}|_{3,40})[ \t]{0,8}(?:\d{1,3}|[ivx]{1,5}|[A-Z]-\d{1,2})[ \t]{0,8}\Z"
)
_AFTER: Final = re.compile(
    r"[.:]?[^\S\n]{0,8}(?:\n|\Z)|[.:][^\S\n]{1,8}(?=[\"“(\[]?[^\W_a-z])|[^\S\n]*[-–—]|[^\S\n]{1,40}(?=[\"“(\[]?[^\W\d_a-z])"
)
_SIGNATURE: Final = re.compile(r"\s*(?:By\b|BY\b|Name|NAME|Its\b|Title|/s/|_{3}|\Z)")
_PAGE_NUMBER: Final = re.compile(r"\n[^\S\n]*\d{1,3}\Z")
_BLANKS: Final = " \t\xa0\u2002\u2003\u2009\u200b*_>|"
_TITLE_BEFORE: Final = re.compile(
    r"(?:[.:;)\"”]|\n)\s*(?:[A-Z][\w'’,&-]*\s+(?:(?:and|of|the|to|for|in|or)\s+)*){1,8}\Z"
)
_DIGITS: Final = {"I": 1, "V": 5, "X": 10, "L": 50}


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that may begin a section.

    `kind`: number, letter, initial, roman, article, part, caps or markdown. `value` is the number, level by level;
    letters count from 1. `style` tells lists of different make apart. `strong` means that it begins a line.
    """

    kind: str
    start: int
    end: int  # of the number, without the blank behind it
    number: str
    value: tuple[int, ...]
    style: str
    strong: bool


def find_marks(text: str) -> list[Mark]:
    """All places that may begin a section, in order; without references that show as such by the words around them."""
    marks = [mark for marks in (_numbers(text), _letters(text), _keywords(text), _unnumbered(text)) for mark in marks]
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    kept: list[Mark] = []
    for mark in marks:
        twin = kept and kept[-1].start == mark.start and mark.kind == "roman"  # "I." after "H.", or before "II."
        if not kept or mark.start >= kept[-1].end or twin:
            kept.append(mark)
    return kept


def _numbers(text: str) -> Iterator[Mark]:
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        place = 0 if _inside(text, start) else _place(text, start) or -_title_before(text, match)
        if not place or _is_in_contents(text, start):
            continue
        behind = text[end : end + 40]
        alone = "\n" in behind[: len(behind) - len(behind.lstrip())]  # "2" on a line of its own is a page number
        if match[2] or "." in match[1] or (place == 2 and not alone):
            style = match[2] or "" if place > 0 else "weak"
            yield Mark("number", start, end, match[1], _levels(match[1]), style, place == 2)
    for match in _SECTION.finditer(text):
        start, end = match.span()
        place = 0 if _inside(text, start) else _place(text, start)
        if place and _is_heading_after(text, end) and not _is_in_contents(text, start):
            end += text[end : end + 1] in (".", ":")
            yield Mark("number", start, end, match[1], _levels(match[2]), "Section", place == 2)


def _letters(text: str) -> Iterator[Mark]:
    for kind, pattern in (("letter", _LETTER), ("initial", _INITIAL), ("roman", _ROMAN)):
        for match in pattern.finditer(text):
            place = 0 if _inside(text, match.start()) else _place(text, match.start())
            if not place or (kind == "roman" and not _ROMAN_FORM.match(match[1])):
                continue
            value = _roman(match[1]) if kind == "roman" else ord(match[1].lower()) - 96
            number = match[0] if kind == "letter" else match[1]
            yield Mark(kind, match.start(), match.end(), number, (value,), kind, place == 2)


def _keywords(text: str) -> Iterator[Mark]:
    for kind, pattern in (("article", _ARTICLE), ("part", _PART)):
        for match in pattern.finditer(text):
            start, end = match.span()
            place = 0 if _inside(text, start) else _place(text, start)
            if not place or not _is_heading_after(text, end) or _is_in_contents(text, start):
                continue
            if kind == "part" and ((place < 2 and not match[1].isupper()) or (start < 400 and "." in match[2])):
                continue  # a reference; or "Exhibit 10.12" of a filing, which is all of it
            value = _levels(match[2]) if match[2][0].isdigit() else (_roman(match[2]),)
            end += text[end : end + 1] in (".", ":", '"', "”")
            yield Mark(kind, start, end, " ".join(match[1].split()), value, kind, place == 2)


def _unnumbered(text: str) -> Iterator[Mark]:
    lines, fenced = "\n" + text, False  # offsets are one too high: a match begins at the line break before
    for match in _MARKDOWN.finditer(lines) if "\n#" in lines else ():
        fenced ^= match[1] is None
        if match[1] and not fenced:
            value = _levels(match[2]) if match[2] else ()
            yield Mark("markdown", match.start(), match.end() - 1, match[2] or "", value, match[1], True)
    for match in _CAPS_LINE.finditer(lines):
        line = match[1].strip()
        letters = sum(map(str.isalpha, line))
        if letters < max(4, 0.6 * len(line)) or _NO_CAPS.search(line) or VERB.search(line.lower()):
            continue
        if _stands_alone(text, match.start(), match.end() - 1):
            yield Mark("caps", match.start(1) - 1, match.start(1) - 1, "", (), "caps", True)
    for match in _NAMED.finditer(text):
        if _place(text, match.start()):
            yield Mark("caps", match.start(), match.start(), "", (), "named", _place(text, match.start()) == 2)


def _inside(text: str, start: int) -> bool:
    return start > 0 and _INSIDE.match(text, start - 1) is not None


def _is_in_contents(text: str, start: int) -> bool:
    """Whether a line ends like one of a table of contents: with a gap or dots, and a page number."""
    end = text.find("\n", start, start + 200)
    if end < 0:
        end = len(text) if len(text) < start + 200 else start
    return _CONTENTS_END.search(text, max(start, end - 60), end) is not None


def _place(text: str, start: int) -> int:
    """2 where a line begins, 1 behind the end of a sentence or a wide gap, 0 inside running text."""
    before = text[max(0, start - 80) : start]
    bare = before.rstrip(_BLANKS)
    if not bare or bare[-1] in "\n\f":
        return 2 if len(before) < 80 or bare else 1
    if bare[-1] in ".;:!?)]\"”’'-_" and before != bare:
        return 1
    if len(before) - len(bare) > 1 or before[-1] == "\t":
        return 1
    return 2 if bare[-1].isdigit() and _PAGE_NUMBER.search(bare) else 0


def _title_before(text: str, match: re.Match[str]) -> bool:
    """Whether capitalised words of a heading stand right before a number ("Term 4. The duration ...")."""
    before = text[max(0, match.start() - 80) : match.start()]
    return (match[2] == "." or "." in match[1]) and bool(_TITLE_BEFORE.search(before)) and not REFERENCE.search(before)


def _is_heading_after(text: str, end: int) -> bool:
    """Whether a title, a new sentence or a line's end follows a keyword with its number, not "shall apply"."""
    match = _AFTER.match(text, end)
    if match is None:
        return False
    return match[0][:1] in ("", ".", ":", "\n") or bool(title_after(text, end, strong=False)[0])


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a line in capitals is followed by a blank line and something other than a signature, and begins anew."""
    line_before = text[text.rfind("\n", 0, max(0, start - 1)) + 1 : start].strip()
    if line_before.isupper() and len(line_before) > 40:  # a paragraph in capitals
        return False
    before = text[max(0, start - 40) : start].rstrip()
    behind = text[end : end + 60].lstrip(" \t")
    if before.endswith((",", " of", " and", " the")) or not behind.startswith("\n"):
        return False
    return not behind[1:].lstrip(" \t")[:1].islower() and not _SIGNATURE.match(behind)


def _levels(number: str) -> tuple[int, ...]:
    """The levels of a number: (7, 1, 2) for "7.1.2", (2,) for "2.0"."""
    values = tuple(int(part) for part in number.split("."))
    return values[:-1] if len(values) == 2 and values[1] == 0 else values


def _roman(number: str) -> int:
    """The value of a Roman number; of a single other letter its place in the alphabet."""
    if any(letter not in _DIGITS for letter in number):
        return ord(number[0]) - 64
    values = [_DIGITS[letter] for letter in number]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))
