"""Characters of symbol fonts as Unicode: those that matter in contracts (boxes, ticks, bullets, arrows)."""

from __future__ import annotations

from typing import Final

_WINGDINGS: Final = {
    0x6C: "\u25cf",
    0x6E: "\u25a0",
    0x6F: "\u25a1",
    0x70: "\u25a1",
    0x71: "\u2751",
    0x72: "\u2752",
    0x75: "\u25c6",
    0x76: "\u2756",
    0x9F: "\u2022",
    0xA7: "\u25aa",
    0xA8: "\u25fb",
    0xD8: "\u27a2",
    0xE0: "\u2192",
    0xE8: "\u2794",
    0xF0: "\u21e8",
    0xFB: "\u2717",
    0xFC: "\u2713",
    0xFD: "\u2612",
    0xFE: "\u2611",
    0x4A: "\u263a",
}
_WINGDINGS_2: Final = {0x4F: "\u2717", 0x50: "\u2713", 0x51: "\u2612", 0x52: "\u2611", 0x53: "\u2612", 0xA3: "\u2610"}
_SYMBOL: Final = {
    0xA3: "\u2264",
    0xB0: "\u00b0",
    0xB1: "\u00b1",
    0xB3: "\u2265",
    0xB4: "\u00d7",
    0xB7: "\u2022",
    0xB9: "\u2260",
    0xBB: "\u2248",
    0xBE: "\u2014",
    0xD2: "\u00ae",
    0xD3: "\u00a9",
    0xD4: "\u2122",
    0xE2: "\u00ae",
    0xE3: "\u00a9",
    0xE4: "\u2122",
    0xAE: "\u2192",
    0xAC: "\u2190",
    0x61: "\u03b1",
    0x62: "\u03b2",
    0x6D: "\u03bc",
    0x44: "\u0394",
    0x53: "\u03a3",
    0x57: "\u03a9",
    0xA5: "\u221e",
    0xD6: "\u221a",
    0xA7: "\u2663",
}
_FONTS: Final = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL}


def symbol(font: str, code: str) -> str:
    """The character that a symbol font shows for a hexadecimal code; U+FFFD when it is not known."""
    try:
        number = int(code, 16)
    except ValueError:
        return "\ufffd"
    known = _FONTS.get(font.lower())
    low = number & 0xFF if 0xF000 <= number <= 0xF0FF or number < 0x100 else None
    if known is not None and low is not None:
        return known.get(low, "\ufffd")
    if low is not None and number >= 0xF000:
        return "\ufffd"
    return chr(number) if 0x20 <= number <= 0xFFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
