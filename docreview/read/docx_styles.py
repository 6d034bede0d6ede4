"""Paragraph and character styles of a DOCX, as far as they decide what is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL: Final = f"{W}val"
_HEADING: Final = re.compile(r"heading ([1-9])", re.I)
_DEEPEST: Final = 20


def value(parent: Any, *names: str) -> str | None:
    """The `w:val` of a descendant named by its path; None when it is not there."""
    for name in names:
        parent = parent.find(W + name) if parent is not None else None
    return None if parent is None else parent.get(VAL)


def switched_on(parent: Any, name: str) -> bool | None:
    """An on/off property; None when it is not given."""
    element = parent.find(W + name) if parent is not None else None
    return None if element is None else element.get(VAL) not in ("0", "false", "off")


def whole(text: str | None) -> int | None:
    """A whole number as Word writes it; None for anything else."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else None


@dataclass(frozen=True, slots=True)
class Style:
    """What a style and those it is based on say. `level` is the outline level, from 1."""

    num_id: str | None = None
    ilvl: int | None = None
    level: int | None = None
    hidden: bool = False


class Styles:
    """The styles part, resolved on demand."""

    def __init__(self, root: Any | None) -> None:
        self._raw: dict[str, Any] = {}
        self._known: dict[str, Style] = {}
        self.default = ""
        for style in root.iterfind(f"{W}style") if root is not None else ():
            style_id = style.get(f"{W}styleId", "")
            self._raw[style_id] = style
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
                self.default = style_id

    def get(self, style_id: str | None) -> Style:
        """A style by id; an unknown one says nothing."""
        key = style_id or self.default
        if key not in self._known:
            self._known[key] = self._resolve(key, 0)
        return self._known[key]

    def _resolve(self, style_id: str, depth: int) -> Style:
        raw = self._raw.get(style_id)
        if raw is None or depth > _DEEPEST:
            return Style()
        base_id = value(raw, "basedOn")
        base = self._resolve(base_id, depth + 1) if base_id else Style()
        properties = raw.find(f"{W}pPr")
        numbering = properties.find(f"{W}numPr") if properties is not None else None
        hidden = switched_on(raw.find(f"{W}rPr"), "vanish")
        return Style(
            num_id=value(numbering, "numId") or base.num_id,
            ilvl=base.ilvl if (own := whole(value(numbering, "ilvl"))) is None else own,
            level=_outline(raw, properties, base.level),
            hidden=base.hidden if hidden is None else hidden,
        )


def _outline(raw: Any, properties: Any, inherited: int | None) -> int | None:
    own = whole(value(properties, "outlineLvl"))
    if own is not None:
        return own + 1 if 0 <= own < 9 else None
    named = _HEADING.fullmatch(value(raw, "name") or "")
    return int(named[1]) if named else inherited
