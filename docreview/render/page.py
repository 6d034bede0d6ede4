"""The frame of every page: one style, one script, and a policy that forbids the browser to load anything else."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from docreview._html import Safe, join, tag


def page(title: str, *body: str, back: str = "") -> str:
    """A whole HTML document. `back` is the class of the body."""
    style, script = _asset("report.css"), _asset("report.js")
    sources = f"style-src '{_sha(style)}'; script-src '{_sha(script)}'"
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    head = join(
        Safe('<meta charset="utf-8">'),
        Safe(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Safe('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Safe('<meta name="referrer" content="no-referrer">'),
        Safe('<meta name="color-scheme" content="light dark">'),
        tag("title", title),
        Safe(f"<style>{style}</style>"),
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n' + join(
        tag("body", *body, Safe(f"<script>{script}</script>"), class_=back or None), Safe("</html>\n")
    )


@lru_cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _sha(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut at a word, with an ellipsis where something is left out."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    if not line[limit - 1].isspace() and " " in cut[limit // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:") + "…"


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss, or m:ss below an hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def place(page_number: int | None, speaker: str | None, start_s: float | None) -> str:
    """Where a quote stands, for people: "p. 3", "Ann, 12:05"."""
    parts = [f"p. {page_number}" if page_number else "", speaker or "", clock(start_s) if start_s is not None else ""]
    return ", ".join(part for part in parts if part)
