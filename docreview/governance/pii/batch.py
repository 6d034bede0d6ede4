"""Many texts at once: rows in, rows out, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docreview.governance.pii.find import find_pii
from docreview.governance.pii.redact import Finder, Surrogates, redact


def redact_rows(
    rows: Iterable[Any], *, find: Finder = find_pii, surrogates: Surrogates | None = None
) -> Iterator[dict[str, Any]]:
    """`{"spans": [{"start", "end", "label", "score"}], "redacted"}` for each `{"text"}`.

    Without `surrogates` each text has its own.

    Raises:
        ValueError: A row has no text; the message gives its number.
    """
    for number, row in enumerate(rows, 1):
        text = row.get("text") if isinstance(row, Mapping) else None
        if not isinstance(text, str):
            raise ValueError(f'row {number} is not {{"text": "..."}}')
        done = redact(text, find=find, surrogates=surrogates)
        spans = [{"start": s.start, "end": s.end, "label": s.label, "score": s.score} for s in done.spans]
        yield {"spans": spans, "redacted": done.text}
