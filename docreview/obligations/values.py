"""What one finds: a duty, and when it falls due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from docreview._shown import table
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


@table(Obligation, "id kind who duty deadline date note trigger page start end")
def _row(each: Obligation) -> Iterator[tuple[object, ...]]:
    due, upon, span = each.deadline, each.trigger, each.citation.span
    when = (due.citation.quote, due.date, due.arithmetic or due.note) if due else (None, None, "")
    upon_quote = upon.quote if upon else None
    page = each.citation.page
    yield (each.id, each.kind, each.who.quote, each.duty.quote, *when, upon_quote, page, span.start, span.end)
