"""Compare: two documents side by side, word by word; and the terms in force after amendments."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import streamlit as st

from apps.review import books, draw, state
from docreview import config
from docreview._json import digest
from docreview.compare import Comparison, Difference, compare
from docreview.compare.effective import Effective, Passage, effective
from docreview.compare.page import comparison_page
from docreview.compare.redline import redline
from docreview.compare.show import unread
from docreview.compare.show_effective import effective_page, lines
from docreview.errors import ReadError
from docreview.playbook import Playbook, Shifts, shifts
from docreview.playbook.shift import notes, summary
from docreview.read import read_trying
from docreview.render.page import shorten
from docreview.triage.names import safe_name
from docreview.triage.results import Result
from docreview.types import Document, Review, Span

FILE: Final = "A file from this computer …"
_HEIGHT: Final = 720
_ROWS: Final = 2_000
"""Differences in the list; the page and the redline hold all."""
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def page() -> None:
    """Draw the page."""
    st.title("Compare")
    results = state.results()
    what = st.radio("Show", ["Two documents", "Terms in force"], horizontal=True, key="compare-what")
    if what == "Two documents":
        _two(results)
    else:
        _terms(results)


def _two(results: Mapping[str, Result]) -> None:
    names = [*results, FILE]
    left, right = st.columns(2)
    with left:
        old = _side(results, names, "old", "The document as it was", state.document())
    with right:
        new = _side(results, names, "new", "The document as it is", None)
    if old is None or new is None:
        st.info("Choose two documents, or files from this computer. Both are read on this machine.")
        return
    if old.id == new.id:
        st.info("This is the same file on both sides. Choose another one on one of them.")
        return
    comparison = _compared(old.id, new.id, old, new)
    for line in unread(comparison):
        draw.problem(line)
    book = books.pick("compare-book", optional=True)
    judged = _judged(comparison, book, results) if book else None
    kinds = _kinds(comparison)
    key = comparison.old.id, comparison.new.id, digest(judged)
    _downloads(key, comparison, judged)
    if not comparison.counts():
        st.success("No differences: the two say the same, word for word.")
        return
    if judged:
        counts, *clauses = summary(judged)
        draw.words(draw.strong(counts))
        with st.expander(f"Where the two documents stand on {len(clauses)} clauses", key="compare-stands"):
            draw.lines(clauses)
    html = _page(key, tuple(kinds), comparison, judged)
    st.iframe(html, height=_HEIGHT, alt="The two documents side by side")
    _list(comparison, kinds, results, judged)


def _judged(comparison: Comparison, book: Playbook, results: Mapping[str, Result]) -> Shifts:
    old, new = (_review(document, book, results) for document in (comparison.old, comparison.new))
    key = (digest(book), *(part for r in (old, new) for part in (r.doc_id, r.run_id, digest(r.decisions))))
    return _shifts(key, comparison, old, new, book)


def _review(document: Document, book: Playbook, results: Mapping[str, Result]) -> Review:
    """What was decided about it, if it was asked the playbook's questions; else a review that asks them."""
    for result in results.values():
        if result.document.id == document.id and result.review.checklist == book.checklist:
            return state.decided(result)
    return books.examined(document.id, book.checklist, document)


@st.cache_resource(max_entries=16, show_spinner="Holding both against the playbook")
def _shifts(key: tuple[str, ...], _c: Comparison, _old: Review, _new: Review, _book: Playbook) -> Shifts:  # noqa: ARG001
    return shifts(_c, _old, _new, _book)


def _side(results: Mapping[str, Result], names: list[str], key: str, label: str, opened: str | None) -> Document | None:
    at = names.index(opened) if opened is not None and opened in results else None
    chosen = st.selectbox(label, names, index=at, key=f"compare-{key}", placeholder="Choose a document")
    if chosen is None:
        return None
    if chosen != FILE:
        return results[chosen].document
    file = st.file_uploader("A contract, letter or transcript", key=f"compare-{key}-file")
    if file is None:
        return None
    data = file.getvalue()
    try:
        return _read(hashlib.sha256(data).hexdigest(), file.name, data)
    except ReadError as error:
        draw.problem(error)
        return None


@st.cache_resource(max_entries=8, show_spinner="Reading")
def _read(sha: str, name: str, _data: bytes) -> Document:  # noqa: ARG001 - the key
    """A document that is only looked at: it is read from a file that is deleted at once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, safe_name(Path(name).stem) + Path(safe_name(name)).suffix)
        file.write_bytes(_data)
        return read_trying(file, (), settings=config.load())


@st.cache_resource(max_entries=16, show_spinner="Comparing")
def _compared(old_id: str, new_id: str, _old: Document, _new: Document) -> Comparison:  # noqa: ARG001 - the key
    return compare(_old, _new)


@st.cache_data(max_entries=16, show_spinner=False)
def _page(key: tuple[str, ...], kinds: tuple[str, ...], _c: Comparison, _judged: Shifts | None) -> str:  # noqa: ARG001
    told = list(summary(_judged)) if _judged else []
    return comparison_page(_c, notes(_c, _judged) if _judged else {}, summary=told, kinds=kinds)


@st.cache_data(max_entries=8, show_spinner=False)
def _redline(key: tuple[str, ...], _c: Comparison, _judged: Shifts | None) -> bytes:  # noqa: ARG001
    return redline(_c, notes(_c, _judged) if _judged else {})


def _kinds(comparison: Comparison) -> list[str]:
    counts = comparison.counts()
    return st.multiselect(
        "Kinds of difference",
        list(counts),
        default=list(counts),
        format_func=lambda kind: f"{kind} ({counts[kind]})",
        key=f"compare-kinds-{comparison.old.id}-{comparison.new.id}",
        help="Clauses without a difference of these kinds are folded away.",
    )


def _downloads(key: tuple[str, ...], comparison: Comparison, judged: Shifts | None) -> None:
    word, html, _ = st.columns([2, 2, 3])
    stem = f"{_stem(comparison.old)} to {_stem(comparison.new)}"
    word.download_button(
        "Redline (DOCX, tracked changes)",
        _redline(key, comparison, judged),
        f"{stem}.docx",
        _DOCX,
        key="compare-docx",
        on_click="ignore",
    )
    html.download_button(
        "Side by side (HTML)",
        _page(key, tuple(comparison.counts()), comparison, judged),
        f"{stem}.html",
        "text/html",
        key="compare-html",
        on_click="ignore",
    )


def _stem(document: Document) -> str:
    return safe_name(Path(document.source.path).stem)[:60]


def _list(comparison: Comparison, kinds: list[str], results: Mapping[str, Result], judged: Shifts | None) -> None:
    """Every difference in a row, and the way to its places."""
    found = [(pair, each) for pair in comparison.pairs for each in pair.differences if each.kind in kinds][:_ROWS]
    if not found:
        return
    said = notes(comparison, judged) if judged else {}
    rows = []
    for pair, each in found:
        piece = pair.new or pair.old
        row = {
            "kind": each.kind,
            "clause": piece.name if piece else "",
            "was": _words(comparison.old, each.old),
            "is": _words(comparison.new, each.new),
        }
        rows.append(row | ({"playbook": "; ".join(n.text for n in said.get(each, ()))} if judged else {}))
    names = [shorten(f"{row['kind']}, {row['clause']}: {row['was']} → {row['is']}", 110) for row in rows]
    at = draw.choose(rows, "compare-difference", "Difference", names)
    _places(comparison, found[at][1], results)


def _words(document: Document, span: Span | None) -> str:
    return shorten(document[span], 160) if span else ""


def _places(comparison: Comparison, difference: Difference, results: Mapping[str, Result]) -> None:
    sides = ((comparison.old, difference.old, "old"), (comparison.new, difference.new, "new"))
    for column, (document, span, side) in zip(st.columns(2), sides, strict=True):
        with column:
            if span is None:
                draw.words("nothing stands here", kind="soft")
                continue
            draw.in_context(document, span, difference.kind)
            doc = next((name for name, result in results.items() if result.document.id == document.id), None)
            draw.open_button(doc, span, f"compare-open-{side}")


def _terms(results: Mapping[str, Result]) -> None:
    """A contract with its amendments applied."""
    if len(results) < 2:
        st.info("This needs a contract and its amendments among the documents. Add them on the Upload page.")
        return
    names = list(results)
    opened = state.document()
    at = names.index(opened) if opened is not None and opened in results else 0
    master = st.selectbox("The contract", names, index=at, key="terms-master")
    others = [name for name in names if name != master]
    chosen = st.multiselect("Its amendments, the oldest first", others, key="terms-amendments")
    if not chosen:
        st.info("Choose the amendments in the order in which they were signed.")
        return
    documents = [results[name].document for name in (master, *chosen)]
    terms = _effective(tuple(document.id for document in documents), documents)
    summary, *rest = lines(terms)
    draw.words(draw.strong(summary))
    for number, passage in enumerate(terms.unapplied):
        _unapplied(terms, passage, (master, *chosen)[passage.source], f"terms-open-{number}")
    draw.lines(line for line in rest if not line.startswith("NOT APPLIED"))
    html = effective_page(terms)
    text, as_page, _ = st.columns([2, 2, 3])
    stem = f"{_stem(documents[0])} as amended"
    text.download_button("Text", terms.text, f"{stem}.txt", "text/plain", key="terms-text", on_click="ignore")
    as_page.download_button("Page (HTML)", html, f"{stem}.html", "text/html", key="terms-html", on_click="ignore")
    st.iframe(html, height=_HEIGHT, alt="The terms in force")


@st.cache_resource(max_entries=8, show_spinner="Applying the amendments")
def _effective(ids: tuple[str, ...], _documents: list[Document]) -> Effective:  # noqa: ARG001 - the key
    return effective(_documents[0], _documents[1:])


def _unapplied(terms: Effective, passage: Passage, doc: str, key: str) -> None:
    """A passage that a person must apply."""
    draw.problem(f"Not applied, {passage.reason}: “{shorten(terms.documents[passage.source][passage.span], 300)}”")
    draw.open_button(doc, passage.span, key)
