"""What the model reader says to a language model, word for word: caches and trained checkpoints depend on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from docreview.checklist import Question

INSTRUCTIONS: Final = (
    "You review one document. Answer with tool calls only.\n"
    "For each place that answers a question call record_clause with the question's name and a quote, copied from the "
    "document character for character.\n"
    "If the document does not answer a question call record_absent with its name."
)
QUESTIONS: Final = "Questions:"
"""The line that a group of a checklist's questions begins with."""
DOCUMENT: Final = "[document: {}]"
"""The line above the passages of each of several documents."""


def group_text(questions: Iterable[Question]) -> str:
    """The user's turn for one group of questions."""
    return f"{QUESTIONS}\n" + "\n".join(f"- {question.name}: {question.text}" for question in questions)
