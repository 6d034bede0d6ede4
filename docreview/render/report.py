"""report.html: the queue of documents, those that want a person first on top, with filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docreview._html import Safe, join, tag
from docreview.render.page import page

_STATUSES = {
    "done": "done",
    "quarantined": "quarantined",
    "unsure": "with unsure clauses",
    "not_read": "with parts not read",
    "failed": "with failed questions",
}


def report_page(
    rows: Sequence[str], failures: Sequence[Mapping[str, Any]], *, types: Iterable[str], categories: Mapping[str, str],
    others: str = "",
) -> str:  # fmt: skip
    """The report.

    Args:
        rows: The queue's rows in the order in which they are to be seen, from `queue_row`.
        failures: Rows of documents.jsonl that could not be read.
        types: Document types to filter by.
        categories: Label by category, to filter by.
        others: Markup that leads to further pages of the queue.
    """
    total = len(rows) + len(failures)
    title = f"{total:,} document{'s' if total != 1 else ''}"
    done = f"{len(rows):,} reviewed" + (f", {len(failures):,} quarantined" if failures else "")
    head = tag(
        "header",
        tag("p", "docreview", class_="back"),
        tag("h1", title),
        tag(
            "p",
            f"{done}. Those that want a look first are on top. Every clause is the document's own words.",
            class_="facts",
        ),
    )
    queue = [Safe(row) for row in rows]
    quarantine = [_failure(row) for row in failures]
    empty = tag("p", "Nothing fits these filters.", id="none", hidden="hidden")
    main = tag("main", Safe(others), *quarantine, *queue, empty, Safe(others))
    return page(f"{title} · docreview", head, _filters(types, categories), main, back="queue")


def _failure(row: Mapping[str, Any]) -> Safe:
    name = tag("h2", tag("bdi", row["doc"]))
    reason = tag("p", tag("strong", row["error"]), ": ", row["message"])
    return tag(
        "article",
        tag("div", tag("b", "!"), tag("span", "not read"), class_="risk"),
        tag("div", name, reason, class_="what"),
        class_="quarantined",
        data_type="unknown",
        data_status="quarantined",
        data_categories="|",
    )


def _filters(types: Iterable[str], categories: Mapping[str, str]) -> Safe:
    search = Safe(
        '<input id="words" type="search" placeholder="Name or words  ( / )" aria-label="Filter by name or words">'
    )
    kinds = _select("type", "All types", {kind or "unknown": kind or "unknown" for kind in sorted(set(types))})
    return tag(
        "div",
        search,
        kinds,
        _select("status", "All documents", _STATUSES),
        _select("category", "All clauses", categories),
        tag("span", id="count", aria_live="polite"),
        class_="filters",
        role="search",
    )


def _select(name: str, everything: str, options: Mapping[str, str]) -> Safe:
    choices = [tag("option", label, value=value) for value, label in options.items()]
    return tag("select", tag("option", everything, value=""), *choices, id=name, aria_label=f"Filter by {name}")


def further(pages: Sequence[tuple[str, str]]) -> Safe:
    """Links to the pages of a queue that is too long for one: (address, label)."""
    return tag("nav", *(join(tag("a", label, href=address), " ") for address, label in pages), class_="further")
