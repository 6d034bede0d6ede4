"""Exhibits and schedules that are named and are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault, is_amendment
from docreview.types import Document, Span

_KINDS: Final = "Exhibit|Schedule|Annex|Appendix|Attachment"
_NAMED: Final = re.compile(
    rf"\b(?P<kind>{_KINDS})\s+[\"“']?(?P<label>[A-Z](?:-?\d{{1,2}})?|\d{{1,2}}|[IVX]{{2,4}})[\"”']?(?![\w.-]|\s?\(\d)(?=(?P<after>[^.;\n]{{0,40}}))"
)
_ELSEWHERE: Final = re.compile(
    r"^\W{0,2}(?:attached\s+)?(?:to|of|in|under)\s+(?!this\b|the\s+Agreement\b)(?:the|such|that|its|a|[A-Z])"
)
_FILED: Final = re.compile(r"(?:13[DG]|K-1|TO|14A|10)$")
_HEADING: Final = (
    r"(?im)^[\W_]{{0,6}}(?:{kind})\s*[\"“']?{label}\b(?![^\n]{{0,200}}\b(?:attached|hereto|shall|is|are|means)\b)"
)


def missing_attachments(document: Document) -> Iterator[Fault]:
    """Exhibits, schedules, annexes, appendices and attachments that no line of the document begins with."""
    if is_amendment(document):
        return
    seen: set[tuple[str, str]] = set()
    for match in _NAMED.finditer(document.text):
        kind, label = match["kind"], match["label"]
        if (kind, label) in seen or _FILED.match(label) or _ELSEWHERE.match(match["after"]):
            continue
        seen.add((kind, label))
        if not _is_there(document.text, kind, re.escape(label)):
            span = Span(match.start(), match.end("label"))
            yield Fault(f"{kind} {label} is not in this document", (span,))


def _is_there(text: str, kind: str, label: str) -> bool:
    """Whether a line begins or ends with it alone, or its name stands in capitals somewhere."""
    line = re.search(_HEADING.format(kind=kind, label=label), text)
    alone = rf"[.!?]\s+{kind}\s+{label}\s*\n|\b{kind.upper()}\s+[\"“]?{label}\b"
    return bool(line or re.search(alone, text))
