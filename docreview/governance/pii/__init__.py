"""Personal data: found, taken out, put back."""

from docreview.governance.pii.find import DEFAULT_KINDS, find_pii
from docreview.governance.pii.redact import Numbered, Redacted, Replacement, Surrogates, redact, restore
from docreview.governance.pii.span import LABELS, PiiSpan

__all__ = [
    "DEFAULT_KINDS",
    "LABELS",
    "Numbered",
    "PiiSpan",
    "Redacted",
    "Replacement",
    "Surrogates",
    "find_pii",
    "redact",
    "restore",
]
