"""Table: every document in a row, every question in a column; each answer leads to its places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from apps.review import draw, state
from docreview.checklist import Checklist
from docreview.render.page import shorten
from docreview.triage.results import Result
from docreview.triage.rows import answer, by_question, shown
from docreview.triage.sheets import in_words
from docreview.types import Clause

_FIRST: Final = 8
"""Questions that are shown before somebody chooses."""
_PLACES: Final = 5
_LONGEST: Final = 160
_HEIGHT: Final = 420
Answers = Mapping[str, list[Clause]]


def page() -> None:
    """Draw the page."""
    results = draw.reviewed()
    checklist = _checklist(results)
    labels = {question.name: question.label for question in checklist.questions}
    asked = st.multiselect(
        "Questions", list(labels), list(labels)[:_FIRST], format_func=labels.__getitem__, key=f"table-{checklist.name}"
    )
    words = st.text_input("Only documents whose answers say", key="table-words", max_chars=200)
    if not asked:
        st.info("Choose at least one question.")
        return
    answers = {r.doc: _answers(r) for r in results.values() if r.review.checklist == checklist.name}
    rows = {
        doc: {labels[name]: _cell(labels[name], found.get(name)) for name in asked} for doc, found in answers.items()
    }
    kept = [doc for doc, row in rows.items() if any(words.casefold() in cell.casefold() for cell in row.values())]
    if not kept:
        st.info("No answer to these questions says that.")
        return
    st.caption(f"{len(kept)} of {len(results)} documents. Choose a cell to see its places.")
    doc, name = _chosen([{"document": doc} | rows[doc] for doc in kept], kept, {labels[name]: name for name in asked})
    _places(results[doc], answers[doc].get(name, []), labels[name])


def _checklist(results: Mapping[str, Result]) -> Checklist:
    """The checklist whose documents are shown: one table has one set of questions."""
    known = {result.review.checklist: result.checklist for result in results.values()}
    if len(known) == 1:
        return next(iter(known.values()))
    return known[st.selectbox("Checklist", list(known), key="table-checklist")]


def _answers(result: Result) -> Answers:
    """A document's answers as people left them, by question."""
    return by_question(state.decided(result), result.checklist)


def _cell(label: str, clauses: list[Clause] | None) -> str:
    return shorten(in_words(answer(label, clauses)), _LONGEST) if clauses else "not asked"


def _chosen(rows: Sequence[Mapping[str, Any]], docs: Sequence[str], names: Mapping[str, str]) -> tuple[str, str]:
    """The document and question of a cell, chosen in the table or in the lists under it."""
    event: Any = st.dataframe(
        list(rows),
        key=f"table-cells-{len(rows)}-{'-'.join(names)}",
        alt="The answers of all documents",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        height=_HEIGHT if len(rows) > 10 else "auto",
    )
    clicked = next(((row, column) for row, column in event.selection.cells if row < len(rows)), None)
    if clicked is not None and clicked != st.session_state.get("table-clicked"):
        st.session_state["table-doc"] = docs[clicked[0]]
        if clicked[1] in names:
            st.session_state["table-question"] = clicked[1]
    st.session_state["table-clicked"] = clicked
    for key, options in (("table-doc", list(docs)), ("table-question", list(names))):
        if st.session_state.get(key) not in options:
            st.session_state[key] = options[0]
    left, right = st.columns(2)
    doc = left.selectbox("Document", docs, key="table-doc")
    return doc, names[right.selectbox("Question", list(names), key="table-question")]


def _places(result: Result, clauses: list[Clause], label: str) -> None:
    """An answer's places, each with what stands around it."""
    placed = [(clause, citation) for clause in shown(clauses) for citation in clause.citations] if clauses else []
    if not placed:
        draw.words(_cell(label, clauses))
        return
    for number, (clause, citation) in enumerate(placed[:_PLACES]):
        said = f"{clause.value}, " if clause.value else ""
        draw.words(f"{said}{clause.status}, {draw.where(citation)}", kind="soft")
        draw.in_context(result.document, citation.span, label)
        draw.open_button(result.doc, citation.span, f"table-open-{number}")
    if len(placed) > _PLACES:
        draw.words(f"and {len(placed) - _PLACES} more places", kind="soft")
