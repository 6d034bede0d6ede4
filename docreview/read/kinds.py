"""What a file is: its content decides, its name only where content cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal

from docreview.errors import ReadError

Kind = Literal["pdf", "zip", "rtf", "html", "eml", "image", "text"]

_SUFFIXES: Final[dict[str, Kind]] = {
    ".pdf": "pdf",
    ".docx": "zip",
    ".docm": "zip",
    ".dotx": "zip",
    ".dotm": "zip",
    ".odt": "zip",
    ".ott": "zip",
    ".rtf": "rtf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".eml": "eml",
    ".mht": "eml",
    ".mhtml": "eml",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
    ".tif": "image",
    ".tiff": "image",
}
_TEXT_SUFFIXES: Final = frozenset(
    (".txt", ".text", ".md", ".markdown", ".vtt", ".srt", ".json", ".jsonl", ".asc", ".log")
)

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONVERT: Final = "save it as .docx or PDF and read that"
_UNPACK: Final = "unpack it and read the files in it"
_REFUSED: Final[tuple[tuple[bytes, str, str], ...]] = (
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"MZ", "a Windows program", "docreview reads documents"),
    (b"\x7fELF", "a program", "docreview reads documents"),
    (b"\xffWPC", "a WordPerfect document", _CONVERT),
    (b"\xdb\xa5", "a document of an early version of Word", _CONVERT),
    (b"ID3", "a sound file", "read its transcript instead"),
    (b"OggS", "a sound file", "read its transcript instead"),
    (b"fLaC", "a sound file", "read its transcript instead"),
    (b"RIFF", "a sound, film or picture file", "read its transcript, or its text, instead"),
    (b"\x1aE\xdf\xa3", "a film", "read its transcript instead"),
    (b"GIF8", "a GIF picture", "save it as PNG and read it with OCR"),
    (b"SQLite format 3\0", "a database", "docreview reads documents"),
)
_IMAGES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_HTML: Final = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_WORD_XML: Final = re.compile(rb"\s*<\?xml.{0,400}?<(?:w:wordDocument|pkg:package|office:document)\b", re.S)
_MAIL: Final = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_MAIL_ONLY: Final = re.compile(rb"^(?:Received|Return-Path|Message-ID|MIME-Version|Delivered-To):", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Found:
    """A file's kind and, where the name says something else, what to warn of."""

    kind: Kind
    warning: str = ""


def detect(path: str, data: bytes) -> Found:
    """The kind of a file that is not empty.

    Raises:
        ReadError: "unsupported": a type that docreview does not read; "encrypted": an encrypted Office document.
    """
    suffix = PurePath(path).suffix.lower()
    by_content = _by_content(path, data, suffix)
    by_name = _SUFFIXES.get(suffix)
    if by_content is None:
        return Found(by_name or "text")
    if by_name in (None, by_content) and suffix not in _TEXT_SUFFIXES:
        return Found(by_content)
    return Found(by_content, f"the name ends in {suffix}, the content is {by_content.upper()}; read as that")


def _by_content(path: str, data: bytes, suffix: str) -> Kind | None:
    head = data[:4096]
    if head.startswith(_OLE):
        raise _ole(path, data)
    for magic, name, advice in _REFUSED:
        if head.startswith(magic):
            raise ReadError(path, "unsupported", f"{name} is not read; {advice}")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.lstrip().startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in head):
        return "pdf"
    if head.startswith(_IMAGES):
        return "image"
    if head[4:8] == b"ftyp":
        raise ReadError(path, "unsupported", "a film or sound file is not read; read its transcript instead")
    if _WORD_XML.match(head):
        raise ReadError(path, "unsupported", f"an Office document as one XML file is not read; {_CONVERT}")
    return _text_like(head, suffix)


def _text_like(head: bytes, suffix: str) -> Kind | None:
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    if _SUFFIXES.get(suffix) == "eml":
        return None  # mail whose first lines look like something else is still mail
    if suffix not in _TEXT_SUFFIXES and _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        return "html"
    if suffix not in _TEXT_SUFFIXES and _MAIL.match(head) and _MAIL_ONLY.search(head):
        return "eml"
    return None


def _ole(path: str, data: bytes) -> ReadError:
    """The container of old Office files, of encrypted new ones and of Outlook messages."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return ReadError(
            path, "encrypted", "an encrypted Office document; open it in Word and save it without a password"
        )
    if "__properties_version1.0".encode("utf-16-le") in data:
        return ReadError(path, "unsupported", "an Outlook message is not read; save it as .eml and read that")
    return ReadError(path, "unsupported", f"an old Office document (.doc, .xls, .ppt) is not read; {_CONVERT}")
