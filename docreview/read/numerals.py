"""Numbers as lists show them: letters, Roman and Chinese numerals, words."""

from __future__ import annotations

from typing import Final

from docreview._dates import ONES, TENS

_ROMAN: Final = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_HAN: Final = "\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d"
_ORDINALS: Final = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def formatted(number: int, form: str) -> str:
    """A number in one of Word's formats; those that are not known here come out in digits."""
    if form == "none":
        return ""
    if number < 1 or number > 9999:
        return str(number)
    if form in ("upperLetter", "lowerLetter"):
        letter = "abcdefghijklmnopqrstuvwxyz"[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("upperRoman", "lowerRoman"):
        return roman(number).upper() if form == "upperRoman" else roman(number)
    if form == "ordinal":
        return f"{number}{_english_ending(number)}"
    if form in ("cardinalText", "ordinalText"):
        return _words(number, ordinal=form == "ordinalText").capitalize()
    if form == "decimalZero":
        return f"{number:02d}"
    if form == "decimalEnclosedCircle" and number <= 20:
        return chr(0x2460 + number - 1)
    if form in (
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "ideographTraditional",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
    ):
        return _han(number)
    return str(number)


def roman(number: int) -> str:
    """A whole number from 1 in lower-case Roman numerals."""
    parts = []
    for size, sign in _ROMAN:
        times, number = divmod(number, size)
        parts.append(sign * times)
    return "".join(parts)


def _english_ending(number: int) -> str:
    if 10 < number % 100 < 14:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _words(number: int, *, ordinal: bool) -> str:
    if number >= 100:
        return f"{number}{_english_ending(number)}" if ordinal else str(number)
    tens, ones = divmod(number, 10)
    words = [ONES[number]] if number < 20 else [TENS[tens - 2], *([ONES[ones]] if ones else [])]
    if ordinal:
        last = words[-1]
        words[-1] = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return "-".join(words)


def _han(number: int) -> str:
    parts: list[str] = []
    for place, unit in ((1000, "\u5343"), (100, "\u767e"), (10, "\u5341"), (1, "")):
        digit, number = divmod(number, place)
        if digit:
            parts.append(("" if digit == 1 and place == 10 and not parts else _HAN[digit]) + unit)
        elif parts and number and parts[-1] != _HAN[0]:
            parts.append(_HAN[0])
    return "".join(parts)
