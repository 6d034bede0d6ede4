"""One conversation with a language model about a document: its turns, its tools, its guards. See docs/tools.md."""

from docreview.dialogue.talk import Dialogue, converse
from docreview.dialogue.values import Budget, Finish, OnText, Outcome, Phase, Thought, add

__all__ = ["Budget", "Dialogue", "Finish", "OnText", "Outcome", "Phase", "Thought", "add", "converse"]
