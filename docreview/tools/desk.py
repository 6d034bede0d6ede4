"""What the tools of one conversation work on: its document or library, its questions, and what was recorded so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from docreview.checklist import Checklist
from docreview.search.library import Library
from docreview.tools.trail import Trail
from docreview.tools.values import Recorded, ToolResult
from docreview.types import Document, ToolCall


@dataclass
class Desk:
    """The state that tools share. `round` counts the model's replies; a record belongs to the round it was made in."""

    document: Document | None
    checklist: Checklist | None = None
    library: Library | None = None
    notes: Path | None = None
    trail: Trail = field(default_factory=Trail)
    round: int = 0
    entries: list[tuple[int, Recorded]] = field(default_factory=list)

    def add(self, recorded: Recorded) -> None:
        """Keep a record of this round."""
        self.entries.append((self.round, recorded))

    def question(self, name: str) -> str | None:
        """The question's own name, whatever the case it was written in; None when there is no such question."""
        if self.checklist is None:
            return name
        wanted = " ".join(name.split()).casefold()
        return next((known for known in self.checklist.names if known.casefold() == wanted), None)


def answer(call: ToolCall, content: str, *, ok: bool = True, settled: bool = False) -> ToolResult:
    """The result of a call."""
    return ToolResult(call_id=call.id, ok=ok, content=content, settled=settled)
