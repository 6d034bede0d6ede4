"""Plain text, Markdown and transcripts."""

from __future__ import annotations

from docreview.errors import ReadError
from docreview.read.decode import Decoded, decode
from docreview.read.draft import Draft
from docreview.read.transcripts.court import read_court
from docreview.read.transcripts.json_turns import parse_json
from docreview.read.transcripts.labelled import find_turns
from docreview.read.transcripts.pieces import Piece, build
from docreview.read.transcripts.subtitles import looks_like_subtitles, parse_subtitles
from docreview.types import ReadWarning


def read_text(data: bytes, name: str) -> Draft:
    """A TXT, Markdown, VTT, SRT or JSON file as text with turns.

    The file's extension decides; a TXT that begins like a subtitle file is read as one. Subtitle files and JSON
    transcripts become new text, one turn a line ("Speaker: words"); any other text stays as it was decoded.

    Raises:
        ReadError: The bytes are not text, or do not follow their format; its path is `name`.
    """
    decoded = decode(data, name)
    kind = name.lower().rpartition(".")[2]
    if kind in ("vtt", "srt") or (kind != "json" and looks_like_subtitles(decoded.text)):
        return _subtitles(decoded, name, kind)
    if kind == "json":
        return _json(decoded, name)
    return _plain(decoded, "text/markdown" if kind in ("md", "markdown") else "text/plain")


def _subtitles(decoded: Decoded, name: str, kind: str) -> Draft:
    vtt = kind == "vtt" or (kind != "srt" and decoded.text.lstrip().startswith("WEBVTT"))
    pieces, warnings = parse_subtitles(decoded.text, vtt=vtt)
    return _built(decoded, name, pieces, warnings, join=True, media_type="text/vtt" if vtt else "application/x-subrip")


def _json(decoded: Decoded, name: str) -> Draft:
    parsed = parse_json(decoded.text, name)
    if parsed is None:
        message = "The JSON is not a transcript in a form that docreview knows; it was read as plain text."
        unknown = ReadWarning(code="json_form", message=message)
        warnings = (*decoded.warnings, unknown)
        return Draft(text=decoded.text, media_type="application/json", sections=(), warnings=warnings)
    pieces, join = parsed
    return _built(decoded, name, pieces, [], join=join, media_type="application/json")


def _built(
    decoded: Decoded, name: str, pieces: list[Piece], warnings: list[ReadWarning], *, join: bool, media_type: str
) -> Draft:
    text, turns = build(pieces, join=join)
    if not turns:
        raise ReadError(name, "empty", "the transcript holds no words.")
    if empty := sum(1 for piece in pieces if not piece.text):
        message = f"{empty:,} of {len(pieces):,} pieces have no words and were left out."
        warnings = [*warnings, ReadWarning(code="empty_turns", message=message)]
    return Draft(text=text, media_type=media_type, turns=turns, sections=(), warnings=(*decoded.warnings, *warnings))


def _plain(decoded: Decoded, media_type: str) -> Draft:
    text = decoded.text
    court = read_court(text)
    turns = court.turns if court else find_turns(text)
    return Draft(
        text=text,
        media_type=media_type,
        pages=court.pages if court else (),
        turns=turns,
        sections=court.sections if court else (() if turns else None),
        warnings=decoded.warnings,
    )
