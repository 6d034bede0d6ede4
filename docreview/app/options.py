"""What the review app was started with. It travels to the app's own code in one environment variable."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final

from docreview._json import dumps, load
from docreview.types import Value

VARIABLE: Final = "DOCREVIEW_APP"
"""The environment variable that holds `Options` as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Value):
    """Folders and names that the app works with; empty means none.

    Attributes:
        out: Folder of results of `docreview triage`; the app may make it when documents are uploaded.
        library: Folder that `docreview index` made.
        audit: Folder of the audit log; decisions are logged there.
        checklist: Path to the checklist of one's own that the reviews were made with.
        reviewer: The person's name, until another is typed.
        model: A language model for questions, as `docreview ask --model` names it.
        token_sha256: Of the token that a person must type first; never the token itself.
    """

    out: str = ""
    library: str = ""
    audit: str = ""
    checklist: str = ""
    reviewer: str = ""
    model: str = ""
    token_sha256: str = ""

    def opens(self, token: str) -> bool:
        """Whether a token is the one that was asked for; in the same time whatever it is."""
        return not self.token_sha256 or hmac.compare_digest(digest(token), self.token_sha256)

    def to_environment(self) -> None:
        """Hand them to the app, in this process and in those that it starts."""
        os.environ[VARIABLE] = dumps(self)

    @staticmethod
    def from_environment() -> Options:
        """Those that the app was started with; empty ones when it was not started by `docreview app`."""
        return load(Options, os.environ.get(VARIABLE, "{}").encode())


def digest(token: str) -> str:
    """SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
