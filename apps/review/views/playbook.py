"""Playbook: where a document departs from acceptable positions, with the words that show it and what to propose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, cast

import streamlit as st

from apps.review import books, draw, state
from docreview._json import digest
from docreview.playbook import GRAVEST_FIRST, Checked, Mode, Playbook, check
from docreview.triage.results import Result
from docreview.types import Review

_PLACES: Final = 3
"""Places of a clause that are shown."""
_WORDS: Final = {name: name.replace("_", " ") for name in GRAVEST_FIRST}


def page() -> None:
    """Draw the page."""
    st.title("Playbook")
    results = draw.reviewed()
    book = books.pick("playbook")
    if book is None:
        return
    mode, view = _mode(), st.radio("Show", ["One document", "All documents"], horizontal=True, key="playbook-view")
    if view == "All documents":
        _matrix(results, book, mode)
        return
    result = draw.pick_document(results, "playbook-doc")
    review = _review_for(result, book)
    if review is not None:
        _deviations(result, review, book, mode)


def _mode() -> Mode:
    asked = st.radio(
        "How strict",
        ["strict", "permissive"],
        horizontal=True,
        key="playbook-mode",
        help="strict: every place must be acceptable. permissive: one acceptable place is enough.",
    )
    return cast("Mode", asked)


def _review_for(result: Result, book: Playbook) -> Review | None:
    """The document's review, or one with the playbook's checklist; None when a person must ask for that first."""
    if result.review.checklist == book.checklist:
        return state.decided(result)
    key = f"playbook-again-{result.document.id}-{book.checklist}"
    st.info(
        f"This document was reviewed with the checklist “{result.review.checklist}”; this playbook asks the questions "
        f"of “{book.checklist}”. Without them most clauses would be “not read”."
    )
    if st.button(f"Ask the questions of “{book.checklist}” now", key=f"{key}-button"):
        st.session_state[key] = True
    if not st.session_state.get(key):
        return None
    return books.examined(result.document.id, book.checklist, result.document)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _checked(key: tuple[Any, ...], _result: Result, _review: Review, _book: Playbook) -> tuple[Checked, ...]:
    return check(_result.document, _review, _book, key[-1])


def _check(result: Result, review: Review, book: Playbook, mode: Mode) -> tuple[Checked, ...]:
    key = (result.document.id, review.run_id, digest(review.decisions), digest(book), mode)
    return _checked(key, result, review, book)


def _deviations(result: Result, review: Review, book: Playbook, mode: Mode) -> None:
    checked = sorted(_check(result, review, book, mode), key=lambda each: GRAVEST_FIRST.index(each.judgement))
    counts = Counter(each.judgement for each in checked)
    here = [name for name in GRAVEST_FIRST if counts[name]]
    wanted = st.multiselect(
        "Verdicts",
        here,
        default=[name for name in here if name not in ("acceptable", "not_covered")],
        format_func=lambda name: f"{_WORDS[name]} ({counts[name]})",
        key=f"playbook-verdicts-{book.name}-{mode}-{result.document.id}",
    )
    shown = [each for each in checked if each.judgement in wanted]
    if not shown:
        st.info("No clause with these verdicts. Choose others above.")
    why = {rule.id: rule.why for rule in book.clause}
    for number, each in enumerate(shown):
        with st.container(border=True):
            _clause(result, each, why.get(each.clause, ""), f"playbook-{number}-{each.clause}")


def _clause(result: Result, each: Checked, why: str, key: str) -> None:
    severity = f" ({each.finding.severity})" if each.judgement in ("unacceptable", "missing") else ""
    draw.words(draw.strong(f"{_WORDS[each.judgement]}{severity}: {each.title}"))
    draw.words(each.finding.message)
    if why and each.judgement not in ("acceptable", "not_covered"):
        draw.words(f"Why it matters: {why}", kind="soft")
    for number, citation in enumerate(each.finding.citations[:_PLACES]):
        draw.words(draw.quoted(citation))
        draw.open_button(result.doc, citation.span, f"{key}-open-{number}")
    if len(each.finding.citations) > _PLACES:
        draw.words(f"and {len(each.finding.citations) - _PLACES} more places", kind="soft")
    if each.fallback:
        st.caption("Text to propose instead")
        st.code(each.fallback, language=None, wrap_lines=True)


def _matrix(results: Mapping[str, Result], book: Playbook, mode: Mode) -> None:
    """A row for each document, a column for each clause of the playbook."""
    fitting = [result for result in results.values() if result.review.checklist == book.checklist]
    if others := len(results) - len(fitting):
        st.info(
            f"{others} of {len(results)} documents were reviewed with another checklist than “{book.checklist}” and "
            "are not in this table. Open one under “One document” to ask these questions of it."
        )
    if not fitting:
        return
    bar = st.progress(0.0, text="Checking")
    rows = []
    for number, result in enumerate(fitting, 1):
        rows.append(_row(result, book, mode))
        bar.progress(number / len(fitting), text="Checking")
    bar.empty()
    rows.sort(key=lambda row: tuple(-row[name] for name in ("unacceptable", "missing", "needs review")))
    at = draw.choose(rows, "playbook-matrix", "Document to open", [row["document"] for row in rows])
    st.button("Show its deviations", key="playbook-matrix-open", on_click=_show, args=(rows[at]["document"],))


def _show(doc: str) -> None:
    st.session_state.update({"playbook-view": "One document", "playbook-doc": doc})


def _row(result: Result, book: Playbook, mode: Mode) -> dict[str, Any]:
    checked = _check(result, state.decided(result), book, mode)
    counts = Counter(each.judgement for each in checked)
    row: dict[str, Any] = {"document": result.doc}
    row |= {_WORDS[name]: counts[name] for name in ("unacceptable", "missing", "needs_review")}
    return row | {each.title: _WORDS[each.judgement] for each in checked if each.judgement != "not_covered"}
