"""From bytes to text: which encoding a file has, and what was odd about it. Nothing is replaced silently."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from docreview.errors import ReadError
from docreview.types import ReadWarning

SAMPLE: Final = 1 << 16
"""Bytes looked at to guess an encoding that is not Unicode."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_ASCII: Final = bytes(range(0x80))
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u202d\u202e]")
_C0: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_OTHER_TYPES: Final = {
    b"%PDF-": "a PDF file",
    b"{\\rtf": "an RTF file",
    b"PK\x03\x04": "a ZIP or Office file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
}
_CANDIDATES: Final = [
    *("cp1250", "iso8859_2", "cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "cp1253", "iso8859_7", "cp1254"),
    *("iso8859_9", "cp1255", "iso8859_8", "cp1256", "iso8859_6", "tis_620", "cp1257", "cp1258", "cp1252", "mac_roman"),
    *("cp850", "cp437", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_WORD: Final = re.compile(r"[^\W_]{2,}")
# What high characters look like in Western European text: letters beside letters, capitals not after small letters,
# signs not inside a word.
_WESTERN: Final = re.compile(
    r"(?<=[A-Za-z])[à-ïñ-öø-üÿßšžœ]{1,2}|[à-ïñ-öø-üßšžœ](?=[A-Za-z])|(?<![a-zà-ÿ])[À-ÖØ-ÜŠŽŒ]{1,2}(?=[A-Za-z])"
    r"|(?<=[A-Z])[À-ÖØ-ÜŠŽŒ]"
    r"|\b[àéèêôùÀÉÈÊ]\b|[’“”‘„‚«»–—…•€£§©®™°·\xa0\xad]|(?<![a-zA-Z])[²³¹¼½¾±×µ¿¡¢¥¶†‡‰´º](?![a-z])|(?<=[mM\d])[²³ºª]"
)
_RARE_IN_WESTERN: Final = re.compile(r"[\x80-\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's text with newlines as LF, the encoding it was read in, and what a reader must know about it."""

    text: str
    encoding: str
    warnings: tuple[ReadWarning, ...] = ()


def decode(data: bytes, name: str) -> Decoded:
    r"""The text of a plain-text file; nothing but newlines is changed (CRLF and CR become LF, a byte order mark goes).

    A byte order mark decides; then UTF-16 without one, strict UTF-8, Windows-1252, and at last what
    charset-normalizer makes of the first 64 KiB with characters above ASCII. Bytes that are wrong in an encoding
    that is otherwise certain become U+FFFD, with a warning that counts and places them.

    Raises:
        ReadError: "empty", "encoding" (no encoding fits) or "garbled" (binary data); its path is `name`.
    """
    if not data.strip(b" \t\r\n\f\x00"):
        raise ReadError(name, "empty", "the file holds no text.")
    for magic, kind in _OTHER_TYPES.items():
        if data.startswith(magic):
            raise ReadError(name, "garbled", f"this is {kind}, not plain text. Give it its own file extension.")
    text, encoding, warnings = _unicode(data) or _legacy(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ReadError(name, "empty", "the file holds no text.")
    warnings += _controls(text, name)
    return Decoded(text=text, encoding=encoding, warnings=tuple(warnings))


def _unicode(data: bytes) -> tuple[str, str, list[ReadWarning]] | None:
    """The text when the file is Unicode for certain, else None."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    if unmarked := _unmarked_utf16(data):
        return _lenient(data, unmarked)
    for encoding in ("iso2022_jp", "utf-8") if b"\x1b$" in data else ("utf-8",):
        try:
            return data.decode(encoding), encoding, []
        except UnicodeDecodeError:
            continue
    return _lenient(data, "utf-8") if _mostly_utf8(data) else None


def _lenient(data: bytes, encoding: str) -> tuple[str, str, list[ReadWarning]]:
    """Decoded, with wrong bytes replaced by U+FFFD and a warning that counts them."""
    try:
        return data.decode(encoding), encoding, []
    except UnicodeDecodeError as error:
        first = error.start
    text = data.decode(encoding, "replace")
    already = data.count("\ufffd".encode(encoding))
    bad = text.count("\ufffd") - already
    where = f"the first at byte {first:,} of {len(data):,}"
    message = (
        f"{bad:,} places are not valid {encoding.upper()} and were replaced by U+FFFD, {where}. Check the original."
    )
    return text, encoding, [ReadWarning(code="invalid_bytes", message=message)]


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 of a script with many ASCII characters shows as NULs at every other byte."""
    sample = data[: SAMPLE // 16 * 2]
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > pairs * 0.3 and even <= pairs * 0.02:
        return "utf-16-le"
    if even > pairs * 0.3 and odd <= pairs * 0.02:
        return "utf-16-be"
    return None


def _mostly_utf8(data: bytes) -> bool:
    """Whether nearly all bytes above ASCII form valid UTF-8: then the rest is damage, not another encoding."""
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    valid = sum(map(len, _MULTIBYTE.findall(data)))
    return valid >= 0.7 * high


def _legacy(data: bytes, name: str) -> tuple[str, str, list[ReadWarning]]:
    """The text of a file in an older encoding. It is always a guess, so it always warns."""
    if len(_C0.findall(data[:SAMPLE])) > 0.01 * min(len(data), SAMPLE):
        raise ReadError(name, "garbled", "the file holds binary data, not text. Check its type.")
    sample = _sample(data)
    for encoding in ["windows-1252"] if _looks_western(sample) else _guesses(sample):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        message = f"The file is not Unicode; read as {encoding}, the likeliest encoding. Check accented characters."
        return text, encoding, [ReadWarning(code="encoding", message=message)]
    text, encoding, warnings = _lenient(data, "utf-8")
    if text.count("\ufffd") > 0.1 * len(text):
        raise ReadError(name, "encoding", "the bytes are not text in any known encoding. Save the file as UTF-8.")
    return text, encoding, warnings


def _sample(data: bytes) -> bytes:
    """Lines around the first bytes above ASCII: what tells encodings apart."""
    match = _HIGH.search(data)
    at = match.start() if match else 0
    start = data.rfind(b"\n", max(0, at - 200), at) + 1 or max(0, at - 200)
    end = data.rfind(b"\n", start + 1, start + SAMPLE)
    return data[start : end if end > 0 and len(data) > start + SAMPLE else start + SAMPLE]


def _looks_western(sample: bytes) -> bool:
    text = sample.decode("windows-1252", "replace")
    high = len(_RARE_IN_WESTERN.findall(text))
    fitting = sum(len(_RARE_IN_WESTERN.findall(piece)) for piece in _WESTERN.findall(text))
    return fitting >= 0.9 * high


def _guesses(sample: bytes) -> list[str]:
    """Likely encodings, best first; none when there is too little above ASCII to tell."""
    from charset_normalizer import from_bytes

    high = len(sample.translate(None, _ASCII))
    if high < 8 or high < 0.01 * len(sample):
        return []
    return [match.encoding for match in from_bytes(sample, steps=10, chunk_size=1024, cp_isolation=_CANDIDATES)][:3]


def _controls(text: str, name: str) -> list[ReadWarning]:
    """Warnings about NULs and control characters; a text made of little else is refused."""
    found = _CONTROL.findall(text)
    if not found:
        return []
    nuls = found.count("\x00")
    words = sum(map(len, _WORD.findall(text)))
    if words < 0.1 * len(text) or nuls > 0.1 * len(text):
        raise ReadError(name, "garbled", "the file holds binary data, not text. Check its type.")
    kinds = ", ".join(f"U+{ord(c):04X}" for c in sorted(set(found))[:8])
    message = (
        f"{len(found):,} control characters ({kinds}{', ...' if len(set(found)) > 8 else ''}), {nuls:,} of them NUL."
    )
    return [ReadWarning(code="control_characters", message=message)]
