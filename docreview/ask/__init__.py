"""One question about a document or a library -> an `Answer`: sentences with their proof, or an abstention."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from docreview.ask.answer import Answer, Cited, Searched, Sentence, Unproven

if TYPE_CHECKING:
    from docreview.ask.conversation import Conversation, Options
    from docreview.ask.material import Target
    from docreview.governance.audit import AuditLog
    from docreview.models import ChatModel

__all__ = ["Answer", "Cited", "Conversation", "Options", "Searched", "Sentence", "Unproven", "ask"]


def ask(
    target: Target,
    question: str,
    *,
    model: ChatModel | None = None,
    doc: str | None = None,
    options: Options | None = None,
    log: AuditLog | None = None,
    cancel: Event | None = None,
) -> Answer:
    """The answer to one question. For several about the same document take a `Conversation`.

    Without a model the sentences are the document's own; see docs/ask.md.

    Args:
        target: A document, a library, or the path of either.
        question: In your own words. Of a library, it may name the document that it is about.
        model: From `docreview.load_model`; the embedded reader by default.
        doc: Only this document of the library.
        options: For a language model.
        log: The audit log; question and answer go into its payloads.
        cancel: Set it from another thread to stop a model.

    Raises:
        ReadError: The file can't be read.
        LibraryError: The folder is no library, or has no document called `doc`.
        ValueError: The question is empty.
        ModelError: The model failed.
    """
    from docreview.ask.conversation import Conversation

    with Conversation(target, model=model, doc=doc, options=options, log=log) as conversation:
        return conversation.ask(question, cancel=cancel)


def __getattr__(name: str) -> object:
    if name in ("Conversation", "Options"):
        from docreview.ask import conversation

        return getattr(conversation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
