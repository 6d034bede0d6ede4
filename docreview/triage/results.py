"""What a run wrote, read back: each document's text, review and checklist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docreview._json import load, read_jsonl
from docreview.checklist import Checklist
from docreview.checklist import load as load_checklist
from docreview.errors import ConfigError, OutputError
from docreview.read.saved import rebuilt
from docreview.triage.inputs import WORK
from docreview.types import Document, Review, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One reviewed document with its pages, turns, sections and terms; its source's path is its name in the folder.

    `text` is the text's file, relative to the folder of results. Of folders that earlier versions wrote the document is
    its text alone.
    """

    doc: str
    text: str
    document: Document
    review: Review
    checklist: Checklist


def results(out: Path, *, checklist: str | None = None) -> Iterator[Result]:
    """The documents that a run has done, in the order of its inputs.

    Args:
        out: The folder that `docreview triage` wrote.
        checklist: Of reviews with a checklist of one's own: the path to it.

    Raises:
        OutputError: There is no such folder, or a file in it is missing or damaged.
        ConfigError: A checklist is none of the shipped ones, and none was named.
    """
    try:
        rows = [row for row in read_jsonl(out / "documents.jsonl") if row["status"] == "done"]
    except (OSError, ValueError, KeyError, TypeError):
        raise OutputError(out, "holds no results of `docreview triage`") from None
    for row in rows:
        yield _result(out, row["doc"], row["text"], row["review"], checklist)


def _result(out: Path, doc: str, text: str, review: str, checklist: str | None) -> Result:
    try:
        read = load(Review, (out / review).read_bytes())
        content = (out / text).read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise OutputError(out / review, error.strerror or "can't be read") from None
    except ValueError:
        raise OutputError(out / review, "is not a review; run triage again") from None
    document = _document(out, Path(review).name, Document(id=read.doc_id, source=_source(doc), text=content))
    for citation in (each for clause in read.clauses for each in clause.citations):
        if content[citation.span.start : citation.span.end] != citation.quote.encode("utf-8", "replace").decode():
            raise OutputError(out / text, f"is not the text of {Path(review).name}; run triage again")
    return Result(doc=doc, text=text, document=document, review=read, checklist=_checklist(read.checklist, checklist))


def _source(doc: str) -> Source:
    return Source(path=doc, media_type="text/plain", sha256="")


def _document(out: Path, name: str, bare: Document) -> Document:
    """The document with the structure that was kept of it."""
    file = out / WORK / "documents" / name
    try:
        return rebuilt(json.loads(file.read_bytes()), bare.text)
    except FileNotFoundError:
        return bare
    except (OSError, ValueError):
        raise OutputError(file, "is damaged; run triage again") from None


def _checklist(name: str, path: str | None) -> Checklist:
    if path is not None:
        own = load_checklist(path)
        if own.name == name:
            return own
    try:
        return load_checklist(name)
    except ConfigError:
        raise ConfigError("checklist", name, "not a shipped one; name its file with --checklist") from None
