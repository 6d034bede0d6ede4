"""Asking a named outside service about what the reader was not sure of: off by default, redacted, one consent for each
item. docs/escalation.md tells what leaves the machine, and when.
"""

from docreview.escalation.collect import Redactor, collect
from docreview.escalation.policy import Escalation
from docreview.escalation.queue import Item, Queue, Suggestion
from docreview.escalation.redaction import hide, redactor
from docreview.escalation.send import Consent, send

__all__ = ["Consent", "Escalation", "Item", "Queue", "Redactor", "Suggestion", "collect", "hide", "redactor", "send"]
