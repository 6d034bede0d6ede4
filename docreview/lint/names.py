"""Parties that change their legal form on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from docreview.lint.fault import Fault
from docreview.types import Document, Span

_FORMS: Final = {
    "inc": "inc", "incorporated": "inc", "corp": "corp", "corporation": "corp", "llc": "llc", "lp": "lp", "llp": "llp",
    "ltd": "ltd", "limited": "ltd", "plc": "plc", "gmbh": "gmbh", "ag": "ag", "sa": "sa", "bv": "bv", "nv": "nv",
}  # fmt: skip
_NAME: Final = re.compile(
    r"(?<![\w&.-])(?P<stem>[A-Z][\w&'’-]*(?:[ ](?:[A-Z&][\w&'’-]*|of|and|de)){0,5}),?\s+"
    r"(?P<form>Inc(?:orporated)?|Corp(?:oration)?|L\.?L\.?C|L\.?P|L\.?L\.?P|Ltd|Limited|P\.?L\.?C|GmbH|AG|S\.?A|B\.?V|N\.?V)(?![\w])",
)
_HEAD: Final = 4000
"""Characters from the start in which the parties are named."""
_TWO: Final = re.compile(
    r"subsidiar|affiliate|parent|successor|formerly|[afd]/[kb]/a|known as|merge|assign|control|entit(?:y|ies)",
    re.IGNORECASE,
)


def contradicting_names(document: Document) -> Iterator[Fault]:
    """One name with two legal forms ("Acme Inc.", "Acme LLC"), the second one only once in the document."""
    names: dict[str, dict[str, list[Span]]] = {}
    for match in _NAME.finditer(document.text):
        form = _FORMS[match["form"].lower().replace(".", "")]
        stem = " ".join(match["stem"].split()).casefold()
        names.setdefault(stem, {}).setdefault(form, []).append(Span(match.start(), match.end()))
    for forms in names.values():
        if len(forms) != 2:
            continue
        usual, odd = sorted(forms.values(), key=len, reverse=True)
        if len(odd) == 1 and len(usual) > 1 and usual[0].start < _HEAD and not _related(document, odd[0]):
            yield Fault("a party's name with another legal form than elsewhere", (odd[0], usual[0]))


def _related(document: Document, span: Span) -> bool:
    """Whether the text around speaks of two companies."""
    return bool(_TWO.search(document.text[max(0, span.start - 150) : span.end + 150]))
