"""WebVTT and SubRip: blocks of a timing line and words.

WebVTT: https://www.w3.org/TR/webvtt1/. SubRip has no standard; what players accept is accepted.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from docreview.read.transcripts.pieces import LABEL, Piece, one_line, speakers_before_colons
from docreview.types import ReadWarning

_TIME: Final = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMING: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s|$)")
_BLANK_LINES: Final = re.compile(r"\n(?:[ \t]*\n)+")
_SKIPPED: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?(?:[ \t]+([^<>]*))?>")
_TAG: Final = re.compile(
    r"</?(?:[cibuv]|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}\n]{0,80}\}", re.IGNORECASE
)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")


@dataclass(slots=True)
class _Cue:
    start_s: float | None
    end_s: float | None
    lines: list[str] = field(default_factory=list)


def looks_like_subtitles(text: str) -> bool:
    """Whether the beginning of a text is a WebVTT header or a timing line, after a counter at most."""
    head = text[:4096].lstrip().split("\n", 3)
    return head[0].startswith("WEBVTT") or any(_TIMING.match(line) for line in head[:2])


def parse_subtitles(text: str, *, vtt: bool) -> tuple[list[Piece], list[ReadWarning]]:
    """What was said, from the text of a VTT or SRT file.

    Speakers come from voice tags, else from "NAME: " in front of a line when the name comes more than once or in
    capitals; a line without a name goes on with the speaker before. Tags and positions are dropped, comments and
    style blocks of WebVTT too. Words without a readable time are kept.

    Args:
        text: The decoded file.
        vtt: Whether it is WebVTT: HTML escapes are then resolved, NOTE, STYLE and REGION blocks left out.
    """
    cues = _cues(text, vtt)
    pieces = [piece for cue in cues for piece in _voices(cue, vtt)]
    if not any(piece.speaker for piece in pieces):
        pieces = _labelled(pieces)
    pieces = [Piece(piece.speaker, one_line(piece.text), piece.start_s, piece.end_s) for piece in pieces]
    untimed = sum(1 for piece in pieces if piece.text and piece.start_s is None)
    message = f"{untimed:,} pieces have no readable time; their words were kept."
    return pieces, [ReadWarning(code="time", message=message)] if untimed else []


def _cues(text: str, vtt: bool) -> list[_Cue]:
    cues: list[_Cue] = []
    for number, block in enumerate(_BLANK_LINES.split(text.strip("\n"))):
        lines = block.split("\n")
        if vtt and number == 0 and lines[0].startswith("WEBVTT"):
            lines = lines[next((i for i, line in enumerate(lines) if "-->" in line), len(lines)) :]
        if vtt and lines and _SKIPPED.match(lines[0]) and "-->" not in block:
            continue
        _take(lines, cues)
    return cues


def _take(lines: list[str], cues: list[_Cue]) -> None:
    """Add a block's lines: a timing line begins a cue, an identifier right before it is left out."""
    timings = {i for i, line in enumerate(lines) if "-->" in line}
    for i, line in enumerate(lines):
        if i in timings:
            match = _TIMING.match(line)
            cues.append(_Cue(_seconds(match.groups()[:4]), _seconds(match.groups()[4:])) if match else _Cue(None, None))
            continue
        identifier = i + 1 in timings and (i == 0 or line.strip().isdigit())
        stray_counter = not timings and line.strip().isdigit()
        if not identifier and not stray_counter:
            if not cues:
                cues.append(_Cue(None, None))
            cues[-1].lines.append(line)


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return round(whole + int((fraction or "0").ljust(3, "0")) / 1000, 3)


def _voices(cue: _Cue, vtt: bool) -> Iterator[Piece]:
    """A cue's words by voice tag, without tags."""
    parts = _VOICE.split("\n".join(cue.lines)) if vtt else ["\n".join(cue.lines)]
    parts = parts[1:] if len(parts) > 1 and not parts[0].strip() else ["", *parts]
    for speaker, words in zip(parts[0::2], parts[1::2], strict=True):
        words = _TAG.sub("", words)
        name = " ".join((speaker or "").split())
        if vtt:
            name, words = _unescape(name), _unescape(words)
        yield Piece(name, words, cue.start_s, cue.end_s)


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _labelled(pieces: list[Piece]) -> list[Piece]:
    """Speakers taken from "NAME: " in front of lines."""
    lines = [(line.strip(), piece) for piece in pieces for line in piece.text.split("\n")]
    known = speakers_before_colons([line for line, _ in lines])
    if not known:
        return pieces
    speaker, made = "", []
    for line, piece in lines:
        match = LABEL.match(line)
        if match and match[1] in known:
            speaker, line = match[1], line[match.end() :]
        made.append(Piece(speaker, line, piece.start_s, piece.end_s))
    return made
