"""Literal values in a call's text, in Python's and in JSON's spelling, read without evaluating anything."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

MAX_TEXT: Final = 65_536
"""Characters of call text in one reply, all blocks together."""
MAX_CALLS: Final = 32
"""Calls in one reply."""
MAX_DEPTH: Final = 32
"""Brackets inside brackets in one argument."""
MAX_DIGITS: Final = 1_000
PER_STEP: Final = 64
MAX_ERRORS: Final = 64
"""Refusals noted in one reply before the rest of it is left unread, which is noted too."""

ErrorCode = Literal[
    "ambiguous",  # quotes inside a string can be read in more than one way
    "cut_off",  # the text ends before the call does, or goes on after it
    "duplicate",  # an argument or a key is given twice
    "empty",  # a block without a call
    "name",  # not the name of a tool or of an argument
    "not_literal",  # an expression, a variable, bytes, an f-string: something to be evaluated
    "number",  # not finite, or longer than `MAX_DIGITS`
    "orphan",  # text before an end marker that has no start
    "positional",  # an argument without a name
    "shape",  # a JSON object that is not a call
    "surrogate",  # half of a character
    "too_deep",
    "too_long",
    "too_many",
    "turn",  # text after the end of the turn
    "unreadable",  # no reading fits the grammar
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallError:
    """Something that looked like a call and was refused. `raw` is the model's text; `message` holds none of it."""

    code: ErrorCode
    message: str
    raw: str


class Unreadable(Exception):
    """The text does not follow the grammar in this reading, so that where it ends is not known."""


class NotLiteral(Exception):
    """What stands here is not a literal value, though it may well be an expression whose end can be found."""

    def __init__(self, code: ErrorCode = "not_literal", message: str = "a value is not a literal") -> None:
        self.code, self.message = code, message
        super().__init__(message)


CloseString = Callable[[int, str, re.Pattern[str]], int]
"""Where a string ends, given where its text begins, its quote, and what may follow: the index of the closing quote."""

_SPACE: Final = re.compile(r"\s*+")
_QUOTED: Final = re.compile(r"([A-Za-z]{0,2})(['\"])")
_TRIPLE: Final = re.compile(r"([A-Za-z]{0,2})('''|\"\"\")")
_NUMBER: Final = re.compile(
    r"([+-]?)\s*+(0[xX][0-9a-fA-F_]++|0[oO][0-7_]++|0[bB][01_]++|"
    r"(?:[0-9][0-9_]*+(?:\.[0-9_]*+)?|\.[0-9][0-9_]*+)(?:[eE][+-]?[0-9]++)?)(?![\w.])"
)
_WORD: Final = re.compile(r"[^\W\d]\w*+")
_CONSTANTS: Final = {"True": True, "true": True, "False": False, "false": False, "None": None, "null": None}
_START: Final = r"(?:[-+.\d'\"\[({]|[rRuUfF]['\"]|(?:True|true|False|false|None|null)\b)"
IN_LIST: Final = re.compile(rf"\s*+(?:,\s*+(?:{_START}|\])|\])")
IN_TUPLE: Final = re.compile(rf"\s*+(?:,\s*+(?:{_START}|\))|\))")
IN_DICT: Final = re.compile(rf"\s*+(?:,\s*+(?:{_START}|\}})|\}})")
AS_KEY: Final = re.compile(rf"\s*+(?::|,\s*+(?:{_START}|\}})|\}})")
_ESCAPE: Final = re.compile(
    r"\\(\r\n|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)",
    re.DOTALL,
)
_SHORT: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}
_SHORT_PYTHON: Final = {**_SHORT, "a": "\a", "v": "\v", "\n": "", "\r": "", "\r\n": ""}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _free(_: int) -> None:
    """Work that is not counted."""


class Values:
    """Reads literals out of one text. What is readable but must be refused is noted in `refusal`, once."""

    def __init__(
        self,
        text: str,
        close: CloseString,
        *,
        as_json: bool = False,
        triple: bool = True,
        spend: Callable[[int], None] | None = None,
    ) -> None:
        self.text, self.close, self.as_json, self.triple = text, close, as_json, triple
        self.spend = spend or _free
        """Counts the work of reading: a value is 1, and so are `PER_STEP` characters of it."""
        self.refusal: tuple[ErrorCode, str] | None = None

    def refuse(self, code: ErrorCode, message: str) -> None:
        """Note why the call can't be taken; reading goes on, to find its end."""
        self.refusal = self.refusal or (code, message)

    def skip(self, pos: int) -> int:
        """The next index that is not white space."""
        found = _SPACE.match(self.text, pos)
        end = found.end() if found else pos
        if end - pos >= PER_STEP:
            self.spend((end - pos) // PER_STEP)
        return end

    def at(self, pos: int) -> str:
        """The character at an index.

        Raises:
            Unreadable: The text is over.
        """
        if pos >= len(self.text):
            raise Unreadable
        return self.text[pos]

    def value(self, pos: int, follow: re.Pattern[str], depth: int = 0) -> tuple[Any, int]:
        """The literal that begins at `pos`, and where it ends. `follow` is what may come after a string here.

        Raises:
            NotLiteral: Something else stands here.
            Unreadable: The text ends too early.
        """
        self.spend(1)
        char = self.at(pos)
        if char in "[({" and depth >= MAX_DEPTH:
            raise NotLiteral("too_deep", f"brackets are nested more than {MAX_DEPTH} deep")
        if char in "[(":
            return self._sequence(pos, depth)
        if char == "{":
            return self._braces(pos, depth)
        if char in "0123456789+-." and (number := _NUMBER.match(self.text, pos)):
            return self._number(number[1], number[2]), number.end()
        if quoted := (self.triple and _TRIPLE.match(self.text, pos)) or _QUOTED.match(self.text, pos):
            return self._string(quoted, follow)
        word = _WORD.match(self.text, pos)
        if word and word[0] in _CONSTANTS:
            return _CONSTANTS[word[0]], word.end()
        raise NotLiteral

    def _sequence(self, pos: int, depth: int) -> tuple[Any, int]:
        closing, follow = ("]", IN_LIST) if self.text[pos] == "[" else (")", IN_TUPLE)
        items: list[Any] = []
        pos, comma = self.skip(pos + 1), False
        while self.at(pos) != closing:
            item, pos = self.value(pos, follow, depth + 1)
            items.append(item)
            pos, more = self._after_item(pos, closing)
            comma = comma or more
        plain = closing == ")" and len(items) == 1 and not comma
        return (items[0] if plain else items), pos + 1

    def _after_item(self, pos: int, closing: str) -> tuple[int, bool]:
        pos = self.skip(pos)
        if self.at(pos) == ",":
            return self.skip(pos + 1), True
        if self.text[pos] != closing:
            raise NotLiteral
        return pos, False

    def _braces(self, pos: int, depth: int) -> tuple[Any, int]:
        pos = self.skip(pos + 1)
        if self.at(pos) == "}":
            return {}, pos + 1
        first, after = self.value(pos, AS_KEY, depth + 1)
        after = self.skip(after)
        return (self._dict if self.at(after) == ":" else self._set)(first, after, depth)

    def _set(self, first: Any, pos: int, depth: int) -> tuple[list[Any], int]:
        items = [first]
        pos, _ = self._after_item(pos, "}")
        while self.at(pos) != "}":
            item, pos = self.value(pos, IN_DICT, depth + 1)
            items.append(item)
            pos, _ = self._after_item(pos, "}")
        return items, pos + 1

    def _dict(self, key: Any, pos: int, depth: int) -> tuple[dict[str, Any], int]:
        items: dict[str, Any] = {}
        while True:
            if self.at(pos) != ":" or isinstance(key, (list, dict)):
                raise NotLiteral
            value, pos = self.value(self.skip(pos + 1), IN_DICT, depth + 1)
            name = key if isinstance(key, str) else json.dumps(key)
            if name in items:
                self.refuse("duplicate", "a key is given twice")
            items[name] = value
            pos, _ = self._after_item(pos, "}")
            if self.at(pos) == "}":
                return items, pos + 1
            key, pos = self.value(pos, AS_KEY, depth + 1)
            pos = self.skip(pos)

    def _number(self, sign: str, digits: str) -> int | float:
        self.spend(len(digits) // PER_STEP)
        if len(digits) > MAX_DIGITS:
            self.refuse("number", f"a number has more than {MAX_DIGITS:,} digits")
            return 0
        try:
            number = _to_number(digits)
        except ValueError:
            raise NotLiteral from None
        if isinstance(number, float) and not math.isfinite(number):
            self.refuse("number", "a number is not finite")
        return -number if sign == "-" else number

    def _string(self, quoted: re.Match[str], follow: re.Pattern[str]) -> tuple[str, int]:
        prefix, mark = quoted[1].lower(), quoted[2]
        if prefix not in ("", "r", "u", "f", "fr", "rf"):
            raise NotLiteral("not_literal", "bytes are not a value")
        end = self.close(quoted.end(), mark, follow)
        inner = self.text[quoted.end() : end]
        self.spend(len(inner) // PER_STEP + inner.count("\\"))
        if "f" in prefix and ("{" in inner or "}" in inner):
            raise NotLiteral("not_literal", "an f-string would have to be evaluated")
        return (inner if "r" in prefix else self._unescape(inner)), end + len(mark)

    def _unescape(self, inner: str) -> str:
        text = _ESCAPE.sub(self._escape, inner) if "\\" in inner else inner
        if not _SURROGATE.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.refuse("surrogate", "a string holds half of a character")
            return ""

    def _escape(self, found: re.Match[str]) -> str:
        code = found[1]
        if self.as_json and (code == "/" or code[0] in "01234567"):
            return code if code == "/" else found[0]
        if code[0] in "xuU" and len(code) > 1:
            return _character(int(code[1:], 16)) or found[0]
        if code[0] in "01234567":
            return chr(int(code, 8))
        return (_SHORT if self.as_json else _SHORT_PYTHON).get(code, found[0])


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else ""


def _to_number(digits: str) -> int | float:
    lead = digits[:2].lower()
    if lead in ("0x", "0o", "0b"):
        return int(digits, 0)
    return float(digits) if any(c in digits for c in ".eE") else int(digits)


_FIRST: Final = {
    "'": re.compile(r"[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL),
    '"': re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+'''", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+"""', re.DOTALL),
}


def first_quote(text: str) -> CloseString:
    """Python's own rule: the first quote that is not escaped closes the string.

    The function raises `Unreadable` where there is none.
    """

    def close(start: int, mark: str, follow: re.Pattern[str]) -> int:
        del follow
        found = _FIRST[mark].match(text, start)
        if not found:
            raise Unreadable
        return found.end() - len(mark)

    return close
