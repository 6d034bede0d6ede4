"""Retrieving, answering and proving, each inside an ordinary LlamaIndex pipeline."""

import asyncio
import os
import pickle

import numpy as np
import pytest
from llama_index.core import VectorStoreIndex
from llama_index.core.base.response.schema import Response
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import LongContextReorder
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode
from llama_index.core.schema import NodeRelationship, NodeWithScore, RelatedNodeInfo, TextNode
from llama_index.core.tools import QueryEngineTool

from docreview.errors import LibraryError
from docreview.integrations.llama_index import (
    DocreviewEmbedding,
    DocreviewLLM,
    DocreviewNodeParser,
    DocreviewQueryEngine,
    DocreviewRetriever,
    DocreviewSynthesizer,
    from_llama_index,
    to_llama_index,
    verify_response,
)
from docreview.models import ScriptedModel
from docreview.search import HashEmbedder, Library, build
from docreview.search.static import static

LAW = "Which law governs?"


@pytest.fixture(scope="session")
def library(corpora, tmp_path_factory):
    root = tmp_path_factory.mktemp("in")
    for name in ("contracts/lease.docx", "contracts/nda-oneway.txt", "transcripts/project-meeting.vtt"):
        (root / os.path.basename(name)).write_bytes((corpora / name).read_bytes())
    made = tmp_path_factory.mktemp("library")
    build(root, made)
    return made


def texts(found):
    return [each.text for each in found]


def governed(document):
    """The lease's sentence on the law."""
    at = document.text.index("is governed by")
    start = document.text.rindex(".", 0, at) + 2
    return document.text[start : document.text.index(".", at) + 1]


# --- retrieving


def test_places_of_one_document_are_exact(lease, msa):
    found = DocreviewRetriever(lease, k=5).retrieve(LAW)
    assert len(found) == 5
    assert "governed by" in found[0].text
    assert all(lease.text[n.node.start_char_idx : n.node.end_char_idx] == n.text for n in found)
    assert [n.score for n in found] == sorted((n.score for n in found), reverse=True)
    assert {n.node.ref_doc_id for n in found} == {lease.id}
    assert from_llama_index(found[0].node).text == found[0].text
    (paged,) = DocreviewRetriever(msa, k=1).retrieve(LAW)
    assert msa.page_at(paged.node.start_char_idx).number == paged.metadata["page"]


def test_a_document_alone_and_in_a_library_give_the_same(lease, library):
    alone = DocreviewRetriever(lease, k=6).retrieve(LAW)
    inside = DocreviewRetriever(library, k=6, doc="lease.docx").retrieve(LAW)
    assert [(n.text, n.node.node_id, n.score) for n in alone] == [(n.text, n.node.node_id, n.score) for n in inside]


def test_whole_passages_hold_the_places_once_each(lease, library):
    for source in (lease, Library.open(library)):
        options = {} if source is lease else {"doc": "lease.docx"}
        places = DocreviewRetriever(source, k=8, **options).retrieve(LAW)
        whole = DocreviewRetriever(source, k=8, whole=True, **options).retrieve(LAW)
        assert len({n.node.node_id for n in whole}) == len(whole) < 8
        assert all(lease.text[n.node.start_char_idx : n.node.end_char_idx] == n.text for n in whole)
        for place in places:
            assert any(
                w.node.start_char_idx <= place.node.start_char_idx and place.node.end_char_idx <= w.node.end_char_idx
                for w in whole
            )


def test_filters(library, meeting):
    said = DocreviewRetriever(library, speaker="Farida", k=3).retrieve("When is D4?")
    assert said
    assert all("Farida" in n.metadata["speaker"] for n in said)
    assert all("Farida" in n.metadata["speaker"] for n in DocreviewRetriever(meeting, speaker="farida").retrieve("D4?"))
    assert {n.metadata["file_name"] for n in DocreviewRetriever(library, type="txt").retrieve(LAW)} == {
        "nda-oneway.txt"
    }
    assert DocreviewRetriever(library, section="no such section").retrieve(LAW) == []
    assert DocreviewRetriever(meeting).retrieve(" ") == []
    with pytest.raises(LibraryError, match="no document is called"):
        DocreviewRetriever(library, doc="absent.pdf").retrieve(LAW)
    with pytest.raises(LibraryError):
        DocreviewRetriever("/no/such/library")
    with pytest.raises(ValueError, match="one document"):
        DocreviewRetriever(meeting, doc="meeting")


def test_many_questions_at_once(lease):
    retriever = DocreviewRetriever(lease, k=3)

    async def run():
        return await asyncio.gather(*(retriever.aretrieve(LAW) for _ in range(4)))

    assert [texts(found) for found in asyncio.run(run())] == [texts(retriever.retrieve(LAW))] * 4


def test_our_retriever_in_their_engine(lease):
    model = ScriptedModel(lambda prompt: "Ruritania." if "governed by" in prompt else "?")
    engine = RetrieverQueryEngine.from_args(
        DocreviewRetriever(lease, k=3),
        llm=DocreviewLLM(model),
        response_mode=ResponseMode.COMPACT,
        node_postprocessors=[LongContextReorder()],
    )
    answer = engine.query(LAW)
    assert str(answer) == "Ruritania."
    assert len(answer.source_nodes) == 3


# --- embedding


def test_embeddings_are_ours(lease):
    embedding = DocreviewEmbedding()
    assert embedding.model_name == "static"
    rows = embedding.get_text_embedding_batch(["Rent is due.", "The moon."])
    assert np.allclose(rows, static().embed(["Rent is due.", "The moon."]))
    assert embedding.get_query_embedding("Rent is due.") == rows[0]
    assert asyncio.run(embedding.aget_text_embedding_batch(["Rent is due."])) == rows[:1]
    assert DocreviewEmbedding(HashEmbedder(8)).get_text_embedding("x") == HashEmbedder(8).embed(["x"])[0].tolist()
    with pytest.raises(ValueError, match="no embedder"):
        DocreviewEmbedding("ada")


def test_an_embedding_stays_itself_in_another_process():
    for made in (DocreviewEmbedding(), DocreviewEmbedding(HashEmbedder(8), embed_batch_size=3)):
        again = pickle.loads(pickle.dumps(made))
        assert (again.model_name, again.embed_batch_size) == (made.model_name, made.embed_batch_size)
        assert again.get_text_embedding("rent") == made.get_text_embedding("rent")


# --- asking


def cite(sentence, quote):
    return f"<|tool_call_start|>[cite(sentence={sentence!r}, quote={quote!r})]<|tool_call_end|>"


def asked(document, *replies, **options):
    return DocreviewQueryEngine(document, DocreviewLLM(ScriptedModel(list(replies))), **options)


def test_without_a_model_the_answer_is_the_document_s_own_words(lease):
    answer = DocreviewQueryEngine(lease).query(LAW)
    assert governed(lease) in str(answer)
    assert answer.metadata["answer"]["extractive"]
    assert answer.metadata["unproven"] == 0
    for number, source in enumerate(answer.source_nodes, 1):
        assert lease.text[source.node.start_char_idx : source.node.end_char_idx] == source.text
        assert f"[{number}]" in str(answer)
        assert source.metadata["file_name"] == "lease.docx"


def test_a_model_s_sentences_are_proven_or_marked(lease):
    quote = governed(lease)
    invented = cite("It is green.", "The Tenant shall paint the moon green every second year.")
    engine = asked(lease, cite("The law is named.", quote) + invented, "I give up.")
    answer = engine.query(LAW)
    assert str(answer).splitlines() == ["The law is named. [1]", "It is green. [unproven]"]
    (source,) = answer.source_nodes
    assert lease.text[source.node.start_char_idx : source.node.end_char_idx] == source.text == quote
    assert [s["proven"] for s in answer.metadata["statements"]] == [True, False]
    assert answer.metadata["unproven"] == 1
    assert not answer.metadata["abstained"]
    engine.close()


def test_each_question_stands_by_itself_behind_one_reading_of_the_document(lease):
    model = ScriptedModel([cite("It is.", governed(lease))] * 2)
    engine = DocreviewQueryEngine(lease, DocreviewLLM(model))
    engine.query("Who is the first?")
    answer = engine.query("Who is the second?")
    assert str(answer).startswith("It is. [1]")
    assert "Who is the first?" not in model.prompts[1]
    assert answer.metadata["answer"]["usage"]["cached_tokens"] > 1000


def test_the_model_without_weights(lease):
    llm = DocreviewLLM("embedded")
    assert governed(lease) in str(DocreviewQueryEngine(lease, llm).query(LAW))
    assert llm.metadata.model_name == "embedded"


def test_an_abstention_says_why(lease):
    answer = asked(lease, "<|tool_call_start|>[abstain(reason='no author')]<|tool_call_end|>").query("Who wrote it?")
    assert answer.metadata["abstained"]
    assert str(answer) == "Not answered: the model abstained: no author."
    assert answer.source_nodes == []
    assert DocreviewQueryEngine(lease).query("How deep is the Mariana Trench?").metadata["abstained"]


@pytest.mark.slow
def test_pages_and_speakers_of_what_is_cited(msa, meeting):
    paged = DocreviewQueryEngine(msa).query(LAW)
    assert paged.source_nodes
    assert all(msa.page_at(s.node.start_char_idx).number == s.metadata["page"] for s in paged.source_nodes)
    turn = next(turn for turn in meeting.turns if turn.speaker == "Henrik")
    said = asked(meeting, cite("Henrik measured it.", meeting[turn.span])).query("Who measured it?")
    facts = said.source_nodes[0].metadata
    assert (facts["speaker"], facts["start_s"]) == ("Henrik", turn.start_s)


def test_over_a_library_with_their_tools_around_it(library, lease):
    engine = DocreviewQueryEngine(library)
    question = "Which law governs the office lease?"
    tool = QueryEngineTool.from_defaults(engine, name="ask", description="Ask the contracts.")
    assert governed(lease) in str(tool(question))
    assert str(asyncio.run(engine.aquery(question))) == str(engine.query(question))
    assert DocreviewQueryEngine(library, doc="nda-oneway.txt").query(LAW).source_nodes[0].metadata["file_name"] == (
        "nda-oneway.txt"
    )


# --- answering from nodes


def test_the_synthesizer_with_our_retriever(lease):
    quote = governed(lease)
    model = ScriptedModel([f"The law is named.\n> {quote}\nIt is 1999.\n> {quote}\nThe sky is blue.", "NOT ANSWERED"])
    engine = RetrieverQueryEngine(
        DocreviewRetriever(lease, k=5, whole=True), DocreviewSynthesizer(DocreviewLLM(model), documents=[lease])
    )
    answer = engine.query(LAW)
    assert str(answer).splitlines() == [
        "The law is named. [1]",
        "It is 1999. [unproven]",
        "The sky is blue. [unproven]",
    ]
    (source,) = answer.source_nodes
    assert lease.text[source.node.start_char_idx : source.node.end_char_idx] == source.text == quote
    abstained = engine.query("Who wrote Hamlet?")
    assert abstained.metadata["abstained"]
    assert "not all of the text" in str(abstained)


def test_what_does_not_fit_is_left_out_and_named(lease):
    model = ScriptedModel(["NOT ANSWERED"], window=1500)
    retriever = DocreviewRetriever(lease, k=30, whole=True)
    answer = RetrieverQueryEngine(retriever, DocreviewSynthesizer(DocreviewLLM(model))).query(LAW)
    assert answer.metadata["left_out"]
    assert answer.metadata["passages"] + len(answer.metadata["left_out"]) == len(retriever.retrieve(LAW))
    assert model.count(model.prompts)[0] <= 1500


def test_the_synthesizer_with_their_index_and_their_model(lease):
    index = VectorStoreIndex.from_documents(
        [to_llama_index(lease)], transformations=[DocreviewNodeParser()], embed_model=DocreviewEmbedding()
    )
    synthesizer = DocreviewSynthesizer(MockLLM(max_tokens=3))
    answer = index.as_query_engine(llm=MockLLM(), response_synthesizer=synthesizer, similarity_top_k=2).query(LAW)
    assert "[unproven]" in str(answer)
    assert answer.metadata["passages"] == 2
    assert synthesizer.get_response(LAW, ["Rent is due."]).endswith("[unproven]")
    assert str(synthesizer.synthesize(LAW, [])) == "Not answered: nothing found."
    assert str(asyncio.run(synthesizer.asynthesize(LAW, []))) == "Not answered: nothing found."


# --- proving

TEXT = 'The Tenant shall pay rent of USD 500 monthly. The "Term" is ten years. Yes. The Tenant shall not sublet.'


def node(text=TEXT, start=100, doc="lease"):
    return NodeWithScore(
        node=TextNode(
            text=text,
            start_char_idx=start,
            end_char_idx=start + len(text),
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=doc)},
        )
    )


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        ("Rent is monthly.\n> The Tenant shall pay rent of USD 500 monthly.", [True]),
        ("1. The rent is 500.\n> The Tenant shall pay rent of USD 500 monthly.", [True]),
        ("Rent is monthly.\n> the tenant shall pay  rent of USD 500", [True]),
        ("Rent is monthly.\n\n> shall pay rent of USD 500\n> The Tenant shall not sublet", [True]),
        ('The lease says "shall pay rent of USD 500 monthly".', [True]),
        ("The lease says “shall pay rent of USD 500 monthly”.", [True]),
        ("The Tenant shall not sublet.", [True]),
        ("- The Tenant shall not sublet.", [True]),
        ("> The Tenant shall not sublet.", [True]),
        ('It says "The Tenant shall not sublet." The rent is USD 500 monthly.', [True, False]),
        ('It says "is ten years. Yes. The Tenant".', [True]),
        # these must not pass
        ("Rent is monthly.\n> The Tenant shall pay rent of USD 900 monthly.", [False]),
        ("The rent is 600.\n> The Tenant shall pay rent of USD 500 monthly.", [False]),
        ("Subletting is fine.\n> The Tenant shall sublet", [False]),
        ("Rent is monthly.\n> shall pay rent of USD 500\n> invented words here", [False]),
        ('The "Term" is twenty years.', [False]),
        ('The "Premises" are large.', [False]),
        ("Yes.", [False]),
        ("It is so.\n> Yes", [False]),
        ("Rent is monthly.\n>", [False]),
        ("Rent is due. It is monthly.\n> shall pay rent of USD 500", [False, True]),
        ("", []),
    ],
)
def test_what_counts_as_proof(answer, proven):
    checked = verify_response(Response(answer, [node()]))
    assert [s["proven"] for s in checked.metadata["statements"]] == proven
    assert checked.metadata["unproven"] == proven.count(False)
    assert str(checked).count("[unproven]") == proven.count(False)
    assert bool(checked.source_nodes) == (True in proven)


def test_places_are_those_of_the_document_or_of_the_node():
    answer = Response("No subletting.\n> The Tenant shall not sublet.", [node()], {"kept": 1})
    checked = verify_response(answer)
    (source,) = checked.source_nodes
    start = 100 + TEXT.index("The Tenant shall not")
    assert (source.node.ref_doc_id, source.node.start_char_idx) == ("lease", start)
    assert checked.metadata["kept"] == 1
    unknown = NodeWithScore(node=TextNode(id_="n", text=TEXT))
    (source,) = verify_response(answer, [unknown]).source_nodes
    assert (source.node.ref_doc_id, source.node.start_char_idx) == ("n", start - 100)


def test_a_node_with_a_wrong_place_proves_nothing_in_its_document(lease):
    wrong = node(lease.text[500:900], 10, lease.id)
    quote = " ".join(lease.text[520:880].split()[1:-1])
    answer = Response(f"Says so.\n> {quote}", [wrong])
    assert verify_response(answer, documents=[lease]).metadata["unproven"] == 1
    right = node(lease.text[500:900], 500, lease.id)
    assert verify_response(answer, [right], documents=[lease]).metadata["unproven"] == 0
