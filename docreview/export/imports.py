"""Annotations that were made elsewhere, as decisions: each place proven in the document, or refused and listed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from docreview.decisions import Decisions, Entry, Item, items
from docreview.errors import ConfigError, DecisionConflict, DecisionError
from docreview.export import label_studio, langextract, web
from docreview.export.annotation import Annotation, prove
from docreview.export.filing import Filed, folder
from docreview.governance.audit import AuditLog
from docreview.types import Span, Value

Source = Literal["annotations", "label-studio", "langextract"]
_READERS: Final[dict[Source, Callable[[Path], Iterator[Annotation]]]] = {
    "annotations": web.read,
    "label-studio": label_studio.read,
    "langextract": langextract.read,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Value):
    """An annotation that was not taken in: which of the file, and why. `clause` is as the file calls it."""

    number: int
    document: str
    clause: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of a file's annotations; together they are all of them.

    `accepted`: the reader had proposed that place. `edited`: it had, with another answer. `added`: it had not.
    `known`: the same is decided already. `programs`: made by a program, and left out.
    """

    accepted: int = 0
    edited: int = 0
    added: int = 0
    known: int = 0
    programs: int = 0
    refused: list[Refused] = field(default_factory=list)


def import_annotations(
    file: Path,
    out: Path,
    *,
    by: str,
    source: Source | None = None,
    undecided: bool = False,
    checklist: str | None = None,
    log: AuditLog | None = None,
) -> Imported:
    """Take annotations of W3C, Label Studio or LangExtract into a folder of `docreview triage` as decisions.

    What can't be proven in the document's own characters is refused, and the rest goes in. Doing it again changes
    nothing. Who made an annotation elsewhere stands in the decision's note.

    Args:
        file: The file.
        out: The folder.
        by: Who takes them in, and whose decisions they become.
        source: What kind of file it is; told by its content when not given.
        undecided: Take programs' annotations too, and leave every place open for a person (verdict unsure).
        checklist: Of reviews with a checklist of one's own: the path to it.
        log: The audit log.

    Raises:
        ConfigError: The file can't be read, or is none of these kinds.
        OutputError: The folder is none of triage's, or can't be written.
        AuditError: The log can't be written; what could not be logged was not done.
    """
    annotations = _annotations(file, source or _kind(file))
    decisions = Decisions(out, log=log)
    filing = folder(out, checklist=checklist)
    named = _by_document(annotations, filing)
    result = Imported()
    for filed in filing:
        desk = _Desk(filed, decisions, by, undecided, result)
        for annotation in named.pop(filed.doc, ()):
            desk.take(annotation)
    for lost in named.pop("", ()):
        _refuse(result, lost, "it names no document of this folder")
    result.refused.sort(key=lambda each: each.number)
    return result


def _kind(file: Path) -> Source:
    """The kind of a file, from its first value."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        first = json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not JSON"
        raise ConfigError(str(file), "(whole file)", f"can't be read: {reason}") from None
    if isinstance(first, list) and first and isinstance(first[0], dict) and "data" in first[0]:
        return "label-studio"
    if isinstance(first, dict) and "extractions" in first:
        return "langextract"
    if (isinstance(first, dict) and "@context" in first) or (isinstance(first, list) and first):
        return "annotations"
    raise ConfigError(str(file), "(whole file)", f"is none of {', '.join(_READERS)}")


def _annotations(file: Path, source: Source) -> list[Annotation]:
    try:
        return list(_READERS[source](file))
    except OSError as error:
        raise ConfigError(str(file), "(whole file)", f"can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise ConfigError(str(file), "(whole file)", f"is no file of {source}") from None


def _by_document(annotations: Iterable[Annotation], filing: Iterable[Filed]) -> dict[str, list[Annotation]]:
    """The annotations by the folder's documents; under "" those of none. Names count before the text."""
    names: dict[str, str] = {}
    texts: dict[bytes, str] = {}
    for filed in filing:
        own = filed.facts["text"]
        for name in (filed.doc, filed.document.id, own, own.rpartition("/")[2]):
            names.setdefault(name, filed.doc)
        texts.setdefault(_hash(filed.document.text), filed.doc)
    found: dict[str, list[Annotation]] = {}
    for each in annotations:
        named = next((names[name] for name in each.document if name in names), "")
        found.setdefault(named or texts.get(_hash(each.text), ""), []).append(each)
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


class _Desk:
    """Decides on one document's annotations."""

    def __init__(self, filed: Filed, decisions: Decisions, by: str, undecided: bool, result: Imported) -> None:
        self._filed, self._decisions, self._by = filed, decisions, by
        self._undecided, self._result = undecided, result
        self._items = {(item.clause, item.place): item for item in items(filed.read, filed.entries)}
        self._names = {question.label: question.name for question in filed.checklist.questions}
        self._names |= {name: name for name in filed.checklist.names}
        self._seen = max((entry.seq for entry in filed.entries), default=0)
        self._done: set[tuple[str, Span]] = set()

    def take(self, annotation: Annotation) -> None:
        """Prove and save one; or count why not."""
        if not annotation.person and not self._undecided:
            self._result.programs += 1
            return
        clause = self._names.get(annotation.clause)
        if clause is None:
            _refuse(self._result, annotation, "the checklist has no question of this name")
            return
        place = prove(annotation, self._filed.document)
        if isinstance(place, str):
            _refuse(self._result, annotation, place)
            return
        if (clause, place) in self._done:
            self._result.known += 1
            return
        self._done.add((clause, place))
        self._decide(annotation, clause, place)

    def _decide(self, annotation: Annotation, clause: str, place: Span) -> None:
        item = self._items.get((clause, place))
        if item is not None and item.entry is not None:
            self._decided(annotation, item)
            return
        try:
            self._save(annotation, clause, place, item)
        except DecisionConflict:
            _refuse(self._result, annotation, "somebody decided on it while this ran")
        except DecisionError:
            _refuse(
                self._result, annotation, "the place can't be saved: only white space, or characters that are no text"
            )

    def _decided(self, annotation: Annotation, item: Item) -> None:
        same = item.status in ("verified", "edited") and annotation.value in (None, item.value)
        if same or self._undecided:
            self._result.known += 1
        else:
            _refuse(self._result, annotation, f"a person has decided on it already: {item.status}")

    def _save(self, annotation: Annotation, clause: str, place: Span, item: Item | None) -> None:
        common: dict[str, Any] = {
            "doc": self._filed.doc,
            "by": self._by,
            "clause": clause,
            "note": self._note(annotation),
        }
        if item is None:
            quote = self._filed.document[place]
            self._add(Entry(**common, verdict="added", quote_span=place, quote=quote, value=annotation.value))
            self._result.added += 1
        elif self._undecided:
            self._result.known += 1  # the reader proposed it, and it is open already
            return
        elif annotation.value not in (None, item.value):
            self._add(Entry(**common, verdict="edited", span=item.span, value=annotation.value))
            self._result.edited += 1
        else:
            self._add(Entry(**common, verdict="accepted", span=item.span))
            self._result.accepted += 1
        if self._undecided:
            self._add(Entry(**common, verdict="unsure", span=place))

    def _add(self, entry: Entry) -> None:
        self._seen = self._decisions.add(entry, seen=self._seen).seq

    @staticmethod
    def _note(annotation: Annotation) -> str:
        who = f"imported; made by {annotation.person or 'a program'}"
        return f"{who}: {annotation.note}" if annotation.note else who


def _refuse(result: Imported, annotation: Annotation, reason: str) -> None:
    document = annotation.document[0] if annotation.document else ""
    result.refused.append(Refused(number=annotation.number, document=document, clause=annotation.clause, reason=reason))
