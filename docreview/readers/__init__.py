"""Who proposes clauses: readers all speak in the same tool calls, so that everything after them is the same code.

Calls that a reader may make:

- `record_clause`: `name` (the question), `start`, `end`, `quote` (the document's characters there), `score` (0..1),
  `sure` (whether the score passes the reader's own operating point), `value` (a short answer or None), `note` (what a
  person must know of this place; a place with one is never sure).
- `record_absent`: `name`; the reader saw nothing for this question in what it read.
- `abstain`: `name`, `reason`; the reader looked and can't decide.
- `failed`: `name`, `reason`; the reader broke down at this question.
- `record_type`: `type`, `score`; what kind of document it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from docreview.checklist import Checklist
from docreview.errors import ConfigError
from docreview.types import Coverage, Document, Finding, ToolCall, Usage

NAMES: Final = ("embedded",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader made of one document: its calls in document order, and what it really saw.

    `findings` are about the reading itself: what was shown and why, caches that were lost. The hashes are of all that a
    language model was told, and of the policy that it worked under; empty for other readers.
    """

    calls: tuple[ToolCall, ...]
    coverage: Coverage
    usage: Usage = field(default_factory=Usage)
    findings: tuple[Finding, ...] = ()
    prompt_sha256: str = ""
    policy_sha256: str = ""


class Reader(Protocol):
    """Proposes clauses; proves nothing."""

    @property
    def name(self) -> str:
        """What stands in reviews; it changes with whatever its answers depend on."""
        ...

    def read(self, document: Document, checklist: Checklist, *, min_score: float | None = None) -> Reading:
        """Tool calls for every question of the checklist.

        Args:
            document: What to read.
            checklist: The questions.
            min_score: Propose candidates down to this score; by default, those that a person should see.
        """
        ...


def load_reader(name: str = "embedded") -> Reader:
    """A reader by its name.

    Raises:
        ConfigError: There is no such reader.
    """
    if name != "embedded":
        raise ConfigError("reader", name, f"no such reader; there are {', '.join(NAMES)}")
    from docreview.readers.embedded import EmbeddedReader

    return EmbeddedReader()
