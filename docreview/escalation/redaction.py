"""The package's own redaction, as escalation needs it."""

from __future__ import annotations

from docreview.errors import PolicyError
from docreview.escalation.collect import Redactor


def redactor() -> Redactor:
    """The redactor for what leaves the machine.

    Raises:
        PolicyError: There is none; nothing may be queued or sent then.
    """
    raise PolicyError("escalation.redaction", "no redaction is installed: nothing can be queued or sent")
