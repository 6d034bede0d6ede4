import dataclasses

import pytest

from docreview import _json
from docreview.types import Citation, Clause, Coverage, Document, Page, Passage, ReadWarning, Source, Span

SOURCE = Source(path="a.txt", media_type="text/plain", sha256="0" * 64)


def document(text="hello world", **more):
    return Document(id="x", source=SOURCE, text=text, **more)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 2), (-1, 4)])
def test_a_span_is_never_empty_or_negative(start, end):
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


def test_a_document_refuses_facts_outside_its_text():
    with pytest.raises(ValueError, match="outside"):
        document(pages=(Page(number=1, span=Span(0, 12)),))


def test_a_passage_is_as_long_as_its_span():
    with pytest.raises(ValueError, match="characters"):
        Passage(doc_id="x", span=Span(0, 3), text="four")


def test_a_citation_cannot_hold_an_unproven_quote():
    with pytest.raises(ValueError, match="proves"):
        Citation(doc_id="x", span=Span(0, 3), quote="abc", verdict="altered")


def test_found_needs_a_citation_and_not_found_has_none():
    with pytest.raises(ValueError, match="citation"):
        Clause(name="Cap on Liability", status="found")


def test_coverage_is_complete_only_when_all_was_seen():
    doc = document(pages=(Page(number=1, span=Span(0, 11)), Page(number=2, span=None)))
    assert Coverage.of([Span(0, 5), Span(5, 11)]).spans == (Span(0, 11),)
    assert not Coverage.of([Span(0, 11)]).complete(doc), "page 2 was not read"
    assert Coverage.of([Span(0, 11)]).complete(document())
    assert not Coverage.of([Span(0, 10)]).complete(document())


def test_a_page_that_is_half_a_picture_does_not_count_as_read():
    warning = ReadWarning(code="picture_page", message="a picture covers the page", page=1)
    doc = document(pages=(Page(number=1, span=Span(0, 11)),), warnings=(warning,))
    assert doc.unread_pages == (1,)
    assert not Coverage.of([Span(0, 11)]).complete(doc)


def test_pages_are_found_by_offset():
    doc = document(pages=(Page(number=1, span=Span(0, 5)), Page(number=2, span=Span(6, 11))))
    assert [p and p.number for p in map(doc.page_at, (0, 4, 5, 6, 10))] == [1, 1, None, 2, 2]


def test_saved_values_come_back_and_forbid_unknown_keys():
    doc = document(pages=(Page(number=1, span=Span(0, 5)),), metadata={"title": "T"})
    assert _json.load(Document, _json.dumps(doc)) == doc
    data = _json.plain(doc)
    data["pages"][0]["colour"] = "red"
    with pytest.raises(ValueError, match="colour"):
        _json.load(Document, data)


def test_values_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Span(0, 1).start = 5
