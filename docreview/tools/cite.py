"""The tool that answers: a sentence in the model's words, and the quote that proves it."""

from __future__ import annotations

from typing import Final

from docreview.tools.arguments import Cite
from docreview.tools.desk import Desk, answer
from docreview.tools.record import quoted
from docreview.tools.values import Recorded, ToolResult
from docreview.types import ToolCall

LEAST: Final = 8
"""Letters and digits that a quote must have: a shorter one stands anywhere and proves no sentence."""


def cite(desk: Desk, call: ToolCall, given: Cite) -> ToolResult:
    """Record a sentence with a citation for every place where its quote stands."""
    if sum(char.isalnum() for char in given.quote) < LEAST:
        return answer(call, "Not recorded: the quote is too short to prove a sentence. Quote more.", ok=False)
    draft = Recorded(kind="sentence", call_id=call.id, name=given.sentence)
    return quoted(desk, call, draft, given.quote, given.doc)
