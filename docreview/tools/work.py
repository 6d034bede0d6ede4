"""The tools that work something out or write something down."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from docreview._dates import moved, period_of, single_date
from docreview.prompts import restore
from docreview.tools.arguments import ComputeDate, Note
from docreview.tools.desk import Desk, Refusal, answer
from docreview.tools.record import difference
from docreview.tools.values import Recorded, ToolResult
from docreview.types import Citation, Document, ToolCall
from docreview.verify import verify


def compute_date(desk: Desk, call: ToolCall, given: ComputeDate) -> ToolResult:
    """A date from a quoted period and a quoted anchor, with the arithmetic; nothing is taken from the model's words."""
    document = desk.open(given.doc)
    proofs = _proven(document, "period", given.period), _proven(document, "anchor", given.anchor)
    period, start = period_of(proofs[0][0].quote), single_date(proofs[1][0].quote)
    if isinstance(period, str):
        raise Refusal(f"The period can't be told: {period}.")
    if start is None:
        raise Refusal("The anchor does not hold exactly one full date. Quote the place that gives the date itself.")
    try:
        end, remark = moved(date.fromisoformat(start), period)
    except OverflowError:
        raise Refusal("The date would lie outside of any calendar.") from None
    remark = "the first day is not counted" if period.unit in ("day", "week") else remark
    reason = f"{start} {period} = {end.isoformat()}" + (f" ({remark})" if remark else "")
    citations = proofs[0][:1] + proofs[1][:1]
    desk.add(
        Recorded(
            kind="date", call_id=call.id, value=end.isoformat(), reason=reason, quote=given.period, citations=citations
        )
    )
    return answer(call, f"{reason}. Check that the period counts from this date.")


def _proven(document: Document, what: str, quote: str) -> tuple[Citation, ...]:
    proof = verify(restore(quote), document)
    if not proof.proven:
        raise Refusal(f"The {what} is not proven. {difference(proof)} Copy it character for character.")
    return proof.citations


def note(desk: Desk, call: ToolCall, given: Note) -> ToolResult:
    """Append a note to the reviewer's file, with the place it is about if that is proven."""
    if desk.notes is None:
        raise Refusal("There is no file for notes.")
    document = desk.open(given.doc) if given.doc or given.quote or desk.document else None
    about = _about(document, given.quote) if document is not None and given.quote is not None else ""
    name = os.path.basename(document.source.path) if document else ""
    head = f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC {name}".rstrip()
    try:
        desk.notes.parent.mkdir(parents=True, exist_ok=True)
        with desk.notes.open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{head}\n\n{given.text.strip()}\n{about}\n")
    except OSError as error:
        raise Refusal(f"The note was not written: {error.strerror}.") from None
    return answer(call, "Written into the notes.")


def _about(document: Document, quote: str) -> str:
    """The place that a note is about, as a quotation."""
    place = _proven(document, "quote", quote)[0]
    cited = "\n> ".join(place.quote.splitlines())
    page = f", page {place.page}" if place.page else ""
    return f"\n> {cited}\n\n(characters {place.span.start}-{place.span.end}{page})\n"
