"""Where an expression ends that is not a literal: so that a call can be refused and the next one still be read."""

from __future__ import annotations

import re
from typing import Final

from docreview.models.toolcalls.values import Unreadable

_TOKEN: Final = re.compile(
    r"""(?P<space>\s++)
      | (?P<string>[rRbBuUfF]{0,2}(?:
            '''(?:[^'\\]|\\.|'(?!''))*+'''  |  \"""(?:[^"\\]|\\.|"(?!""))*+\"""
          | '[^'\\]*+(?:\\.[^'\\]*+)*+'     |  "[^"\\]*+(?:\\.[^"\\]*+)*+" ))
      | (?P<operator>(?:and|or|not|in|is|if|else|for|lambda|await|async|yield|from)\b | [-+*/%@<>=!&|^~:.]++)
      | (?P<operand>\w++)
      | (?P<open>[\[({])
      | (?P<close>[\])}])
      | (?P<comma>,)
      | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_BESIDE_STRING: Final = frozenset({"operand", "other", "close"})


def end_of_expression(text: str, pos: int) -> int:
    """Index of the comma, the closing bracket or the end of text that follows an expression outside its brackets.

    Only strings are checked: beside one there must be an operator, a comma, a bracket or, after white space, another
    string, as in any Python expression. Anything else means that the string was cut by a quote of its own text.

    Raises:
        Unreadable: A string doesn't end, stands next to a word, or brackets don't match.
    """
    brackets: list[str] = []
    last, spaced = "", False
    for token in _TOKEN.finditer(text, pos):
        kind = str(token.lastgroup)
        if not brackets and kind in ("comma", "close"):
            return token.start()
        if kind == "space":
            spaced = True
            continue
        _check(last, kind, token[0], spaced=spaced)
        if kind == "open":
            brackets.append(_PAIRS[token[0]])
        elif kind == "close" and brackets.pop() != token[0]:
            raise Unreadable
        last, spaced = kind, False
    if brackets:
        raise Unreadable
    return len(text)


def _check(last: str, kind: str, symbol: str, *, spaced: bool) -> None:
    joined = last == kind == "string" and not spaced
    after_string = last == "string" and (kind in ("operand", "other") or symbol == "{")
    before_string = kind == "string" and last in _BESIDE_STRING
    if joined or after_string or before_string or symbol in "'\"":
        raise Unreadable
