"""Export: the reviews with people's decisions, as files that people keep and other tools read."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from apps.review import state
from apps.review.draw import problem, reviewed
from docreview.errors import DocreviewError
from docreview.export import FORMATS, export, folder
from docreview.playbook import SHIPPED, load

_NAMES: Final = {
    "xlsx": "Workbook (XLSX): answers, evidence, log",
    "docx": "Review memo (DOCX) with quotes and pages",
    "html": "Review memo (HTML)",
    "csv": "Table (CSV), a row for each place",
    "jsonl": "JSON Lines, for programs",
    "annotations": "W3C annotations (JSON-LD)",
    "label-studio": "Label Studio (ZIP): tasks and configuration",
    "langextract": "LangExtract (JSON Lines)",
}


def page() -> None:
    """Draw the page."""
    found = reviewed()
    st.subheader("Export")
    st.caption(f"All {len(found):,} documents of this folder, with every decision made so far and its quotes.")
    form, book = st.columns(2, gap="medium")
    to = form.selectbox("Format", [name for name in _NAMES if name in FORMATS], format_func=_NAMES.__getitem__)
    held = book.selectbox("Hold against a playbook", ["", *SHIPPED], format_func=lambda name: name or "None")
    wanted = (to, held, len(state.decisions().entries()))
    if st.button("Make the file", type="primary", key="export-make"):
        st.session_state["export-made"] = (wanted, _made(to, held))
    made = st.session_state.get("export-made", (None, None))
    if made[0] == wanted and made[1] is not None:
        name, data = made[1]
        st.download_button(f"Save {name}", data, f"{state.out().name}-{name}", key="export-save", on_click="ignore")


def _made(to: str, held: str) -> tuple[str, bytes] | None:
    """The file's name and bytes, a ZIP where there are several; None, and why on the screen, when it can't be made."""
    try:
        filing = folder(state.out(), checklist=state.options().checklist or None, playbook=load(held) if held else None)
        with st.spinner("Writing the file …"), tempfile.TemporaryDirectory() as place:
            file = Path(place) / FORMATS[to][0]  # type: ignore[index]
            export(filing, to, file, log=state.audit_log())  # type: ignore[arg-type]
            files = sorted(Path(place).iterdir())
            return (file.name, file.read_bytes()) if len(files) == 1 else (f"{to}.zip", _packed(files))
    except DocreviewError as error:
        problem(error)
        return None


def _packed(files: Sequence[Path]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as pack:
        for file in files:
            pack.write(file, file.name)
    return held.getvalue()
