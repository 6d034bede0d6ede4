"""From timed pieces of talk to one text with turns: what subtitle files and JSON transcripts have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from docreview.types import Span, Turn

PAUSE_S: Final = 2.0
"""An unnamed speaker's turn ends at a longer pause."""
LONG: Final = 500
"""An unnamed speaker's turn ends at the first full stop after so many characters."""
_FULL_STOP: Final = re.compile(r"[.?!。？！]['\"”’)]*$")
_SMALL: Final = re.compile(r"(?:d[aeiu]|del|della|van|von|de[nr]|l[ae]|el|al|bin|ibn|of|the|and|for|und|y|et|e|hon)\.?")
_NO_NAME: Final = re.compile(
    r"notes?|warning|question|answer|example|remark|attention|nb|ps|re|subject|dated?|source"
    r"|by|its|printed|name|title|position|signature|signed|witness(?:ed)?|attest|attn|address|telephone|phone|tel|fax"
    r"|facsimile|e-?mail|place|company|contract|exhibit|schedule|page|cc|from|to",
    re.IGNORECASE,
)
"""The first word before a colon in notes, letters and signature blocks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one speaker ("" when unknown) with their times in seconds, None when unknown."""

    speaker: str
    text: str
    start_s: float | None = None
    end_s: float | None = None


def build(pieces: Iterable[Piece], *, join: bool) -> tuple[str, tuple[Turn, ...]]:
    """The text, one turn a line ("Speaker: words"), and its turns. Pieces without words are left out.

    Args:
        pieces: What was said, in order.
        join: Make one turn of successive pieces of one speaker, joined by a blank; when each piece began stays in
            `Turn.marks`. Successive pieces of an unknown speaker are joined up to a pause of `PAUSE_S` seconds or
            the first full stop after `LONG` characters.
    """
    parts: list[str] = []
    turns: list[Turn] = []
    at = 0
    for group in _groups(pieces, join):
        speaker = group[0].speaker
        label = f"{speaker}: " if speaker else ""
        start = end = at + len(label)
        marks = []
        for piece in group:
            if piece.start_s is not None:
                marks.append((end, piece.start_s))
            end += len(piece.text) + 1
        parts += [label, " ".join(piece.text for piece in group), "\n"]
        words = parts[-2]
        span, at = Span(start + len(words) - len(words.lstrip()), start + len(words.rstrip())), end
        timed = tuple(marks) if len(marks) > 1 else ()
        turns.append(Turn(speaker=speaker, span=span, start_s=group[0].start_s, end_s=group[-1].end_s, marks=timed))
    return "".join(parts), tuple(turns)


def _groups(pieces: Iterable[Piece], join: bool) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    size = 0
    for piece in pieces:
        if not piece.text:
            continue
        if group and not (join and _goes_on(group[-1], piece, size)):
            yield group
            group, size = [], 0
        group.append(piece)
        size += len(piece.text)
    if group:
        yield group


def _goes_on(last: Piece, piece: Piece, size: int) -> bool:
    if piece.speaker != last.speaker:
        return False
    if piece.speaker:
        return True
    pause = (
        (piece.start_s or 0.0) - (last.end_s or 0.0) if piece.start_s is not None and last.end_s is not None else 0.0
    )
    return pause <= PAUSE_S and not (size > LONG and _FULL_STOP.search(last.text))


def one_line(text: str) -> str:
    """The text without line breaks: each becomes one blank; other white space stays, also in front and behind."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return "".join(lines)
    return " ".join([lines[0].rstrip(), *(line.strip() for line in lines[1:-1]), lines[-1].lstrip()])


def is_label(label: str) -> bool:
    """Whether words before a colon look like a speaker's name or role ("MR. SMITH", "Speaker 3", "Anna van der Berg").

    Up to 6 words outside parentheses, each with a capital or a digit in front, and none that introduces a remark.
    """
    bare = re.sub(r"\([^()]*\)|[()]", " ", label)
    words = bare.split()
    if not 1 <= len(words) <= 6 or label != label.strip() or _NO_NAME.fullmatch(words[0]):
        return False
    return all(word[0].isupper() or word[0].isdigit() or _SMALL.fullmatch(word) for word in words)


def speakers_before_colons(texts: Sequence[str]) -> frozenset[str]:
    """Labels in front of a colon that are surely speakers: they come more than once, or in capitals."""
    counts: dict[str, int] = {}
    for text in texts:
        if match := LABEL.match(text):
            counts[match[1]] = counts.get(match[1], 0) + 1
    return frozenset(
        label for label, n in counts.items() if is_label(label) and (n > 1 or (label.isupper() and len(label) > 1))
    )


LABEL: Final = re.compile(r"([^\W\d_][^\n:]{0,60}?):(?:[ \t]+|$)")
