"""The review memo: what a person files, as blocks that a DOCX and an HTML page are both made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from docreview.decisions import Entry
from docreview.export.filing import Filed, Filing, Row
from docreview.playbook import Checked
from docreview.render.page import place
from docreview.tables.xlsx import Tint
from docreview.triage.sheets import tint
from docreview.types import Citation, Finding

Style = Literal["text", "quiet", "quote", "warning"]
_SAID: Final = {"edited": "corrected", "unsure": "left open"}
_FINE: Final = ("acceptable", "not_covered")
_PROOF: Final = (
    "Every quote is the document's own characters at the place named with it. A document is said not to hold something "
    "only where all of it was read. Control characters, and characters that turn the direction of text, are shown as "
    "their codes."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a document's."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. Of a quote `where` says its place."""

    text: str
    style: Style = "text"
    where: str = ""
    tint: Tint | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; `widths` of its columns in centimetres, where there is paper."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


Block = Heading | Paragraph | Grid


def memo(filing: Filing) -> Iterator[Block]:
    """The memo: all documents in a table, those that could not be read, then each with its answers and decisions."""
    yield from _front(filing)
    for filed in filing:
        yield Heading(filed.doc, 1)
        yield Paragraph(_facts(filed), "quiet")
        yield Paragraph(f"{_capital(filed.coverage)}.", "warning" if filed.gap else "text")
        yield from (Paragraph(line, "warning") for line in _warnings(filed))
        yield from _deviations(filed, filing.playbook)
        yield from _answers(filed)
        yield from _without(filed)
        yield from _decisions("Who decided what, and when", filed.entries)
    yield from _decisions("Said of documents that are not here, or could not be read", filing.stray)


def _front(filing: Filing) -> Iterator[Block]:
    names: Counter[str] = Counter()
    last, rows = "", []
    for filed in filing:
        decided = sum(row.decision != "unreviewed" for row in filed.shown)
        names.update(row.entry.by for row in filed.shown if row.entry)
        last = max([last, *(entry.at for entry in filed.entries)])
        facts = filed.facts
        rows.append([filed.doc, facts["type"] or "unknown", str(facts["pages"] or ""), filed.coverage,
                     f"{facts['risk']:g}", f"{decided} of {len(filed.shown)}"])  # fmt: skip
    count = len(rows) + len(filing.failures)
    yield Paragraph(
        f"{_number(count, 'document')}: {len(rows)} reviewed, {len(filing.failures)} that could not be read."
    )
    people = ", ".join(f"{name} ({number})" for name, number in names.most_common())
    yield Paragraph(f"Decisions: {people}; the last at {last}." if people else "Nobody has decided on anything yet.")
    yield Paragraph(_PROOF, "quiet")
    if rows:
        yield Grid(("Document", "Type", "Pages", "Read", "Risk", "Decided"), rows, (4.1, 2.6, 1.5, 3.9, 1.3, 1.8))
    if filing.failures:
        yield Heading("Documents that could not be read", 2)
        reasons = [[row["doc"], f"{row['error']}: {row['message']}"] for row in filing.failures]
        yield Grid(("Document", "Why"), reasons, (5.2, 10))


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _facts(filed: Filed) -> str:
    facts, review = filed.facts, filed.review
    parts = [facts["type"], f"{facts['pages']} pages" if facts["pages"] else "", f"checklist {review.checklist}",
             f"reader {review.reader}", f"run {review.run_id}", f"SHA-256 {facts['sha256']}"]  # fmt: skip
    return " · ".join(part for part in parts if part)


def _warnings(filed: Filed) -> Iterator[str]:
    for warning in filed.facts["warnings"]:
        yield warning["message"] + (f" (page {warning['page']})" if warning["page"] else "")
    yield from (finding.message for finding in filed.notes)


def _deviations(filed: Filed, playbook: str) -> Iterator[Block]:
    if not filed.checked:
        return
    yield Heading(f"Deviations from the playbook {playbook}", 2)
    off = [each for each in filed.checked if each.judgement not in _FINE]
    fine = sum(each.judgement == "acceptable" for each in filed.checked)
    yield Paragraph(f"{fine} clauses are acceptable, {len(off)} are not or must be read by a person.")
    for each in off:
        yield from _deviation(each)
    more = [each.title for each in filed.checked if each.judgement == "not_covered"]
    if more:
        yield Paragraph(f"Found, but the playbook has no rule for it: {', '.join(more)}.", "quiet")


def _deviation(each: Checked) -> Iterator[Block]:
    colour: Tint = "red" if each.judgement == "unacceptable" else "yellow"
    yield Paragraph(f"{each.title}: {each.judgement.replace('_', ' ')}. {_sentence(each.finding)}", tint=colour)
    yield from (quote(citation) for citation in each.finding.citations[:1])
    more = [where(citation) for citation in each.finding.citations[1:]]
    if more:
        yield Paragraph(f"Also at {'; '.join(more)}.", "quiet")
    if each.fallback:
        yield Paragraph(f"Propose: {each.fallback}", "text")


def _sentence(finding: Finding) -> str:
    return f"{_capital(finding.message)} [{finding.rule}]."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _answers(filed: Filed) -> Iterator[Block]:
    placed = [row for row in filed.shown if row.clause.citations]
    for title, rejected in (("Answers", False), ("Rejected by a person", True)):
        rows = [row for row in placed if (row.decision == "rejected") is rejected]
        if rows:
            yield Heading(title, 2)
        label = ""
        for row in rows:
            if row.label != label:
                yield Heading(row.label, 3)
            label = row.label
            yield from _answer(row)
    if weak := len(filed.rows) - len(filed.shown):
        yield Paragraph(f"{_number(weak, 'weaker candidate')} are not shown here; the JSONL export has them.", "quiet")


def _answer(row: Row) -> Iterator[Block]:
    clause = row.clause
    said = [
        clause.status.replace("_", " "),
        f"score {clause.score:.2f}" if clause.score is not None else "",
        _decision(row),
    ]
    answer = f"{clause.value}  " if clause.value else ""
    yield Paragraph(f"{answer}({', '.join(filter(None, said))})", tint=tint(clause.status, row.decision))
    yield from map(quote, clause.citations)
    for line in filter(None, (clause.note, *row.comment.split("\n"))):
        yield Paragraph(line, "quiet")


def _decision(row: Row) -> str:
    if row.entry is None:
        return "nobody has decided"
    verdict = str(row.entry.verdict)
    return f"{_SAID.get(verdict, verdict)} by {row.entry.by} at {row.entry.at}"


def quote(citation: Citation) -> Paragraph:
    """A proven quote with its place."""
    return Paragraph(citation.quote, "quote", where(citation))


def where(citation: Citation) -> str:
    """For people: "p. 3, characters 1,024-1,100"."""
    at = f"characters {citation.span.start:,}–{citation.span.end:,}"
    return ", ".join(filter(None, [place(citation.page, citation.speaker, citation.start_s), at]))


def _without(filed: Filed) -> Iterator[Block]:
    """The questions without a place, by what that means."""
    titles = {
        "not_found": f"Not found: all {len(filed.document):,} characters were read",
        "not_read": f"Not answered, because not all was read: {filed.coverage}",
        "unsure": "Not answered: unsure",
        "failed": "Not answered: the reader failed",
        "found": "",
    }
    bare = [row for row in filed.shown if not row.clause.citations]
    for status, title in titles.items():
        rows = [row for row in bare if row.clause.status == status]
        if not rows:
            continue
        yield Heading(title, 2)
        for note, group in _by_note(rows).items():
            yield Paragraph(f"{note}: {', '.join(group)}" if note else ", ".join(group))


def _by_note(rows: Iterable[Row]) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = {}
    for row in rows:
        decided = f"{_decision(row)}" if row.entry else ""
        note = "; ".join(filter(None, [row.clause.note, decided, row.comment.replace("\n", "; ")]))
        notes.setdefault(note, []).append(row.label)
    return notes


def _decisions(title: str, entries: Sequence[Entry]) -> Iterator[Block]:
    if not entries:
        return
    yield Heading(title, 2)
    rows = []
    for entry in entries:
        said = "\n".join(filter(None, [entry.value, entry.note, entry.assignee]))
        rows.append([entry.at, entry.by, entry.verdict or entry.kind.replace("_", " "), entry.clause, said])
    yield Grid(("When (UTC)", "Who", "What", "Question", "Answer or note"), rows, (3.4, 2.2, 2.1, 3.4, 4.1))
