"""docreview reads long contracts and meeting transcripts on your own machine and proves what it says."""

from typing import TYPE_CHECKING

from docreview import _quiet

_quiet.hush()  # before anything else is imported

from docreview._version import __version__  # noqa: E402
from docreview.ask import ask  # noqa: E402
from docreview.chunk import chunk  # noqa: E402
from docreview.read import read  # noqa: E402
from docreview.readers.load import load_model  # noqa: E402
from docreview.render import notebook as _notebook  # noqa: E402, F401 - how values look in one
from docreview.review import review  # noqa: E402
from docreview.triage import triage  # noqa: E402
from docreview.triage.folder import Folder  # noqa: E402
from docreview.types import Citation, Clause, Coverage, Document, Hit, Passage, Review, Span  # noqa: E402
from docreview.verify import verify  # noqa: E402

if TYPE_CHECKING:
    from docreview.ask import Conversation

__all__ = [
    "Citation",
    "Clause",
    "Conversation",
    "Coverage",
    "Document",
    "Folder",
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
