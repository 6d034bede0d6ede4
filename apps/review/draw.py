"""How pages show what documents, people and models wrote: as the text that it is.

Streamlit reads labels, messages and table headers as Markdown. Words that are not ours therefore stand only in HTML
made here (escaped, of div, p, mark, strong and em alone), in cells, and in lists to choose from: these show text as it
is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from apps.review import state
from docreview._html import Safe, join, tag
from docreview.render import highlight
from docreview.render.page import place, shorten
from docreview.triage.results import Result
from docreview.types import Citation, Document, Span

AROUND: Final = 240
"""Characters shown on each side of a place."""
LONGEST: Final = 1_200
"""Characters of a place that are shown."""


def words(*parts: str, kind: str = "words") -> None:
    """A paragraph; parts that are not `Safe` are escaped."""
    st.html(tag("p", *parts, class_=f"dr-{kind}", dir="auto"))


def lines(texts: Iterable[str], kind: str = "words") -> None:
    """A paragraph for each text."""
    drawn = [tag("p", text, class_=f"dr-{kind}", dir="auto") for text in texts]
    if drawn:
        st.html(tag("div", *drawn))


def strong(text: str) -> Safe:
    """Words that stand out."""
    return tag("strong", text)


def plain(text: str) -> str:
    """Text as Markdown shows it letter for letter."""
    return "".join(c if c.isalnum() or c == " " else " " if c.isspace() else f"&#{ord(c)};" for c in text)


def problem(error: Exception | str) -> None:
    """What went wrong, and what to do."""
    st.html(tag("p", str(error), class_="dr-problem", role="alert"))


def where(citation: Citation) -> str:
    """The place for people: page, speaker and time, else characters."""
    said = place(citation.page, citation.speaker, citation.start_s)
    return said or f"characters {citation.span.start:,}-{citation.span.end:,}"


def in_context(document: Document, span: Span, label: str) -> None:
    """A place with what stands around it."""
    left, right = max(0, span.start - AROUND), min(len(document), span.end + AROUND)
    end = min(span.end, span.start + LONGEST)
    more = "…" if end < span.end else ""
    shown = document.text[left:end] + more + (document.text[span.end : right] if not more else "")
    marked = Safe(highlight(shown, [(span.start - left, end - left, label)], prefix="q"))
    st.html(tag("div", marked, class_="dr-quote"))


def quoted(citation: Citation) -> Safe:
    """A quote with its place, on one line."""
    return join(tag("em", where(citation)), " ", shorten(citation.quote, 400))


def open_button(doc: str | None, span: Span, key: str, label: str = "Open the place") -> None:
    """A button that leads to the place in Review."""
    if st.button(label, key=key, disabled=doc is None, type="tertiary"):
        assert doc is not None
        state.open_document(doc, span)


def pick_document(results: Mapping[str, Result], key: str, label: str = "Document") -> Result:
    """The document to show: the open one, until another is chosen, which is then the open one."""
    names = list(results)
    opened = state.document()
    at = names.index(opened) if opened is not None and opened in results else 0
    chosen = st.selectbox(label, names, index=at, key=key)
    if chosen not in results:  # it went away since
        return results[names[at]]
    if chosen != opened:
        state.set_document(chosen)
    return results[chosen]


def reviewed() -> Mapping[str, Result]:
    """The reviewed documents. Stops the page, and says what to do, when there are none."""
    found = state.results()
    if not found:
        st.info(
            "No document was reviewed yet. Add some on the Upload page, or run `docreview triage` into this folder."
        )
        st.stop()
    return found


def choose(rows: Sequence[Mapping[str, Any]], key: str, label: str, names: Sequence[str], **more: Any) -> int:
    """A table of at least one row and a list of the same, to choose one of them in either; gives its number."""
    event: Any = st.dataframe(
        list(rows),
        key=f"{key}-table",
        alt=label,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        **more,
    )
    clicked = next((row for row in event.selection.rows if row < len(rows)), None)
    if clicked is not None and clicked != st.session_state.get(f"{key}-clicked"):
        st.session_state[key] = clicked
    st.session_state[f"{key}-clicked"] = clicked
    if st.session_state.get(key, 0) >= len(rows):
        st.session_state[key] = 0
    chosen: int = st.selectbox(label, range(len(rows)), format_func=lambda row: f"{row + 1}. {names[row]}", key=key)
    return chosen
