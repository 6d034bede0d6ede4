"""What a language model may call while it reads a document. docs/tools.md shows it at work."""

from docreview.tools.permissions import Answer, Confirm, Permissions, Request
from docreview.tools.table import TOOLS, Tool
from docreview.tools.toolbox import Toolbox
from docreview.tools.values import MAX_RESULT, Effect, Recorded, ToolResult

__all__ = [
    "MAX_RESULT",
    "TOOLS",
    "Answer",
    "Confirm",
    "Effect",
    "Permissions",
    "Recorded",
    "Request",
    "Tool",
    "ToolResult",
    "Toolbox",
]
