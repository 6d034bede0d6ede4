"""E-mail addresses, web addresses, IP and MAC addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from docreview.governance.pii.flat import said_before
from docreview.governance.pii.span import PiiSpan

# Every pattern starts with the character that makes it rare, so that a text without it costs next to nothing. What stands
# before that character is looked for backwards, in a window of fixed length: linear on any text.
_LOCAL: Final = re.compile(r"[^\s@<>()\[\]{},;:\"'`|\\/\x00-\x1f、。，；：“”‘’«»（）「」]{1,64}\Z")
_DOMAIN: Final = re.compile(
    r"@(?:[^\W_](?:[\w\-]{0,62}\.))(?:[^\W_](?:[\w\-]{0,62}\.)){0,8}(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})", re.IGNORECASE
)  # fmt: skip
_HOST: Final = re.compile(r"@(?<=[a-z\d]{3}@)[a-z]{4,20}(?![\w.@])")
_URL: Final = re.compile(
    r"(?:(?<![a-z])(?:https?|ftps?|sftp|wss?)://|(?<![\w@.\-])www\d?\.(?=[\w\-]{1,63}\.))[^\s<>\"\x00'）」』。，、；]{2,2048}", re.IGNORECASE
)  # fmt: skip
_URL_HINT: Final = re.compile(r"://|www\d?\.", re.IGNORECASE)
_CALL: Final = re.compile(r"(?:mailto|tel|callto|sip|skype):", re.IGNORECASE)
_IP4: Final = re.compile(r"\d(?<![\w.]\d)\d{0,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\.?\w)(?:/\d{1,2}(?!\d))?")
_HEX: Final = re.compile(r"[0-9a-fA-F:]*+")
_MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)
_MAC_START: Final = re.compile(
    r"[0-9a-fA-F](?<![\w:.-].)[0-9a-fA-F](?=[0-9a-fA-F.-])(?:(?:-[0-9a-fA-F]{2}){5}|[0-9a-fA-F]{2}(?:\.[0-9a-fA-F]{4}){2})(?![\w.-])"
)
_PASSWORD: Final = re.compile(
    r"(?:password|passwd|passphrase|passwort|kennwort|contraseña|mot de passe|wachtwoord|hasło|пароль|密码|パスワード)"
    r"(?:\s(?:is|was|ist)\s|\s?[:=]\s?|\s(?=['\"‘“!]))(['\"‘“]?\S{4,64})", re.IGNORECASE
)  # fmt: skip
_SECTION: Final = frozenset(
    ["section", "sections", "article", "clause", "paragraph", "version", "schedule", "exhibit", "appendix", "annex", "rule", "sec", "v", "§", "§§"]
)  # fmt: skip


def find_links(flat: str) -> Iterator[PiiSpan]:
    """E-mail, URL, IP and MAC addresses, and passwords that are named as such, in a flat text."""
    if "@" in flat:
        yield from _emails(flat)
    if _URL_HINT.search(flat):
        yield from _urls(flat)
    yield from _addresses(flat)
    for match in _PASSWORD.finditer(flat):
        yield PiiSpan(*match.span(1), "OTHER", 0.6)


def _emails(flat: str) -> Iterator[PiiSpan]:
    at = flat.find("@")
    floor = 0
    while at >= 0:
        domain, local = _DOMAIN.match(flat, at) or _HOST.match(flat, at), _LOCAL.search(flat, max(floor, at - 64), at)
        if domain and local and any(c.isalnum() for c in local.group()):
            start = local.start() + len(local.group()) - len(local.group().lstrip(".-*_"))
            if call := _CALL.match(flat, start):
                start = call.end()
            if start < at:
                yield PiiSpan(start, domain.end(), "EMAIL", 0.98)
                floor = domain.end()
        at = flat.find("@", at + 1)


def _urls(flat: str) -> Iterator[PiiSpan]:
    for match in _URL.finditer(flat):
        end = match.end()
        while end > match.start() and flat[end - 1] in ".,;:!?)]}*_'\"…":
            if flat[end - 1] == ")" and flat.count("(", match.start(), end) >= flat.count(")", match.start(), end):
                break
            end -= 1
        if end - match.start() > len("http://"):
            yield PiiSpan(match.start(), end, "URL", 0.95)


def _addresses(flat: str) -> Iterator[PiiSpan]:
    for match in _IP4.finditer(flat):
        if all(int(part) < 256 for part in match.group().split("/")[0].split(".")) and not _numbered(flat, match):
            yield PiiSpan(match.start(), match.end(), "IP", 0.9)
    at = flat.find(":")
    while at >= 0:
        start = at
        while start > 0 and at - start < 5 and flat[start - 1] in "0123456789abcdefABCDEF":
            start -= 1
        run = _HEX.match(flat, start)
        end = run.end() if run else at + 1
        if 2 <= flat.count(":", start, min(end, start + 64)) and end - start <= 48:
            yield from _colons(flat, start, end)
        at = flat.find(":", max(end, at + 1))
    if "-" in flat or "." in flat:
        for match in _MAC_START.finditer(flat):
            yield PiiSpan(match.start(), match.end(), "IP", 0.9)


def _numbered(flat: str, match: re.Match[str]) -> bool:
    """Whether "1.2.3.4" is the number of a section or a version."""
    before = flat[max(0, match.start() - 12) : match.start()].rstrip(" \t.").casefold()
    words = before.split()
    if words and words[-1] in _SECTION:
        return True
    parts = match.group().split("/")[0].split(".")
    small = all(len(part) <= 2 for part in parts)
    alone = not flat[max(0, match.start() - 40) : match.start()].rpartition("\n")[2].strip()
    return small and (alone or not said_before("ip", flat, match.start()))


def _colons(flat: str, start: int, end: int) -> Iterator[PiiSpan]:
    if start and flat[start - 1].isalnum() or flat[end : end + 1].isalnum():
        return
    piece = flat[start:end]
    if _MAC.fullmatch(piece):
        yield PiiSpan(start, end, "IP", 0.9)
        return
    stripped = piece.rstrip(":") if not piece.endswith("::") else piece
    try:
        ipaddress.IPv6Address(stripped)
    except ValueError:
        return
    if sum(c.isalnum() for c in stripped) >= 4 or said_before("ip", flat, start):
        yield PiiSpan(start, start + len(stripped), "IP", 0.9)
