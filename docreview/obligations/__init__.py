"""Who must do what by when or upon what, each with its quote: rules over sentences, no model."""

from __future__ import annotations

from docreview._json import digest
from docreview._shown import Rows
from docreview.obligations.calendar import ics
from docreview.obligations.deadlines import deadline_in, trigger_in
from docreview.obligations.duties import Duty, duties
from docreview.obligations.values import Deadline, Obligation
from docreview.types import Citation, Document, Span
from docreview.verify import cite

__all__ = ["Deadline", "Obligation", "ics", "obligations"]


def obligations(document: Document) -> Rows[Obligation]:
    """The duties and prohibitions of the parties, in document order.

    Made for contracts in English. A subject that is no party ("Notices shall be in writing"), a right ("shall be
    entitled"), a condition ("if Supplier shall fail") and a disclaimer ("shall not be liable") are no obligations.
    Duties of which a sentence does not name the party, or that have another verb, are not seen.
    """
    return Rows(Obligation, (_obligation(document, duty) for duty in duties(document)))


def _obligation(document: Document, duty: Duty) -> Obligation:
    return Obligation(
        id=digest([document.id, duty.who.start, duty.duty.start])[:10],
        kind=duty.kind,
        who=_cited(document, duty.who),
        duty=_cited(document, duty.duty),
        citation=_cited(document, duty.sentence),
        deadline=deadline_in(document, duty.duty, duty.context),
        trigger=trigger_in(document, duty.context),
    )


def _cited(document: Document, span: Span) -> Citation:
    citation = cite(document[span], document, span)
    assert citation is not None  # it is the document's own text
    return citation
