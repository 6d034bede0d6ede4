"""What was to be filled in and was not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import Document, Span

_PLACEHOLDER: Final = re.compile(
    r"\[\s*[●•■▪_\u2022\u25cf]+\s*\]"
    r"|\[\s?\]"
    r"|\[\s*(?i:insert|enter|fill\s+in|to\s+be\s+(?:determined|agreed|inserted|completed|provided|confirmed)|name\s+of|date|amount|address|tbd|tbc)\b[^\]\n]{0,80}\]"
    r"|\bTB[DC]\b|\b(?i:to\s+be\s+determined)\s+(?=\[)|●|\bX{2,}(?=\s+(?:days?|months?|years?|percent|%)\b)"
)
_BLANK: Final = re.compile(r"(?<=[^\s_] )_{3,}(?=[,.;)]?[ ]?[a-z,.;)])")
_SIGNING: Final = re.compile(
    r"(?:By|Name|Title|Date|Dated|Signature|Signed|Its|Per|Attest|Witness|Print|Address|Fax|Phone|Telephone|Email|E-mail|/s/)\b[^\n]{0,20}$",
    re.IGNORECASE,
)


def placeholders(document: Document) -> Iterator[Fault]:
    """Marks like "[●]", "[insert date]", "TBD", and blanks inside a sentence; lines to sign on are none."""
    text = document.text
    for match in _PLACEHOLDER.finditer(text):
        yield Fault("still to be filled in", (Span(match.start(), match.end()),), "error")
    for match in _BLANK.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not _SIGNING.search(line[-40:]):
            yield Fault("a blank that was not filled in", (Span(match.start(), match.end()),), "error")
