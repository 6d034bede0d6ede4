"""Documents and passages to LlamaIndex and back: nothing is lost, or it is refused loudly."""

import dataclasses
import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import ImageDocument, IndexNode, MediaResource, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore

from docreview import chunk
from docreview.integrations.llama_index import NodePassage, from_llama_index, to_llama_index
from docreview.types import DefinedTerm, Document, OutlineEntry, Page, Passage, ReadWarning, Section, Source, Span, Turn

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
METADATA = st.dictionaries(WORDS, JSON, max_size=4)


def spans(size):
    return st.tuples(st.integers(0, size - 1), st.integers(1, size)).map(
        lambda p: Span(min(p), max(p) + (p[0] == p[1]))
    )


@st.composite
def documents(draw):
    text = draw(TEXTS)
    inside = spans(len(text))
    return Document(
        id=draw(WORDS),
        source=Source(path=draw(WORDS), media_type=draw(WORDS), sha256=draw(WORDS)),
        text=text,
        pages=tuple(draw(st.lists(st.builds(Page, number=st.integers(1, 9), span=st.none() | inside, label=WORDS)))),
        turns=tuple(draw(st.lists(st.builds(Turn, speaker=WORDS, span=inside, start_s=st.none() | st.floats(0, 9))))),
        sections=tuple(
            Section(number=number, title=title, level=1, heading=span, span=span)
            for number, title, span in draw(st.lists(st.tuples(WORDS, WORDS, inside), max_size=3))
        ),
        terms=tuple(draw(st.lists(st.builds(DefinedTerm, term=WORDS, span=inside, definition=inside), max_size=2))),
        outline=tuple(draw(st.lists(st.builds(OutlineEntry, title=WORDS, level=st.integers(1, 3)), max_size=2))),
        metadata=draw(st.dictionaries(WORDS.filter(lambda key: key != "llama_index"), WORDS, max_size=3)),
        warnings=tuple(draw(st.lists(st.builds(ReadWarning, code=WORDS, message=WORDS), max_size=2))),
    )


@st.composite
def passages(draw):
    text, start = draw(TEXTS), draw(st.integers(0, 10**6))
    speakers = tuple(draw(st.lists(WORDS.filter(bool), max_size=3)))
    facts = {"tokens": draw(st.none() | st.integers(0, 999)), "section": draw(WORDS), "speakers": speakers}
    return Passage(doc_id=draw(WORDS), span=Span(start, start + len(text)), text=text, **facts)


@pytest.mark.slow
@given(documents())
@settings(max_examples=150, deadline=None)
def test_a_document_comes_back_as_it_was(document):
    assert from_llama_index(to_llama_index(document)) == document


@given(passages())
@settings(max_examples=150, deadline=None)
def test_a_passage_comes_back_as_it_was(passage):
    assert from_llama_index(to_llama_index(passage)) == passage


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), WORDS, METADATA, st.lists(WORDS, max_size=2))
@settings(max_examples=150, deadline=None)
def test_a_document_of_another_reader_comes_back_as_it_was(text, name, metadata, excluded):
    theirs = LlamaDocument(
        id_=name,
        text=text,
        metadata=metadata,
        excluded_embed_metadata_keys=excluded,
        embedding=[0.5, -1.0],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id="file", metadata=metadata, hash="h")},
        metadata_template="{key}={value}",
    )
    ours = from_llama_index(theirs)
    assert (ours.id, ours.text) == (name, text)
    assert to_llama_index(ours) == theirs


@given(TEXTS, WORDS, METADATA, st.integers(0, 10**6))
@settings(max_examples=150, deadline=None)
def test_a_node_of_another_splitter_comes_back_as_it_was(text, name, metadata, start):
    theirs = TextNode(
        id_=name,
        text=text,
        metadata=metadata,
        start_char_idx=start,
        end_char_idx=start + len(text),
        relationships={
            NodeRelationship.SOURCE: RelatedNodeInfo(node_id="file"),
            NodeRelationship.NEXT: RelatedNodeInfo(node_id="next"),
        },
    )
    ours = from_llama_index(theirs)
    assert (ours.doc_id, ours.span, ours.text) == ("file", Span(start, start + len(text)), text)
    assert to_llama_index(ours) == theirs


def test_real_documents_and_their_metadata(msa, meeting):
    theirs = to_llama_index(msa)
    assert theirs.text == msa.text
    assert (theirs.id_, theirs.metadata["file_name"], theirs.metadata["pages"]) == (msa.id, "msa.pdf", len(msa.pages))
    assert theirs.get_content("embed") == f"title: {msa.metadata['title']}\n\n{msa.text}".strip()
    assert from_llama_index(theirs) == msa
    assert from_llama_index(to_llama_index([msa, meeting])) == [msa, meeting]
    assert from_llama_index(to_llama_index(chunk(meeting))) == list(chunk(meeting))


def test_it_survives_a_docstore(msa, tmp_path):
    store = SimpleDocumentStore()
    store.add_documents([to_llama_index(msa)])
    store.persist(str(tmp_path / "docs.json"))
    again = SimpleDocumentStore.from_persist_path(str(tmp_path / "docs.json"))
    assert from_llama_index(again.get_document(msa.id)) == msa


def test_what_a_user_added_stays_and_so_does_the_structure(msa):
    theirs = to_llama_index(msa)
    theirs.metadata["client"] = "Acme"
    theirs.id_ = "my-id"
    ours = from_llama_index(theirs)
    assert ours.id == "my-id"
    assert (ours.pages, ours.sections) == (msa.pages, msa.sections)
    assert to_llama_index(ours) == theirs


def test_structure_that_was_added_later_survives(meeting):
    ours = from_llama_index(LlamaDocument(id_="x", text="1. Term\nOne year.\n2. Rent\nNone."))
    more = dataclasses.replace(ours, pages=(Page(number=1, span=Span(0, 5)),))
    back = from_llama_index(to_llama_index(more))
    assert dataclasses.replace(back, metadata=more.metadata) == more
    assert "docreview" in to_llama_index(more).excluded_embed_metadata_keys


def test_a_changed_text_loses_its_old_spans_and_says_so(msa):
    theirs = to_llama_index(msa)
    theirs.set_content(theirs.text[1000:])
    ours = from_llama_index(theirs)
    assert ours.pages == ()
    assert [warning.code for warning in ours.warnings] == ["text_changed"]
    assert to_llama_index(ours) == theirs


@pytest.mark.parametrize("structure", ["", "[]", "{}", "no JSON", 5, '{"text": 3}'])
def test_a_stranger_s_metadata_under_our_key_is_no_structure(structure):
    theirs = LlamaDocument(id_="x", text="Rent is due.", metadata={"docreview": structure})
    assert from_llama_index(theirs).text == "Rent is due."
    assert to_llama_index(from_llama_index(theirs)) == theirs


@pytest.mark.parametrize("start", [None, 0, 7])
def test_a_node_without_its_place_is_no_passage(start):
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="file")} if start != 7 else {}
    end = 3 if start == 0 else (start or 0) + 4
    with pytest.raises(ValueError, match="where in which document"):
        from_llama_index(TextNode(text="Rent", start_char_idx=start, end_char_idx=end, relationships=source))


@pytest.mark.parametrize(
    "more", [{"metadata": {"signed": datetime.date(2026, 1, 1)}}, {"image_resource": MediaResource(data=b"picture")}]
)
def test_what_json_cannot_hold_is_refused(more):
    with pytest.raises(ValueError, match="holds what JSON can't"):
        from_llama_index(LlamaDocument(text="Rent", **more))


def test_kinds_of_nodes_that_are_more_than_text_are_refused():
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="file")}
    more = IndexNode(index_id="i", text="Rent", start_char_idx=0, end_char_idx=4, relationships=source)
    for other in (more, ImageDocument(text="Rent")):
        with pytest.raises(ValueError, match="holds what JSON can't"):
            from_llama_index(other)


def test_a_node_passage_is_a_passage_with_what_else_the_node_holds():
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="file")}
    made = from_llama_index(
        TextNode(id_="n", text="Rent", metadata={"a": [1]}, start_char_idx=2, end_char_idx=6, relationships=source)
    )
    assert isinstance(made, NodePassage)
    assert json.loads(made.node)["metadata"] == {"a": [1]}
