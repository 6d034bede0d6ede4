"""What one finds: a duty, and when it falls due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from docreview.types import Citation, Value

Kind = Literal["duty", "prohibition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Value):
    """By when. `date` is ISO 8601, and set only where the document settles it.

    A date that stands in the quote has no `anchor`. A date that was worked out has the place that says what it is
    counted from as its `anchor`, and `arithmetic` shows the sum. Without a date, `note` says why there is none.
    """

    citation: Citation
    date: str | None = None
    anchor: Citation | None = None
    arithmetic: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation(Value):
    """Who must do, or must not do, what.

    `citation` is the sentence, with the items of a list that it opens; `who` and `duty` lie in it. `trigger` is upon
    what it falls due. `id` comes from the document and the place.
    """

    id: str
    kind: Kind
    who: Citation
    duty: Citation
    citation: Citation
    deadline: Deadline | None = None
    trigger: Citation | None = None
