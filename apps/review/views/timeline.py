"""Timeline: what falls due when, with the words that say so; only days that a person confirmed go into a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import streamlit as st

from apps.review import draw, state
from docreview._json import digest
from docreview.decisions import Entry
from docreview.errors import AuditError, DecisionError, OutputError
from docreview.render.page import shorten
from docreview.timeline import Event, confirmed, timeline, to_ics, word_on
from docreview.triage.results import Result
from docreview.types import Review

Row = tuple[Result, Event]
_KINDS = {"date": "dates", "notice": "last days for notice", "duty": "duties", "prohibition": "prohibitions"}


def page() -> None:
    """Draw the page."""
    st.title("Timeline")
    results = draw.reviewed()
    st.radio("Show", ["One document", "All documents"], horizontal=True, key="timeline-view")
    if st.session_state["timeline-view"] == "One document":
        result = draw.pick_document(results, "timeline-doc")
        chosen: Mapping[str, Result] = {result.doc: result}
    else:
        chosen = results
    entries = state.decisions().entries()
    rows = [(result, event) for result in chosen.values() for event in _events(result)]
    days = _days(rows, entries)
    if not rows:
        st.info("No dates and no obligations were found here. Rules look for them in contracts in English.")
        return
    _calendar(rows, days)
    shown = _filtered(rows, days)
    if not shown:
        st.info("Nothing fits these filters.")
        return
    shown.sort(key=lambda row: days.get(row[1].id) or row[1].date or "9999")
    told = [_row(result, event, days, several=len(chosen) > 1) for result, event in shown]
    names = [shorten(f"{row['day'] or 'no day'}: {row['who']} {row['what']}", 110) for row in told]
    narrow = {name: st.column_config.TextColumn(width=96) for name in ("day", "status", "kind")}
    at = draw.choose(told, "timeline-event", "Choose one to check", names, column_config=narrow)
    with st.container(border=True):
        _detail(*shown[at], days, entries)


def _events(result: Result) -> tuple[Event, ...]:
    review = state.decided(result)
    decided = digest(review.decisions)
    return _timeline((result.document.id, review.run_id, decided), result, review)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _timeline(key: tuple[Any, ...], _result: Result, _review: Review) -> tuple[Event, ...]:  # noqa: ARG001 - the key
    return timeline(_result.document, _review, _result.checklist)


def _days(rows: list[Row], entries: list[Entry]) -> dict[str, str]:
    """The confirmed days by the events' ids."""
    found: dict[str, str] = {}
    for doc in dict.fromkeys(result.doc for result, _ in rows):
        events = [event for result, event in rows if result.doc == doc]
        found |= confirmed(events, [entry for entry in entries if entry.doc == doc])
    return found


def _calendar(rows: list[Row], days: Mapping[str, str]) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    dated = sum(event.date is not None for _, event in rows)
    left.caption(f"{len(rows)} entries, {dated} with a day in the document, {len(days)} confirmed by a person.")
    right.download_button(
        f"Calendar (.ics) with {len(days)} confirmed days",
        to_ics([event for _, event in rows], days, datetime.now(UTC)),
        "docreview.ics",
        "text/calendar",
        key="timeline-ics",
        disabled=not days,
        help="Choose an entry below, check its day against the words, and confirm it.",
        on_click="ignore",
    )


def _filtered(rows: list[Row], days: Mapping[str, str]) -> list[Row]:
    one, two, three, four = st.columns([2, 2, 2, 3])
    only = one.selectbox("Days", ["all", "with a day", "to confirm", "confirmed", "without a day"], key="timeline-days")
    kind = two.selectbox("Kind", ["all", *_KINDS.values()], key="timeline-kind")
    parties = sorted({event.who for _, event in rows if event.who})
    who = three.selectbox("Who", ["all", *parties], key="timeline-who")
    words = four.text_input("Words", key="timeline-words", placeholder="deliver, notice, insurance").casefold().split()

    def fits(event: Event) -> bool:
        has = event.date is not None
        wanted = {
            "all": True,
            "with a day": has or event.id in days,
            "to confirm": has and event.id not in days,
            "confirmed": event.id in days,
            "without a day": not has and event.id not in days,
        }[only]
        text = f"{event.who} {event.what} {event.citation.quote}".casefold()
        return (
            wanted
            and kind in ("all", _KINDS[event.kind])
            and who in ("all", event.who)
            and all(w in text for w in words)
        )

    return [row for row in rows if fits(row[1])]


def _row(result: Result, event: Event, days: Mapping[str, str], *, several: bool) -> dict[str, Any]:
    sure = "confirmed" if event.id in days else "to check" if event.date else ""
    row = {
        "day": days.get(event.id) or event.date or "",
        "status": sure,
        "who": event.who,
        "what": shorten(event.what, 200),
    }
    row |= {"kind": event.kind, "how": event.how}
    return row | ({"document": result.doc} if several else {})


def _detail(result: Result, event: Event, days: Mapping[str, str], entries: list[Entry]) -> None:
    """One entry with its proof, and a person's word on its day."""
    draw.words(draw.strong(event.who or event.what))
    draw.in_context(result.document, event.span, event.kind)
    for source in event.sources:
        if source.span != event.span:
            draw.words(draw.quoted(source))
    if event.how:
        draw.words(event.how, kind="soft")
    if not event.sure:
        draw.words("The reader is unsure of this one.", kind="soft")
    draw.open_button(result.doc, event.span, "timeline-open")
    _word(result, event, days, entries)


def _word(result: Result, event: Event, days: Mapping[str, str], entries: list[Entry]) -> None:
    known = days.get(event.id) or event.date
    when, confirm, back = st.columns([2, 1, 1], vertical_alignment="bottom")
    day = when.date_input(
        "The day, as you read it",
        value=date.fromisoformat(known) if known else None,
        min_value=date.min,
        max_value=date.max,
        format="YYYY-MM-DD",
        key=f"timeline-day-{event.id}",
    )
    done = event.id in days
    if confirm.button("Confirm the day", key="timeline-confirm", type="primary", disabled=day is None):
        _save(result, event, day if isinstance(day, date) else None, entries)
    if back.button("Take it back", key="timeline-back", disabled=not done):
        _save(result, event, None, entries)


def _save(result: Result, event: Event, day: date | None, entries: list[Entry]) -> None:
    """Keep a person's word; what they had on the screen is what they decided on."""
    entry = word_on(event, result.doc, state.require_reviewer(), day)
    try:
        state.decisions().add(entry, seen=max((each.seq for each in entries), default=0))
    except (DecisionError, OutputError, AuditError) as error:
        draw.problem(error)
        return
    st.rerun()
