"""The right side of Review: the answer with its proof, the words selected, comments, who has it, second reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import streamlit as st

from apps.review import state
from apps.review.desk import Desk, select, selection, unplaced
from apps.review.draw import plain, where
from docreview._html import Safe, join, tag
from docreview.decisions import Entry, Item
from docreview.render.page import shorten
from docreview.types import Span

Save = Callable[[Desk, Entry], bool]
_PROVED = {
    "verbatim": "proved: the document's very characters",
    "normalised": "proved: the document's words, but for white space and the like",
}


def card(desk: Desk, item: Item) -> None:
    """One answer: question, answer, words, proof, doubts, what was decided."""
    questions = {each.name: each for each in desk.result.checklist.questions}
    question = questions.get(item.clause)
    parts = [tag("p", tag("strong", desk.label(item.clause)), class_="dr-head")]
    if question is not None and question.text:
        parts.append(tag("p", question.text, class_="dr-soft"))
    parts += _answer(desk, item)
    parts += [tag("p", line, class_="dr-soft") for line in _decided(desk, item)]
    st.html(tag("div", *parts, class_="dr-card"))


def _answer(desk: Desk, item: Item) -> Iterator[Safe]:
    proposal, place = item.proposal, item.place
    if place is None:
        yield tag("p", tag("strong", unplaced(item)))
        if item.value:
            yield tag("p", "Answer: ", tag("strong", item.value), dir="auto")
        return
    if item.value:
        yield tag("p", "Answer: ", tag("strong", item.value), dir="auto")
    yield tag("p", shorten(desk.words(place), 700), class_="dr-quote", dir="auto")
    if proposal is None:
        yield tag("p", "Added by a person: the reader missed it.", class_="dr-soft")
        return
    citation = proposal.citations[0]
    score = "" if proposal.score is None else f"reader's score {proposal.score:.2f}"
    proof = "the place of a person, proved" if place != citation.span else _PROVED.get(citation.verdict, "")
    facts = (proposal.status, score, proof, where(citation) if place == citation.span else "")
    yield tag("p", " · ".join(filter(None, facts)), class_="dr-soft")
    if proposal.note:
        yield tag("p", "Note of the reader: ", tag("em", proposal.note))


def _decided(desk: Desk, item: Item) -> Iterator[str]:
    if desk.hidden(item):
        yield "A second review is wanted. The first verdict is hidden until you have decided."
        return
    for entry in item.entries:
        if entry.kind == "verdict":
            answer = f": {entry.value}" if entry.value else ""
            yield f"{entry.verdict}{answer} by {entry.by}, {entry.at[:16].replace('T', ' ')}"
    found = desk.second.get((desk.doc, item.clause, item.span))
    if found is not None:
        outcome = {None: "is open", True: "agrees", False: "does not agree"}[found.agree]
        by = f" ({found.second.by})" if found.second else ""
        yield f"Second review, asked for by {found.asked.by}: {outcome}{by}"


def chosen_words(desk: Desk, item: Item, save: Save) -> None:
    """What can be done with the words selected in the text."""
    span = selection(desk.doc)
    if span is None:
        return
    with st.container(border=True, key="chosen"):
        words = tag("p", shorten(desk.words(span), 500), class_="dr-quote", dir="auto")
        st.html(join(tag("p", tag("strong", "Selected words")), words))
        questions = desk.labels
        st.selectbox(
            "A clause that was missed, for the question",
            list(questions),
            format_func=lambda name: questions[name],
            key="add-question",
            index=list(questions).index(item.clause) if item.clause in questions else 0,
        )
        st.text_input("Its answer (may stay empty)", key="add-answer", max_chars=2000)
        nobody = not state.reviewer()
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Add as a clause", key="add", type="primary", on_click=_add, args=(desk, span, save), disabled=nobody
            )
            st.button(
                f"Make it the place of: {desk.label(item.clause)}",
                key="move",
                on_click=_place,
                args=(desk, item, span, save),
                disabled=nobody,
            )
            st.button("Never mind", key="drop", on_click=_forget, args=(desk.doc,))


def _forget(doc: str) -> None:
    select(doc, None)


def _add(desk: Desk, span: Span, save: Save) -> None:
    entry = Entry(
        doc=desk.doc,
        by=state.reviewer(),
        clause=st.session_state["add-question"],
        verdict="added",
        value=st.session_state["add-answer"].strip() or None,
        quote_span=span,
        quote=desk.words(span),
    )
    if save(desk, entry):
        select(desk.doc, None)
        st.session_state["add-answer"] = ""


def _place(desk: Desk, item: Item, span: Span, save: Save) -> None:
    if save(desk, desk.entry(item, verdict="edited", quote_span=span, quote=desk.words(span))):
        select(desk.doc, None)


def decide_on(desk: Desk, item: Item, save: Save) -> None:
    """Comments, a second review, and who has the document."""
    nobody = not state.reviewer()
    own = [
        e for e in desk.entries if e.kind == "comment" and (e.clause, e.span) in ((item.clause, item.span), ("", None))
    ]
    with st.expander(f"Comments ({len(own)})", key="comments"):
        if own:
            lines = [
                tag("p", tag("strong", e.by), f" {e.at[:16].replace('T', ' ')}: {e.note}", dir="auto") for e in own
            ]
            st.html(tag("div", *lines))
        st.text_area("Comment", key="comment", max_chars=4000, height=80)
        st.button("Add the comment", key="add-comment", on_click=_comment, args=(desk, item, save), disabled=nobody)
    with st.expander(f"Assigned to {_holder(desk) or 'nobody'}; second review", key="people"):
        people = sorted({e.by for e in desk.entries} | {e.assignee for e in desk.entries} | {state.reviewer()} - {""})
        st.selectbox(
            "Who has this document",
            ["", *(name for name in people if name)],
            key="assignee",
            index=None,
            accept_new_options=True,
            placeholder="A name",
            format_func=lambda name: name or "nobody",
        )
        with st.container(horizontal=True, gap="small"):
            st.button("Assign the document", key="assign", on_click=_assign, args=(desk, save), disabled=nobody)
            wanted = desk.second.get((desk.doc, item.clause, item.span))
            st.button(
                "Ask for a second review of this answer",
                key="ask-second",
                on_click=_ask,
                args=(desk, item, save),
                disabled=nobody or (wanted is not None and wanted.second is None),
            )


def _holder(desk: Desk) -> str:
    """Who has the document, as Markdown."""
    assigned = [e.assignee for e in desk.entries if e.kind == "assignment" and not e.clause]
    return plain(assigned[-1]) if assigned else ""


def _comment(desk: Desk, item: Item, save: Save) -> None:
    if save(desk, desk.entry(item, kind="comment", note=st.session_state["comment"].strip())):
        st.session_state["comment"] = ""


def _assign(desk: Desk, save: Save) -> None:
    assignee = st.session_state.get("assignee") or ""
    save(desk, Entry(doc=desk.doc, by=state.reviewer(), kind="assignment", assignee=assignee.strip()))


def _ask(desk: Desk, item: Item, save: Save) -> None:
    save(desk, desk.entry(item, kind="second_review"))


def missing(desk: Desk) -> None:
    """What of the document was not read: said, never skipped."""
    unread = desk.row.get("unread_pages") or []
    notes = [str(warning.get("message", "")) for warning in desk.row.get("warnings") or []]
    if unread:
        notes.insert(0, "Pages that were not read: " + ", ".join(map(str, unread)))
    if notes:
        with st.expander(f"Notes on reading ({len(notes)})", key="notes"):
            st.html(tag("div", *(tag("p", note) for note in notes[:60])))


def legend() -> None:
    """The keys."""
    st.caption("Keys: A accept, R reject, E edit, F flag, U unsure, N next, P previous, Z take back, / search")
