"""The node parser: exact places, also where LlamaIndex's own search finds the wrong ones."""

import pickle
import random
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import NodeParser, SentenceSplitter, SentenceWindowNodeParser
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import NodeRelationship, TextNode
from llama_index.core.storage.docstore import SimpleDocumentStore

from docreview import chunk
from docreview.integrations.llama_index import (
    DocreviewEmbedding,
    DocreviewNodeParser,
    DocreviewReader,
    from_llama_index,
    to_llama_index,
)


class Searched(DocreviewNodeParser):
    """Our passages with the base class's own search for their places."""

    def _postprocess_parsed_nodes(self, nodes, parent_doc_map):
        return NodeParser._postprocess_parsed_nodes(self, nodes, parent_doc_map)


BOILERPLATE = "Each party shall bear its own costs and expenses in connection herewith."


def boilerplate():
    """A schedule whose short paragraphs also stand, joined, in the long first one."""
    return "\n\n".join([f"Whereas {BOILERPLATE} {BOILERPLATE}", *[BOILERPLATE] * 5, "Signed."])


def wrong(nodes, text):
    return [n for n in nodes if n.start_char_idx is None or text[n.start_char_idx : n.end_char_idx] != n.text]


def moved(nodes):
    """Nodes that stand before the end of the one before them: ours never overlap."""
    return [b for a, b in pairwise(nodes) if b.start_char_idx < a.end_char_idx]


def test_the_base_class_would_put_repeated_boilerplate_in_the_wrong_place():
    document = LlamaDocument(text=boilerplate())
    ours = DocreviewNodeParser(max_chars=200).get_nodes_from_documents([document])
    theirs = Searched(max_chars=200).get_nodes_from_documents([document])
    assert [n.text for n in ours] == [n.text for n in theirs]
    assert not wrong(ours, document.text)
    assert not moved(ours)
    places = [(n.start_char_idx, t.start_char_idx) for n, t in zip(ours, theirs, strict=True)]
    assert [here for here, _ in places] != [there for _, there in places]  # if this fails, LlamaIndex was mended


@given(st.lists(st.sampled_from(["a b. ", "A b.\n\n", "1. Term\n", "(a) x; ", "é\u0301 ", "\n", "契約。", "c" * 30])))
@settings(max_examples=150, deadline=None)
def test_every_word_is_in_exactly_one_node_at_its_own_place(pieces):
    document = LlamaDocument(id_="x", text="".join(pieces))
    nodes = DocreviewNodeParser(max_chars=20).get_nodes_from_documents([document])
    assert not wrong(nodes, document.text)
    assert not moved(nodes)
    assert "".join("".join(n.text.split()) for n in nodes) == "".join(document.text.split())


def test_nodes_are_the_passages_of_the_document(msa):
    nodes = DocreviewNodeParser().get_nodes_from_documents([to_llama_index(msa)])
    passages = chunk(msa)
    assert [(n.start_char_idx, n.end_char_idx, n.text) for n in nodes] == [
        (p.span.start, p.span.end, p.text) for p in passages
    ]
    assert [n.metadata.get("section", "") for n in nodes] == [p.section for p in passages]
    assert [n.metadata.get("page") for n in nodes] == [msa.page_at(p.span.start).number for p in passages]
    assert to_llama_index(from_llama_index(nodes)) == nodes


def test_metadata_ids_and_neighbours(meeting):
    document = to_llama_index(meeting)
    document.metadata["client"] = "Acme"
    nodes = DocreviewNodeParser().get_nodes_from_documents([document])
    assert "Farida" in nodes[1].metadata["speaker"]
    assert nodes[0].metadata["client"] == "Acme"
    assert "docreview" not in nodes[0].metadata
    embedded = nodes[1].get_content("embed")
    assert "speaker: " in embedded
    assert "file_name" not in embedded
    assert "docreview" not in nodes[1].model_dump_json()  # the document's whole structure is in no node
    assert {n.ref_doc_id for n in nodes} == {document.id_}
    assert [n.next_node.node_id for n in nodes[:-1]] == [n.node_id for n in nodes[1:]]
    assert [n.prev_node.node_id for n in nodes[1:]] == [n.node_id for n in nodes[:-1]]
    assert nodes[0].prev_node is None
    again = DocreviewNodeParser().get_nodes_from_documents([document])
    assert again == nodes
    plain = DocreviewNodeParser(include_metadata=False, include_prev_next_rel=False, id_func=lambda i, _: f"n{i}")
    bare = plain.get_nodes_from_documents([document])
    assert [n.node_id for n in bare] == [f"n{i}" for i in range(len(nodes))]
    assert "client" not in bare[0].metadata
    assert NodeRelationship.NEXT not in bare[0].relationships


def test_tokens_are_counted_when_asked_for(msa):
    nodes = DocreviewNodeParser(max_tokens=100).get_nodes_from_documents([to_llama_index(msa)])
    assert max(n.metadata["tokens"] for n in nodes) <= 100
    assert "tokens" not in nodes[0].get_content("llm")


def test_nodes_of_another_splitter_keep_their_places(lease):
    document = to_llama_index(lease)
    halves = [lease.text[:3000], lease.text[3000:]]
    first = [
        TextNode(
            text=half,
            start_char_idx=at,
            end_char_idx=at + len(half),
            relationships={NodeRelationship.SOURCE: document.as_related_node_info()},
        )
        for at, half in zip((0, 3000), halves, strict=True)
    ]
    nodes = DocreviewNodeParser(max_chars=300)(first)
    assert not wrong(nodes, lease.text)
    assert {n.ref_doc_id for n in nodes} == {document.id_}
    unknown = [TextNode(text=half, relationships=first[0].relationships) for half in halves]
    assert {n.start_char_idx for n in DocreviewNodeParser()(unknown)} == {None}


def test_a_parser_stays_itself_in_another_process(meeting):
    made = DocreviewNodeParser(max_chars=300, max_tokens=50)
    document = [to_llama_index(meeting)]
    assert pickle.loads(pickle.dumps(made))(document) == made(document)


def test_any_metadata_will_do_for_cutting():
    document = LlamaDocument(text="Rent is due.", metadata={"signed": random.Random(1)})
    assert DocreviewNodeParser().get_nodes_from_documents([document])[0].text == "Rent is due."


def test_in_an_ingestion_pipeline_a_second_run_finds_nothing_to_do(corpora):
    documents = DocreviewReader().load_data([corpora / "contracts" / "lease.docx", corpora / "contracts" / "msa.pdf"])
    pipeline = IngestionPipeline(
        transformations=[DocreviewNodeParser(), DocreviewEmbedding()],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.DUPLICATES_ONLY,
    )
    nodes = pipeline.run(documents=documents)
    texts = {document.id_: document.text for document in documents}
    assert nodes
    assert all(texts[n.ref_doc_id][n.start_char_idx : n.end_char_idx] == n.text for n in nodes)
    assert all(len(n.embedding) == 128 for n in nodes)
    assert pipeline.run(documents=DocreviewReader().load_data([d.metadata["file_path"] for d in documents])) == []


def test_in_a_vector_index_with_a_local_embedding(corpora):
    documents = DocreviewReader().load_data(corpora / "contracts" / "lease.docx")
    index = VectorStoreIndex.from_documents(
        documents, transformations=[DocreviewNodeParser(max_chars=400)], embed_model=DocreviewEmbedding()
    )
    found = index.as_retriever(similarity_top_k=3).retrieve("Which law governs the lease?")
    assert any("governed by" in node.text for node in found)
    text = documents[0].text
    assert all(text[n.node.start_char_idx : n.node.end_char_idx] == n.text for n in found)


def test_under_their_directory_reader(corpora, tmp_path):
    (tmp_path / "lease.docx").write_bytes((corpora / "contracts" / "lease.docx").read_bytes())
    (tmp_path / "nda.txt").write_bytes((corpora / "contracts" / "nda-oneway.txt").read_bytes())
    reader = SimpleDirectoryReader(str(tmp_path), file_extractor={".docx": DocreviewReader()}, raise_on_error=True)
    lease, nda = sorted(reader.load_data(), key=lambda d: d.metadata["file_name"])
    assert from_llama_index(lease).sections
    assert {"file_size", "creation_date", "docreview"} <= set(lease.metadata)
    nodes = DocreviewNodeParser().get_nodes_from_documents([lease, nda])
    assert not wrong([n for n in nodes if n.ref_doc_id == nda.id_], nda.text)


def test_without_structure_other_splitters_have_room(corpora):
    (document,) = DocreviewReader(structure=False).load_data(corpora / "contracts" / "msa.pdf")
    assert "docreview" not in document.metadata
    assert SentenceSplitter(chunk_size=128, chunk_overlap=0).get_nodes_from_documents([document])


def test_the_reader_refuses_what_it_cannot_do(corpora, tmp_path):
    from docreview.errors import ReadError

    with pytest.raises(ReadError) as error:
        DocreviewReader().load_data(tmp_path / "absent.pdf")
    assert error.value.code == "missing"
    with pytest.raises(ReadError) as error:
        DocreviewReader().load_data(corpora / "contracts" / "dpa-encrypted.pdf")
    assert error.value.code == "encrypted"
    with pytest.raises(ValueError, match="unknown options: fs"):
        DocreviewReader().load_data(corpora / "contracts" / "lease.docx", fs=object())


@pytest.mark.slow
def test_places_in_real_contracts(shared):
    """Ours are all exact, and not all of theirs. Run with `-s` for the figures of docs/llama-index.md."""
    files = sorted((shared / "cuad" / "dev" / "contracts").glob("*.txt"))[:100]
    theirs = {
        "SentenceSplitter(256 tokens)": SentenceSplitter(chunk_size=256, chunk_overlap=0),
        "SentenceSplitter(64 tokens)": SentenceSplitter(chunk_size=64, chunk_overlap=0),
        "SentenceWindowNodeParser": SentenceWindowNodeParser.from_defaults(),
    }
    found = Counter()
    for file in files:
        document = LlamaDocument(text=file.read_text(encoding="utf-8"))
        for size in (1000, 200):
            nodes = DocreviewNodeParser(max_chars=size).get_nodes_from_documents([document])
            searched = Searched(max_chars=size).get_nodes_from_documents([document])
            assert not wrong(nodes, document.text)
            assert not moved(nodes)
            found[f"ours({size})", "nodes"] += len(nodes)
            pairs = zip(nodes, searched, strict=True)
            found[f"ours({size}), searched", "wrong"] += sum(a.start_char_idx != b.start_char_idx for a, b in pairs)
        for name, parser in theirs.items():
            nodes = parser.get_nodes_from_documents([document])
            found[name, "nodes"] += len(nodes)
            pairs = zip(true_places(nodes, document.text), nodes, strict=True)
            found[name, "wrong"] += sum(place != node.start_char_idx for place, node in pairs)
    print(f"\n{len(files)} contracts", *(f"{name}: {n:,} {what}" for (name, what), n in found.items()), sep="\n")
    assert found["ours(200), searched", "wrong"] > 0
    assert found["SentenceWindowNodeParser", "wrong"] > 0


def true_places(nodes, text):
    """Where each node of a splitter without overlap must stand: right behind the one before it, but for white space."""
    at = 0
    for node in nodes:
        while at < len(text) and text[at].isspace():
            at += 1
        yield at if text.startswith(node.text, at) else None
        at += len(node.text)
