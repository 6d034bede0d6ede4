from docreview.triage import rows
from docreview.types import Citation, Clause, Span


def unsure(start):
    citation = Citation(doc_id="x", span=Span(start, start + 3), quote="abc", verdict="verbatim")
    return Clause(name="Parties", status="unsure", score=0.4, citations=(citation,))


def test_the_answer_says_how_many_unsure_candidates_are_not_shown():
    places = [unsure(3 * i) for i in range(rows.MOST_UNSURE + 2)]
    assert len(rows.shown(places)) == rows.MOST_UNSURE
    assert rows.answer("Parties", places)["note"].startswith("2 weaker candidates")
    assert not rows.answer("Parties", places[:3])["note"]
