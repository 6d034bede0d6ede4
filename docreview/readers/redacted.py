"""From what a model said about a redacted document to the same about the document itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from docreview.governance.pii.redact import Redacted, restore
from docreview.readers import Reading
from docreview.types import Coverage, Document, Span, ToolCall


def unredacted(reading: Reading, document: Document, done: Redacted) -> Reading:
    """The reading with places, quotes and values of the original, where surrogates stood.

    Findings keep their words; a model that saw surrogates can't have named anyone in them.
    """
    values = {done.text[r.redacted.start : r.redacted.end]: r.value for r in done.replacements}
    spans = (done.to_original(span) for span in reading.coverage.spans)
    return replace(
        reading,
        calls=tuple(_call(call, document, done, values) for call in reading.calls),
        coverage=Coverage.of(spans, reading.coverage.unread_pages),
        findings=tuple(replace(finding, citations=()) for finding in reading.findings),
    )


def _call(call: ToolCall, document: Document, done: Redacted, values: dict[str, str]) -> ToolCall:
    row: dict[str, Any] = {
        key: restore(value, values) if isinstance(value, str) else value for key, value in call.arguments.items()
    }
    if call.name == "record_clause":
        span = done.to_original(Span(row["start"], row["end"]))
        row |= {"start": span.start, "end": span.end, "quote": document[span]}
    return replace(call, arguments=row)
