"""Mail files: the main header lines, a blank line, the body. Attachments are named in a warning, not read."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read.draft import Draft
from docreview.read.html import html_draft
from docreview.types import ReadWarning

_SHOWN: Final = ("From", "To", "Cc", "Date", "Subject")
_MOST_PARTS: Final = 2000
_METADATA: Final = {"Subject": "title", "From": "author", "Date": "created"}


def read_eml(data: bytes, name: str) -> Draft:
    """A mail, plain text before HTML; all parts that are shown with it, in order.

    Raises:
        ReadError: "damaged": it has no header; "encrypted": its body is; "empty": nothing but attachments.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise ReadError(name, "damaged", "not a mail: it does not begin with header lines")
    headers = {key: text for key in _SHOWN if (text := _header(message, key))}
    reading = _Body(name)
    reading.add(message)
    lines = "\n".join(f"{key}: {text}" for key, text in headers.items())
    body = "\n\n".join(part for part in reading.texts if part)
    if reading.sealed and not body:
        raise ReadError(name, "encrypted", "the mail is encrypted; open it in your mail program and save it anew")
    if not body and not headers:
        raise ReadError(name, "empty", "there is no text in it")
    return Draft(
        text="\n\n".join(part for part in (lines, body) if part),
        media_type="message/rfc822",
        metadata={_METADATA[key]: text for key, text in headers.items() if key in _METADATA},
        warnings=tuple(reading.warnings()),
    )


def _header(message: EmailMessage, key: str) -> str:
    """A header on one line, decoded; as written when it breaks the rules."""
    try:
        found = message.get_all(key) or []
    except (ValueError, LookupError, AttributeError, TypeError):
        found = [text for name, text in message.raw_items() if name.lower() == key.lower()]
    return ", ".join(" ".join(str(text).split()) for text in found)


class _Body:
    """Gathers what a mail shows, part by part."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.texts: list[str] = []
        self.sealed = False
        self._attached: list[str] = []
        self._inner: list[ReadWarning] = []
        self._parts = 0

    def warnings(self) -> list[ReadWarning]:
        """What was not read."""
        found = list(self._inner)
        if self._attached:
            message = f"{len(self._attached)} attachments were not read: {', '.join(self._attached[:20])}"
            found.append(ReadWarning(code="attachments", message=message))
        return found

    def add(self, part: EmailMessage) -> None:
        """Take in a part and all below it."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ReadError(self._name, "too_large", f"over {_MOST_PARTS:,} parts in one mail")
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or kind == "message/rfc822":
            self._attached.append(_file_name(part))
        elif kind == "multipart/alternative":
            self._add_best(_inner(part))
        elif part.is_multipart():
            self.sealed |= kind == "multipart/encrypted"
            for child in _inner(part):
                self.add(child)
        elif kind in ("text/plain", "text/html"):
            self._add_text(part, kind)
        else:
            self.sealed |= kind in ("application/pkcs7-mime", "application/x-pkcs7-mime")
            self._attached.append(_file_name(part))

    def _add_best(self, choices: list[EmailMessage]) -> None:
        """Of several forms of one text the plain one, unless it is blank."""
        plain = [part for part in choices if part.get_content_type() == "text/plain" and _text(part).strip()]
        if chosen := plain[:1] or choices[-1:]:
            self.add(chosen[0])

    def _add_text(self, part: EmailMessage, kind: str) -> None:
        text = _text(part)
        if kind == "text/html" and text.strip():
            draft = html_draft(text, self._name)
            self._inner += draft.warnings
            text = draft.text
        self.texts.append(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))


def _inner(part: EmailMessage) -> list[EmailMessage]:
    return [child for child in part.iter_parts() if isinstance(child, EmailMessage)]


def _text(part: EmailMessage) -> str:
    """A part's text by its declared character set, else UTF-8, else Windows-1252."""
    payload: Any = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    for charset in (part.get_content_charset(), "utf-8"):
        try:
            return raw.decode(charset or "utf-8")
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _file_name(part: EmailMessage) -> str:
    return " ".join((part.get_filename() or part.get_content_type()).split())[:100]
