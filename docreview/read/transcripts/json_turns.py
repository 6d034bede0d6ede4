"""Transcripts as JSON: Whisper-style segments, QMSum-style turns, and a simple form (see docs/formats.md)."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from docreview.errors import ReadError
from docreview.read.transcripts.pieces import Piece, one_line

FORMS: Final = {"segments": "text", "meeting_transcripts": "content", "turns": "text"}
"""Key of the list in the file -> key of the words in each of its entries."""


def parse_json(text: str, name: str) -> tuple[list[Piece], bool] | None:
    """What was said, and whether the pieces are segments that may be joined; None when it is JSON of another form.

    Raises:
        ReadError: "damaged": not JSON, or an entry has no words or impossible ones; its path is `name`.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "a number"
        raise ReadError(name, "damaged", f"not valid JSON ({where}).") from None
    except RecursionError:
        raise ReadError(name, "damaged", "JSON nested too deeply.") from None
    for form, key in FORMS.items():
        entries = data.get(form) if isinstance(data, dict) else None
        if isinstance(entries, list) and all(isinstance(e, dict) for e in entries) and any(key in e for e in entries):
            return [_piece(entry, key, f"{form}[{i}]", name) for i, entry in enumerate(entries)], form == "segments"
    return None


def _piece(entry: dict[str, Any], key: str, where: str, name: str) -> Piece:
    speaker, words = entry.get("speaker"), entry.get(key)
    for label, value in (("speaker", speaker), (key, words)):
        if value is not None and not isinstance(value, str):
            raise ReadError(name, "damaged", f"{where}: {label!r} is not a string.")
    times = [_time(entry, label, where, name) for label in ("start", "end")]
    return Piece(" ".join((speaker or "").split()), one_line(_lines(words or "")), *times)


def _lines(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n")


def _time(entry: dict[str, Any], label: str, where: str, name: str) -> float | None:
    value = entry.get(label)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ReadError(name, "damaged", f"{where}: {label!r} is not a number of seconds.")
    return float(value)
