"""Patterns of words, as a playbook writes them, and whether what they find is denied.

`shall not exceed` matches these words with any white space between, whatever their case. `terminat*` matches any end,
`a|b` either word, `...` up to 25 words of the same sentence. Nothing else has a meaning of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from docreview.types import Span

_GAP: Final = r"(?:[^\s;]*[^\s.;]\s+){0,25}?"
_NEGATOR: Final = re.compile(
    r"(?i)\b(?:not(?!\s+(?:only|less|more|later|limited|exceed))|no(?!\s+(?:later|less|more|fewer)\b)|never|neither|nor|nothing|none"
    r"|without(?!\s+(?:limit|prejudice|further))|unless|except|other\s+than|excluding|cannot|in\s+no\s+event)\b|n['’]t\b"
)
_REACH: Final = 60
"""Characters before a match in which a negation bears on it, unless a sentence or a part of it ends between."""
_END: Final = re.compile(
    r"[;:.](?=\s)|,\s+(?:(?!unless|except|without|neither|nor|no\b)[\w’']+\s+){0,3}?(?:shall|will|must|may)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern.

    Raises:
        ValueError: It has no words, or begins or ends with a gap.
    """
    pieces = pattern.split()
    if not pieces or "..." in (pieces[0], pieces[-1]):
        raise ValueError(f"a pattern begins and ends with a word, unlike {pattern!r}")
    parts = [
        _GAP if piece == "..." else _word(piece) + (r"[\s,]+" if i + 1 < len(pieces) else "")
        for i, piece in enumerate(pieces)
    ]
    return re.compile(rf"(?i)(?<![\w-]){''.join(parts)}(?!\w)")


def _word(piece: str) -> str:
    choices = [re.escape(word).replace("'", "['’]").replace(r"\*", r"[\w’'-]*") for word in piece.split("|")]
    return f"(?:{'|'.join(choices)})"


def occurrences(pattern: str, text: str, within: Span) -> tuple[list[Span], list[Span]]:
    """Where a pattern stands: plainly, and behind a negation, of which a program can't say what it denies.

    A pattern that has a negation among its own words ("shall not assign") stands plainly wherever it stands.
    """
    told = _NEGATOR.search(pattern) is not None  # the pattern itself says what it denies
    plain: list[Span] = []
    denied: list[Span] = []
    for match in compiled(pattern).finditer(text, within.start, within.end):
        before = _END.split(text[max(within.start, match.start() - _REACH) : match.start()])[-1]
        (denied if not told and _NEGATOR.search(before) else plain).append(Span(*match.span()))
    return plain, denied
