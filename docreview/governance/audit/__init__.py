"""The audit log: what was done, by whom and when, without a word of the documents. Its format is in docs/audit.md."""

from docreview.governance.audit.actions import Ruling
from docreview.governance.audit.checkpoint import checkpoint
from docreview.governance.audit.event import AuditEvent, Record
from docreview.governance.audit.export import export
from docreview.governance.audit.log import AuditLog
from docreview.governance.audit.retention import Hold, Retention, hold, holds, purge, release
from docreview.governance.audit.show import events, show
from docreview.governance.audit.verify import verify

__all__ = [
    "AuditEvent",
    "AuditLog",
    "Hold",
    "Record",
    "Retention",
    "Ruling",
    "checkpoint",
    "events",
    "export",
    "hold",
    "holds",
    "purge",
    "release",
    "show",
    "verify",
]
