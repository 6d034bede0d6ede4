"""Review: the source in the middle, what was read in it on the right; a person decides, by mouse or by keyboard."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from apps.review import state
from apps.review.answers import card, chosen_words, decide_on, legend, missing
from apps.review.desk import ORDERS, SHOWN, Desk, clock, opened, ordered, select, selection
from apps.review.draw import reviewed
from apps.review.paper import paper
from apps.review.source import Heard, Mark, keys, part_of, source
from docreview.decisions import Entry, Item
from docreview.errors import DecisionConflict, DocreviewError
from docreview.render.window import occurrences
from docreview.triage.results import Result
from docreview.types import Span

_NAMELESS: Final = "You have no name yet. Type it above: each decision keeps the name of the person who made it."


def page() -> None:
    """Draw the page."""
    results = reviewed()
    doc = _document(results)
    desk = opened(doc, results[doc])
    _arrived(desk)
    _said()
    _bar(desk)
    desk = ordered(desk)
    st.session_state["review-shown"] = desk.shown
    left, right = st.columns([3, 2], gap="medium")
    with right:
        _answers(desk)
    with left:
        _source(desk)
    _alive()


@st.fragment
def _alive() -> None:
    """Signs of life move the clock; nothing else is drawn anew."""
    if keys():
        clock().tick(time.monotonic())


def _document(results: Mapping[str, Result]) -> str:
    """The document that is open, chosen from a list; the list follows links from other pages."""
    names = list(results)
    wanted = state.document()
    if wanted in results and st.session_state.get("review-doc") != wanted:
        st.session_state["review-doc"] = wanted
    pick, before, after = st.columns([6, 2, 2], vertical_alignment="bottom", gap="small")
    doc = pick.selectbox("Document", names, key="review-doc", on_change=_picked)
    at = names.index(doc) if doc in results else 0
    turns: tuple[tuple[object, str, int], ...] = ((before, "Previous document", -1), (after, "Next document", 1))
    for column, label, by in turns:
        there = 0 <= at + by < len(names)
        column.button(  # type: ignore[attr-defined]
            label,
            key=f"doc{by:+d}",
            disabled=not there,
            on_click=_turn,
            args=(names[at + by] if there else "",),
            width="stretch",
        )
    return names[at]


def _picked() -> None:
    state.set_document(st.session_state["review-doc"])


def _turn(doc: str) -> None:
    state.set_document(doc)


def _arrived(desk: Desk) -> None:
    """Follow a click on a mark, or a link from another page."""
    clicked = st.session_state.pop("choose", None)
    if clicked and clicked[0] == desk.doc:
        _choose(*clicked)
    place = state.place()
    if place is None:
        return
    st.session_state["place"] = None
    at = next((i for i, item in desk.items.items() if item.place is not None and item.place.overlaps(place)), None)
    if at is not None:
        _choose(desk.doc, at)
    _show(desk, place)


def _said() -> None:
    """What came of the last decision, once."""
    message = st.session_state.pop("review-message", None)
    if message:
        kind, text = message
        (st.toast if kind == "saved" else st.warning)(text)
    if not state.reviewer():
        st.info(_NAMELESS)


def _bar(desk: Desk) -> None:
    done, total = desk.decided, len(desk.items)
    st.progress(done / total if total else 1.0, text=f"{done} of {total} decided in this document")
    show, question, order, words = st.columns([2, 2, 2, 3], gap="small")
    show.selectbox("Show", list(SHOWN), key="review-show")
    labels = {"": "All questions"} | {name: desk.label(name) for name in dict.fromkeys(desk.names)}
    if st.session_state.get("review-question", "") not in labels:
        st.session_state["review-question"] = ""
    question.selectbox("Question", list(labels), format_func=lambda name: labels[name], key="review-question")
    order.selectbox("Order", list(ORDERS), key="review-order")
    words.text_input("Search the text ( / )", key="words", on_change=_search, args=(desk,), max_chars=200)


def _search(desk: Desk) -> None:
    """New words: go to the first place of them."""
    st.session_state["hit"] = 0
    found = occurrences(desk.text, st.session_state["words"])
    if found:
        _show(desk, found[0])


def _hits(desk: Desk) -> list[Span]:
    """The places of the words searched for, with how to go through them."""
    words = st.session_state.get("words", "")
    if not words.strip():
        return []
    found = occurrences(desk.text, words)
    count, back, on = st.columns([2, 2, 2], vertical_alignment="center", gap="small")
    at = min(st.session_state.get("hit", 0), max(0, len(found) - 1))
    count.caption(f"Place {at + 1} of {len(found)}" if found else "These words are nowhere in the text.")
    for column, label, by in ((back, "Previous place", -1), (on, "Next place", 1)):
        to = (at + by) % len(found) if found else 0
        column.button(
            label, key=f"hit{by:+d}", disabled=not found, on_click=_go_to_hit, args=(desk, found, to), width="stretch"
        )
    return found


def _go_to_hit(desk: Desk, found: Sequence[Span], to: int) -> None:
    st.session_state["hit"] = to
    _show(desk, found[to])


def _show(desk: Desk, span: Span | None) -> None:
    """Bring a place into view."""
    if span is not None:
        st.session_state[f"part:{desk.doc}"] = part_of(desk.text, span.start)
    st.session_state["view"] = (span, time.monotonic())


def _choose(doc: str, item_id: str) -> None:
    st.session_state[f"item:{doc}"] = item_id


def _answers(desk: Desk) -> None:
    if not desk.shown:
        st.info("Nothing here fits the filters. Choose another list under Show.")
        return
    key = f"item:{desk.doc}"
    if st.session_state.get(key) not in desk.shown:
        st.session_state[key] = next((i for i in desk.shown if desk.open(i)), desk.shown[0])
        _show(desk, desk.items[st.session_state[key]].place)
    current: str = st.session_state[key]
    clock().on(f"{desk.doc} {current}", time.monotonic())
    item = desk.items[current]
    with st.container(border=True, key="card"):
        card(desk, item)
        _verdicts(desk, current, item)
        _edit(desk, current, item)
    chosen_words(desk, item, _save)
    decide_on(desk, item, _save)
    with st.container(height=430, key="list"):
        st.radio(
            "Answers",
            desk.shown,
            key=key,
            format_func=desk.line,
            captions=[desk.caption(i) for i in desk.shown],
            on_change=_moved,
            args=(desk,),
            label_visibility="collapsed",
        )
    missing(desk)
    legend()


def _moved(desk: Desk) -> None:
    chosen = st.session_state[f"item:{desk.doc}"]
    if chosen in desk.items:  # else the browser names one that has changed since; the next drawing chooses
        _to(desk, chosen)


def _to(desk: Desk, item_id: str) -> None:
    _choose(desk.doc, item_id)
    st.session_state.pop("editing", None)
    _show(desk, desk.items[item_id].place)


def _verdicts(desk: Desk, current: str, item: Item) -> None:
    named = bool(state.reviewer())
    nobody = not named
    buttons = (
        ("accept", "Accept (A)", "accepted"),
        ("reject", "Reject (R)", "rejected"),
        ("flag", "Flag (F)", "flagged"),
        ("unsure", "Unsure (U)", "unsure"),
    )
    with st.container(horizontal=True, gap="small"):
        for name, label, verdict in buttons:
            st.button(
                label,
                key=f"do-{name}",
                on_click=_decide,
                args=(desk, current, verdict),
                disabled=nobody,
                type="primary" if name == "accept" else "secondary",
            )
        st.button("Edit (E)", key="do-edit", on_click=_editing, args=(current, item), disabled=nobody)
    at = desk.shown.index(current)
    with st.container(horizontal=True, gap="small"):
        st.button("Previous (P)", key="do-previous", on_click=_step, args=(desk, at - 1), disabled=at == 0)
        st.button("Next (N)", key="do-next", on_click=_step, args=(desk, at + 1), disabled=at + 1 == len(desk.shown))
        last = desk.own_last()
        st.button(
            "Take back (Z)",
            key="do-back",
            on_click=_take_back,
            args=(desk, last),
            disabled=last is None,
            help="Your last verdict on this document; once more for the one before it.",
        )
        st.caption(f"{at + 1} of {len(desk.shown)}")


def _take_back(desk: Desk, item_id: str) -> None:
    if _save(desk, desk.entry(desk.items[item_id], verdict="withdrawn")):
        _to(desk, item_id)


def _step(desk: Desk, to: int) -> None:
    _to(desk, desk.shown[to])


def _editing(current: str, item: Item) -> None:
    st.session_state["editing"] = current
    st.session_state["answer"] = item.value or ""


def _edit(desk: Desk, current: str, item: Item) -> None:
    if st.session_state.get("editing") != current:
        return
    st.text_input("Answer", key="answer", max_chars=2000)
    words = selection(desk.doc)
    if words is None:
        st.caption("The place stays as it is. Select words in the text to choose another place.")
    else:
        st.caption("The place becomes the words that are selected in the text.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save the edit", key="save-edit", type="primary", on_click=_save_edit, args=(desk, current, item, words)
        )
        st.button("Cancel", key="cancel-edit", on_click=st.session_state.pop, args=("editing", None))


def _save_edit(desk: Desk, current: str, item: Item, words: Span | None) -> None:
    answer = st.session_state.get("answer", "").strip()
    entry = desk.entry(item, verdict="edited", value=answer, quote_span=words, quote=desk.words(words))
    if _save(desk, entry):
        st.session_state.pop("editing", None)
        select(desk.doc, None)
        _on(desk, current)


def _decide(desk: Desk, current: str, verdict: str) -> None:
    if _save(desk, desk.entry(desk.items[current], verdict=verdict)):
        _on(desk, current)


def _save(desk: Desk, entry: Entry) -> bool:
    """Save an entry with the time spent; whether it was saved. What went wrong is shown, and nothing is lost."""
    try:
        timed = entry.verdict is not None
        saved = desk.saved(entry, seconds=clock().read(time.monotonic()) if timed else None)
    except DecisionConflict as conflict:
        own = conflict.by == entry.by and conflict.verdict == entry.verdict
        twice = f"Saved as number {conflict.seq}; a second press came before the page had moved on and was left out."
        st.session_state["review-message"] = ("saved", twice) if own else ("conflict", conflict.args[0])
        return False
    except (DocreviewError, ValueError) as error:
        st.session_state["review-message"] = ("error", f"Not saved. {error}")
        return False
    st.session_state["review-message"] = ("saved", f"Saved as number {saved.seq}.")
    return True


def _on(desk: Desk, current: str) -> None:
    """To the next thing that is not decided, from here on, then from the top; else the next one."""
    at = desk.shown.index(current)
    rest = [*desk.shown[at + 1 :], *desk.shown[:at]]
    to = next((i for i in rest if desk.open(i)), None)
    _to(desk, to or desk.shown[min(at + 1, len(desk.shown) - 1)])


def _source(desk: Desk) -> None:
    views = ["Text", "Page"] if desk.pages else ["Text"]
    if len(views) > 1 and st.segmented_control("Source", views, default="Text", key="review-view") == "Page":
        paper(desk, st.session_state.get(f"item:{desk.doc}"))
        return
    hits = _hits(desk)
    _text(desk, hits)


@st.fragment
def _text(desk: Desk, hits: Sequence[Span]) -> None:
    """The text. Only this is drawn anew while the person reads; a click or a selection draws the page."""
    current = desk.items.get(st.session_state.get(f"item:{desk.doc}", ""))
    key = f"part:{desk.doc}"
    view, moved = st.session_state.get("view", (None, 0.0))
    marks = [
        Mark(span=i.place, label=desk.label(i.clause), faint=desk.faint(i)) for i in desk.items.values() if i.place
    ]
    heard = source(
        desk.text,
        marks,
        part=st.session_state.get(key, 0),
        active=view or (current.place if current else None),
        hits=hits,
        token=f"{desk.doc} {moved}",
        key="source",
    )
    if _heard(desk, heard, key):
        st.rerun()


def _heard(desk: Desk, heard: Heard, key: str) -> bool:
    """Follow what the person did in the source; whether the page changes by it."""
    if heard.part is not None:
        st.session_state[key] = heard.part
        return True
    if heard.selected is not None:
        return select(desk.doc, desk.trimmed(heard.selected))
    if heard.clicked is not None:
        found = desk.item_at(heard.clicked)
        if found is not None and found in desk.shown:
            st.session_state["choose"] = (desk.doc, found)
            return True
    return False
