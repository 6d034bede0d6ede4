"""What tools hand back: a result for the model, and what it recorded for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from docreview.types import Citation, Span, Value

MAX_RESULT: Final = 6_000
"""Characters of a result; whatever has more says how to read on."""
Effect = Literal["read", "record", "write"]
"""read: the model needs the result. record: for people, the model needs no answer. write: changes something outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult(Value):
    """What became of a call, in words for the model.

    `settled`: the model need not see it before it stops. `repeated`: the same call was made before, and was dropped.
    """

    call_id: str
    ok: bool
    content: str
    settled: bool = False
    repeated: bool = False

    def __post_init__(self) -> None:
        if len(self.content) > MAX_RESULT:
            raise ValueError(f"a result has {len(self.content):,} characters, the most is {MAX_RESULT:,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Value):
    """Something that the model recorded, in the order it did.

    `name` is the question's, `value` and `reason` are the model's own words and prove nothing. A clause or flag has
    citations for all places where its quote stands. A clause without any is unproven: `problem` says what differed,
    `closest` where something like it stands. It is for a person to see, never to cite. A date that was worked out has
    its ISO form as `value`, the arithmetic as `reason`, and cites its period and its anchor.
    """

    kind: Literal["clause", "sentence", "absent", "flag", "date", "abstention"]
    call_id: str
    name: str = ""
    quote: str = ""
    value: str | None = None
    reason: str = ""
    citations: tuple[Citation, ...] = ()
    problem: str = ""
    closest: Span | None = None

    @property
    def proven(self) -> bool:
        """Whether there is nothing to prove, or it is proven."""
        return bool(self.citations) or not self.quote
