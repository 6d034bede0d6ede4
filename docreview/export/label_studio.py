"""Label Studio's tasks (JSON), out and in: https://labelstud.io/guide/predictions.

Offsets are code points, as Label Studio has counted since 2021; older exports count UTF-16 units, which the proof of
each place tells apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from docreview._html import tag
from docreview._json import digest, dumps, write_atomic
from docreview.export.annotation import Annotation
from docreview.export.filing import Filed, Filing, Row
from docreview.types import Clause

_FROM: Final = "clause"
_TO: Final = "text"


def write(path: Path, filing: Filing) -> None:
    """One task a document: the reader's places as a prediction, each person's as an annotation.

    Beside it, under the same name with `.xml`, the labelling configuration that the tasks need.
    """
    tasks = [_task(filed) for filed in filing]
    names = dict.fromkeys(name for filed in filing for name in filed.checklist.names)
    write_atomic(path, (dumps(tasks) + "\n").encode("utf-8", "replace"))
    write_atomic(path.with_suffix(".xml"), configuration(names))


def configuration(labels: Iterable[str]) -> str:
    """A labelling configuration with these labels."""
    choices = [tag("Label", value=label) for label in labels]
    text = tag("Text", name_=_TO, value="$text", granularity="character")
    return tag("View", tag("Labels", *choices, name_=_FROM, toName=_TO, showInline="false"), text) + "\n"


def _task(filed: Filed) -> dict[str, Any]:
    clauses = [clause for clause in filed.read.clauses if clause.citations]
    read = [each for clause in clauses for each in _results(clause)]
    people: dict[str, list[Row]] = {}
    for row in filed.rows:
        if row.entry and row.decision in ("verified", "edited") and row.clause.citations:
            people.setdefault(row.entry.by, []).append(row)
    return {
        "data": {
            "text": filed.document.text,
            "doc": filed.doc,
            "doc_id": filed.document.id,
            "checklist": filed.checklist.name,
        },
        "predictions": [{"model_version": filed.read.reader, "result": read}],
        "annotations": [_submission(name, rows) for name, rows in people.items()],
    }


def _submission(name: str, rows: list[Row]) -> dict[str, Any]:
    results = [each for row in rows for each in _results(row.clause, name)]
    return {"result": results, "was_cancelled": False, "ground_truth": False}


def _results(clause: Clause, person: str = "") -> Iterator[dict[str, Any]]:
    for citation in clause.citations:
        span = citation.span
        made: dict[str, Any] = {
            "id": digest([clause.name, span.start, span.end])[:10],
            "from_name": _FROM,
            "to_name": _TO,
            "type": "labels",
            "value": {"start": span.start, "end": span.end, "text": citation.quote, "labels": [clause.name]},
        }
        if clause.score is not None and not person:
            made["score"] = clause.score
        told = [f"answer: {clause.value}"] * bool(clause.value) + [f"by: {person}"] * bool(person)
        yield made | ({"meta": {"text": told}} if told else {})


def read(path: Path) -> Iterator[Annotation]:
    """The labelled places of tasks: those of annotations are people's, those of predictions a program's.

    Annotations that were cancelled, and results that are no labels of text, are left out.

    Raises:
        ValueError: It is not JSON, or no task.
    """
    number = 0
    for task in json.loads(path.read_bytes()):
        for key in ("annotations", "completions", "predictions"):
            for each in task.get(key) or ():
                if each.get("was_cancelled"):
                    continue
                for result in each.get("result", ()):
                    if "labels" in result.get("value", {}) and "start" in result["value"]:
                        number += 1
                        yield _read(number, task["data"], each, result, person=key != "predictions")


def _read(
    number: int, data: Mapping[str, Any], submission: Mapping[str, Any], result: Mapping[str, Any], *, person: bool
) -> Annotation:
    value = result["value"]
    told = [str(line) for line in result.get("meta", {}).get("text", ())]
    by = (
        next((line[4:] for line in told if line.startswith("by: ")), "") or submission.get("completed_by") or "a person"
    )
    return Annotation(
        number=number,
        document=tuple(str(data[key]) for key in ("doc", "doc_id") if key in data),
        clause=str(value["labels"][0]) if value["labels"] else "",
        quote=str(value.get("text") or ""),
        start=int(value["start"]),
        end=int(value["end"]),
        value=next((line[8:] for line in told if line.startswith("answer: ")), None),
        person=_name(by) if person else "",
        text=str(data.get(_TO, "")),
    )


def _name(by: Any) -> str:
    return str(by.get("email") or by.get("id") or "a person") if isinstance(by, Mapping) else str(by)
