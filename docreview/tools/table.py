"""All tools: at most twelve, because every prompt pays for them and models choose worse among many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from docreview.governance.tool_policy import ToolPolicy
from docreview.tools import arguments as given
from docreview.tools import look, record, work
from docreview.tools.cite import cite
from docreview.tools.desk import Desk
from docreview.tools.values import Effect, ToolResult
from docreview.types import ToolCall

Run = Callable[[Desk, ToolCall, Any], ToolResult]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. What it is for stands in the docstring of its arguments: that is what the model is told.

    `needs`: the parts of a desk of which one must be there for the tool to be offered.
    """

    name: str
    effect: Effect
    arguments: type[given.Arguments]
    run: Run
    needs: tuple[str, ...] = ("document", "library")

    def rule(self, policy: ToolPolicy) -> Literal["allowed", "confirm", "denied"]:
        """What a policy says about it: a tool that writes must be confirmed, whatever the policy says."""
        if self.name not in policy.allow:
            return "denied"
        return "confirm" if self.effect == "write" or self.name in policy.confirm else "allowed"


TOOLS: Final = (
    Tool("record_clause", "record", given.RecordClause, record.record_clause, needs=("document",)),
    Tool("record_absent", "record", given.RecordAbsent, record.record_absent, needs=("document",)),
    Tool("cite", "record", given.Cite, cite),
    Tool("search", "read", given.Search, look.search),
    Tool("read_span", "read", given.ReadSpan, look.read_span),
    Tool("list_sections", "read", given.ListSections, look.list_sections),
    Tool("lookup_definition", "read", given.LookupDefinition, look.lookup_definition),
    Tool("compute_date", "read", given.ComputeDate, work.compute_date),
    Tool("flag", "record", given.Flag, record.flag),
    Tool("note", "write", given.Note, work.note, needs=("notes",)),
    Tool("abstain", "record", given.Abstain, record.abstain, needs=()),
)
