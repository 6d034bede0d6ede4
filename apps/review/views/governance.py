"""Governance: the audit log and its proof, what redaction takes out, what text costs in tokens, what people did."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st

from apps.review import draw, state
from docreview._html import Safe, tag
from docreview.decisions import FILE
from docreview.errors import AuditError, DocreviewError
from docreview.evaluate.kpi import kpi, report
from docreview.evaluate.overhead import Text, label_of, measure, parts_of
from docreview.evaluate.overhead_report import rows_of
from docreview.governance.audit import checkpoint, show, verify
from docreview.governance.audit.show import payloads
from docreview.governance.names import recogniser
from docreview.governance.pii import LABELS, Redacted, find_pii, redact
from docreview.governance.pii.gates import RedactionPolicy
from docreview.models.profiles import profile_named
from docreview.render import highlight
from docreview.tokens import load_counter
from docreview.triage.results import Result
from docreview.types import Document, Span

_EVENTS: Final = 500
"""Events shown: the last ones."""
_WINDOW: Final = 6_000
"""Characters of a document on one page of the redaction preview."""
_PROFILE: Final = "LFM2.5-8B-A1B"


def page() -> None:
    """Draw the page."""
    st.title("Governance")
    parts = {"Audit log": _audit, "Redaction": _redaction, "Tokens": _tokens, "People": _people}
    chosen = st.radio("Show", list(parts), horizontal=True, key="governance-part")
    parts[chosen]()


def _audit() -> None:
    """The log's events, and whether it is what was written."""
    place = state.options().audit
    if not place:
        st.info("No audit log is kept. Start the app with one: `docreview app OUT --audit FOLDER`.")
        return
    log = Path(place)
    if not (log / "log.json").is_file():
        st.info("The audit log has no events yet. Decisions and questions are logged from now on.")
        return
    changed = _changed(log)
    _verdict(_verified(str(log), changed))
    _checkpoints(log)
    _events(log, changed)


def _changed(log: Path) -> state.Stamp:
    """When something was written to the log last."""
    return max(state.stamp(file) for file in (log / "log.json", *log.glob("segments/*")))


@st.cache_data(max_entries=4, show_spinner="Checking the log")
def _verified(log: str, changed: state.Stamp) -> dict[str, Any]:  # noqa: ARG001 - the key
    return verify(log)


def _verdict(found: Mapping[str, Any]) -> None:
    if found["intact"]:
        told = found["payloads"]
        st.success(
            f"The log is intact: {found['records']:,} events, {told['present']:,} payloads, {told['deleted']:,} gone."
        )
        if not found["checkpoints"]:
            st.caption("Without a checkpoint kept elsewhere, a cut end or a log written anew can't be seen.")
        return
    draw.problem(f"The log is NOT intact. {found['fault']}. Keep a copy of it as it is, and ask who can write there.")


def _checkpoints(log: Path) -> None:
    """Sign one, or check the log against one that was kept elsewhere."""
    with st.expander("Checkpoints"):
        if st.button("Sign a checkpoint", key="audit-sign", help="Keep it where the log's keeper can't change it."):
            try:
                st.session_state["audit-note"] = checkpoint(log)
            except AuditError as error:
                draw.problem(error)
        if note := st.session_state.get("audit-note"):
            st.code(note, language=None)
            st.download_button("Save it", note, "checkpoint.txt", key="audit-note-save", on_click="ignore")
        given = st.file_uploader("Check against a checkpoint that was kept elsewhere", key="audit-note-given")
        if given is not None:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder, "checkpoint.txt")
                file.write_bytes(given.getvalue())
                _verdict(verify(log, checkpoints=[file]))


@st.cache_data(max_entries=2, show_spinner="Reading the log")
def _listed(log: str, changed: state.Stamp) -> list[dict[str, Any]]:  # noqa: ARG001 - the key
    return [
        {
            "event": event.seq,
            "at": event.at,
            "kind": event.kind,
            "actor": event.actor,
            "run": event.run_id,
            "data": json.dumps({key: value for key, value in event.data.items() if key != "commitment"}),
        }
        for event in show(log)
    ]


def _events(log: Path, changed: state.Stamp) -> None:
    try:
        rows = _listed(str(log), changed)
    except AuditError as error:
        draw.problem(error)
        return
    counts = Counter(row["kind"] for row in rows)
    left, right = st.columns(2)
    kind = left.selectbox("Kind of event", ["all", *sorted(counts)], key="audit-kind")
    run = right.text_input("Run", key="audit-run", placeholder="its first characters").strip()
    fitting = [row for row in rows if kind in ("all", row["kind"]) and row["run"].startswith(run)]
    shown = fitting[-_EVENTS:][::-1]
    st.caption(f"{len(fitting):,} of {len(rows):,} events, the newest first; the last {_EVENTS} are shown.")
    if not shown:
        return
    at = draw.choose(shown, "audit-event", "Event", [f"{row['event']} {row['kind']} {row['at']}" for row in shown])
    number = shown[at]["event"]
    if st.button("Open its payload", key="audit-payload", help="What the line only commits to; it may hold names."):
        _payload(log, number)


def _payload(log: Path, number: int) -> None:
    try:
        found = [payload for _, _, payload in payloads(log, lambda seq: seq == number)]
    except AuditError as error:
        draw.problem(error)
        return
    if found:
        st.code(json.dumps(found[0], indent=1, ensure_ascii=False), language=None, wrap_lines=True)
    else:
        st.info("This event has no payload, or it was deleted as the retention policy says.")


def _redaction() -> None:
    """What would be taken out of a document, side by side."""
    result = draw.pick_document(draw.reviewed(), "redaction-doc")
    policy = RedactionPolicy.load()
    gates = ", ".join(policy.gates) or "none"
    st.caption(f"A preview: nothing is changed. The policy takes personal data out at these gates: {gates}.")
    one, two, three = st.columns([4, 2, 2], vertical_alignment="bottom")
    kinds = one.multiselect("Kinds", LABELS, default=sorted(policy.kinds), key="redaction-kinds")
    names = two.selectbox(
        "Names in running text", ["rules", "small"], key="redaction-names", help="small: the model that ships with it"
    )
    dates = three.checkbox("Every date", policy.all_dates, key="redaction-dates")
    if not kinds:
        st.info("Choose at least one kind.")
        return
    try:
        done = _redacted((result.document.id, tuple(sorted(kinds)), names, dates), result.document)
    except DocreviewError as error:
        draw.problem(error)
        return
    counts = Counter(each.label for each in done.replacements)
    st.caption(", ".join(f"{count} {label}" for label, count in counts.most_common()) or "Nothing was found.")
    st.download_button("The redacted text", done.text, "redacted.txt", key="redaction-save", on_click="ignore")
    _side_by_side(result, done)


@st.cache_resource(max_entries=16, show_spinner="Looking for personal data")
def _redacted(key: tuple[str, tuple[str, ...], str, bool], _document: Document) -> Redacted:
    _, kinds, names, dates = key
    return redact(_document.text, find=partial(find_pii, kinds=kinds, all_dates=dates, names=recogniser(names)))


def _side_by_side(result: Result, done: Redacted) -> None:
    document = result.document
    pages = max(1, -(-len(document) // _WINDOW))
    number = st.number_input(f"Part of {pages}", 1, pages, key=f"redaction-part-{document.id}") if pages > 1 else 1
    start = (number - 1) * _WINDOW
    here = Span(start, max(start + 1, min(start + _WINDOW, len(document))))
    there = done.to_redacted(here)
    before = [(r.original, r.label) for r in done.replacements]
    after = [(r.redacted, r.label) for r in done.replacements]
    left, right = st.columns(2)
    with left:
        st.caption("As it is")
        _side(document.text, here, before)
    with right:
        st.caption("As it would leave")
        _side(done.text, there, after)


def _side(text: str, window: Span, marks: list[tuple[Span, str]]) -> None:
    inside = [
        (max(span.start, window.start) - window.start, min(span.end, window.end) - window.start, label)
        for span, label in marks
        if span.overlaps(window)
    ]
    st.html(tag("div", Safe(highlight(text[window.start : window.end], inside)), class_="dr-side"))


def _tokens() -> None:
    """What the open document costs in tokens."""
    result = draw.pick_document(draw.reviewed(), "tokens-doc")
    given = st.text_input(
        "A further tokenizer on this machine",
        key="tokens-place",
        placeholder="/models/LFM2.5-8B-A1B/tokenizer.json, a GGUF or SentencePiece file, or a folder with one",
    ).strip()
    try:
        rows, whole = _measured((result.document.id, given), result.document)
    except (DocreviewError, OSError) as error:
        draw.problem(error)
        return
    told = [{"text": row["name"], "tokenizer": row["tokenizer"], **{k: row[k] for k in _FIGURES}} for row in whole]
    st.dataframe(told, hide_index=True, key="tokens-table", alt="Tokens of the whole document")
    st.caption(f"Window and share are those of {_PROFILE}. Below: tokens for a character in each part of it.")
    chart = [
        {
            "part": f"{i + 1}. {row['name']}"[:60],
            "tokens per character": row["tokens_per_character"],
            "by": row["tokenizer"],
        }
        for i, row in enumerate(rows)
    ]
    st.bar_chart(chart, x="part", y="tokens per character", color="by", horizontal=True, sort=False, stack=False)


_FIGURES: Final = (
    "characters",
    "tokens",
    "tokens_per_character",
    "tokens_per_word",
    "document_tokens",
    "window",
    "window_share",
)


@st.cache_data(max_entries=16, show_spinner="Counting tokens")
def _measured(key: tuple[str, str], _document: Document) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The figures of each part, and of the whole."""
    counters = {"minilm": load_counter()}
    if key[1]:
        name, place = label_of(key[1])
        counters[name] = load_counter(place)
    profile, parts = profile_named(_PROFILE), parts_of(_document)
    whole = Text(name="the whole document", language=parts[0].language if parts else "und", text=_document.text)
    return rows_of(measure(parts, counters), profile), rows_of(measure([whole], counters), profile)


def _people() -> None:
    """Minutes for each document against what they took before, edits, and how far reviewers agree."""
    draw.reviewed()
    out, log = state.out(), state.options().audit
    baseline = st.number_input(
        "Minutes that a document took before", min_value=0.0, value=0.0, step=5.0, key="people-baseline"
    )
    log = log if log and (Path(log) / "log.json").is_file() else ""
    stamps = (state.stamp(out / "documents.jsonl"), state.stamp(out / FILE), _changed(Path(log)) if log else (0, 0))
    try:
        figures = _figures(str(out), log, stamps, baseline)
    except DocreviewError as error:
        draw.problem(error)
        return
    people = figures["people"]
    told = {
        "Documents decided on": people["documents"],
        "Minutes per document": people["minutes_per_document"],
        "Change, percent": people["change_percent"],
        "Edits per document": people["edits_per_document"],
        "Reviewers": people["reviewers"],
        "Same verdict": people["agreement"]["same"],
        "Cohen's kappa": people["agreement"]["cohen_kappa"],
    }
    for column, (label, value) in zip(st.columns(4) + st.columns(4), told.items(), strict=False):
        column.metric(label, "not known" if value is None else f"{value:.3g}")
    if not people["documents"]:
        st.info("Nobody has decided on anything here yet. Figures come from decisions made on the Review page.")
    st.caption(f"The usual aim of a pilot is {people['target_percent']:.0f} % against the minutes before.")
    with st.expander("All figures"):
        st.code(report(figures), language=None)


@st.cache_data(max_entries=8, show_spinner="Adding up")
def _figures(out: str, log: str, stamps: tuple[state.Stamp, ...], baseline: float) -> dict[str, Any]:  # noqa: ARG001
    return kpi([Path(out)], Path(log) if log else None, baseline=baseline or None)
