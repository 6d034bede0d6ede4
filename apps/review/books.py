"""Choosing a playbook, and the reviews that are held against it: for each page that needs one."""

from __future__ import annotations

from typing import Final

import streamlit as st

from apps.review import draw
from docreview import config
from docreview.checklist import load as load_checklist
from docreview.errors import ConfigError
from docreview.playbook import SHIPPED, Playbook, load
from docreview.triage import one
from docreview.types import Document, Review

NONE: Final = "No playbook"
OWN: Final = "A file of your own …"


def pick(key: str, *, optional: bool = False) -> Playbook | None:
    """The playbook that was chosen, with the names of the two sides. None when there is none; why is on the screen.

    Args:
        key: Begins the keys of the fields.
        optional: Nobody need choose one.
    """
    left, us, them = st.columns([2, 2, 2])
    name = left.selectbox("Playbook", [*([NONE] if optional else []), *SHIPPED, OWN], key=f"{key}-name")
    if name == NONE:
        return None
    ours = us.text_input("Our side is called", key=f"{key}-us", placeholder="Acme, Customer")
    theirs = them.text_input("The other side is called", key=f"{key}-them", placeholder="Globex, Supplier")
    path = name
    if name == OWN:
        path = st.text_input("Path of a .toml on this machine", key=f"{key}-path", placeholder="/home/me/msa.toml")
        if not path:
            st.info("Name the file of a playbook. `docreview playbook show vendor-msa` shows what goes into one.")
            return None
    try:
        return load(path.strip()).between(_names(ours), _names(theirs))
    except ConfigError as error:
        draw.problem(error)
        return None


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


@st.cache_resource(max_entries=32, show_spinner="Reading the document again …")
def examined(doc_id: str, checklist: str, _document: Document) -> Review:  # noqa: ARG001 - the key
    """A review with another checklist than the folder's."""
    return one.examine(_document, load_checklist(checklist), one.reader_of("embedded"), config.load())
