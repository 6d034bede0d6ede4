"""The redaction for what leaves the machine: all kinds of personal data, organisations too, and words of your own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from docreview.errors import MissingExtra, OutputError
from docreview.escalation.collect import Redactor
from docreview.governance import PiiSpan, find_pii, redact
from docreview.governance.pii.find import Recogniser
from docreview.governance.pii.span import LABELS

_FILE: Final = "hidden.txt"


def hide(folder: Path, words: Iterable[str]) -> None:
    """Add words that no item of this queue may show: names of parties, of products, of the matter.

    Args:
        folder: The queue's own folder; made when absent, readable by the user alone.
        words: Found whatever their case, as whole words.

    Raises:
        OutputError: The folder can't be written.
    """
    wanted = dict.fromkeys(" ".join(word.split()) for word in words)
    new = [word for word in wanted if word and word not in hidden(folder)]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(folder / _FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
            file.write("".join(f"{word}\n" for word in new).encode())
    except OSError as error:
        raise OutputError(folder, error.strerror or "can't be written") from None


def hidden(folder: Path) -> list[str]:
    """The words that were added so far."""
    try:
        return (folder / _FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        raise OutputError(folder / _FILE, "can't be read; nothing is sent without it") from None


def redactor(folder: Path) -> Redactor:
    """What takes out all that is found, with the small model for names where spaCy is installed.

    Args:
        folder: The queue's own folder, with the words that were added.
    """
    words = sorted(hidden(folder), key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words)
    own = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) if words else None
    return partial(redact, find=partial(_find, names=_names(), own=own))


def _find(text: str, *, names: Recogniser | None, own: re.Pattern[str] | None) -> Iterator[PiiSpan]:
    yield from find_pii(text, kinds=LABELS, names=names)
    for match in own.finditer(text) if own else ():
        yield PiiSpan(match.start(), match.end(), "OTHER", 1.0)


def _names() -> Recogniser | None:
    from docreview.governance.names import recogniser

    try:
        return recogniser("small")
    except MissingExtra:
        return None
