"""What the pages share: the folder, the person, the document that is open, and values read once and kept.

Nothing is computed here. A page asks for what it shows, and the library reads it when the files have changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from docreview.app.options import Options
from docreview.errors import DocreviewError
from docreview.triage.results import Result
from docreview.triage.results import results as read_results
from docreview.types import Review, Span

if TYPE_CHECKING:
    from docreview.decisions import Decisions, Entry
    from docreview.governance.audit import AuditLog

Stamp = tuple[int, int]


def options() -> Options:
    """What the app was started with."""
    return Options.from_environment()


def out() -> Path:
    """The folder of results. Stops the page, and says what to do, when the app was started with a library alone."""
    if not options().out:
        st.warning("This page is about a folder of results. Start the app with one: `docreview app OUT`.")
        st.stop()
    return Path(options().out)


def library() -> Path | None:
    """The folder of the search index, if one was given."""
    return Path(options().library) if options().library else None


def reviewer() -> str:
    """The name of the person at the screen; empty until they have said it."""
    return str(st.session_state.get("reviewer", options().reviewer)).strip()


def require_reviewer() -> str:
    """The person's name. Stops the page when there is none: a decision has somebody who made it."""
    if not reviewer():
        st.warning("Type your name above first: each decision keeps the name of the person who made it.")
        st.stop()
    return reviewer()


def audit_log() -> AuditLog | None:
    """The audit log, if one is kept."""
    return _audit_log(options().audit) if options().audit else None


def results() -> Mapping[str, Result]:
    """Each reviewed document by its name, in the order of the run; empty when there are none yet."""
    folder = out()
    try:
        return _results(str(folder), stamp(folder / "documents.jsonl"), options().checklist)
    except DocreviewError as error:
        st.error(str(error))
        st.stop()


def decisions() -> Decisions:
    """What people decided in this folder, to read and to add to. One for all sessions: it reads what was added only."""
    return _decisions(str(out()), options().audit)


def document() -> str | None:
    """The name of the document that is open; the address holds it, so a reload or a link opens it again."""
    return st.query_params.get("doc") or st.session_state.get("doc")


def place() -> Span | None:
    """The place in the open document that somebody asked to see, if any."""
    found: Span | None = st.session_state.get("place")
    return found


def set_document(doc: str, span: Span | None = None) -> None:
    """Make a document the open one, without leaving the page."""
    st.session_state.update(doc=doc, place=span)
    if st.query_params.get("doc") != doc:
        st.query_params["doc"] = doc


def open_document(doc: str, span: Span | None = None) -> None:
    """Go to the Review page, at a document and a place in it. Call it in the page, not in a callback."""
    set_document(doc, span)
    review = st.session_state.get("_pages", {}).get("review")
    if review is None:  # the page runs alone
        st.rerun()
    st.switch_page(review, query_params={"doc": doc})


def stamp(file: Path) -> Stamp:
    """When a file was last changed (ns) and its size: what a kept value is keyed by. Zeros when there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


@st.cache_resource(max_entries=2, show_spinner="Reading the results …")
def _results(folder: str, changed: Stamp, checklist: str) -> Mapping[str, Result]:
    if changed == (0, 0):
        return {}
    return {each.doc: each for each in read_results(Path(folder), checklist=checklist or None)}


@st.cache_resource(max_entries=2, show_spinner=False)
def _decisions(folder: str, audit: str) -> Decisions:
    from docreview.decisions import Decisions

    return Decisions(Path(folder), log=_audit_log(audit) if audit else None)


@st.cache_resource(max_entries=1, show_spinner=False)
def _audit_log(folder: str) -> AuditLog:
    from docreview.governance.audit import AuditLog
    from docreview.governance.pii.gates import audit_gate

    return AuditLog(folder, gate=audit_gate())


def registered(pages: Mapping[str, Any]) -> None:
    """Remember the pages of the navigation, so that one can lead to another."""
    st.session_state["_pages"] = dict(pages)


def decided(result: Result) -> Review:
    """A document's review as people left it: with their decisions."""
    entries = decisions().entries(result.doc)
    last = entries[-1].seq if entries else 0
    return _decided((str(out()), result.doc, result.document.id, result.review.run_id, last), result, entries)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _decided(key: tuple[str | int, ...], _result: Result, _entries: list[Entry]) -> Review:  # noqa: ARG001 - the key
    from docreview.decisions import apply

    return apply(_result.review, _entries, _result.document)
