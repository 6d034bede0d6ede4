"""Text as words for BM25, and words as pieces of MiniLM's vocabulary for the static embedder.

One pass over the text serves both: each distinct word is analysed once and remembered.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

# Letters and digits of any script, with the vowel signs and accents that Python's \w leaves out.
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0df3\u0e00-\u0edf\u0f18-\u0f84"
    "\u1000-\u109f\u1780-\u17d3"
)
_WORD: Final = re.compile(rf"[^\W_{_MARKS}][^\W_]*(?:[{_MARKS}]+[^\W_]*)*|[{_MARKS}]+[^\W_]*")
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_LONGEST: Final = 40  # characters; a longer run is no word
_IRREGULAR: Final = {"licence": "license", "licences": "license", "licenced": "license", "licensed": "license"}


def words(text: str) -> list[str]:
    """The words of a text in order, lower case. Numbers are words; punctuation is not."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=200_000)
def terms(word: str) -> tuple[str, ...]:
    """What BM25 counts for a word: its stem; pairs of characters in a script without spaces; no stop words."""
    if word in STOP:
        return ()
    if _UNSPACED.search(word):
        return tuple(word[i : i + 2] for i in range(len(word) - 1)) or (word,)
    return (stem(word[:_LONGEST]),)


_STOP: Final = """
    a an and are as at be been by did do does for from had has have how if in into is it its of on or such that the
    their them there these they this to was were what when where which while who whom why will with would
"""
STOP: Final = frozenset(_STOP.split())


def stem(word: str) -> str:
    """A word without its English plural and verb endings: enough to bring "assigns" and "assigned" together."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 5 or not word.isascii() or not word.isalpha():
        return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith("ss") else word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: len(word) - len(ending)] + instead
    return word


_ENDINGS: Final = (
    *(("ations", "at"), ("ation", "at"), ("ments", ""), ("ment", ""), ("ities", ""), ("ity", "")),
    *(("ances", ""), ("ance", ""), ("ences", ""), ("ence", ""), ("ables", ""), ("able", ""), ("ing", "")),
    *(("ions", ""), ("ion", ""), ("ies", "y"), ("ied", "y"), ("ed", ""), ("es", ""), ("ss", "ss")),
    *(("s", ""), ("ly", ""), ("e", "")),
)


@lru_cache(maxsize=1)
def pieces_table() -> dict[str, int]:
    """MiniLM's vocabulary: piece -> row."""
    raw = files("docreview.assets").joinpath("minilm-tokenizer.json").read_text(encoding="utf-8")
    table: dict[str, int] = json.loads(raw)["model"]["vocab"]
    return table


@lru_cache(maxsize=200_000)
def pieces(word: str) -> tuple[int, ...]:
    """Rows of a word's pieces: the longest piece first, as BERT's WordPiece does; () when no piece fits."""
    table = pieces_table()
    if (whole := table.get(word)) is not None:
        return (whole,)
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn")[:_LONGEST]
    found, at = [], 0
    while at < len(plain):
        for end in range(len(plain), at, -1):
            row = table.get(plain[at:end] if at == 0 else "##" + plain[at:end])
            if row is not None:
                break
        else:
            return ()
        found.append(row)
        at = end
    return tuple(found)
