"""What is filed: reviewed documents as people left them, as the rows that every format is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from docreview._json import load, read_jsonl
from docreview.checklist import Checklist
from docreview.decisions import Decisions, Entry, Item, ItemStatus, applied, apply, items
from docreview.errors import ConfigError, OutputError
from docreview.playbook import Checked, Playbook, check
from docreview.review import BELOW
from docreview.triage import one, rows
from docreview.triage.results import results
from docreview.types import Clause, Document, Finding, Review

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One place of a question, or a question without one, as it stands now.

    `clause` is the reader's, with a person's answer and place where they gave one; a rejected one is still here.
    `entry` is the verdict that stands, `said` all that people said about it. `weak`: a candidate that nobody need see.
    """

    label: str
    clause: Clause
    decision: ItemStatus
    entry: Entry | None = None
    said: tuple[Entry, ...] = ()
    weak: bool = False

    @property
    def comment(self) -> str:
        """What people wrote about it, in order."""
        return "\n".join(f"{entry.by}: {entry.note}" for entry in self.said if entry.note)


@dataclass(frozen=True, kw_only=True)
class Filed:
    """One document with its review. `facts` is its row in documents.jsonl."""

    doc: str
    document: Document
    checklist: Checklist
    read: Review
    """As the reader left it."""
    review: Review
    """With people's decisions in it."""
    entries: tuple[Entry, ...]
    facts: Found
    playbook: Playbook | None = None

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All there is, in the order of the checklist, the best place of each question first."""
        order = {name: i for i, name in enumerate(self.checklist.names)}
        found = sorted(items(self.read, self.entries), key=lambda item: order.get(item.clause, len(order)))
        count: dict[str, int] = {}
        made = []
        for item in found:
            clause = _clause(item, self.document)
            count[item.clause] = count.get(item.clause, 0) + (clause.status == "unsure")
            many = clause.status == "unsure" and count[item.clause] > rows.MOST_UNSURE
            weak = item.entry is None and (clause.note == BELOW or many)
            label = self.label(item.clause)
            made.append(
                Row(label=label, clause=clause, decision=item.status, entry=item.entry, said=item.entries, weak=weak)
            )
        return tuple(made)

    def label(self, question: str) -> str:
        """A question's name for people; of one that a person named and the checklist has not, that name."""
        return self._labels.get(question, question)

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {question.name: question.label for question in self.checklist.questions}

    @cached_property
    def checked(self) -> tuple[Checked, ...]:
        """What the playbook says of it; nothing, when it is one for another checklist."""
        held = self.playbook is not None and self.playbook.checklist == self.checklist.name
        return check(self.document, self.review, self.playbook) if self.playbook and held else ()

    @property
    def shown(self) -> tuple[Row, ...]:
        """Those that a person should see."""
        return tuple(row for row in self.rows if not row.weak)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What the review found on reading, and decisions that could not be applied."""
        return self.review.findings

    @property
    def unread_pages(self) -> tuple[int, ...]:
        """Pages that nobody could read."""
        return tuple(
            sorted({*self.document.unread_pages, *self.review.coverage.unread_pages, *self.facts["unread_pages"]})
        )

    @property
    def gap(self) -> bool:
        """Whether some of the document was not read."""
        return bool(self.unread_pages) or len(self.review.coverage) < len(self.document)

    @property
    def coverage(self) -> str:
        """How much was read, in words."""
        size, seen = len(self.document), len(self.review.coverage)
        text = f"all {size:,} characters were read" if seen >= size else f"{seen:,} of {size:,} characters were read"
        if not self.unread_pages:
            return text
        pages = ", ".join(map(str, self.unread_pages))
        return f"page{'s' * (len(self.unread_pages) > 1)} {pages} could not be read; of the text {text}"


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Documents to be filed. They are read one by one, each time anew, so many of them need no more memory than one.

    `facts` are the rows of documents.jsonl, `entries` all that people said, in order. `playbook` is the name of the one
    that the documents were held against, "" for none.
    """

    documents: Callable[[], Iterator[Filed]]
    facts: tuple[Found, ...]
    entries: tuple[Entry, ...] = ()
    playbook: str = ""

    def __iter__(self) -> Iterator[Filed]:
        return self.documents()

    @property
    def failures(self) -> tuple[Found, ...]:
        """The rows of documents that could not be read."""
        return tuple(row for row in self.facts if row["status"] != "done")

    @property
    def stray(self) -> tuple[Entry, ...]:
        """What people said of documents that are not here, or could not be read."""
        done = {row["doc"] for row in self.facts if row["status"] == "done"}
        return tuple(entry for entry in self.entries if entry.doc not in done)


def folder(out: Path, *, checklist: str | None = None, playbook: Playbook | None = None) -> Filing:
    """What `docreview triage` wrote to a folder, with the decisions in it.

    Args:
        out: The folder.
        checklist: Of reviews with a checklist of one's own: the path to it.
        playbook: Held against every document that was reviewed with its checklist.

    Raises:
        OutputError: It is no such folder, or a file in it is missing or damaged.
        ConfigError: A checklist is none of the shipped ones, and none was named.
    """
    try:
        facts = tuple(read_jsonl(out / "documents.jsonl"))
    except (OSError, ValueError):
        raise OutputError(out, "holds no results of `docreview triage`") from None
    by_name = {row["doc"]: row for row in facts}
    entries = tuple(Decisions(out).entries())
    of: dict[str, list[Entry]] = {}
    for entry in entries:
        of.setdefault(entry.doc, []).append(entry)

    def documents() -> Iterator[Filed]:
        for result in results(out, checklist=checklist):
            said = tuple(of.get(result.doc, ()))
            yield _filed(
                result.doc, result.document, result.checklist, result.review, said, by_name[result.doc], playbook
            )

    return Filing(documents=documents, facts=facts, entries=entries, playbook=playbook.name if playbook else "")


def saved(
    review: Path, document: Document, *, checklist: str | None = None, playbook: Playbook | None = None
) -> Filing:
    """One review that `docreview review --json` wrote, of a document.

    Raises:
        ConfigError: It is no saved review, or one of another document.
    """
    try:
        read = load(Review, review.read_bytes())
    except (OSError, ValueError):
        raise ConfigError(str(review), "(whole file)", "is no saved review") from None
    if read.doc_id != document.id:
        raise ConfigError(str(review), "doc_id", "is the review of another document, or of one read otherwise")
    name = Path(document.source.path).name
    questions = one.fitting(document, checklist or read.checklist)
    facts = {**one.entry(name, name, document, read, questions).row}
    made = _filed(name, document, questions, read, (), facts, playbook)
    return Filing(documents=lambda: iter((made,)), facts=(facts,), playbook=playbook.name if playbook else "")


def _filed(
    doc: str, document: Document, checklist: Checklist, read: Review, entries: tuple[Entry, ...], facts: Found,
    playbook: Playbook | None,
) -> Filed:  # fmt: skip
    review = apply(read, entries, document) if entries else read
    return Filed(
        doc=doc,
        document=document,
        checklist=checklist,
        read=read,
        review=review,
        entries=entries,
        facts=facts,
        playbook=playbook,
    )


def _clause(item: Item, document: Document) -> Clause:
    """The clause as it stands; the reader's where it was rejected."""
    clause, finding = applied(item, document)
    own = item.proposal or Clause(name=item.clause, status="unsure")
    note = "; ".join(filter(None, [own.note, finding.message if finding else ""]))  # people's are in `Row.comment`
    return replace(clause or own, note=note)


def table(filed: Filed) -> dict[str, list[dict[str, Any]]]:
    """The answers and the evidence of one document, as `triage.sheets` wants them."""
    return {"answers": list(_answers(filed)), "evidence": [line for row in filed.shown for line in _lines(row)]}


def _lines(row: Row) -> Iterator[dict[str, Any]]:
    decided = _decided(row.decision, row.entry) | {"comment": row.comment}
    for line in rows.places(row.clause):
        yield {"label": row.label, **line, **decided}


def _decided(decision: ItemStatus, entry: Entry | None) -> dict[str, Any]:
    return {
        "decision": decision,
        "decided_by": entry.by if entry else None,
        "decided_at": entry.at if entry else None,
    }


def _answers(filed: Filed) -> Iterator[dict[str, Any]]:
    by_name: dict[str, list[Row]] = {}
    for row in filed.rows:
        by_name.setdefault(row.clause.name, []).append(row)
    for name, clauses in rows.by_question(filed.review, filed.checklist).items():
        leading = _leading(by_name.get(name, ()))
        decision = _decided(leading.decision, leading.entry) if leading else {}
        yield rows.answer(filed.label(name), clauses) | decision


def _leading(of_question: Iterable[Row]) -> Row | None:
    """Whose decision speaks for a question: one that was flagged, else one that stands, else one that does not."""
    decided = {row.decision: row for row in reversed(list(of_question))}
    for decision in ("flagged", "verified", "edited", "unsure", "rejected"):
        if decision in decided:
            return decided[decision]
    return None
