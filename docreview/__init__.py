"""docreview reads long contracts and meeting transcripts on your own machine and proves what it says."""

from docreview._version import __version__
from docreview.chunk import chunk
from docreview.read import read
from docreview.review import review
from docreview.triage import triage
from docreview.types import Citation, Clause, Coverage, Document, Hit, Passage, Review, Span
from docreview.verify import verify

__all__ = [
    "Citation",
    "Clause",
    "Coverage",
    "Document",
    "Hit",
    "Passage",
    "Review",
    "Span",
    "__version__",
    "chunk",
    "read",
    "review",
    "triage",
    "verify",
]
