"""Text in a form that forgives how it was set but never what it says, with a map back to every source character.

Forgiven: Unicode form (NFKC, as far as no number changes), case, the shape of quotation marks and dashes, white space,
hyphens at line ends, soft hyphens, zero-width characters, ligatures. Kept apart: superscripts, fractions, circled
numbers and other number characters, digits of other scripts, a minus sign, accents, all other punctuation.

White space between two words is never dropped and never invented; beside punctuation it does not count, except where
it keeps two numbers apart ("1, 000" is not "1,000"). Scripts written without spaces (Han, kana, Thai, Lao, Khmer,
Myanmar, Tibetan) may be wrapped anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Final

LINE_HYPHEN: Final = "\xad"
"""In a key: a hyphen at a line end, which may or may not belong to the word."""
DROPPED: Final = "\x00"
SOFT: Final = "\x01"

UNSPACED: Final = (
    "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_CHAR: Final = re.compile(f"[{UNSPACED}]")
_HAN_NUMBERS: Final = frozenset("〇零一二三四五六七八九十百千万萬亿億兆两兩")
_SINGLE: Final = frozenset("'‘’‚‛`´′ʼʹ‹›＇")
_DOUBLE: Final = frozenset('"“”„‟″«»〝〞〟＂')
_HYPHEN: Final = frozenset("-‐‑﹣－")
_DASH: Final = frozenset("‒–—―−﹘⸺⸻")
_SOFT: Final = frozenset("\xad\x02\ufffe")  # PDFium writes the last two for a hyphen at a line end
_BREAK: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_VISIBLE_FORMAT: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")


@lru_cache(maxsize=70_000)
def is_word(char: str) -> bool:
    """Whether a character belongs to a word or number: letters, digits, number signs, combining marks."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


@lru_cache(maxsize=70_000)
def is_unspaced(char: str) -> bool:
    """Whether a character is of a script that is written without spaces between words."""
    return _UNSPACED_CHAR.match(char) is not None


def joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word or number, so that a quote may not part them."""
    if not (is_word(left) and is_word(right)):
        return False
    if unicodedata.category(right)[0] == "M" or (_is_number(left) and _is_number(right)):
        return True
    return not (is_unspaced(left) or is_unspaced(right))


def _is_number(char: str) -> bool:
    return char.isnumeric() and (char.isdigit() or char in _HAN_NUMBERS or unicodedata.category(char)[0] == "N")


@lru_cache(maxsize=70_000)
def _form(char: str) -> str:
    """One character in its forgiving form; may be several."""
    if char in _SOFT:
        return SOFT
    if char in _BREAK:
        return "\n"
    if char.isspace():
        return " "
    for forms, mark in ((_SINGLE, "'"), (_DOUBLE, '"'), (_HYPHEN, "-"), (_DASH, "–")):
        if char in forms:
            return mark
    category = unicodedata.category(char)
    if category == "Cc" or (category == "Cf" and char not in _VISIBLE_FORMAT) or "\ufe00" <= char <= "\ufe0f":
        return DROPPED
    plain = unicodedata.normalize("NFC", _compatible(char, category).casefold())
    return {"ı": "i", "i\u0307": "i"}.get(plain, plain)


def _compatible(char: str, category: str) -> str:
    """NFKC of one character, or the character itself where NFKC would change a number or a spacing."""
    plain = unicodedata.normalize("NFKC", char)
    tag = unicodedata.decomposition(char).partition(" ")[0]
    raised = tag in ("<super>", "<sub>") and category not in ("So", "Lo")
    invents_digit = category != "Nd" and any(c.isdigit() for c in plain)
    if category == "No" or raised or invents_digit or " " in plain:
        return char
    return plain


class Folded:
    """A text and its forgiving forms.

    Attributes:
        flat: As long as the text, character for character: case, quotation marks, dashes and white space evened out,
            `DROPPED` and `SOFT` where a character does not count.
        key: The forgiving form. Every dash is `-`, a hyphen at a line end `LINE_HYPHEN`.
        solid: The key without any hyphen: where to look for candidates.
    """

    __slots__ = ("_ends", "_gaps", "_keys", "_starts", "flat", "key", "solid")

    def __init__(self, text: str) -> None:
        alphabet = set(text)
        forms = {char: _form(char) for char in alphabet}
        self.flat = text.translate({ord(c): form if len(form) == 1 else c for c, form in forms.items()})
        wide = {char: form for char, form in forms.items() if len(form) > 1}
        marks = _composing(self.flat)
        self._build(_irregular("".join(sorted(wide)), marks), wide)
        gaps = [m.start() for m in _GAP.finditer(self.key)]
        self._gaps = [gap - i for i, gap in enumerate(gaps)]
        self.solid = self.key.replace("-", "").replace(LINE_HYPHEN, "") if gaps else self.key

    def _build(self, pattern: re.Pattern[str], wide: dict[str, str]) -> None:
        pieces: list[str] = []
        keys, starts, ends = [], [], []
        at = length = run = 0  # `run`: where the present stretch of one-to-one characters began
        flat = self.flat
        for match in pattern.finditer(flat):
            left, right = match.span()
            form = _replacement(flat, match, wide)
            pieces += (flat[at:left], form)
            at = right
            if len(form) == right - left:
                continue
            if left > run:
                keys.append(length)
                starts.append(run)
                ends.append(left)
                length += left - run
            if form:
                keys.append(length)
                starts.append(left)
                ends.append(right)
                length += len(form)
            run = right
        pieces.append(flat[at:])
        keys += (length, length + len(flat) - run)
        starts += (run, len(flat))
        ends += (len(flat), len(flat))
        self.key = "".join(pieces)
        self._keys, self._starts, self._ends = keys, starts, ends

    def from_solid(self, at: int) -> int:
        """Where a character of `solid` lies in `key`."""
        return at + bisect_right(self._gaps, at)

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """The piece of the text that `key[start:end]` stands for; None where it begins or ends inside one character."""
        first, last = self._segment(start), self._segment(end - 1)
        begin, finish = self._place(first, start), self._place(last, end)
        return None if begin is None or finish is None else (begin, finish)

    def to_key(self, offset: int) -> int:
        """Where a source offset lies in `key`: the first key character at or after it."""
        i = bisect_right(self._starts, offset) - 1
        if i < 0:
            return 0
        if offset >= self._ends[i]:
            return self._keys[i + 1] if i + 1 < len(self._keys) else len(self.key)
        return self._keys[i] + (offset - self._starts[i] if self._linear(i) else 0)

    def _segment(self, at: int) -> int:
        return bisect_right(self._keys, at) - 1

    def _linear(self, i: int) -> bool:
        size = (self._keys[i + 1] if i + 1 < len(self._keys) else len(self.key)) - self._keys[i]
        return size == self._ends[i] - self._starts[i]

    def _place(self, i: int, at: int) -> int | None:
        offset = at - self._keys[i]
        if self._linear(i):
            return self._starts[i] + offset
        if offset == 0:
            return self._starts[i]
        end = self._keys[i + 1] if i + 1 < len(self._keys) else len(self.key)
        return self._ends[i] if at == end else None


_DOTTED: Final = re.compile("i\u0307+")  # "İ" in small letters
_GAP: Final = re.compile(f"[-{LINE_HYPHEN}]")
_PLAIN: Final = f"[^\\W_{UNSPACED}]"
_LOOSE: Final = f"[{DROPPED}{SOFT} \n]"


def _composing(flat: str) -> str:
    """The combining characters that may have to be composed with what stands before them; none in composed text."""
    marks = {c for c in set(flat) if unicodedata.category(c)[0] == "M" or "\u1160" <= c <= "\u11ff"}
    if not marks:
        return ""
    clean = flat.replace(DROPPED, "").replace(SOFT, "")
    clean = _DOTTED.sub("i", clean)
    return "" if unicodedata.is_normalized("NFC", clean) else "".join(sorted(marks))


@lru_cache(maxsize=256)
def _irregular(wide: str, marks: str) -> re.Pattern[str]:
    """What does not stand for itself in a flat text."""
    skip = f"[{DROPPED}{SOFT}]"
    parts = [
        f"(?P<sign>{_LOOSE}++(?=[-–][{DROPPED}{SOFT}]*+\\d))",
        f"(?P<dash>{_LOOSE}*+[-–](?:{_LOOSE}|[-–])*+)",
        f"(?P<space>(?!(?<={_PLAIN}) {_PLAIN}){_LOOSE}++)",
        "(?P<quote>\"['\"]*+|'['\"]++)",
        f"(?P<dotted>i(?:{skip}*+\u0307)++)",
    ]
    if marks:
        member = "[" + re.escape(marks) + "]"
        parts.insert(0, f"(?P<cluster>[^{DROPPED}{SOFT} \n'\"–-]{skip}*+{member}(?:{skip}*+{member})*+)")
    if wide:
        parts.append("(?P<wide>[" + re.escape(wide) + "])")
    return re.compile("|".join(parts))


def _replacement(flat: str, match: re.Match[str], wide: dict[str, str]) -> str:
    run = match.group()
    handler = _HANDLERS.get(match.lastgroup or "")
    if handler is not None:
        return handler(flat, *match.span())
    if match.lastgroup == "dotted":
        return "i"
    if match.lastgroup == "wide":
        return wide[run]
    bare = run.replace(DROPPED, "").replace(SOFT, "")
    # Composed first and widened then, as in composed text: "ß" with an accent is "ss" and the accent.
    return "".join(wide.get(c, c) for c in unicodedata.normalize("NFC", _DOTTED.sub("i", bare)))


def _quote(flat: str, left: int, right: int) -> str:
    """One mark for any; a double one after a digit stays (5" is not 5')."""
    double = flat[left] == '"' or flat[left:right] == "''"
    while left and flat[left - 1] in (DROPPED, SOFT):
        left -= 1
    return '"' if double and flat[left - 1 : left].isdigit() else "'"


def _dash(flat: str, left: int, right: int) -> str:
    run = flat[left:right].replace(DROPPED, "").replace(SOFT, "")
    core = run.strip(" \n")
    before, after = flat[left - 1 : left], flat[right : right + 1]
    hyphenated = core == "-" and run[0] == "-" and "\n" in run and before.isalpha() and after.isalpha()
    return LINE_HYPHEN if hyphenated else "-"


def _sign(flat: str, left: int, right: int) -> str:
    """White space before a minus sign keeps it apart from what it is not taken from."""
    return " " if left and flat[left:right].strip(DROPPED + SOFT) else ""


def _space(flat: str, left: int, right: int) -> str:
    """What a run of white space (or of characters that do not count) leaves in the key."""
    run = flat[left:right]
    bare = run.replace(DROPPED, "").replace(SOFT, "")
    if not bare or not left or right == len(flat):
        return ""
    before, after = _form(flat[left - 1])[-1], _form(flat[right])[0]  # "™" is a word: it reads "tm"
    if SOFT in run and run.lstrip(DROPPED)[0] == SOFT and is_word(before) and is_word(after):
        return ""
    if is_unspaced(before) or is_unspaced(after):
        return ""
    if is_word(before) and is_word(after):
        return " "
    return " " if _parts_numbers(flat, left, right) else ""


_NUMBER_MARKS: Final = frozenset(".,:/'")


def _parts_numbers(flat: str, left: int, right: int) -> bool:
    before, after = flat[left - 1], flat[right]
    if before in _NUMBER_MARKS and after.isdigit():
        return True
    return before.isdigit() and after in _NUMBER_MARKS and flat[right + 1 : right + 2].isdigit()


_HANDLERS: Final[dict[str, Callable[[str, int, int], str]]] = {
    "sign": _sign,
    "dash": _dash,
    "space": _space,
    "quote": _quote,
}
