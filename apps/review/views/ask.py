"""Ask: a question, the answer in proven sentences, and the way to each place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import streamlit as st

from apps.review import draw, state
from apps.review.asking import Asking
from docreview.ask import Answer, Cited, Conversation
from docreview.ask.material import Target
from docreview.errors import DocreviewError
from docreview.models import ChatModel
from docreview.readers.load import load_model
from docreview.search import Library, gather
from docreview.triage.inputs import WORK
from docreview.triage.results import Result

ONE: Final = "One document"
ALL: Final = "All documents of the folder"
LIBRARY: Final = "The library"
_LIVE: Final = 0.4
"""Seconds between looks at what a model wrote."""


@dataclass(frozen=True)
class Speaker:
    """A language model, and whose turn it is to ask it."""

    model: ChatModel
    turn: Lock


def page() -> None:
    """Draw the page."""
    st.title("Ask")
    results = state.results()
    speaker = _speaker()
    conversation = _conversation(results, speaker)
    asking: Asking | None = st.session_state.get("ask-now")
    for number, answer in enumerate(conversation.answers):
        _answer(answer, number, results)
    if (error := st.session_state.pop("ask-error", None)) is not None:
        draw.problem(error)
    if asking is not None:
        _live(asking)
    elif not conversation.answers:
        st.info("Ask in your own words: “Who may terminate, and when?”, “What is the cap on liability?”")
    question = st.chat_input("Your question", key="ask-question", disabled=asking is not None)
    if question and question.strip():
        _put(conversation, question, speaker)
        st.rerun()


def _speaker() -> Speaker | None:
    """The language model that the app was started with, if any."""
    name = state.options().model
    if not name:
        st.caption(
            "No language model: answers are the documents' own sentences. `docreview app OUT --model NAME` adds one."
        )
        return None
    try:
        return _loaded(name)
    except DocreviewError as error:
        draw.problem(error)
        st.caption("Until then answers are the documents' own sentences.")
        return None


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def _loaded(name: str) -> Speaker:
    return Speaker(load_model(name), Lock())


def _conversation(results: Mapping[str, Result], speaker: Speaker | None) -> Conversation:
    """The conversation about what was chosen; each document and library has its own."""
    choices = [ONE, ALL] if results else []
    choices += [LIBRARY] if state.library() else []
    if not choices:
        st.info("There is nothing to ask yet. Add documents on the Upload page, or start the app with a library.")
        st.stop()
    about = st.radio("About", choices, horizontal=True, key="ask-about")
    try:
        key, target = _target(about, results)
        talks: dict[tuple[str, ...], Conversation] = st.session_state.setdefault("ask-talks", {})
        name = (about, key, speaker.model.name if speaker else "")
        if name not in talks:
            talks[name] = Conversation(target, model=speaker.model if speaker else None, log=state.audit_log())
    except DocreviewError as error:
        draw.problem(error)
        st.stop()
    return talks[name]


def _target(about: str, results: Mapping[str, Result]) -> tuple[str, Target]:
    if about == ONE:
        result = draw.pick_document(results, "ask-doc")
        return f"{result.doc} {result.document.id}", result.document
    if about == ALL:
        folder = state.out()
        stamp = state.stamp(folder / "documents.jsonl")
        return str(stamp), _gathered(str(folder), stamp, results)
    library = state.library()
    assert library is not None
    stamp = state.stamp(library / "library.json")
    return str(stamp), _opened(str(library), stamp)


@st.cache_resource(max_entries=2, show_spinner="Making the documents searchable")
def _gathered(folder: str, stamp: state.Stamp, _results: Mapping[str, Result]) -> Library:  # noqa: ARG001 - the key
    place = Path(folder, WORK, "library")
    gather({name: result.document for name, result in _results.items()}, place)
    return Library.open(place)


@st.cache_resource(max_entries=2, show_spinner="Opening the library")
def _opened(folder: str, stamp: state.Stamp) -> Library:  # noqa: ARG001 - the key
    return Library.open(folder)


def _put(conversation: Conversation, question: str, speaker: Speaker | None) -> None:
    """Ask: a model in the background, the embedded reader at once."""
    if speaker is not None:
        for other in st.session_state["ask-talks"].values():
            if other is not conversation:
                other.close()  # what a model computed of a document is large: one at a time is kept
        st.session_state["ask-now"] = Asking(question, conversation, speaker.turn).start()
        return
    with st.spinner("Reading"):
        try:
            conversation.ask(question)
        except DocreviewError as error:
            st.session_state["ask-error"] = error


@st.fragment(run_every=_LIVE)
def _live(asking: Asking) -> None:
    """What the model writes, until it has finished."""
    with st.chat_message("user"):
        draw.words(asking.question)
    with st.chat_message("assistant"):
        if asking.running:
            draw.words("Not proven yet:", kind="soft")
            draw.words(asking.text or "…", kind="soft")
            if st.button("Stop", key="ask-stop"):
                asking.stop()
            return
        if asking.error is not None:
            draw.problem(asking.error)
            if not st.button("Go on", key="ask-go-on"):
                return
    st.session_state.pop("ask-now", None)
    st.rerun()


def _answer(answer: Answer, number: int, results: Mapping[str, Result]) -> None:
    """One question and what came of it; a model's words are shown as text, without links or pictures."""
    with st.chat_message("user"):
        draw.words(answer.question)
    with st.chat_message("assistant"):
        for i, sentence in enumerate(answer.sentences):
            draw.words(f"{i + 1}. {sentence.text}")
            for j, cited in enumerate(sentence.cited):
                _place(cited, results, f"ask-{number}-{i}-{j}", quoted=not answer.extractive)
        if not answer.sentences:
            _nothing(answer)
        if answer.note:
            draw.words(f"Note: {answer.note}.", kind="soft")
        for item in answer.unproven:
            draw.problem(f"Not proven, not an answer: “{item.text}” {item.problem}")
        for i, cited in enumerate(answer.closest):
            if not i:
                draw.words("Close, but not an answer:", kind="soft")
            _place(cited, results, f"ask-{number}-close-{i}", quoted=True)
        how = "the documents' own sentences, no language model" if answer.extractive else answer.via
        draw.words(f"Looked at {answer.searched}. {answer.reader} ({how}).", kind="soft")


def _nothing(answer: Answer) -> None:
    """Only when all was read is it not found."""
    if answer.searched.complete:
        draw.words(draw.strong("Not found."), f" All of it was read. {answer.reason}.")
    else:
        draw.words(draw.strong("No answer."), f" Not all of it was read, so it may be there. {answer.reason}.")


def _place(cited: Cited, results: Mapping[str, Result], key: str, *, quoted: bool) -> None:
    citation = cited.citation
    draw.words(cited.where or cited.document, kind="soft")
    if quoted:
        draw.words(f"“{' '.join(citation.quote.split())}”")
    doc = next((name for name, result in results.items() if result.document.id == citation.doc_id), None)
    if doc is None:
        draw.words("This document is not in the folder of results, so it can't be opened in Review.", kind="soft")
        return
    draw.open_button(doc, citation.span, key)
