"""E-mail addresses, web addresses, IP and MAC addresses, passwords.

Every search starts from the character that makes the kind rare (@, ://, :), so that a text without it costs next to
nothing. What stands before it is looked for backwards in a window of fixed length: linear on any text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from docreview.governance.pii.flat import Look, said_before, words
from docreview.governance.pii.span import PiiSpan

_LOCAL: Final = re.compile(r"[^\s@<>()\[\]{},;:\"'`|\\/\x00-\x1f、。，；：“”‘’«»（）「」]{1,64}\Z")
_DOMAIN: Final = re.compile(
    r"@[^\W_][\w\-]{0,62}\.(?:[^\W_][\w\-]{0,62}\.){0,8}(?:[^\W\d_]{2,24}|[xX][nN]--[a-zA-Z0-9-]{2,59})"
)
_HOST: Final = re.compile(r"@(?<=[a-z\d]{3}@)[a-z]{4,20}(?![\w.@])")
_SCHEMES: Final = ("://", "www.", "www1.", "www2.", "www3.")
_SCHEME: Final = re.compile(r"(?<![a-z])(?:https?|ftps?|sftp|wss?)://\Z")
_PATH: Final = re.compile(r"[^\s<>\"\x00'）」』。，、；]{2,2048}")
_CALL: Final = re.compile(r"mailto:|tel:|callto:|sip:|skype:", re.IGNORECASE)
_IP4: Final = re.compile(r"\d(?<![\w.]\d)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\.?\w)(?:/\d{1,2}(?!\d))?")
_HEX: Final = re.compile(r"[0-9a-f:]*+")
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_DASHED_MAC: Final = re.compile(r"-(?<=[0-9a-f]{2}-)(?<![\w.-]...)(?:[0-9a-f]{2}-){4}[0-9a-f]{2}(?![\w-])")
_DOTTED_MAC: Final = re.compile(r"\.(?<=[0-9a-f]{4}\.)(?<![\w.-].....)[0-9a-f]{4}\.[0-9a-f]{4}(?![\w.])")
_SECRET: Final = re.compile(r"(?:\s(?:is|was|ist|:)\s|\s?[:=：]\s?|\s(?=['\"‘“!]))(['\"‘“]?[^\s\x00]{4,64})")
_SECTION: Final = frozenset(
    "section sections article clause paragraph version schedule exhibit appendix annex rule sec v § §§".split()
)
_LOOPBACK: Final = re.compile(r"(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?![\w.@-])(?![^/\s]*@)")
"""This machine itself: nobody is known by it."""
_END: Final = ".,:;!?)]}*_'\"…"


def find_links(look: Look) -> Iterator[PiiSpan]:
    """E-mail, URL, IP and MAC addresses, and passwords that are named as such."""
    yield from _emails(look.flat)
    yield from _urls(look)
    yield from _ip4(look)
    yield from _colons(look)
    for pattern, before in ((_DASHED_MAC, 2), (_DOTTED_MAC, 4)):
        for match in pattern.finditer(look.low):
            yield PiiSpan(match.start() - before, match.end(), "IP", 0.9)
    for at in look.places(words()["password"]["words"]):
        if secret := _SECRET.match(look.flat, at):
            yield PiiSpan(*secret.span(1), "OTHER", 0.6)


def _emails(flat: str) -> Iterator[PiiSpan]:
    at = flat.find("@")
    floor = 0
    while at >= 0:
        domain = _DOMAIN.match(flat, at) or _HOST.match(flat, at)
        local = _LOCAL.search(flat, max(floor, at - 64), at) if domain else None
        if domain and local and any(c.isalnum() for c in local.group()):
            start = local.start() + len(local.group()) - len(local.group().lstrip(".-*_"))
            if call := _CALL.match(flat, start):
                start = call.end()
            if start < at:
                yield PiiSpan(start, domain.end(), "EMAIL", 0.98)
                floor = domain.end()
        at = flat.find("@", at + 1)


def _urls(look: Look) -> Iterator[PiiSpan]:
    floor = 0
    for at in look.places(_SCHEMES):
        start = _url_start(look.low, at)
        match = _PATH.match(look.flat, at) if start is not None and start >= floor else None
        if start is None or match is None:
            continue
        end = match.end()
        while end > at and look.flat[end - 1] in _END:
            if look.flat[end - 1] == ")" and "(" in look.flat[at:end]:
                break
            end -= 1
        floor = match.end()
        if end - at > 1 and not _LOOPBACK.match(look.low, at):
            yield PiiSpan(start, end, "URL", 0.95)


def _url_start(low: str, at: int) -> int | None:
    """Where the scheme before "://" begins, or the "www."; None where neither is one."""
    if low[at - 1] == "/":
        scheme = _SCHEME.search(low, max(0, at - 9), at)
        return scheme.start() if scheme else None
    start = low.rindex("w", 0, at) - 2
    return start if start == 0 or not (low[start - 1].isalnum() or low[start - 1] in "@.-/_") else None


def _ip4(look: Look) -> Iterator[PiiSpan]:
    for match in _IP4.finditer(look.flat):
        parts = match.group().split("/")[0].split(".")
        if parts[0] != "127" and all(int(part) < 256 for part in parts) and not _numbered(look, match.start(), parts):
            yield PiiSpan(match.start(), match.end(), "IP", 0.9)


def _numbered(look: Look, start: int, parts: list[str]) -> bool:
    """Whether "1.2.3.4" is the number of a section or a version."""
    before = look.low[max(0, start - 40) : start]
    last = before.rstrip(" \t.").rpartition(" ")[2].lstrip("(")
    if last in _SECTION:
        return True
    if any(len(part) > 2 for part in parts):
        return False
    begins_line = not before.rpartition("\n")[2].strip()
    return begins_line or not said_before("ip", look.low, start)


def _colons(look: Look) -> Iterator[PiiSpan]:
    """IPv6 and MAC addresses: runs of hexadecimal digits and colons."""
    low = look.low
    at = low.find(":")
    while at >= 0:
        start = at
        while start > 0 and at - start < 5 and low[start - 1] in "0123456789abcdef":
            start -= 1
        run = _HEX.match(low, start)
        end = max(run.end() if run else 0, at + 1)
        if end - start <= 48 and low.count(":", start, end) >= 2:
            yield from _colon_address(low, start, end)
        at = low.find(":", end)


def _colon_address(low: str, start: int, end: int) -> Iterator[PiiSpan]:
    if (start and low[start - 1].isalnum()) or low[end : end + 1].isalnum():
        return
    piece = low[start:end]
    if not piece.endswith("::"):
        piece = piece.rstrip(":")
    if not _MAC.fullmatch(piece):
        try:
            ipaddress.IPv6Address(piece)
        except ValueError:
            return
        if sum(map(str.isalnum, piece)) < 4 and not said_before("ip", low, start):
            return
    yield PiiSpan(start, start + len(piece), "IP", 0.9)
