"""Documents and passages to LlamaIndex's documents and nodes and back, without loss in either direction.

What the other side has no field for travels as JSON: a `Document`'s structure in the metadata of LlamaIndex's document
(`STRUCTURE`, kept out of prompts and embeddings), a LlamaIndex object's own fields in `Document.metadata`
(`FOREIGN`) or in `NodePassage.node`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, overload

from llama_index.core.schema import BaseNode, NodeRelationship, ObjectType, RelatedNodeInfo, TextNode
from llama_index.core.schema import Document as LlamaDocument

from docreview import _json
from docreview.read.structure import find_sections
from docreview.read.transcripts.labelled import find_turns
from docreview.types import Document, Passage, ReadWarning, Source, Span

STRUCTURE: Final = "docreview"
"""Key in the metadata of LlamaIndex's document: source, pages, turns, sections, terms and warnings as JSON."""
FOREIGN: Final = "llama_index"
"""Key in `Document.metadata`: what LlamaIndex's document holds beside the text, as JSON."""
NOT_EMBEDDED: Final = ("file_path", "file_name", "file_type", "pages", "page", "warnings", "tokens", STRUCTURE)
"""Metadata that say nothing about what a text is about. The section and the speaker do."""
NOT_SHOWN: Final = ("file_path", "file_type", "pages", "warnings", "tokens", STRUCTURE)
"""Metadata that a language model has no use for."""
Node = TypeVar("Node", bound=BaseNode)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePassage(Passage):
    """A passage that came from a node; `node` is what the node holds beside it, as JSON."""

    node: str


@overload
def to_llama_index(value: Document) -> LlamaDocument: ...
@overload
def to_llama_index(value: Passage) -> TextNode: ...
@overload
def to_llama_index(value: Sequence[Passage]) -> list[TextNode]: ...
@overload
def to_llama_index(value: Sequence[Document]) -> list[LlamaDocument]: ...
def to_llama_index(value: Any) -> Any:
    """A document as LlamaIndex's document, a passage as a node, or a sequence of either.

    Ids are kept; a passage that never was a node gets `DOCUMENT:START-END`. `from_llama_index` gives the value back.

    Raises:
        ValueError: `Document.metadata["llama_index"]` or `NodePassage.node` is not what `from_llama_index` wrote.
    """
    if isinstance(value, Document):
        return _to_document(value)
    if isinstance(value, Passage):
        return _rebuilt(TextNode, value.node, value.text) if isinstance(value, NodePassage) else plain_node(value)
    return [to_llama_index(each) for each in value]


@overload
def from_llama_index(value: LlamaDocument) -> Document: ...
@overload
def from_llama_index(value: TextNode) -> Passage: ...
@overload
def from_llama_index(value: Sequence[TextNode]) -> list[Passage]: ...
@overload
def from_llama_index(value: Sequence[LlamaDocument]) -> list[Document]: ...
def from_llama_index(value: Any) -> Any:
    """LlamaIndex's document as a document, a node as a passage, or a sequence of either.

    A document that another reader made gets its turns and sections from the text. One whose text was changed since
    docreview read it is treated so too, with a warning `text_changed`: the old spans would point elsewhere.

    Raises:
        ValueError: A node doesn't say where in which document it stands; or the object holds what JSON can't (a
            picture, a date): nothing is dropped silently.
    """
    if isinstance(value, LlamaDocument):
        return _from_document(value)
    if isinstance(value, BaseNode):
        return _from_node(value)
    return [from_llama_index(each) for each in value]


def node_id(doc_id: str, span: Span) -> str:
    """The id of a passage's node: the same passage always gets the same."""
    return f"{doc_id}:{span.start}-{span.end}"


def plain_node(passage: Passage, *, metadata: dict[str, Any] | None = None) -> TextNode:
    """A node for a passage; `metadata` are put before its own."""
    facts = {"section": passage.section, "speaker": _joined(passage.speakers), "tokens": passage.tokens}
    return TextNode(
        id_=node_id(passage.doc_id, passage.span),
        text=passage.text,
        start_char_idx=passage.span.start,
        end_char_idx=passage.span.end,
        metadata={**(metadata or {}), **{key: fact for key, fact in facts.items() if fact not in ("", None)}},
        excluded_embed_metadata_keys=list(NOT_EMBEDDED),
        excluded_llm_metadata_keys=list(NOT_SHOWN),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.doc_id, node_type=ObjectType.DOCUMENT)},
    )


def _to_document(document: Document) -> LlamaDocument:
    foreign = document.metadata.get(FOREIGN)
    if foreign is None:
        return _plain_document(document)
    made = _rebuilt(LlamaDocument, foreign, document.text)
    if STRUCTURE in made.metadata and made.metadata[STRUCTURE] is None:
        made.metadata[STRUCTURE] = _structure(document)
    elif _from_document(made) != document:  # it got other sections, say, since it came from there
        made.metadata[STRUCTURE] = _structure(document)
        made.excluded_embed_metadata_keys = [*made.excluded_embed_metadata_keys, STRUCTURE]
        made.excluded_llm_metadata_keys = [*made.excluded_llm_metadata_keys, STRUCTURE]
    return made


def _plain_document(document: Document) -> LlamaDocument:
    source = document.source
    facts = {
        "file_path": source.path,
        "file_name": os.path.basename(source.path),
        "file_type": source.media_type,
        "title": document.metadata.get("title", ""),
        "pages": len(document.pages),
        "warnings": ", ".join(dict.fromkeys(warning.code for warning in document.warnings)),
    }
    return LlamaDocument(
        id_=document.id,
        text=document.text,
        metadata={**{key: fact for key, fact in facts.items() if fact}, STRUCTURE: _structure(document)},
        excluded_embed_metadata_keys=list(NOT_EMBEDDED),
        excluded_llm_metadata_keys=list(NOT_SHOWN),
    )


def _structure(document: Document) -> str:
    fields = {field.name: getattr(document, field.name) for field in dataclasses.fields(document)}
    fields["text"] = _sha256(document.text)
    fields["metadata"] = {key: fact for key, fact in document.metadata.items() if key != FOREIGN}
    return _json.dumps({key: fact for key, fact in fields.items() if key != "id"})


def document_of(given: LlamaDocument) -> Document:
    """A document as docreview reads it: text, pages, turns and sections, without what only LlamaIndex knows."""
    structure = given.metadata.get(STRUCTURE)
    known = None if structure is None else _known(given, structure)
    return known or _foreign(given, changed=structure is not None)


def _from_document(given: LlamaDocument) -> Document:
    document = document_of(given)
    if _plain_document(document) == given:
        return document
    if given.metadata.get(STRUCTURE) == _structure(document):  # not held twice
        given = given.model_copy(update={"metadata": {**given.metadata, STRUCTURE: None}})
    return dataclasses.replace(
        document, metadata={**document.metadata, FOREIGN: _dumped(LlamaDocument, given, given.text)}
    )


def _known(given: LlamaDocument, structure: Any) -> Document | None:
    """The document that docreview read; None when its text was changed since or the structure is not ours."""
    try:
        fields = json.loads(structure)
        if fields["text"] != _sha256(given.text):
            return None
        return _json.load(Document, {**fields, "id": given.id_, "text": given.text})
    except (ValueError, TypeError, KeyError):
        return None


def _foreign(given: LlamaDocument, *, changed: bool) -> Document:
    """A document of which only the text is known."""
    text = given.text
    turns = find_turns(text)
    message = "The text was changed after it was read, so its pages are not known; sections are those of the new text."
    return Document(
        id=given.id_,
        source=Source(
            path=str(given.metadata.get("file_path") or given.metadata.get("file_name") or ""),
            media_type=str(given.metadata.get("file_type") or "text/plain"),
            sha256=_sha256(text),
        ),
        text=text,
        turns=turns,
        sections=() if turns else find_sections(text),
        warnings=(ReadWarning(code="text_changed", message=message),) if changed else (),
    )


def _from_node(node: BaseNode) -> Passage:
    source = node.source_node
    start, end = (node.start_char_idx, node.end_char_idx) if isinstance(node, TextNode) else (None, None)
    if (
        not isinstance(node, TextNode)
        or source is None
        or start is None
        or end is None
        or end - start != len(node.text)
    ):
        raise ValueError(
            f"node {node.node_id} doesn't say where in which document it stands; cut documents with DocreviewNodeParser"
        )
    facts = node.metadata
    passage = Passage(
        doc_id=source.node_id,
        span=Span(start, end),
        text=node.text,
        tokens=tokens if isinstance(tokens := facts.get("tokens"), int) else None,
        section=str(facts.get("section", "")),
        speakers=_split(facts.get("speaker")),
    )
    if plain_node(passage) == node:
        return passage
    fields = {field.name: getattr(passage, field.name) for field in dataclasses.fields(passage)}
    return NodePassage(**fields, node=_dumped(TextNode, node, node.text))


def _joined(speakers: Sequence[str]) -> str:
    """One speaker as such, several as JSON: vector stores take no lists."""
    if len(speakers) == 1 and not speakers[0].startswith("["):
        return speakers[0]
    return _json.dumps(speakers) if speakers else ""


def _split(speaker: Any) -> tuple[str, ...]:
    if not isinstance(speaker, str) or not speaker:
        return ()
    if not speaker.startswith("["):
        return (speaker,)
    try:
        return tuple(map(str, json.loads(speaker)))
    except ValueError:
        return (speaker,)


def _dumped(kind: type[BaseNode], given: BaseNode, text: str) -> str:
    """All fields but the text as JSON, from which `_rebuilt` makes the same again.

    Raises:
        ValueError: It can't.
    """
    fields = given.to_dict()
    fields.pop("text", None)
    resource = fields.get("text_resource")
    if resource and resource.get("text") is not None:
        fields["text_resource"] = {key: fact for key, fact in resource.items() if key != "text"}
    try:
        dumped = _json.dumps(fields)
    except (TypeError, ValueError):
        dumped = ""
    if not dumped or _rebuilt(kind, dumped, text) != given:
        raise ValueError(
            f"{given.class_name()} {given.node_id} holds what JSON can't: a picture, a date, another object"
        )
    return dumped


def _rebuilt(kind: type[Node], dumped: str, text: str) -> Node:
    fields = json.loads(dumped)
    if kind is LlamaDocument:
        if fields.get("text_resource") is not None:
            fields["text_resource"].setdefault("text", text)
    else:
        fields["text"] = text
    return kind.from_dict(fields)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
