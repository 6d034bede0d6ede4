"""One document, one checklist, one reader -> a `Review`: calls checked and quotes proven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from docreview._json import digest
from docreview.checklist import Checklist, load
from docreview.governance.audit import AuditLog
from docreview.read.quality import misread
from docreview.readers import Reader, language
from docreview.review.audited import Audited
from docreview.review.calls import Checked, Proposal, check
from docreview.types import Clause, Coverage, Document, Finding, Review, Span

RULES: Final = 1
"""Version of the rules in this package; part of every run id."""
BELOW: Final = "below the score that the reader shows"
"""The note of a candidate that only a lower `min_score` let in."""

HARDLY_ANY: Final = 100
"""Characters below which a file is hardly a document."""


def review(
    document: Document,
    checklist: str | Checklist = "contract",
    *,
    reader: Reader | None = None,
    min_score: float | None = None,
    log: AuditLog | None = None,
) -> Review:
    """Ask a checklist's questions of one document.

    Every question ends in at least one clause. `not_found` is said only when the reader said so and saw all of the text
    in a language that it can judge; else it is `not_read`, with a note. A call whose quote does not stand at its
    offsets never becomes a citation: its question gets a clause that is `failed`, or the review a finding.
    The review's coverage leaves out text in languages that the reader was not made for.

    Args:
        document: From `docreview.read`.
        checklist: A shipped one by name, a path to a .toml, or a `Checklist`.
        reader: Who proposes clauses; the embedded reader by default.
        min_score: Take candidates down to this score (0..1), whatever the reader would show. It changes no question's
            outcome: weaker candidates are noted `BELOW`, and a question whose candidates are all left out is `unsure`.
        log: The audit log; what can't be logged does not run.

    Raises:
        ConfigError: There is no such checklist.
        ModelError: A reader's language model can't be used.
        AuditError: The log can't be written.
    """
    questions = checklist if isinstance(checklist, Checklist) else load(checklist)
    reader = reader or default_reader()
    run = run_id(document, questions, reader, min_score)
    with Audited(log, document, questions, reader, run) as audited:
        return audited.done(_review(document, questions, audited, min_score))


def _review(document: Document, questions: Checklist, audited: Audited, min_score: float | None) -> Review:
    reader = audited.listening()
    reading = reader.read(document, questions)
    audited.called(reading.calls)
    checked = check(reading.calls, document, questions)
    foreign = language.foreign(document.text, languages_of(reader))
    gap = _gap(document, reading.coverage, foreign)
    clauses = [clause for name in questions.names for clause in _clauses(name, checked, gap, foreign)]
    if min_score is not None:
        weak = check(reader.read(document, questions, min_score=min_score).calls, document, questions)
        clauses = _down_to(min_score, clauses, weak, questions)
    return Review(
        doc_id=document.id,
        checklist=questions.name,
        clauses=tuple(clauses),
        coverage=language.without(reading.coverage, foreign),
        reader=reader.name,
        run_id=audited.run_id,
        doc_type=checked.doc_type,
        doc_type_score=checked.doc_type_score,
        findings=(
            *_findings(checked),
            *_language(document, foreign, clauses, questions),
            *_doubtful(document),
            *reading.findings,
        ),
        usage=reading.usage,
        prompt_sha256=reading.prompt_sha256,
        policy_sha256=reading.policy_sha256,
    )


def default_reader() -> Reader:
    """The embedded reader: a small trained model inside the package."""
    from docreview.readers import load_reader

    return load_reader("embedded")


def languages_of(reader: Reader) -> tuple[str, ...] | None:
    """The languages (ISO 639-1) whose text a reader can judge, its attribute `languages`; None = every language.

    A reader without the attribute is taken to know English alone: the others would be "not found" for no good reason.
    """
    languages: tuple[str, ...] | None = getattr(reader, "languages", ("en",))
    return languages


def run_id(document: Document, checklist: Checklist, reader: Reader, min_score: float | None) -> str:
    """An id from content: equal documents, questions, readers and options give equal ids."""
    return digest([document.id, digest(checklist), reader.name, min_score, RULES])[:16]


def question_status(clauses: Iterable[Clause]) -> str:
    """One status for all clauses of one question: the first of found, failed, unsure, not_read, not_found that occurs.

    Candidates that only a lower `min_score` let in do not count.
    """
    statuses = {clause.status for clause in clauses if clause.note != BELOW}
    for status in ("found", "failed", "unsure", "not_read", "not_found"):
        if status in statuses:
            return status
    return "not_read"


def _down_to(min_score: float, clauses: list[Clause], weak: Checked, questions: Checklist) -> list[Clause]:
    """The clauses less those under `min_score`, and more of the candidates above it, in the order of the questions."""
    result: list[Clause] = []
    for name in questions.names:
        own = [clause for clause in clauses if clause.name == name]
        kept = [clause for clause in own if clause.score is None or clause.score >= min_score]
        if not kept:
            kept = [Clause(name=name, status="unsure", note=f"{len(own)} candidates below {min_score:g} are left out")]
        known = {citation.span for clause in own for citation in clause.citations}
        more = sorted(weak.proposals.get(name, {}).values(), key=_best_first)
        result += kept
        result += [_below(name, p) for p in more if p.citation.span not in known and p.score >= min_score]
    return result


def _below(name: str, proposal: Proposal) -> Clause:
    citations = (proposal.citation,)
    return Clause(
        name=name, status="unsure", value=proposal.value, citations=citations, score=proposal.score, note=BELOW
    )


def _best_first(proposal: Proposal) -> tuple[bool, float, Span]:
    return (not proposal.sure, -proposal.score, proposal.citation.span)


def _clauses(name: str, checked: Checked, gap: str, foreign: list[Span]) -> list[Clause]:
    proposals = checked.proposals.get(name, {}).values()
    clauses = [_proposed(name, p, foreign) for p in sorted(proposals, key=_best_first)]
    clauses += [Clause(name=name, status="failed", note=reason) for reason in checked.refused.get(name, ())]
    clauses += [Clause(name=name, status="unsure", note=reason) for reason in checked.abstained.get(name, ())]
    if name in checked.absent and not clauses:
        clauses.append(Clause(name=name, status="not_read" if gap else "not_found", note=gap))
    return clauses or [Clause(name=name, status="not_read", note="the reader gave no answer")]


def _proposed(name: str, proposal: Proposal, foreign: list[Span]) -> Clause:
    note = proposal.note
    if any(span.overlaps(proposal.citation.span) for span in foreign):
        note = "the text is in a language that this reader was not made for"
    return Clause(
        name=name,
        status="found" if proposal.sure and not note else "unsure",
        value=proposal.value,
        citations=(proposal.citation,),
        score=proposal.score,
        note=note,
    )


def _gap(document: Document, coverage: Coverage, foreign: list[Span]) -> str:
    """Why "not found" can't be said, in words; empty when it can."""
    reasons = []
    unread = sorted({*document.unread_pages, *coverage.unread_pages})
    if unread:
        reasons.append(f"{_pages(unread)} not read")
    if not Coverage(spans=coverage.spans).complete(_all_read(document)):
        reasons.append(f"the reader saw {len(coverage):,} of {len(document):,} characters")
    if foreign:
        share = sum(map(len, foreign)) / len(document)
        reasons.append(f"{share:.0%} of the text is in a language that this reader was not made for")
    return "; ".join(reasons)


def _all_read(document: Document) -> Document:
    return Document(id=document.id, source=document.source, text=document.text)


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
    return f"page {shown}" if len(numbers) == 1 else f"{len(numbers)} pages ({shown})"


def _findings(checked: Checked) -> Iterable[Finding]:
    for reason in checked.stray:
        yield Finding(rule="reader-call", severity="error", message=reason)


def _doubtful(document: Document) -> Iterable[Finding]:
    """That "not found" says little, because there is hardly any text or much of it is misread."""
    if len(document) < HARDLY_ANY:
        message = f'only {len(document):,} characters: hardly a whole document, so "not found" says little'
        yield Finding(rule="short", severity="warning", message=message)
    if words := misread(document.text):
        message = f'{words:,} words look misread, like "c0ntract": what is "not found" may be there, in other letters'
        yield Finding(rule="misread", severity="warning", message=message)


def _language(
    document: Document, foreign: list[Span], clauses: Iterable[Clause], questions: Checklist
) -> Iterable[Finding]:
    """That text is in another language, and which questions can therefore not be judged."""
    if not foreign:
        return
    found = {clause.name for clause in clauses if clause.status == "found"}
    open_ones = [name for name in questions.names if name not in found]
    message = (
        f"{sum(map(len, foreign)):,} characters are in {language.named(document.text, foreign)}, which this reader "
        f"was not made for; it can't judge {len(open_ones)} of {len(questions.names)} questions: {', '.join(open_ones)}"
    )
    yield Finding(rule="language", severity="warning", message=message)
