"""Personal data: found, taken out, put back."""

from docreview.governance.pii.find import find_pii
from docreview.governance.pii.redact import Numbered, Redacted, Replacement, Surrogates, redact, restore
from docreview.governance.pii.span import LABELS, PiiSpan

__all__ = ["LABELS", "Numbered", "PiiSpan", "Redacted", "Replacement", "Surrogates", "find_pii", "redact", "restore"]
