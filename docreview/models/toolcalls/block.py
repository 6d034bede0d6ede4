"""One block of calls: its items, each a call in Python's form or a JSON object, taken or refused one by one."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from docreview._json import digest
from docreview.models.toolcalls.expression import end_of_expression
from docreview.models.toolcalls.quotes import Budget, Readings, TooMuch
from docreview.models.toolcalls.values import (
    IN_DICT,
    MAX_CALLS,
    MAX_ERRORS,
    MAX_TEXT,
    CallError,
    CloseString,
    ErrorCode,
    NotLiteral,
    Unreadable,
    Values,
    first_quote,
)
from docreview.types import ToolCall

_NAME: Final = re.compile(r"([^\W\d]\w*+(?:[.\-]\w++)*+)\s*+\(")
_JSON_NAME: Final = re.compile(r"[^\W\d]\w*+(?:[.\-/:]\w++)*+")
_KEYWORD: Final = re.compile(r"([^\W\d]\w*+)\s*+=(?!=)")
_AFTER: Final = r"\)\s*+(?:\Z|,\s*+(?:\Z|[^\W\d][\w.\-]*+\s*+\())"
_IN_CALL: Final = re.compile(rf"\s*+(?:,\s*+(?:[^\W\d]\w*+\s*+=(?!=)|\*\*|{_AFTER})|{_AFTER})")
_DUNDER: Final = re.compile(r"__\w*__")
_WRAPPER: Final = frozenset({"type", "id", "function"})
_JSON_BOTH: Final = frozenset({"arguments", "parameters"})
_JSON_KEYS: Final = frozenset({"name", "arguments", "parameters", "id", "type"})


class _Item(NamedTuple):
    """What one reading makes of an item: a name and arguments, or why it is refused; and where it ends."""

    name: str
    arguments: dict[str, Any]
    refusal: tuple[ErrorCode, str] | None
    end: int


@dataclass
class Block:
    """What was found in the blocks of one reply so far; `add` reads the next one."""

    calls: list[ToolCall] = field(default_factory=list)
    errors: list[CallError] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)
    characters: int = 0

    def refuse(self, code: ErrorCode, message: str, raw: str) -> None:
        """Note something that is not taken."""
        self.errors.append(CallError(code=code, message=message, raw=raw))

    @property
    def full(self) -> bool:
        """Whether so much was refused that the rest is not worth reading."""
        return len(self.errors) >= MAX_ERRORS

    def add(self, body: str) -> None:
        """Read the text of one block, without its markers."""
        text = body.strip()
        self.characters += len(text)
        if self.characters > MAX_TEXT:
            return self.refuse("too_long", f"more than {MAX_TEXT:,} characters of calls in one reply", body)
        if text.startswith("[") != text.endswith("]") or text[-1:] not in ("]", ")", "}", ""):
            return self.refuse("cut_off", "the block ends before its list of calls does, or goes on after it", body)
        inner = text[1:-1] if text.startswith("[") else text
        if not inner.strip():
            return self.refuse("empty", "the block holds no call", body)
        return self._items(inner)

    def _items(self, text: str) -> None:
        readings = Readings(text, self.budget)
        pos = start = 0
        try:
            while (start := _skip_comma(text, pos, first=pos == 0)) < len(text):
                if self.full:
                    return self.refuse("too_many", f"more than {MAX_ERRORS} things to refuse", text[start:])
                pos = self._item(text, start, readings)
        except Unreadable:
            self.refuse(
                "unreadable", "no reading of this text is a call; what follows it can't be told apart", text[start:]
            )
        except TooMuch:
            self.refuse("ambiguous", "its quotes can be paired in too many ways", text[start:])
        return None

    def _item(self, text: str, start: int, readings: Readings) -> int:
        item = _read(text, start, readings)
        raw = text[start : item.end]
        if item.refusal:
            self.refuse(*item.refusal, raw)
        elif len(self.calls) >= MAX_CALLS:
            self.refuse("too_many", f"more than {MAX_CALLS} calls in one reply", raw)
        else:
            number = digest([len(self.calls), item.name, item.arguments])[:12]
            call = ToolCall(id=f"call-{number}", name=item.name, arguments=item.arguments, raw=raw)
            self.calls.append(call)
        return item.end


def _skip_comma(text: str, pos: int, *, first: bool) -> int:
    """Where the next item begins: at the end of text after the last one."""
    rest = re.compile(r"\s*+" if first else r"\s*+(?:,\s*+|\Z)").match(text, pos)
    if not rest:
        raise Unreadable
    return rest.end()


def _read(text: str, start: int, readings: Readings) -> _Item:
    """The item as Python would read it; failing that, its only reading with quotes that nobody escaped."""
    with suppress(Unreadable):
        return _Reader(text, first_quote(text), strict=True).item(start)
    found = readings.of(lambda close: _Reader(text, close, strict=False, spend=readings.spend).item(start))
    if not found:
        raise Unreadable
    if len(found) > 1:
        end = found[0].end if found[0].end == found[-1].end else len(text)
        return _refused("ambiguous", "quotes inside a string can be read in more than one way", end)
    return found[0]


def _refused(code: ErrorCode, message: str, end: int) -> _Item:
    return _Item("", {}, (code, message), end)


class _Reader:
    """Reads one item. Strict: Python's quotes, and expressions are stepped over. Otherwise: literals, any quotes."""

    def __init__(
        self, text: str, close: CloseString, *, strict: bool, spend: Callable[[int], None] | None = None
    ) -> None:
        self.text, self.strict = text, strict
        self.values = Values(text, close, triple=strict, spend=spend)

    def item(self, start: int) -> _Item:
        try:
            name, arguments, end = self._object(start) if self.text[start] == "{" else self._call(start)
            end = self._at_end(end)
        except NotLiteral as problem:
            return _refused(problem.code, problem.message, self._step_over(start))
        return _Item(name, arguments, self.values.refusal, end)

    def _at_end(self, pos: int) -> int:
        after = self.values.skip(pos)
        if after < len(self.text) and self.text[after] != ",":
            raise NotLiteral("not_literal", "more than a call")
        return pos

    def _step_over(self, pos: int) -> int:
        if not self.strict:
            raise Unreadable
        return end_of_expression(self.text, pos)

    def _call(self, start: int) -> tuple[str, dict[str, Any], int]:
        found = _NAME.match(self.text, start)
        if not found:
            raise NotLiteral("not_literal", "not a call")
        self._check_name(found[1])
        arguments: dict[str, Any] = {}
        pos = self.values.skip(found.end())
        while self.values.at(pos) != ")":
            pos = self.values.skip(self._argument(arguments, pos))
            if self.values.at(pos) == ",":
                pos = self.values.skip(pos + 1)
            elif self.text[pos] != ")":
                raise Unreadable
        return found[1], arguments, pos + 1

    def _check_name(self, name: str) -> None:
        if _DUNDER.search(name):
            self.values.refuse("name", "names with double underscores are not for calls")

    def _argument(self, arguments: dict[str, Any], pos: int) -> int:
        if found := _KEYWORD.match(self.text, pos):
            value, end = self._value(found.end())
            self._put(arguments, found[1], value)
        elif self.text.startswith("**", pos):
            value, end = self._value(pos + 2)
            self._merge(arguments, value)
        else:
            self.values.refuse("positional", "an argument has no name")
            end = self._step_over(pos)
        return end

    def _value(self, pos: int) -> tuple[Any, int]:
        pos = self.values.skip(pos)
        try:
            value, end = self.values.value(pos, _IN_CALL)
            if self.values.at(self.values.skip(end)) in ",)":
                return value, end
            raise NotLiteral
        except NotLiteral as problem:
            self.values.refuse(problem.code, problem.message)
            return None, self._step_over(pos)

    def _put(self, arguments: dict[str, Any], name: str, value: Any) -> None:
        self._check_name(name)
        if name in arguments:
            self.values.refuse("duplicate", "an argument is given twice")
        arguments[name] = value

    def _merge(self, arguments: dict[str, Any], value: Any) -> None:
        if not isinstance(value, dict):
            return self.values.refuse("not_literal", "only a literal dict can be unpacked")
        for name, each in value.items():
            self._put(arguments, name, each)
        return None

    def _object(self, start: int) -> tuple[str, dict[str, Any], int]:
        self.values.as_json = True
        value, end = self.values.value(start, IN_DICT, depth=-2)
        if isinstance(value, dict) and isinstance(value.get("function"), dict) and _WRAPPER.issuperset(value):
            value = value["function"]
        if not isinstance(value, dict) or not _JSON_KEYS.issuperset(value) or _JSON_BOTH.issubset(value):
            return self._misshapen(end)
        name, given = value.get("name"), value.get("arguments", value.get("parameters"))
        if isinstance(given, str):
            given = _from_string(given, self.values.spend)
        given = {} if given is None else given
        if not isinstance(name, str) or not _JSON_NAME.fullmatch(name) or not isinstance(given, dict):
            return self._misshapen(end)
        for key in (name, *given):
            self._check_name(key)
        return name, given, end

    def _misshapen(self, end: int) -> tuple[str, dict[str, Any], int]:
        self.values.refuse("shape", "the object is not a name with arguments")
        return "", {}, end


def _from_string(text: str, spend: Callable[[int], None]) -> Any:
    """Arguments given as a string of JSON; the text itself when it is none."""
    values = Values(text, first_quote(text), as_json=True, spend=spend)
    try:
        value, end = values.value(values.skip(0), IN_DICT)
    except (Unreadable, NotLiteral):
        return text
    return value if not values.refusal and values.skip(end) == len(text) else text
