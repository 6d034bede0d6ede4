"""Lines of a page, where its paragraphs end, and how pages are joined into one text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

PARAGRAPH_GAP: Final = 1.25
"""Lines further apart than this many usual line distances belong to different paragraphs."""
_ENDED: Final = re.compile(r"[.:;!?\u3002\uff01\uff1f\u0964\u061f][\"'\u2019\u201d)\]]*$")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\uffff]")
_DIGITS: Final = re.compile(r"\d+")
_FOLIO: Final = re.compile(r"[\W_]*(?:page\W*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\W*(?:of|/)\W*\d{1,4})?[\W_]*", re.I)


def shown(text: str) -> str:
    """Text with U+FFFD for each control character but tabs and line breaks: as long as before."""
    return _CONTROL.sub("\ufffd", text)


class Line(NamedTuple):
    """One line as printed. Distances in points; `at` is the engine's number of the first character.

    `y` is the base line, upwards. `hyphen` says that the line ends in a hyphen which the engine took out.
    """

    text: str
    at: int = 0
    y: float = 0.0
    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    hyphen: bool = False


def paragraph_starts(lines: Sequence[Line]) -> list[bool]:
    """For each line whether a blank line belongs before it.

    It does where the distance to the line above is larger than usual on the page, or where a line is indented after
    a sentence has ended; it does not where the line plainly goes on with the sentence of the line above.
    """
    if not lines:
        return []
    gaps = [above.y - line.y for above, line in pairwise(lines)]
    usual = _usual_gap(gaps, lines)
    margin = max(line.right for line in lines)
    starts = [False]
    for gap, (above, line) in zip(gaps, pairwise(lines), strict=True):
        starts.append(not above.hyphen and _starts_paragraph(gap, usual, above, line, margin))
    return starts


def _usual_gap(gaps: Sequence[float], lines: Sequence[Line]) -> float:
    height = sorted(line.height for line in lines)[len(lines) // 2]
    regular = sorted(gap for gap in gaps if 0.6 * height < gap < 3 * height)
    return regular[int(len(regular) * 0.3)] if regular else 1.5 * height


def _starts_paragraph(gap: float, usual: float, above: Line, line: Line, margin: float) -> bool:
    ended = _ENDED.search(above.text) is not None
    if gap <= PARAGRAPH_GAP * usual:
        return ended and gap > 0 and line.height > 0 and line.left - above.left > 1.2 * line.height
    if ended:
        return True
    full = above.right > 0.8 * margin
    return not (line.text[:1].islower() or (full and _FOLIO.fullmatch(line.text)))


def page_text(lines: Sequence[Line], starts: Sequence[bool]) -> tuple[str, list[int]]:
    """A page's text and where each line begins in it."""
    parts: list[str] = []
    offsets = []
    size = 0
    for i, (line, new) in enumerate(zip(lines, starts, strict=True)):
        joint = "" if i == 0 else "\n\n" if new else "\n"
        text = line.text + "-" if line.hyphen else line.text
        offsets.append(size + len(joint))
        size += len(joint) + len(text)
        parts += (joint, text)
    return "".join(parts), offsets


def joints(pages: Sequence[str]) -> list[str]:
    """What stands between each page and the next: a blank line, or one line break where a sentence goes on.

    Page numbers and lines that come back on most pages (digits aside) are looked past.
    """
    edges = [_edge_lines(page) for page in pages]
    counts = Counter(line for top, bottom in edges for line in {_masked(x) for x in (*top, *bottom)})
    often = {line for line, n in counts.items() if n >= max(3, len(pages) // 3)}
    found = []
    for (_, bottom), (top, _) in pairwise(edges):
        last = next((x for x in reversed(bottom) if not _furniture(x, often)), "")
        first = next((x for x in top if not _furniture(x, often)), "")
        goes_on = bool(last and first) and not _ENDED.search(last) and (first[0].islower() or len(last) > 60)
        found.append("\n" if goes_on else "\n\n")
    return found


def _edge_lines(page: str) -> tuple[list[str], list[str]]:
    lines = [line for line in page[:400].split("\n") if line][:3]
    return lines, [line for line in page[-400:].split("\n") if line][-3:]


def _masked(line: str) -> str:
    return _DIGITS.sub("0", line.strip())


def _furniture(line: str, often: set[str]) -> bool:
    return _FOLIO.fullmatch(line) is not None or _masked(line) in often
