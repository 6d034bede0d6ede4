"""A reader that plays given tool calls: for tests, and to see what review makes of any call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from docreview.checklist import Checklist
from docreview.readers import Reading
from docreview.types import Coverage, Document, Span, ToolCall, Usage


class ScriptedReader:
    """Plays `calls` whatever the document; by default it says that it saw all of the text.

    Args:
        calls: Tool calls, or pairs (name of the tool, arguments) that get ids by position.
        coverage: What it says to have seen.
        languages: What it can judge; None = every language.
    """

    def __init__(
        self,
        calls: Iterable[ToolCall | tuple[str, Mapping[str, Any]]] = (),
        *,
        coverage: Coverage | None = None,
        name: str = "scripted-1",
        languages: tuple[str, ...] | None = None,
    ) -> None:
        self.name, self.languages, self._coverage = name, languages, coverage
        self._calls = tuple(
            call if isinstance(call, ToolCall) else ToolCall(id=str(i), name=call[0], arguments=call[1])
            for i, call in enumerate(calls)
        )

    def read(self, document: Document, checklist: Checklist, *, min_score: float | None = None) -> Reading:  # noqa: ARG002
        """The given calls; those below `min_score` are left out when one is named."""
        calls = tuple(c for c in self._calls if min_score is None or _score(c) >= min_score)
        everything = [Span(0, len(document))] if len(document) else []
        coverage = self._coverage or Coverage.of(everything, document.unread_pages)
        return Reading(calls=calls, coverage=coverage, usage=Usage(calls=len(calls)))


def _score(call: ToolCall) -> float:
    score = call.arguments.get("score", 1.0)
    return float(score) if isinstance(score, (int, float)) else 1.0
