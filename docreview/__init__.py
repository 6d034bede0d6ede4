"""docreview reads long contracts and meeting transcripts on your own machine and proves what it says."""

from docreview import _quiet

_quiet.hush()  # before anything else is imported

from docreview._version import __version__  # noqa: E402
from docreview.chunk import chunk  # noqa: E402
from docreview.read import read  # noqa: E402
from docreview.review import review  # noqa: E402
from docreview.triage import triage  # noqa: E402
from docreview.types import Citation, Clause, Coverage, Document, Hit, Passage, Review, Span  # noqa: E402
from docreview.verify import verify  # noqa: E402

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
