"""Chains of thought: how much of them is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from docreview.dialogue.values import Thought
from docreview.errors import ConfigError
from docreview.governance.tool_policy import THOUGHTS, Thoughts, ToolPolicy


class Found(Protocol):
    """Personal data at `text[start:end]`, and of what kind."""

    start: int
    end: int
    label: str


FindPii = Callable[[str], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps of thoughts what the policy and the caller want kept; `find_pii` is needed to keep them redacted."""

    kept: Thoughts
    find_pii: FindPii | None = None

    @classmethod
    def of(cls, policy: ToolPolicy, asked: Thoughts | None, find_pii: FindPii | None) -> Keeper:
        """What is kept: by default hash and length, or less if the policy says so.

        Raises:
            PolicyError: More was asked for than the policy allows.
            ConfigError: Redacted text was asked for, and nothing here can redact.
        """
        kept = policy.tightened(thoughts=asked).thoughts if asked else min("hash", policy.thoughts, key=THOUGHTS.index)
        if kept == "redacted" and find_pii is None:
            raise ConfigError("thoughts", "redacted", "nothing was given that finds personal data; choose hash")
        return cls(kept, find_pii)

    def keep(self, reasoning: str | None) -> Thought | None:
        """What is kept of one reply's reasoning."""
        if not reasoning or self.kept == "off":
            return None
        sha256 = hashlib.sha256(reasoning.encode("utf-8", "surrogatepass")).hexdigest()
        return Thought(sha256=sha256, chars=len(reasoning), text=self._text(reasoning))

    def _text(self, reasoning: str) -> str | None:
        if self.kept == "full":
            return reasoning
        if self.kept != "redacted" or self.find_pii is None:
            return None
        pieces, at = [], 0
        for found in sorted(self.find_pii(reasoning), key=lambda each: (each.start, -each.end)):
            if found.end <= at:
                continue
            pieces += [reasoning[at : max(at, found.start)], f"[{found.label}]" if found.start >= at else ""]
            at = found.end
        return "".join((*pieces, reasoning[at:]))
