"""The tool that answers: a sentence in the model's words, and the quote that proves it."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from docreview.errors import LibraryError
from docreview.tools.arguments import Cite
from docreview.tools.desk import Desk, answer
from docreview.tools.record import quoted
from docreview.tools.values import Recorded, ToolResult
from docreview.types import Document, ToolCall

LEAST: Final = 8
"""Letters and digits that a quote must have: a shorter one stands anywhere and proves no sentence."""


def cite(desk: Desk, call: ToolCall, given: Cite) -> ToolResult:
    """Record a sentence with a citation for every place where its quote stands."""
    if sum(char.isalnum() for char in given.quote) < LEAST:
        return answer(call, "Not recorded: the quote is too short to prove a sentence. Quote more.", ok=False)
    if desk.document is None:
        try:
            desk = replace(desk, document=_opened(desk, given.doc or ""))
        except LibraryError:
            return answer(call, _no_document(desk, given.doc or ""), ok=False)
    return quoted(desk, call, Recorded(kind="sentence", call_id=call.id, name=given.sentence), given.quote)


def _opened(desk: Desk, name: str) -> Document:
    assert desk.library is not None  # the tool needs a document or a library
    return desk.library.document(name)


def _no_document(desk: Desk, name: str) -> str:
    near = get_close_matches(name, desk.library.names if desk.library else (), n=3, cutoff=0.4)
    hint = f" Did you mean: {'; '.join(near)}?" if near else " Give the name as it stands above the text."
    return f"Not recorded: no document is called {name[:100]!r}.{hint}"
