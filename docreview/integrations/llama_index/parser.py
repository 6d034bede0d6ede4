"""Our passages as LlamaIndex's nodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from llama_index.core.bridge.pydantic import Field
from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import default_id_func
from llama_index.core.schema import BaseNode, MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.utils import get_tqdm_iterable

from docreview.chunk import chunk
from docreview.integrations.llama_index.convert import (
    STRUCTURE,
    document_of,
    node_id,
    plain_node,
)
from docreview.tokens import load_counter
from docreview.types import Document, Passage


class DocreviewNodeParser(NodeParser):
    """Cuts documents at sections, paragraphs, sentences and turns of talk; every node says exactly where it stands.

    `document.text[node.start_char_idx:node.end_char_idx] == node.text`, always, also where the same words occur twice.
    Every character that is not white space is in exactly one node. Metadata: those of the document, and `page`,
    `section`, `speaker`; only `title`, `section`, `speaker` and metadata of your own become part of what is embedded.
    The same document gives the same ids each time. Nodes that another splitter made are cut further; their places
    stay places in the document if they were known.
    """

    max_chars: int = Field(default=1000, gt=0, description="The most characters of a node.")
    max_tokens: int | None = Field(
        default=None, gt=0, description="The most tokens of a node; None doesn't count them."
    )
    tokenizer: str = Field(default="minilm", description='"minilm", or a tokenizer.json, or a folder with one.')

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex saves it."""
        return "DocreviewNodeParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **_: Any) -> list[BaseNode]:
        made: list[BaseNode] = []
        for parent in get_tqdm_iterable(nodes, show_progress, "Parsing nodes"):
            made += self._cut(parent)
        return made

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Any]) -> list[BaseNode]:  # noqa: ARG002
        """Nothing: the base class would look for each text again, and find the wrong place where it occurs twice."""
        return nodes

    def _cut(self, parent: BaseNode) -> list[TextNode]:
        document = document_of(parent if isinstance(parent, LlamaDocument) else _as_document(parent))
        counter = load_counter(self.tokenizer) if self.max_tokens else None
        passages = chunk(document, max_chars=self.max_chars, counter=counter, max_tokens=self.max_tokens or 256)
        source = _source(parent)
        nodes = [self._node(passage, document, parent) for passage in passages]
        for i, node in enumerate(nodes):
            node.relationships[NodeRelationship.SOURCE] = source
            if self.id_func is not default_id_func:
                node.id_ = self.id_func(i, parent)
        if self.include_prev_next_rel:
            for left, right in pairwise(nodes):
                right.relationships[NodeRelationship.PREVIOUS] = left.as_related_node_info()
                left.relationships[NodeRelationship.NEXT] = right.as_related_node_info()
        return nodes

    def _node(self, passage: Passage, document: Document, parent: BaseNode) -> TextNode:
        page = document.page_at(passage.span.start)
        own = _light(parent.metadata) if self.include_metadata else {}
        node = plain_node(passage, metadata={**own, "page": page.number} if page else own)
        node.id_ = node_id(parent.node_id, passage.span)
        if not isinstance(parent, LlamaDocument):
            begin = parent.start_char_idx if isinstance(parent, TextNode) else None
            node.start_char_idx = None if begin is None else begin + passage.span.start
            node.end_char_idx = None if begin is None else begin + passage.span.end
        node.metadata_template, node.metadata_separator = parent.metadata_template, parent.metadata_separator
        node.excluded_embed_metadata_keys = _union(
            parent.excluded_embed_metadata_keys, node.excluded_embed_metadata_keys
        )
        node.excluded_llm_metadata_keys = _union(parent.excluded_llm_metadata_keys, node.excluded_llm_metadata_keys)
        return node


def _as_document(node: BaseNode) -> LlamaDocument:
    text = node.get_content(metadata_mode=MetadataMode.NONE)
    return LlamaDocument(id_=node.node_id, text=text)


def _source(parent: BaseNode) -> RelatedNodeInfo:
    """The document that a parent is, or the one that it comes from."""
    if not isinstance(parent, LlamaDocument) and parent.source_node is not None:
        return parent.source_node
    light = _light(parent.metadata)
    return RelatedNodeInfo(node_id=parent.node_id, node_type=parent.get_type(), metadata=light, hash=parent.hash)


def _light(metadata: dict[str, Any]) -> dict[str, Any]:
    """Metadata without the document's whole structure, which would be in every node."""
    return {key: fact for key, fact in metadata.items() if key != STRUCTURE}


def _union(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return [key for key in dict.fromkeys([*first, *second]) if key != STRUCTURE]
