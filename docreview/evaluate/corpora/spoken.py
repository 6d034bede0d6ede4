"""Transcripts written as VTT, SRT, JSON (three kinds), "Speaker: text" and court ASCII."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Sequence
from typing import Any, Final

from docreview.evaluate.corpora.sources import Said

LINES_A_PAGE: Final = 25
_WIDTH: Final = 56


def _clock(seconds: float, mark: str) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{mark}{thousandths:03}"


def as_vtt(turns: Sequence[Said], title: str) -> str:
    """WebVTT with voice tags; a cue for each piece."""
    out = [f"WEBVTT\n\nNOTE {title}\n"]
    for turn in turns:
        for text, start, end in turn.pieces:
            safe = text.replace("&", "&amp;").replace("<", "&lt;")
            out.append(f"{_clock(start, '.')} --> {_clock(end, '.')}\n<v {turn.speaker}>{safe}</v>\n")
    return "\n".join(out)


def as_srt(turns: Sequence[Said], title: str) -> str:
    """SubRip; the speaker's name begins the first cue of a turn."""
    del title
    out: list[str] = []
    for turn in turns:
        for i, (text, start, end) in enumerate(turn.pieces):
            line = text if i else f"{turn.speaker}: {text}"
            out.append(f"{len(out) + 1}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{line}\n")
    return "\n".join(out)


def as_lines(turns: Sequence[Said], title: str) -> str:
    """`Speaker: text`, a line for each turn, under the title."""
    return title + "\n\n" + "".join(f"{turn.speaker}: {turn.text}\n" for turn in turns)


def as_whisper(turns: Sequence[Said], title: str) -> str:
    """JSON as Whisper with speaker labels writes it: `segments` with start, end, text, speaker."""
    del title
    pieces = [(turn.speaker, *piece) for turn in turns for piece in turn.pieces]
    segments = [
        {"id": i, "start": start, "end": end, "text": " " + text, "speaker": speaker}
        for i, (speaker, text, start, end) in enumerate(pieces)
    ]
    return _json({"text": "".join(str(s["text"]) for s in segments), "segments": segments, "language": "en"})


def as_qmsum(turns: Sequence[Said], title: str) -> str:
    """JSON as QMSum has it: `meeting_transcripts` with speaker and content."""
    del title
    return _json({"meeting_transcripts": [{"speaker": turn.speaker, "content": turn.text} for turn in turns]})


def as_simple(turns: Sequence[Said], title: str) -> str:
    """The simple form: `title` and `turns` with speaker, text, start and end in seconds."""
    rows = [
        {"speaker": turn.speaker, "start": turn.pieces[0][1], "end": turn.pieces[-1][2], "text": turn.text}
        for turn in turns
    ]
    return _json({"title": title, "turns": rows})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def as_court(turns: Sequence[Said], title: str) -> str:
    """A deposition in court ASCII: 25 numbered lines a page, pages parted by form feeds."""
    lines = [title, ""]
    for turn in turns:
        lines += textwrap.wrap(_court_start(turn), _WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    pages = [lines[i : i + LINES_A_PAGE] for i in range(0, len(lines), LINES_A_PAGE)]
    return "\f".join(_court_page(number, page) for number, page in enumerate(pages, 1))


def _court_start(turn: Said) -> str:
    if turn.speaker in ("Q", "A"):
        return f"    {turn.speaker}.  {turn.text}"
    return f"        {turn.text}" if turn.speaker == "-" else f"        {turn.speaker}:  {turn.text}"


def _court_page(number: int, lines: Sequence[str]) -> str:
    rows = [f"{i:>4}   {line}".rstrip() for i, line in enumerate(lines, 1)]
    return f"{number:>64}\n" + "\n".join(rows) + "\n"


WRITERS: Final[dict[str, Callable[[Sequence[Said], str], str]]] = {
    "vtt": as_vtt,
    "srt": as_srt,
    "txt": as_lines,
    "whisper": as_whisper,
    "qmsum": as_qmsum,
    "simple": as_simple,
    "court": as_court,
}
