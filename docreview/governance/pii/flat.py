"""A text in a plainer form of the same length, for looking; and the words that stand beside a place."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from docreview._text import is_unspaced
from docreview.governance.pii.span import LABELS

TOKEN: Final = re.compile(r"\[(?:" + "|".join(LABELS) + r")_[1-9]\d{0,6}\]", re.ASCII)
"""A surrogate, as `redact` writes it."""
MASK: Final = "\x00"
"""Stands for each character of a surrogate in a flat text: no pattern matches it."""

_ODD: Final = re.compile("[^\x00-\x7f]")
_DASHES: Final = frozenset("‐‑‒–—―−﹘﹣")


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """One character for one: dashes, spaces, digits and full-width forms as ASCII, the rest as it is."""
    if char in _DASHES:
        return "-"
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Zs":
        return " "
    if char == "’":
        return "'"
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char


def flatten(text: str) -> str:
    """The text with surrogates masked and digits, dashes, spaces and apostrophes plain; character for character."""
    if not text.isascii():
        for char in set(_ODD.findall(text)):
            if (plain := _plain(char)) != char:
                text = text.replace(char, plain)
    return TOKEN.sub(lambda m: MASK * len(m.group()), text) if "_" in text else text


_WORD: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=2048)
def _spaced_words(phrase: str) -> tuple[str, ...]:
    """The words of a phrase that stand alone wherever it is written; none for scripts without spaces."""
    return tuple(
        w
        for w in _WORD.findall(phrase)
        if not is_unspaced(w[0]) and not "\u0590" <= w[0] <= "\u0fff" and not "\uac00" <= w[0] <= "\ud7a3"
    )


class Look(NamedTuple):
    """A text in the forms that are looked at; all of the same length."""

    text: str
    flat: str
    low: str
    vocabulary: frozenset[str]
    alphabet: frozenset[str]

    @classmethod
    def at(cls, text: str) -> Look:
        """The forms of a text."""
        flat = flatten(text)
        low = flat.replace("İ", "i").lower()  # the only character whose small form is longer
        return cls(text, flat, low, frozenset(_WORD.findall(low)), frozenset(low))

    def places(self, phrases: Iterable[str]) -> list[int]:
        """Where any of some small-letter phrases ends, in order. Only those are searched for whose words all occur."""
        ends: set[int] = set()
        for phrase in phrases:
            if phrase[0] not in self.alphabet or not self.vocabulary.issuperset(_spaced_words(phrase)):
                continue
            at = self.low.find(phrase)
            while at >= 0:
                ends.add(at + len(phrase))
                at = self.low.find(phrase, at + len(phrase))
        return sorted(ends)


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The tables of `words.toml`."""
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


class Phrases:
    """A table of phrases, to ask whether what stands before or after a place is one of them.

    Scripts that are written with spaces are compared word by word, others (Chinese, Japanese, Korean, Thai) and single
    marks character by character.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self.all = frozenset(p.casefold() for p in phrases)
        self._ending, self._starting = _lengths(self.all, -1), _lengths(self.all, 0)

    def end_of(self, window: str) -> int:
        """The length of the longest phrase that the window ends with; 0 when there is none."""
        size = len(window)
        for n in self._ending.get(window[-1:], ()):
            if n <= size and window[size - n :] in self.all:
                first = window[size - n]
                if n == size or is_unspaced(first) or not (first.isalnum() and window[size - n - 1].isalpha()):
                    return n
        return 0

    def start_of(self, window: str) -> int:
        """The length of the longest phrase that the window starts with; 0 when there is none."""
        for n in self._starting.get(window[:1], ()):
            if n <= len(window) and window[:n] in self.all:
                last = window[n - 1]
                if n == len(window) or is_unspaced(last) or not (last.isalpha() and window[n].isalpha()):
                    return n
        return 0


def _lengths(known: Iterable[str], place: int) -> dict[str, list[int]]:
    """How long the phrases with a given first or last character are, the longest first."""
    sizes: dict[str, set[int]] = {}
    for phrase in known:
        sizes.setdefault(phrase[place], set()).add(len(phrase))
    return {char: sorted(found, reverse=True) for char, found in sizes.items()}


@lru_cache(maxsize=32)
def phrases(table: str, key: str = "words") -> Phrases:
    """One table of `words.toml`."""
    return Phrases(words()[table][key])


_MARKS: Final = " \t\r\n\xa0:;,.#'\"\\-_=*|/([{<>：，、。「『（№°º\u200e\u200f\u2028"
_REACH: Final = 64


def said_before(table: str, text: str, at: int, *, key: str = "words", fillers: int = 4) -> str:
    """The phrase of a table that stands before a place, with nothing but marks and a few words as "number is" between.

    "" when there is none.
    """
    known, filler = phrases(table, key), phrases("filler")
    window = text[max(0, at - _REACH) : at].casefold()
    for _ in range(fillers + 1):
        if n := known.end_of(window):
            return window[len(window) - n :]
        bare = window.rstrip(_MARKS)
        if n := known.end_of(bare):
            return bare[len(bare) - n :]
        n = filler.end_of(bare)
        if not n:
            return ""
        window = bare[: len(bare) - n]
    return ""


def said_after(table: str, text: str, at: int, *, key: str = "after") -> bool:
    """Whether a phrase of a table stands right after a place."""
    return phrases(table, key).start_of(text[at : at + 24].lstrip(" \t\n\\(-").casefold()) > 0
