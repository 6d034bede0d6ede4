"""Upload: files are checked, kept in the folder under safe names, read and reviewed; a bad one stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st

from apps.review import draw, state
from docreview import config
from docreview.checklist import SHIPPED
from docreview.errors import DocreviewError
from docreview.triage import Progress, add
from docreview.triage.uploads import FOLDER, Upload, keep, outcomes

FITTING: Final = "the one that fits (contract or transcript)"


def page() -> None:
    """Draw the page."""
    st.title("Upload")
    out, settings = state.out(), config.load()
    st.caption(
        f"PDF, DOCX, ODT, RTF, HTML, e-mail, text, transcripts (VTT, SRT, JSON); up to {settings.max_file_mib} MiB "
        "each. Files stay on this machine, in the folder of results."
    )
    round_ = st.session_state.setdefault("upload-round", 0)
    files = st.file_uploader(
        "Documents",
        accept_multiple_files=True,
        key=f"upload-files-{round_}",
        max_upload_size=settings.max_file_mib,
    )
    checklist = st.selectbox("Questions to ask", [FITTING, *SHIPPED], key="upload-checklist")
    password = st.text_input(
        "Password, if any of them has one", type="password", key="upload-password", help="Written nowhere."
    )
    label = f"Read {len(files)} file{'s' if len(files) != 1 else ''}" if files else "Read the files"
    if st.button(label, type="primary", disabled=not files, key="upload-go"):
        _take(out, files, None if checklist == FITTING else checklist, [password] if password else [])
    _told()
    _there(out)


def _take(out: Path, files: Sequence[Any], checklist: str | None, passwords: Sequence[str]) -> None:
    """Keep each file, then review what is new."""
    uploads: list[Upload] = []
    try:
        for file in files:
            uploads.append(keep(out, file.name, file.getvalue()))  # noqa: PERF401 - what was kept before an error is shown
    except DocreviewError as error:
        draw.problem(error)
    st.session_state["upload-told"] = uploads
    if not any(upload.status == "kept" for upload in uploads) or _review(out, checklist, passwords):
        st.session_state["upload-round"] += 1
        st.rerun()


def _review(out: Path, checklist: str | None, passwords: Sequence[str]) -> bool:
    """Whether it could be done; if not, the page says why."""
    bar = st.progress(0.0, text="Reading and reviewing")

    def progress(made: Progress) -> None:
        bar.progress(made.done / made.total, text=f"{made.done} of {made.total} read and reviewed")

    try:
        for _ in add(out, checklist=checklist, passwords=passwords, audit=state.options().audit, progress=progress):
            pass
    except DocreviewError as error:
        draw.problem(f"{error}. The files are kept; press “Review what is waiting” to try again.")
        return False
    finally:
        bar.empty()
    return True


def _told() -> None:
    """What became of the files that were handed in last."""
    uploads: list[Upload] = st.session_state.get("upload-told", [])
    if not uploads:
        return
    st.subheader("The files you handed in")
    rows = outcomes(state.out())
    for number, upload in enumerate(uploads):
        row = rows.get(upload.doc)
        if upload.status == "refused":
            draw.problem(f"{upload.name}: not taken. {upload.message}")
        elif row is None:
            draw.words(draw.strong(upload.name), ": waiting to be reviewed")
        elif row["status"] == "quarantined":
            draw.problem(f"{upload.name}: kept, but it could not be read ({row['error']}). {row['message']}")
        else:
            draw.words(draw.strong(upload.name), f": {upload.message or 'reviewed'}")
            if st.button("Open it in Review", key=f"upload-open-{number}", type="tertiary"):
                state.open_document(upload.doc)


def _there(out: Path) -> None:
    """What was uploaded before, and what of it waits."""
    rows = {doc: row for doc, row in outcomes(out).items() if doc.startswith(f"{FOLDER}/")}
    if not rows:
        return
    st.subheader("Uploaded so far")
    told = [
        {
            "document": doc,
            "status": row["status"] if row else "waiting",
            "type": row["type"] or "" if row else "",
            "what is wrong": row["message"] or "" if row else "",
        }
        for doc, row in rows.items()
    ]
    st.dataframe(told, hide_index=True, key="upload-table", alt="Uploaded documents")
    again = [doc for doc, row in rows.items() if row is None or row["status"] == "quarantined"]
    if again:
        st.caption("Files that could not be read are tried again, with the password above if you give one.")
    if again and st.button("Review what is waiting", key="upload-again"):
        password = st.session_state.get("upload-password", "")
        if _review(out, None, [password] if password else []):
            st.rerun()
