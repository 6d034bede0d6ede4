"""What a format's parser hands back: text and facts about it, before structure is looked for and limits are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from docreview.types import OutlineEntry, Page, ReadWarning, Section, Turn, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Value):
    """A document in the making; plain data only, because it crosses a process boundary as JSON.

    `sections` is None when the format says nothing about headings: they are then looked for in the text.
    """

    text: str
    media_type: str
    pages: tuple[Page, ...] = ()
    turns: tuple[Turn, ...] = ()
    sections: tuple[Section, ...] | None = None
    outline: tuple[OutlineEntry, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[ReadWarning, ...] = ()


def counted(messages: Mapping[str, str], counts: Mapping[str, int]) -> list[ReadWarning]:
    """A warning for each thing that was met, in the order of the messages; `{}` in a message stands for the number."""
    return [
        ReadWarning(code=code, message=text.format(counts[code])) for code, text in messages.items() if counts[code]
    ]
