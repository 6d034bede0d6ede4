"""Titles of sections: where they end, and what is running text instead."""

from __future__ import annotations

import re
from typing import Final

_BREAK: Final = re.compile(
    r"[.:]?[^\S\n]*(?:\n|\Z)|[.:](?=[^\S\n]|[\"“(])|[^\S\n]+[-–—]+[^\S\n]+|[^\S\n]{2,}(?![a-z])|\t|[^\S\n](?=\d{1,2}\.\d)"
)
_CAPS_RUN: Final = re.compile(
    r"[A-Z][A-Z0-9&,;'’/()-]*(?:[^\S\n]{1,4}[A-Z&(][A-Z0-9&,;'’/()-]*){0,11}(?=\s|[.:]|$)", re.MULTILINE
)
VERB: Final = re.compile(
    r"\b(?:shall|will|must|may|is|are|was|has|have|means?|agrees?|acknowledges?|hereby|does|do|not|can|be|been)\b"
)
_SMALL: Final = re.compile(
    r"an?|and|or|of|the|to|in|on|for|by|with|from|at|as|into|per|upon|und|de[rs]|die|von|zu[rm]|d[eu]|et|l[ae]s?|y|el|los"
    r"|del|e|o|en",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(r"[^\W\d_][\w'’-]*")
REFERENCE: Final = re.compile(
    r"(?:Sections?|Articles?|Clauses?|Paragraphs?|Schedules?|Exhibits?|Annex|Appendix|Attachments?|Phase|Parts?|Milestone"
    r"|Class|Tier|Level|Step|Item|Year|Version|Rule|Form|Lot|Note|Page|No|Nos|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)\.?\s+\Z"
)


def even_blanks(text: str) -> str:
    """The text with no-break and other wide blanks as plain ones: same length, same offsets."""
    for blank in "\xa0\u2002\u2003\u2009\u202f\u3000":
        text = text.replace(blank, " ")
    return text


def title_after(text: str, at: int, *, strong: bool) -> tuple[str, int]:
    """The title behind a section's number, and where it ends; ("", `at`) when running text follows.

    A title is a short line of its own, or up to 14 words, mostly capitalised, before a full stop, colon, dash or wide
    gap, or a run of words in capitals.
    """
    begin = at
    while begin < len(text) and text[begin] in " \t\n*_-–.:" and begin < at + 16:
        begin += 1
    window = text[begin : begin + 140]
    cut = _BREAK.search(window, 3)
    if cut:
        title = window[: cut.start()].rstrip(" .:*_")
        alone = (
            strong and "\n" in cut[0] and len(title) <= 60 and _is_sentence_case(title) and not _runs_on(text, begin)
        )
        if alone or _is_title(title):
            return " ".join(title.split()), begin + len(window[: cut.end()].rstrip(" \t\n-–—"))
    return _capitals(window, begin) or ("", at)


def _capitals(window: str, begin: int) -> tuple[str, int] | None:
    """A title in capitals with running text right behind it; a subject of that text ("HSWI shall") is no part of it."""
    run = _CAPS_RUN.match(window)
    if run is None or run.end() > 130:
        return None
    title, behind = run[0], window[run.end() :].split(None, 1)
    if behind and behind[0].isupper() and len(behind[0]) > 1:
        return None  # all of the text is in capitals
    if VERB.match(window[run.end() :].lstrip()):
        title = title.rpartition(" ")[0].rstrip()
    if not any(len(word) > 3 for word in title.split()):
        return None
    return " ".join(title.split()), begin + len(title)


def _is_title(title: str) -> bool:
    words = _WORDS.findall(title)
    if not 1 <= len(words) <= 14 or (not title[0].isalpha() and title[0] not in "\"“‘'([") or VERB.search(title):
        return False
    if REFERENCE.search(title + " "):
        return False
    counted = [word for word in words if not _SMALL.fullmatch(word)]
    return bool(counted) and sum(1 for word in counted if not word[0].islower()) >= 0.7 * len(counted)


def _is_sentence_case(title: str) -> bool:
    return bool(_WORDS.match(title)) and not title[0].islower() and title[-1] not in ",;" and not VERB.search(title)


def _runs_on(text: str, begin: int) -> bool:
    """Whether the next line begins like the rest of a sentence."""
    line = text.find("\n", begin)
    rest = text[line + 1 : line + 81].lstrip(" \t")
    return rest[:1].islower()
