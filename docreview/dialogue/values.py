"""What bounds a conversation, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from docreview.governance.audit.event import Record
from docreview.prompts import Turn
from docreview.tools.values import ToolResult
from docreview.types import ToolCall, Usage, Value

Finish = Literal["answered", "abstained", "loop", "rounds", "tokens", "time", "cancelled", "unparsable"]
Phase = Literal["thinking", "answering", "calling"]
OnText = Callable[[str, Phase], None]
"""Gets text as the model writes it, without control tokens, and what the model is doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget(Value):
    """The most that one question may cost: replies of the model, tokens that it writes, seconds on the wall."""

    rounds: int = 8
    tokens: int = 16_384
    seconds: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought(Value):
    """A reply's chain of thought, as far as it is kept: its SHA-256, its length in characters, perhaps its text."""

    sha256: str
    chars: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Value):
    """What became of a question.

    `finish` says why it ended: "answered" with text or records; "abstained"; "loop", after a second try; "rounds",
    "tokens" or "time" when the budget was spent before the model was done; "cancelled"; "unparsable" when replies
    stayed empty, broken or cut off after a correction. Whatever it is, `results` hold what was done until then.

    `turns` are the whole conversation, ready to be gone on with; thoughts are left out unless all is kept of them.
    """

    text: str
    finish: Finish
    results: tuple[tuple[ToolCall, ToolResult], ...] = ()
    usage: Usage = field(default_factory=Usage)
    thoughts: tuple[Thought, ...] = ()
    events: tuple[Record, ...] = ()
    turns: tuple[Turn, ...] = ()


def add(*parts: Usage) -> Usage:
    """The sum of what several things cost."""
    return Usage(
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        cached_tokens=sum(part.cached_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        calls=sum(part.calls for part in parts),
        seconds=sum(part.seconds for part in parts),
    )
