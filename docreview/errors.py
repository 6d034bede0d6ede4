"""Every error that docreview raises on purpose: one class per thing a caller can do about it.

A message says what went wrong, where, and what to do. Messages hold paths, pages and counts, never document text.
"""

from __future__ import annotations

import os
from typing import Final

READ_CODES: Final = frozenset(
    {
        "missing",  # no such file, or not a file
        "permission",  # the file may not be opened
        "unsupported",  # a type that docreview does not read
        "empty",  # nothing in it that could be read as text
        "encrypted",  # a password is needed, or the one given is wrong
        "damaged",  # the bytes do not follow their own format
        "encoding",  # the bytes are not text in any encoding that docreview knows
        "garbled",  # text came out, but it is not readable (fonts without a character map, binary data)
        "too_large",  # over the size limit, or inflates over it
        "timeout",  # over the time limit
        "memory",  # over the memory limit
        "crashed",  # the parser's process died
    }
)

MODEL_CODES: Final = frozenset(
    {
        "unknown",  # no such kind of model, or no such profile
        "missing",  # not on this machine; it is never downloaded unasked
        "damaged",  # on this machine, but its files are incomplete or can't be loaded
        "host",  # a server that is not on this machine and was not allowed by name
        "unreachable",  # nobody answers at the server's address
        "server",  # the server answered with an error, or not as its kind does
        "raw",  # the server changed the reply: it took tool calls out of it
        "cut",  # the server read less than was sent, or its reply broke off
        "tokenizer",  # tokens can't be counted without a tokenizer file
        "cancelled",  # stopped on request before there was a result
        "runtime",  # the library that runs it failed while computing
        "closed",  # used after it was closed
        "script",  # a scripted model has no reply for this prompt
    }
)


class DocreviewError(Exception):
    """Base of all errors that docreview raises on purpose."""


class ReadError(DocreviewError):
    """A document could not be read.

    Attributes:
        path: The file, as the caller named it.
        code: One of `READ_CODES`, for programs.
        page: The page it happened on, counted from 1; None when it concerns the whole file.
    """

    def __init__(self, path: str | os.PathLike[str], code: str, message: str, *, page: int | None = None) -> None:
        if code not in READ_CODES:
            raise ValueError(f"unknown read error code {code!r}")
        self.path, self.code, self.page, self.reason = os.fspath(path), code, page, message
        where = os.path.basename(self.path) + (f", page {page}" if page is not None else "")
        super().__init__(f"{where}: {message}")


class ConfigError(DocreviewError):
    """A setting is unknown or has an impossible value."""

    def __init__(self, source: str, key: str, message: str) -> None:
        self.source, self.key = source, key
        super().__init__(f"{source}: {key}: {message}")


class MissingExtra(DocreviewError, ImportError):
    """A feature needs packages that are not installed; the message holds the pip line."""

    def __init__(self, feature: str, extra: str) -> None:
        self.feature, self.extra = feature, extra
        super().__init__(f"{feature} needs packages that are not installed. Run: pip install 'docreview[{extra}]'")


class LibraryError(DocreviewError):
    """A library folder (a search index) is missing, damaged, or made by an incompatible version."""

    def __init__(self, path: str | os.PathLike[str], message: str) -> None:
        self.path = os.fspath(path)
        super().__init__(f"{self.path}: {message}")


class OutputError(DocreviewError):
    """A folder for results can't be used: not writable, full, held by another run, or somebody else's."""

    def __init__(self, path: str | os.PathLike[str], message: str) -> None:
        self.path = os.fspath(path)
        super().__init__(f"{self.path}: {message}")


class WorkerError(DocreviewError):
    """A supervised child process did not answer: it died, or ran over its time or memory.

    Attributes:
        code: "timeout", "memory" or "crashed".
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class ModelError(DocreviewError):
    """A language model can't be loaded or did not answer.

    Attributes:
        model: The model, as the caller named it.
        code: One of `MODEL_CODES`, for programs.
    """

    def __init__(self, model: str, code: str, message: str) -> None:
        if code not in MODEL_CODES:
            raise ValueError(f"unknown model error code {code!r}")
        self.model, self.code, self.reason = model, code, message
        super().__init__(f"{model}: {message}")


class ContextOverflow(DocreviewError):
    """A prompt and its reply don't fit the model's window. Nothing was computed, nothing was cut.

    Attributes:
        needed: Tokens of the prompt and of the room kept for the reply.
        available: Tokens of the window.
    """

    def __init__(self, model: str, needed: int, available: int) -> None:
        self.model, self.needed, self.available = model, needed, available
        super().__init__(
            f"{model}: {needed:,} tokens (prompt and room for the reply) do not fit its window of {available:,}. "
            "Give less text, or a smaller max_tokens."
        )


class AuditError(DocreviewError):
    """The audit log can't be written, or is not what it should be. Nothing that must be logged may run after it.

    Attributes:
        seq: The number of the event concerned; None when it concerns the whole log.
    """

    def __init__(self, seq: int | None, message: str) -> None:
        self.seq = seq
        super().__init__(message if seq is None else f"event {seq}: {message}")


class PolicyError(DocreviewError):
    """The policy forbids it. A setting or flag may be stricter than the policy, never laxer."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(f"{rule}: {message}")


class VaultError(DocreviewError):
    """A matter's vault of surrogates can't be opened or written: a wrong key, a changed file, no room."""

    def __init__(self, path: str | os.PathLike[str], message: str) -> None:
        self.path = os.fspath(path)
        super().__init__(f"{os.path.basename(self.path)}: {message}")


class DecisionError(DocreviewError):
    """A decision was not saved: its document is not in the folder, or its place does not hold the words chosen."""

    def __init__(self, doc: str, message: str) -> None:
        self.doc = doc
        super().__init__(f"{doc}: {message}")


class DecisionConflict(DecisionError):
    """Somebody decided on the same thing since the person last saw it; nothing was saved, nothing is lost.

    Attributes:
        by, verdict, at, seq: Who decided what when, and the number of that entry. For the person at the screen, not
            for logs.
    """

    def __init__(self, doc: str, *, by: str, verdict: str, at: str, seq: int) -> None:
        self.by, self.verdict, self.at, self.seq = by, verdict, at, seq
        super().__init__(doc, f"{by} decided meanwhile: {verdict}, {at}. Look at it again, then decide")
