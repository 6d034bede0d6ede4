"""All that has a day, or might have one: a contract's dates and its obligations, and what people confirmed of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, cast

from docreview._dates import Period, Unit, moved
from docreview._json import digest
from docreview.checklist import Checklist
from docreview.decisions import Entry
from docreview.obligations import obligations
from docreview.obligations.calendar import Day, calendar
from docreview.obligations.values import Obligation
from docreview.review import BELOW
from docreview.types import Citation, Clause, Document, Review, Span, Value

OBLIGATION: Final = "obligation"
"""The question under which a person's word on an obligation's date is kept."""
NOTICE: Final = ("Expiration Date", "Notice Period to Terminate Renewal")
"""The questions whose answers together give the last day for a notice: the first less the second."""
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?![\dX])")
_LENGTH: Final = re.compile(r"\(P(\d{1,4})([DWMY])\)$")
_UNITS: Final = {"D": "day", "W": "week", "M": "month", "Y": "year"}
Kind = Literal["date", "notice", "duty", "prohibition"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Value):
    """A day of a document, or a duty without one.

    Attributes:
        kind: "date": an answer of the review; "notice": the last day for a notice, worked out; else an obligation's.
        question: The question of the checklist, or `OBLIGATION`.
        who: The party that owes it; empty for dates.
        what: The question's label, or the duty's words.
        citation: The place that says so.
        date: ISO 8601, where the document settles it.
        how: The arithmetic of a date that was worked out, or why there is none.
        sure: Whether the reader was.
        sources: Further places that the date comes from: the words of the deadline, what it is counted from.
    """

    id: str
    kind: Kind
    question: str
    who: str
    what: str
    citation: Citation
    date: str | None = None
    how: str = ""
    sure: bool = True
    sources: tuple[Citation, ...] = ()

    @property
    def span(self) -> Span:
        """The place by which people's words on it are kept."""
        return self.citation.span


def timeline(document: Document, review: Review, checklist: Checklist) -> tuple[Event, ...]:
    """The dates that a review found and the obligations of the document: dated ones first, by day, then by place."""
    labels = {question.name: question.label for question in checklist.questions}
    asked = {question.name for question in checklist.questions if question.kind == "date"}
    dated = [
        _dated(clause, labels[clause.name]) for clause in review.clauses if clause.name in asked and _there(clause)
    ]
    owed = [_owed(each) for each in obligations(document)]
    events = {each.id: each for each in (*dated, *_notices(review, labels), *owed)}
    return tuple(sorted(events.values(), key=lambda each: (each.date or "9999-99", each.span, each.id)))


def _there(clause: Clause) -> bool:
    return clause.status in ("found", "unsure") and bool(clause.citations) and clause.note != BELOW


def _dated(clause: Clause, label: str) -> Event:
    """A date of the review, with the value that a person may have put there."""
    first, value = clause.citations[0], clause.value or ""
    iso = _day(value)
    worked_out = value.partition(" = ")[2]
    return Event(
        id=_id(first, clause.name),
        kind="date",
        question=clause.name,
        who="",
        what=label,
        citation=first,
        date=iso,
        how=worked_out if iso else f"no date: the answer is {value!r}" if value else "no date was read from it",
        sure=clause.status == "found",
        sources=clause.citations[1:],
    )


def _day(value: str) -> str | None:
    match = _ISO.match(value)
    try:
        return date.fromisoformat(match.group()).isoformat() if match else None
    except ValueError:
        return None


def _notices(review: Review, labels: Mapping[str, str]) -> Iterator[Event]:
    """The last day for a notice that the contract shall not renew, of each period found: where one end date is."""
    ends, periods = ([c for c in review.clauses if c.name == name and _there(c)] for name in NOTICE)
    days = {day: clause for clause in ends if (day := _day(clause.value or ""))}
    if len(days) != 1:
        return
    ((start, end),) = days.items()
    for period in periods:
        length = _LENGTH.search(period.value or "")
        back = length and Period(int(length[1]), cast("Unit", _UNITS[length[2]]), -1)
        if not back:
            continue
        try:
            last, remark = moved(date.fromisoformat(start), back)
        except OverflowError:
            continue
        yield Event(
            id=_id(period.citations[0], NOTICE[1]),
            kind="notice",
            question=period.name,
            who="",
            what=f"Last day for notice ({labels.get(period.name, period.name)})",
            citation=period.citations[0],
            date=last.isoformat(),
            how=f"{start} {back} = {last.isoformat()}" + (f" ({remark})" if remark else ""),
            sure=end.status == period.status == "found",
            sources=end.citations[:1],
        )


def _owed(obligation: Obligation) -> Event:
    deadline = obligation.deadline
    sources = [obligation.citation]
    if deadline is not None:
        sources += [each for each in (deadline.citation, deadline.anchor) if each is not None]
    return Event(
        id=obligation.id,
        kind=obligation.kind,
        question=OBLIGATION,
        who=" ".join(obligation.who.quote.split()),
        what=" ".join(obligation.duty.quote.split()),
        citation=obligation.duty,
        date=deadline.date if deadline else None,
        how=(deadline.arithmetic or deadline.note) if deadline else "",
        sources=tuple(sources),
    )


def _id(citation: Citation, name: str) -> str:
    return digest([citation.doc_id, name, citation.span.start])[:10]


def confirmed(events: Iterable[Event], entries: Iterable[Entry]) -> dict[str, str]:
    """The days that people confirmed, by an event's id: the last word on each. Entries are those of one document."""
    said = {(entry.clause, entry.span): entry.value for entry in entries if entry.kind == "date"}
    days = ((each.id, said.get((each.question, each.span))) for each in events)
    return {name: day for name, day in days if day}


def word_on(event: Event, doc: str, by: str, day: date | None) -> Entry:
    """A person's word on an event's day, for `Decisions.add`; None takes an earlier word back."""
    value = day.isoformat() if day else None
    return Entry(doc=doc, by=by, kind="date", clause=event.question, span=event.span, value=value)


def to_ics(events: Iterable[Event], days: Mapping[str, str], at: datetime) -> str:
    """A calendar (iCalendar) of the events whose day a person confirmed, and of no other.

    Args:
        days: From `confirmed`, of one document or several.
        at: When the file is made; a date and time with its zone.
    """
    return calendar((_entry(each, days[each.id]) for each in events if each.id in days), at)


def _entry(event: Event, day: str) -> Day:
    told = [event.citation.quote, *(each.quote for each in event.sources)]
    how = event.how if day == event.date else "the day is a person's"
    return Day(
        uid=f"{event.id}-{event.citation.doc_id}",
        day=date.fromisoformat(day),
        summary=f"{event.who}: {event.what}" if event.who else event.what,
        told=tuple(filter(None, [*dict.fromkeys(told), how])),
    )
