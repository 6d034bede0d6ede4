"""Confirmed dates as a calendar file (iCalendar, RFC 5545): days without a time, folded and escaped as it asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from docreview.errors import ConfigError
from docreview.obligations.values import Obligation

_OCTETS: Final = 75
"""Octets of a line, without its line break (RFC 5545, 3.1)."""
_SUMMARY: Final = 120


def ics(obligations: Iterable[Obligation], confirmed: Collection[str], at: datetime) -> str:
    """A calendar of the obligations whose ids a person confirmed, and of no other; one day's event for each.

    Args:
        obligations: Of one document or several.
        confirmed: Ids.
        at: When the file is made; a date and time with its zone.

    Raises:
        ConfigError: An id names no obligation, or one without a date.
    """
    known = {each.id: each for each in obligations}
    if unknown := [name for name in confirmed if name not in known]:
        raise ConfigError("--confirm", unknown[0], "no such obligation; `docreview obligations FILE` shows the ids")
    return calendar((_of(known[name]) for name in known if name in confirmed), at)


def _of(each: Obligation) -> Day:
    if each.deadline is None or each.deadline.date is None:
        raise ConfigError("--confirm", each.id, "the document settles no date for it; only dates enter a calendar")
    anchor = each.deadline.anchor
    return Day(
        uid=f"{each.id}-{each.citation.doc_id}",
        day=date.fromisoformat(each.deadline.date),
        summary=f"{each.who.quote}: {each.duty.quote}",
        told=tuple(filter(None, [each.citation.quote, each.deadline.arithmetic, anchor.quote if anchor else ""])),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One event of a calendar: `uid` is the same for the same event in every file, `told` its paragraphs."""

    uid: str
    day: date
    summary: str
    told: tuple[str, ...]


def calendar(days: Iterable[Day], at: datetime) -> str:
    """A calendar file of whole days. `at`: when it is made, with its zone."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//docreview//obligations//EN", "CALSCALE:GREGORIAN"]
    for each in days:
        lines += _event(each, at)
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCALENDAR"))


def _event(each: Day, at: datetime) -> Iterator[str]:
    words = " ".join(each.summary.split())
    yield "BEGIN:VEVENT"
    yield f"UID:{each.uid}@docreview"
    yield f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_day(each.day)}"
    if each.day < date.max:
        yield f"DTEND;VALUE=DATE:{_day(each.day + timedelta(days=1))}"
    yield "SUMMARY:" + _escaped(words if len(words) <= _SUMMARY else words[: _SUMMARY - 1] + "…")
    yield "DESCRIPTION:" + _escaped("\n\n".join(each.told))
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")


def _escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11; other control characters may not stand in it."""
    text = "".join(c if c == "\n" or not (c < " " or "\x7f" <= c < "\xa0") else " " for c in text.replace("\r\n", "\n"))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets; no character is cut in two."""
    pieces, size = [""], 0
    for character in line:
        octets = len(character.encode("utf-8", "surrogatepass"))
        if size + octets > _OCTETS:
            pieces.append(" ")
            size = 1
        pieces[-1] += character
        size += octets
    return "\r\n".join(pieces)
