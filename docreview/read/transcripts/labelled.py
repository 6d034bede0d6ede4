"""Plain-text transcripts: "Speaker: words", with or without times. The text stays as it is."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from docreview.read.transcripts.pieces import is_label
from docreview.types import Span, Turn

_CLOCK: Final = r"[\[(]?(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?[\])]?"
_INLINE: Final = re.compile(
    rf"^[ \t]{{0,40}}(?:(?P<before>{_CLOCK})[ \t]{{0,8}}[-–]?[ \t]*)?"
    rf"(?:\*\*)?(?P<label>[^\W\d_][^\n:\[]{{0,98}}?)[ \t]{{0,8}}(?P<after>{_CLOCK})?[ \t]{{0,8}}:(?:\*\*)?(?:[ \t]+|$)",
    re.MULTILINE,
)
_ABOVE: Final = re.compile(
    rf"^(?P<before>)(?P<label>[^\W\d_][^\n:\[(]{{0,60}}?)[ \t]{{1,20}}(?P<after>{_CLOCK})[ \t]{{0,20}}\n(?=[ \t]*\S)",
    re.MULTILINE,
)
_LINE: Final = re.compile(r"^[ \t]*\S", re.MULTILINE)
_MOST: Final = 0.5
"""So many lines, or paragraphs, have to begin with a label."""


def find_turns(text: str) -> tuple[Turn, ...]:
    """The turns of a transcript; none when the text doesn't look like one.

    It does when two or more labels come again, they are at least half of all labels, and at least half of the
    non-blank lines, or of the paragraphs, begin with one. The name may stand on a line of its own with a time.
    """
    for pattern in (_INLINE, _ABOVE):
        labels = list(pattern.finditer(text))
        if _is_transcript(text, labels):
            return _turns(text, _certain(text, labels))
    return ()


def _is_transcript(text: str, labels: list[re.Match[str]]) -> bool:
    if len(labels) < 3:
        return False
    counts = Counter(match["label"] for match in labels if is_label(match["label"]))
    voices = [n for n in counts.values() if n > 1]
    again = sum(voices)
    if len(voices) < 2 or again < 3 or again < _MOST * len(labels):
        return False
    lines = sum(1 for _ in _LINE.finditer(text))
    return again >= _MOST * lines or again >= _MOST * _paragraphs(text) or _stands_above(labels, lines)


def _paragraphs(text: str) -> int:
    return len([part for part in re.split(r"\n[ \t]*\n", text) if part.strip()])


def _stands_above(labels: list[re.Match[str]], lines: int) -> bool:
    """Names with a time on lines of their own: a quarter of the lines is enough."""
    return labels[0].re is _ABOVE and len(labels) >= lines / 4


def _certain(text: str, labels: list[re.Match[str]]) -> list[re.Match[str]]:
    """The labels that begin a turn: all where nearly every line has one, else those that look like names."""
    lines = sum(1 for _ in _LINE.finditer(text))
    if len(labels) >= 0.9 * lines:
        return labels
    counts = Counter(match["label"] for match in labels)
    return [m for m in labels if is_label(m["label"]) and (counts[m["label"]] > 1 or m["label"][0].isupper())]


def _turns(text: str, labels: list[re.Match[str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    ends = [match.start() for match in labels[1:]] + [len(text)]
    for match, end in zip(labels, ends, strict=True):
        words = text[match.end() : end].rstrip()
        start = match.end() + len(words) - len(words.lstrip())
        if words.strip():
            span = Span(start, match.end() + len(words))
            turns.append(Turn(speaker=match["label"], span=span, start_s=_seconds(match["before"] or match["after"])))
    return tuple(turns)


def _seconds(clock: str | None) -> float | None:
    if not clock:
        return None
    total = 0.0
    for part in clock.strip("[]()").replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return round(total, 3)
