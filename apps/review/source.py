"""The source beside the answers: the text with its marks. Selections and clicks come back as the text's own offsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import streamlit as st

from docreview.render import highlight
from docreview.render.window import codes, sheet_at, sheets, window
from docreview.types import Span

_HOME: Final = Path(__file__).resolve().parent
_HTML: Final = """
<div class="dr-source">
  <div><button type="button" class="dr-earlier">Earlier text</button></div>
  <div class="dr-pane" tabindex="0" role="region"></div>
  <div><button type="button" class="dr-later">Later text</button></div>
</div>
"""
_pane = st.components.v2.component(
    "docreview_source",
    html=_HTML,
    css=(_HOME / "source.css").read_text(encoding="utf-8"),
    js=(_HOME / "source.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place to mark; a faint one is not sure."""

    span: Span
    label: str
    faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the person did in the source: selected words (an empty selection ends it), clicked on a mark, asked for
    another part of the text, or just moved.
    """

    selected: tuple[int, int] | None = None
    clicked: int | None = None
    part: int | None = None
    alive: bool = False


def source(
    text: str, marks: Sequence[Mark], *, part: int, active: Span | None, hits: Sequence[Span], token: str, key: str
) -> Heard:
    """Draw a part of the text: the browser gets three sheets of it, however long it is.

    Args:
        part: The number of the sheet in the middle.
        active: The place to bring into view, when `token` is another than the last time.
        hits: Places to mark as found.
    """
    shown = window(sheets(text), part)
    if shown is None:
        st.info("The document has no text.")
        return Heard()
    data = _data(text, shown, marks) | {
        "part": part,
        "active": _inside(active, shown),
        "hits": [each for each in (_inside(hit, shown) for hit in hits) if each],
        "token": token,
    }
    said = _pane(
        key=key,
        data=data,
        on_selected_change=_nothing,
        on_clicked_change=_nothing,
        on_part_change=_nothing,
        on_alive_change=_nothing,
    )
    return _heard(said, len(text), len(sheets(text)))


def part_of(text: str, offset: int) -> int:
    """The number of the sheet that holds a character."""
    return sheet_at(sheets(text), offset)


def _data(text: str, shown: Span, marks: Sequence[Mark]) -> dict[str, Any]:
    piece = text[shown.start : shown.end]
    inside = [mark for mark in marks if mark.span.overlaps(shown)]
    spans = [(*(_inside(mark.span, shown) or (0, 1)), mark.label) for mark in inside]
    faint = {number for number, mark in enumerate(inside) if mark.faint}
    return {
        "html": highlight(piece, spans, prefix="m", faint=faint),
        "codes": codes(piece),
        "start": shown.start,
        "first": shown.start == 0,
        "last": shown.end == len(text),
        "label": f"Text, characters {shown.start + 1:,} to {shown.end:,} of {len(text):,}",
    }


def _inside(span: Span | None, shown: Span) -> tuple[int, int] | None:
    if span is None or not span.overlaps(shown):
        return None
    return max(span.start, shown.start) - shown.start, min(span.end, shown.end) - shown.start


def _nothing() -> None:
    """A value that comes is read where the source is drawn."""


def _heard(said: Mapping[str, Any], size: int, parts: int) -> Heard:
    """What the browser said, if it can be true: it is not trusted."""
    selected, clicked, part = said.get("selected"), said.get("clicked"), said.get("part")
    span: tuple[int, int] | None = None
    if isinstance(selected, Mapping) and all(isinstance(selected.get(name), int) for name in ("start", "end")):
        start, end = int(selected["start"]), int(selected["end"])
        span = (start, end) if 0 <= start < end <= size else (0, 0)
    return Heard(
        selected=span,
        clicked=clicked if isinstance(clicked, int) and 0 <= clicked <= size else None,
        part=max(0, min(part, parts - 1)) if isinstance(part, int) else None,
        alive=said.get("alive") is not None,
    )
