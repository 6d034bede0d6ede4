"""Queue: the documents that wait for a person, the riskiest first; who has them, how far they are; quality control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from apps.review import state
from apps.review.draw import problem
from docreview._html import join, tag
from docreview.decisions import Entry, second_reviews
from docreview.errors import DocreviewError
from docreview.render.page import shorten
from docreview.triage.queue import STATES, QueueRow, matching, queue, sample

_NOBODY: Final = "(nobody)"
_OPEN: Final = "Only with an open second review"


def page() -> None:
    """Draw the page."""
    state.results()
    try:
        rows = queue(state.out(), state.decisions())
    except DocreviewError as error:
        problem(error)
        return
    if not rows:
        st.info("Nothing is in this folder yet. Add documents on the Upload page.")
        return
    _said()
    _overview(rows)
    kept = _filtered(rows)
    _table(kept)
    _quality()


def _said() -> None:
    message = st.session_state.pop("queue-message", "")
    if message:
        st.info(message)


def _overview(rows: Sequence[QueueRow]) -> None:
    """How far all of it is."""
    done, total = sum(row.decided for row in rows), sum(row.items for row in rows)
    states = Counter(row.state for row in rows)
    told = ", ".join(f"{states[each]} {each}" for each in STATES if states[each])
    st.progress(
        done / total if total else 1.0, text=f"{len(rows)} documents: {told}. {done} of {total} answers decided"
    )


def _filtered(rows: Sequence[QueueRow]) -> list[QueueRow]:
    words, kind, status, who = st.columns([3, 2, 2, 2], gap="small")
    people = sorted({row.assignee for row in rows})
    chosen: dict[str, Any] = {
        "words": words.text_input("Search names, types and reasons", key="queue-words", max_chars=200),
        "types": kind.multiselect("Type", sorted({row.type for row in rows} - {""}), key="queue-types"),
        "states": status.multiselect(
            "Status", [s for s in STATES if any(r.state == s for r in rows)], key="queue-states"
        ),
        "assignees": [
            "" if name == _NOBODY else name
            for name in who.multiselect("Assigned to", [name or _NOBODY for name in people], key="queue-people")
        ],
    }
    second = any(row.second for row in rows) and st.checkbox(_OPEN, key="queue-second")
    kept = matching(rows, **chosen, second=second)
    if len(kept) < len(rows):
        st.caption(f"{len(kept)} of {len(rows)} documents fit.")
    return kept


def _table(rows: Sequence[QueueRow]) -> None:
    if not rows:
        st.info("No document fits these filters.")
        return
    event: Any = st.dataframe(
        [_cells(row) for row in rows],
        key="queue-table",
        alt="Documents, the riskiest first",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(640, 38 + 35 * len(rows)),
        column_config={
            "Document": st.column_config.TextColumn(width="medium", pinned=True),
            "Risk": st.column_config.NumberColumn(format="%g", width="small"),
            "Decided": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0, width="small"),
            "Days": st.column_config.NumberColumn(format="%.0f", width="small", help="Since the review was written"),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )
    known = {row.doc: row for row in rows}
    clicked = next((rows[at].doc for at in event.selection.rows if at < len(rows)), None)
    if clicked and clicked != st.session_state.get("queue-clicked"):
        st.session_state["queue-doc"] = clicked
    st.session_state["queue-clicked"] = clicked
    if st.session_state.get("queue-doc") not in known:
        st.session_state["queue-doc"] = rows[0].doc
    pick, go, assign, give = st.columns([4, 1, 2, 1], vertical_alignment="bottom", gap="small")
    doc = pick.selectbox("Document", list(known), key="queue-doc")
    row = known[doc]
    _assignment(assign, give, row)
    if go.button("Review", key="queue-open", type="primary", disabled=row.state == "quarantined", width="stretch"):
        state.open_document(doc)
    _about(row)


def _cells(row: QueueRow) -> Mapping[str, Any]:
    """A row of the table: cells show text as it is."""
    return {
        "Risk": None if row.state == "quarantined" else row.risk,
        "Document": row.doc,
        "Type": row.type,
        "Status": row.state,
        "Decided": row.progress,
        "Open": row.items - row.decided,
        "Why": shorten("; ".join(row.why), 300),
        "Flagged": row.counts.get("flagged", 0),
        "Edited": row.counts.get("edited", 0),
        "Rejected": row.counts.get("rejected", 0),
        "Second": row.second,
        "Comments": row.comments,
        "Assigned to": row.assignee,
        "Days": row.age_days(),
    }


def _about(row: QueueRow) -> None:
    """Why this document is where it is."""
    head = "Not read" if row.state == "quarantined" else "Why it is here"
    reasons = [tag("p", reason) for reason in row.why[:12]]
    if reasons:
        st.html(tag("div", tag("p", tag("strong", head)), join(*reasons), class_="dr-card"))


def _assignment(assign: Any, give: Any, row: QueueRow) -> None:
    people = sorted({e.by for e in state.decisions().entries()} | {row.assignee, state.reviewer()} - {""})
    named = assign.selectbox(
        "Give it to",
        [_NOBODY, *(name for name in people if name)],
        index=None,
        accept_new_options=True,
        placeholder=row.assignee or "A name",
        key="queue-assignee",
    )
    give.button(
        "Assign",
        key="queue-assign",
        disabled=not (named and state.reviewer()),
        on_click=_assign,
        args=(row.doc, "" if named == _NOBODY else str(named or "").strip(), _seen()),
        width="stretch",
    )


def _seen() -> int:
    entries = state.decisions().entries()
    return entries[-1].seq if entries else 0


def _assign(doc: str, assignee: str, seen: int) -> None:
    _add(Entry(doc=doc, by=state.reviewer(), kind="assignment", assignee=assignee), seen)


def _add(entry: Entry, seen: int) -> bool:
    try:
        state.decisions().add(entry, seen=seen)
    except (DocreviewError, ValueError) as error:
        st.session_state["queue-message"] = f"Not saved. {error}"
        return False
    return True


def _quality() -> None:
    """A sample of what was decided, for a second person."""
    with st.expander("Quality control: a sample for second review", key="quality"):
        percent, seed = st.columns(2, gap="small")
        share = percent.number_input("Percent of what was decided", 0.0, 100.0, 5.0, 1.0, key="queue-percent")
        start = seed.number_input("Seed (the same seed draws the same)", 0, 2**31, 1, key="queue-seed")
        decisions = state.decisions()
        drawn = sample(state.out(), share, int(start), decisions=decisions)
        asked = second_reviews(decisions.entries())
        fresh = [key for key in drawn if key not in asked]
        st.caption(f"{len(drawn)} drawn; {len(drawn) - len(fresh)} of them have a second review already.")
        if drawn:
            rows = [
                {"Document": doc, "Question": clause, "Asked": (doc, clause, s) in asked} for doc, clause, s in drawn
            ]
            st.dataframe(rows, hide_index=True, alt="The sample", key="queue-sample")
        st.button(
            f"Ask for a second review of {len(fresh)}",
            key="queue-ask",
            disabled=not (fresh and state.reviewer()),
            on_click=_ask,
            args=(fresh,),
        )


def _ask(fresh: Sequence[tuple[str, str, Any]]) -> None:
    done = 0
    for doc, clause, span in fresh:
        done += _add(Entry(doc=doc, by=state.reviewer(), kind="second_review", clause=clause, span=span), 0)
    if done == len(fresh):
        st.session_state["queue-message"] = f"A second review of {done} is asked for."
