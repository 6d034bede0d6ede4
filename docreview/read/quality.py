"""Whether extracted characters can be text at all: fonts without a character map give anything but."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MOST_UNREADABLE: Final = 0.25
"""More than this share of unreadable characters, and a page is not text."""
MANY_UNREADABLE: Final = 0.05
"""More than this share, and the page's letters may be wrong as well: it is text with a warning."""
LEAST_LETTERS: Final = 0.3
"""A smaller share of letters and digits, and a page is not text."""

_UNREADABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\ufff8\ufffd-\uffff\U000f0000-\U0010ffff]"
)
_GLYPH_NAMES: Final = re.compile(r"(?:/[A-Za-z]{0,4}\d{1,5}(?=[/\s]|$)|\(cid:\d+\))")
_WORD: Final = re.compile(r"\W{0,4}\w+(?:(?:[.,'\u2019/&:+\-\u2013@(]|\)\(?)\w+)*\W{0,4}|\W{1,2}|([^\w\s])\1*")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_FILLING: Final = re.compile(r"[\s._\-\u2010-\u2015\u2026*=~|\u00b7\u2022]+")

_MISREAD: Final = re.compile(
    r"(?<![^\W_])(?!\d+(?:st|nd|rd|th)(?![^\W_]))(?:[a-z]+\d+[a-z][^\W_]*|\d+[a-z]{3,}[^\W_]*|[a-z]{3,}\d[a-z]*)(?![^\W_])"
)
_FEW_MISREAD, _SHARE_MISREAD = 5, 0.005


def misread(text: str) -> int:
    """How many words mix letters and digits like badly recognised print, "c0ntrol1ed"; 0 when they are as few as in any
    clean text.

    Of 469 published contracts none has more than one such word in a thousand; a page with every tenth letter wrong has
    some thirty.
    """
    found = len(_MISREAD.findall(text))
    return found if found >= _FEW_MISREAD and found > _SHARE_MISREAD * len(text.split()) else 0


@lru_cache(maxsize=2)  # the same page is asked about more than once
def unreadable(text: str) -> int:
    """How many characters are controls, private, unassigned by rule, or stand for one that could not be decoded."""
    return len(_UNREADABLE.findall(text)) if _UNREADABLE.search(text) else 0


def garbled(text: str) -> bool:
    """Whether a page's text is not readable: too many characters without meaning, or hardly a letter or digit.

    White space, dots and lines (as in tables of contents and forms) do not count. Letters that stand for others (a
    font with a wrong map) are only noticed where the font's own order of glyphs shows; no language is assumed.
    """
    bad = unreadable(text)
    if not bad and 4 * sum(map(text.count, "etaoinsr")) > len(text):
        return False  # most pages of most languages in Latin letters end here
    letters = sum(map(len, _LETTERS.findall(text)))
    if not bad and 2 * letters > len(text):
        return False
    core = _FILLING.sub("", text)
    if not core:
        return False
    if bad > MOST_UNREADABLE * len(core):
        return True
    named = sum(map(len, _GLYPH_NAMES.findall(core)))
    if named > len(core) // 2 or _in_glyph_order(text):
        return True
    if len(core) < 8 or letters >= LEAST_LETTERS * _bases(core):
        return False
    return _odd_share(text) > 0.5 or (len(core) >= 20 and sum(map(str.isalnum, core)) < LEAST_LETTERS * _bases(core))


def _in_glyph_order(text: str) -> bool:
    """Whether characters are glyph numbers: in most TrueType fonts those of ASCII less 29, so that blanks are 3."""
    blanks = text.count("\x03")
    return blanks > MANY_UNREADABLE * len(text) and 2 * blanks > unreadable(text)


def _odd_share(text: str) -> float:
    """How much of a text is neither words nor numbers."""
    words = text.split()
    odd = sum(len(word) for word in words if not _WORD.fullmatch(word))
    return odd / max(sum(map(len, words)), 1)


def _bases(core: str) -> int:
    """Characters without combining marks, which letters of Thai, Hindi or Hebrew text carry."""
    import unicodedata

    return sum(1 for char in core if char < "\u0300" or not unicodedata.category(char).startswith("M"))


def suspect(text: str) -> bool:
    """Whether so many characters are unreadable that the others may be wrong too (a font with a wrong map)."""
    return unreadable(text) > MANY_UNREADABLE * len(text)


def doubtful(text: str) -> bool:
    """Whether a second engine should be asked: unreadable characters, or words that run together or fall apart."""
    if unreadable(text) > 0.01 * len(text):
        return True
    if len(text) < 200 or not text.isascii():
        return False
    mean = len(text) / (1 + text.count(" ") + text.count("\n"))
    return not 3.0 <= mean <= 16.0
