"""What the tools of one conversation work on: its document or library, its questions, and what was recorded so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from docreview.checklist import Checklist
from docreview.search.entry import prepare
from docreview.search.library import Library
from docreview.search.rank import Ranker
from docreview.tools.trail import Trail
from docreview.tools.values import MAX_RESULT, Recorded, ToolResult
from docreview.types import Document, ToolCall


class Refusal(Exception):
    """A call can't be done as it was made; the message tells the model why."""


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
    _opened: dict[str, Document] = field(default_factory=dict)
    _ranker: Ranker | None = None

    def add(self, recorded: Recorded) -> None:
        """Keep a record of this round."""
        self.entries.append((self.round, recorded))

    def question(self, name: str) -> str:
        """The question's own name, whatever the case it was written in.

        Raises:
            Refusal: The checklist has no such question.
        """
        names = self.checklist.names if self.checklist else (name,)
        wanted = " ".join(name.split()).casefold()
        found = next((known for known in names if self.checklist is None or known.casefold() == wanted), None)
        if found is None:
            hint = alike(name, names) or "Use the names of the questions that were asked."
            raise Refusal(f"There is no such question. {hint}")
        return found

    def open(self, doc: str | None = None) -> Document:
        """The document that a call is about: of a library the one named, else the conversation's own.

        Raises:
            Refusal: The library has no such document, or none was named and there is a choice.
        """
        if self.library is None or (doc is None and self.document is not None):
            if self.document is None:
                raise Refusal("No document is open.")
            return self.document
        name = self.named(doc)
        if name not in self._opened:
            self._opened[name] = self.library.document(name)
        return self._opened[name]

    def named(self, doc: str | None) -> str:
        """The whole name of the library's document that is called so, or of its only one. Errors as for `open`."""
        names = self.library.names if self.library else ()
        if doc is None and len(names) == 1:
            return names[0]
        if doc is None:
            raise Refusal("Say which document: give doc, as search names it.")
        wanted = doc.strip().casefold()
        found = [name for name in names if name.casefold() == wanted]
        found = found or [name for name in names if name.casefold().rsplit("/", 1)[-1] == wanted]
        if len(found) != 1:
            what = (
                f"{len(found)} documents are called so; give the whole name." if found else "There is no such document."
            )
            raise Refusal(f"{what} {'' if found else alike(doc, names)}".strip())
        return found[0]

    def ranker(self) -> Ranker:
        """The conversation's own document, ready to be searched."""
        if self._ranker is None:
            self._ranker = Ranker(prepare(self.open()))
        return self._ranker


def alike(name: str, names: tuple[str, ...]) -> str:
    """A hint at names that are like a wrong one; empty when none is."""
    near = get_close_matches(name[:100], names, n=3, cutoff=0.5)
    return f"Did you mean: {'; '.join(near)}?" if near else ""


def answer(call: ToolCall, content: str, *, ok: bool = True, settled: bool = False) -> ToolResult:
    """The result of a call."""
    return ToolResult(call_id=call.id, ok=ok, content=content[:MAX_RESULT], settled=settled)
