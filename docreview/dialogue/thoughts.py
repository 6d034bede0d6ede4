"""Chains of thought: how much of them is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from docreview.dialogue.values import Thought
from docreview.governance import find_pii, redact
from docreview.governance.pii.redact import Finder
from docreview.governance.tool_policy import THOUGHTS, Thoughts, ToolPolicy


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps of thoughts what the policy and the caller want kept; `find` finds what is redacted."""

    kept: Thoughts
    find: Finder = find_pii

    @classmethod
    def of(cls, policy: ToolPolicy, asked: Thoughts | None, find: Finder) -> Keeper:
        """What is kept: by default hash and length, or less if the policy says so.

        Raises:
            PolicyError: More was asked for than the policy allows.
        """
        if asked is None:
            return cls(min("hash", policy.thoughts, key=THOUGHTS.index), find)
        return cls(policy.tightened(thoughts=asked).thoughts, find)

    def keep(self, reasoning: str | None) -> Thought | None:
        """What is kept of one reply's reasoning."""
        if not reasoning or self.kept == "off":
            return None
        sha256 = hashlib.sha256(reasoning.encode("utf-8", "surrogatepass")).hexdigest()
        return Thought(sha256=sha256, chars=len(reasoning), text=self._text(reasoning))

    def _text(self, reasoning: str) -> str | None:
        if self.kept == "redacted":
            return redact(reasoning, find=self.find).text
        return reasoning if self.kept == "full" else None
