"""What keeps a deployment honest: the audit log, and personal data kept out of what leaves. The policy it obeys lies in
`governance/`, apart from the code.
"""

from docreview.governance.pii import PiiSpan, Redacted, find_pii, redact, restore

__all__ = ["PiiSpan", "Redacted", "find_pii", "redact", "restore"]
