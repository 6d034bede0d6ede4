"""LangExtract's annotated documents (JSON Lines), out and in. Offsets are code points, as Python counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docreview._json import dumps, read_jsonl
from docreview.export.annotation import Annotation
from docreview.export.filing import Filed, Filing


def write(path: Path, filing: Filing) -> None:
    """One line a document: its text, and an extraction for each place that nobody rejected."""
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:
        file.writelines(dumps(_document(filed)) + "\n" for filed in filing)


def _document(filed: Filed) -> dict[str, Any]:
    return {"extractions": list(_extractions(filed)), "text": filed.document.text, "document_id": filed.doc}


def _extractions(filed: Filed) -> Iterator[dict[str, Any]]:
    kept = [row for row in filed.shown if row.decision != "rejected"]
    for group, row in enumerate(kept):
        attributes = {
            "answer": row.clause.value,
            "status": row.clause.status,
            "decision": row.decision,
            "decided_by": row.entry.by if row.entry else None,
        }
        for citation in row.clause.citations:
            yield {
                "extraction_class": row.clause.name,
                "extraction_text": citation.quote,
                "char_interval": {"start_pos": citation.span.start, "end_pos": citation.span.end},
                "alignment_status": "match_exact",
                "extraction_index": group + 1,
                "group_index": group,
                "description": None,
                "attributes": {key: value for key, value in attributes.items() if value},
            }


def read(path: Path) -> Iterator[Annotation]:
    """The extractions of each document; a person's where their attribute `decided_by` names one, else a program's.

    Raises:
        ValueError: A line is not JSON, or no annotated document.
    """
    number = 0
    for document in read_jsonl(path):
        for each in document.get("extractions") or ():
            number += 1
            yield _read(number, document, each)


def _read(number: int, document: Mapping[str, Any], each: Mapping[str, Any]) -> Annotation:
    interval, attributes = each.get("char_interval") or {}, each.get("attributes") or {}
    return Annotation(
        number=number,
        document=(str(document.get("document_id") or ""),),
        clause=str(each["extraction_class"]),
        quote=str(each.get("extraction_text") or ""),
        start=interval.get("start_pos"),
        end=interval.get("end_pos"),
        value=str(attributes["answer"]) if "answer" in attributes else None,
        person=str(attributes.get("decided_by") or ""),
        text=str(document.get("text") or ""),
    )
