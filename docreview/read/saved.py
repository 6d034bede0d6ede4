"""A document's structure kept beside its text: pages, turns, sections, terms and warnings as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from docreview._json import dumps, load, plain
from docreview.types import Document


def structure(document: Document) -> str:
    """All of a document but its text, as one line of JSON."""
    return dumps({**plain(document), "text": ""})


def rebuilt(saved: Mapping[str, Any], text: str) -> Document:
    """The document of a text and what `structure` gave for it, parsed.

    Raises:
        ValueError: The two do not fit.
    """
    blank = load(Document, {**saved, "text": " " * len(text)})  # pydantic takes no surrogate
    return replace(blank, text=text)
