"""The printed page of a PDF, with the places of its answers marked."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from apps.review import state
from apps.review.desk import Desk
from apps.review.draw import problem
from docreview.decisions import Item
from docreview.errors import DocreviewError
from docreview.triage.printed import printed_page


def paper(desk: Desk, current: str | None) -> None:
    """Draw one page, that of the current answer first, with ways to the others."""
    item = desk.items.get(current or "")
    key = f"page:{desk.doc}"
    if item is not None and st.session_state.get(f"{key}:of") != current:
        st.session_state[f"{key}:of"] = current
        st.session_state[key] = _page_of(item) or st.session_state.get(key, 1)
    st.session_state[key] = max(1, min(st.session_state.get(key, 1), desk.pages))
    back, number, on = st.columns([1, 2, 1], vertical_alignment="bottom", gap="small")
    at = st.session_state[key]
    back.button("Page before", key="page-1", on_click=_turn, args=(key, -1), disabled=at <= 1, width="stretch")
    number.number_input(f"Page, of {desk.pages}", 1, desk.pages, key=key)
    on.button("Page after", key="page+1", on_click=_turn, args=(key, 1), disabled=at >= desk.pages, width="stretch")
    here = [each for each in desk.items.values() if _page_of(each) == at]
    active = next((n for n, each in enumerate(here) if each is item), None)
    try:
        quotes = tuple(desk.words(each.place) for each in here)
        file = (str(state.out()), str(desk.row.get("source")), str(desk.row.get("sha256")))
        picture, marked = _drawn(*file, at, quotes, active)
    except DocreviewError as error:
        problem(error)
        return
    st.image(picture, caption=f"Page {at} of {desk.pages}", width="stretch")
    lost = len(here) - len(marked)
    if lost:
        st.caption(f"{lost} of {len(here)} places on this page can't be marked in the picture; see them in the text.")


def _turn(key: str, by: int) -> None:
    st.session_state[key] += by


def _page_of(item: Item) -> int | None:
    """The page where an item's first citation stands."""
    return item.proposal.citations[0].page if item.proposal and item.proposal.citations else None


@st.cache_data(max_entries=40, show_spinner="Drawing the page …")
def _drawn(
    out: str, source: str, sha256: str, number: int, quotes: tuple[str, ...], active: int | None
) -> tuple[bytes, tuple[int, ...]]:
    row = {"source": source, "sha256": sha256}
    return printed_page(row, number, out=Path(out), quotes=quotes, active=active)
