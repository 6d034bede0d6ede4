"""All tools: at most twelve, because every prompt pays for them and models choose worse among many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from docreview.tools import arguments as given
from docreview.tools import record
from docreview.tools.cite import cite
from docreview.tools.desk import Desk
from docreview.tools.values import Effect, ToolResult
from docreview.types import ToolCall

Run = Callable[[Desk, ToolCall, Any], ToolResult]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. What it is for stands in the docstring of its arguments: that is what the model is told.

    `needs`: the parts of a desk of which it must have one.
    """

    name: str
    effect: Effect
    arguments: type[given.Arguments]
    run: Run
    needs: tuple[str, ...] = ("document",)


TOOLS: Final = (
    Tool("record_clause", "record", given.RecordClause, record.record_clause),
    Tool("record_absent", "record", given.RecordAbsent, record.record_absent),
    Tool("cite", "record", given.Cite, cite, needs=("document", "library")),
    Tool("flag", "record", given.Flag, record.flag),
    Tool("abstain", "record", given.Abstain, record.abstain, needs=()),
)
