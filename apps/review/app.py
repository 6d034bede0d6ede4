"""The review app's entry: the token, the navigation, the line above every page. Start it with `docreview app`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

import streamlit as st

_HOME: Final = Path(__file__).resolve().parent
if str(_HOME.parents[1]) not in sys.path:  # Streamlit adds this folder alone; pages say `from apps.review import state`
    sys.path.insert(0, str(_HOME.parents[1]))

from apps.review import state  # noqa: E402
from apps.review.draw import plain  # noqa: E402

TITLES: Final = {
    "queue": "Queue",
    "review": "Review",
    "table": "Table",
    "ask": "Ask",
    "compare": "Compare",
    "playbook": "Playbook",
    "timeline": "Timeline",
    "export": "Export",
    "governance": "Governance",
    "upload": "Upload",
}


def main() -> None:
    """Draw the app: nothing at all before the token, if one is asked for, was given."""
    st.set_page_config(page_title="docreview", layout="wide")
    st.html(_HOME / "app.css")
    if not _opened():
        return
    pages = {
        name: st.Page(import_module(f"apps.review.views.{name}").page, title=title, url_path=name)
        for name, title in TITLES.items()
        if (_HOME / "views" / f"{name}.py").exists()
    }
    if not (state.options().out or state.options().library):
        st.warning("No folder of results is open. Start the app with one: `docreview app OUT`.")
        return
    state.registered(pages)
    current = st.navigation(list(pages.values()), position="top")
    st.set_page_config(page_title=f"{current.title} · docreview")
    _header()
    current.run()


def _opened() -> bool:
    """Whether this session may see anything; asks for the token when it may not yet."""
    options = state.options()
    if not options.token_sha256 or st.session_state.get("_token_sha256") == options.token_sha256:
        return True
    st.title("docreview")
    with st.form("token", width=420):
        given = st.text_input("Token", type="password", help="It is in the file named by --token-file.")
        asked = st.form_submit_button("Open")
    if asked and options.opens(given):
        st.session_state["_token_sha256"] = options.token_sha256
        st.rerun()
    if asked:
        st.error("This is not the token that the app was started with.")
    return False


def _header() -> None:
    """The folder, how far the work is, and who is working."""
    folder, progress, person = st.columns([3, 4, 2], vertical_alignment="center", gap="small")
    options = state.options()
    name = Path(options.out or options.library or ".").resolve().name
    folder.markdown("**Folder**&ensp;" + plain(name))
    with progress:
        _progress()
    st.session_state.setdefault("name-field", state.reviewer())  # a link to another page empties the field
    person.text_input(
        "Your name",
        key="name-field",
        on_change=_named,
        placeholder="Your name",
        label_visibility="collapsed",
        max_chars=80,
    )


def _named() -> None:
    st.session_state["reviewer"] = st.session_state["name-field"]


def _progress() -> None:
    if state.options().out:
        count = len(state.results())
        st.caption(f"{count:,} document{'' if count == 1 else 's'}" if count else "No documents yet: see Upload")


if __name__ == "__main__":
    main()
