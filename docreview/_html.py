"""Escaped HTML: everything that is not `Safe` is escaped when it is joined in."""

from __future__ import annotations

import html
import re
from typing import Final

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Safe(str):
    """Markup made by us. Anything else is text and gets escaped."""


_CONTROL: Final = {c: f"\\x{c:02x}" for c in (*range(9), 11, 12, *range(14, 32), 127)}
# Bidirectional overrides could make a name or a quote read as something else.
_CONTROL.update({c: f"\\u{c:04x}" for c in (0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068)})


def visible(text: str) -> str:
    """The text with control characters and direction overrides as their codes."""
    return text.translate(_CONTROL)


def xml_text(text: str) -> str:
    """The text with U+FFFD for the characters that XML can't hold."""
    return _NOT_XML.sub("\ufffd", text)


def escape(text: str) -> Safe:
    """Text for element content and quoted attributes. Control characters and direction overrides become visible."""
    if isinstance(text, Safe):
        return text
    return Safe(html.escape(visible(text), quote=True))


def join(*parts: str) -> Safe:
    """The parts in one piece, each escaped unless it is `Safe`."""
    return Safe("".join(map(escape, parts)))


def tag(name: str, *content: str, **attributes: str | None) -> Safe:
    """One element. `class_="x"` gives `class="x"`, `data_id` gives `data-id`; attributes that are None are left out."""
    attrs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Safe(f"<{name}{attrs}>{join(*content)}</{name}>")
