"""What a rule finds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from docreview.types import Document, Level, Span

_AMENDMENT: Final = re.compile(r"\b(?:amendment|addendum|supplement|amended)\b", re.IGNORECASE)
_HEAD: Final = 600  # characters


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what is wrong, and the places that show it, the first one first; at least one."""

    message: str
    spans: tuple[Span, ...]
    severity: Level = "warning"


def is_amendment(document: Document) -> bool:
    """Whether a document changes another one: its references mostly lead there."""
    return bool(_AMENDMENT.search(document.text[:_HEAD]))
