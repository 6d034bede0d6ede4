"""docreview reads long contracts and meeting transcripts on your own machine and proves what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docreview._version import __version__
from docreview.ask import ask
from docreview.chunk import chunk
from docreview.read import read
from docreview.readers.load import load_model
from docreview.review import review
from docreview.triage import triage
from docreview.types import Citation, Clause, Coverage, Document, Hit, Passage, Review, Span
from docreview.verify import verify

if TYPE_CHECKING:
    from docreview.ask import Conversation

__all__ = [
    "Citation",
    "Clause",
    "Conversation",
    "Coverage",
    "Document",
    "Hit",
    "Passage",
    "Review",
    "Span",
    "__version__",
    "ask",
    "chunk",
    "load_model",
    "read",
    "review",
    "triage",
    "verify",
]


def __getattr__(name: str) -> object:
    if name == "Conversation":  # it needs the tools, and they pydantic: not for `import docreview`
        from docreview.ask.conversation import Conversation

        return Conversation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
