"""Whether an answer's sentences are borne out by the passages that it was made from. No model is asked."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from llama_index.core.base.response.schema import Response
from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode

from docreview._json import plain
from docreview.ask.written import numbers
from docreview.chunk import sentence_spans
from docreview.integrations.llama_index.convert import plain_node
from docreview.tools.cite import LEAST
from docreview.types import Citation, Document, Passage, Source, Value
from docreview.verify import cite, verify

UNPROVEN: Final = "[unproven]"
_INLINE: Final = re.compile(r'"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»')
_LIST_MARK: Final = re.compile(r"^(?:[-*•]|\d+[.)])\s+")
_INSIDE: Final = 4
"""Words that a quote inside a sentence must have to prove it, or a sentence that is itself in a passage."""
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(Value):
    """One sentence of an answer. `quotes` are what it gives as proof, `note` says what is wrong with them.

    A proven quote shows that the document says those words, not that the sentence follows from them: read both.
    """

    text: str
    proven: bool
    quotes: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    note: str = ""


def verify_response(
    response: Response, nodes: Sequence[NodeWithScore] | None = None, *, documents: Sequence[Document] = ()
) -> Response:
    """An answer of any query engine with each sentence proven or marked `[unproven]`.

    A sentence is proven by its quotes: lines after it that begin with ">", and words in quotation marks inside it. Each
    must be in one of the nodes, verbatim but for white space, quotation marks and hyphens at line ends, and the
    sentence may name no figure that they do not. A sentence that is itself in a node is its own quote.

    Args:
        response: Its text; its `source_nodes` are what it must be borne out by.
        nodes: Other nodes to prove it by.
        documents: Documents that nodes come from, where you have them: places are then checked in the document itself,
            and citations have pages, speakers and times.

    Returns:
        The sentences with the numbers of their sources; `source_nodes[0]` is [1]: the very words that prove it, with
        their place in the document where the node's was known. `metadata["statements"]` holds the `Statement`s as
        plain data, `metadata["unproven"]` how many are not proven. Other metadata stay.
    """
    nodes = response.source_nodes if nodes is None else nodes
    prover = _Prover(nodes, documents)
    proven = [prover.statement(sentence, quotes) for sentence, quotes in _sentences(response.response or "")]
    return told(proven, prover.places, response.metadata)


def told(proven: Sequence[Statement], places: Mapping[Citation, Facts], metadata: Facts | None = None) -> Response:
    """Statements as a response; `places` are metadata for the nodes of citations."""
    sources: dict[Citation, int] = {}
    lines: list[str] = []
    for statement in proven:
        shown = [str(sources.setdefault(citation, len(sources) + 1)) for citation in statement.citations]
        mark = f"[{', '.join(shown)}]" if statement.proven else UNPROVEN
        lines.append(f"{statement.text} {mark}")
    return Response(
        response="\n".join(lines),
        source_nodes=[
            NodeWithScore(node=_source(citation, places.get(citation, {})), score=1.0) for citation in sources
        ],
        metadata={
            **(metadata or {}),
            "statements": [plain(statement) for statement in proven],
            "unproven": sum(not statement.proven for statement in proven),
        },
    )


def _sentences(answer: str) -> Iterator[tuple[str, list[str]]]:
    """Each sentence with the lines of quotes behind it; quotes before any sentence stand for themselves."""
    sentence, quotes = "", []
    for line in answer.splitlines():
        if line.lstrip().startswith(">"):
            quotes.append(line.strip().lstrip("> ").strip())
            continue
        if not line.strip() and quotes and not sentence:
            yield sentence, quotes
            quotes = []
        for start, end in sentence_spans(_INLINE.sub(_masked, line)):
            if sentence or quotes:
                yield sentence, quotes
            sentence, quotes = line[start:end], []
    if sentence or quotes:
        yield sentence, quotes


def _masked(quote: re.Match[str]) -> str:
    """A quote without the ends of sentences inside it; its own end may be one of the sentence around it."""
    return '"' + "x" * (len(quote[0]) - 3) + quote[0][-2] + '"'


class _Prover:
    """Looks for quotes in the texts of nodes; `places` are the metadata of what it cited."""

    def __init__(self, nodes: Sequence[NodeWithScore], documents: Sequence[Document]) -> None:
        self._texts = [(_as_document(node), _place(node)[1], _shown(node)) for node in nodes]
        self._documents = {document.id: document for document in documents}
        self.places: dict[Citation, Facts] = {}

    def statement(self, sentence: str, below: Sequence[str]) -> Statement:
        """A sentence with its proof; `below` are the quotes behind it."""
        bare = _bare(sentence)
        inside = [_inner(found) for found in _INLINE.finditer(sentence)]
        quotes = tuple(map(_bare, (*below, *inside)))
        text = sentence or " ".join(" ".join(quotes).split())
        if not any(map(_solid, below)) and not any(_solid(quote, _INSIDE) for quote in inside):
            if not _solid(bare, _INSIDE):
                return Statement(text=text, proven=False, quotes=quotes, note="no quote proves it")
            quotes = (bare,)
        found = [self._cited(quote) for quote in quotes]
        citations = tuple(dict.fromkeys(citation for each in found for citation in each))
        if note := _problem(found) or self._unsaid(bare, quotes, citations):
            return Statement(text=text, proven=False, quotes=quotes, note=note)
        return Statement(text=text, proven=True, quotes=quotes, citations=citations)

    def _unsaid(self, sentence: str, quotes: Sequence[str], citations: Sequence[Citation]) -> str:
        """What is wrong with a sentence that names figures which neither its quotes nor their places have."""
        said = [*quotes, *(str(fact) for citation in citations for fact in self.places[citation].values())]
        missing = numbers(sentence) - numbers(" ; ".join(said))
        return f"it names {', '.join(sorted(missing))}, and its quotes do not" if missing else ""

    def _cited(self, quote: str) -> list[Citation]:
        cited = []
        for text, offset, facts in self._texts:
            for citation in verify(quote, text).citations:
                if placed := self._placed(citation, offset):
                    self.places.setdefault(placed, facts)
                    cited.append(placed)
        return cited

    def _placed(self, citation: Citation, offset: int) -> Citation | None:
        """A citation of a node's text as one of its document; None when the document says something else there."""
        span = citation.span.shift(offset)
        document = self._documents.get(citation.doc_id)
        if document is None:
            return dataclasses.replace(citation, span=span)
        inside = span.end <= len(document)
        proof = cite(citation.quote, document, span) if inside else None
        return proof and dataclasses.replace(proof, verdict=citation.verdict)


def _problem(found: Sequence[Sequence[Citation]]) -> str:
    lost = sum(not each for each in found)
    return f"{lost} of {len(found)} quotes are in no passage" if lost else ""


def _solid(quote: str, words: int = 1) -> bool:
    """Whether a quote is long enough to prove something."""
    return sum(char.isalnum() for char in quote) >= LEAST and len(quote.split()) >= words


def _inner(found: re.Match[str]) -> str:
    inner: str = next(filter(None, found.groups()))
    return inner


def _bare(quote: str) -> str:
    """A quote without the quotation marks around it and the mark of a list before it."""
    quote = _LIST_MARK.sub("", quote.strip())
    whole = _INLINE.fullmatch(quote)
    return _inner(whole) if whole else quote


def _place(found: NodeWithScore) -> tuple[str, int]:
    """The document that a node comes from and where it begins there; the node itself when that isn't known."""
    node = found.node
    start = node.start_char_idx if isinstance(node, TextNode) else None
    known = node.ref_doc_id is not None and start is not None
    return (node.ref_doc_id, start) if known else (node.node_id, 0)  # type: ignore[return-value]


def _as_document(found: NodeWithScore) -> Document:
    text = found.node.get_content(metadata_mode=MetadataMode.NONE)
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(id=_place(found)[0], source=Source(path="", media_type="text/plain", sha256=sha256), text=text)


def _shown(found: NodeWithScore) -> Facts:
    """What a citation's node takes over from the node that it was found in."""
    facts = found.node.metadata
    return {key: facts[key] for key in ("file_name", "section") if facts.get(key)}


def _source(citation: Citation, facts: Facts) -> TextNode:
    """The words that prove something, as a node."""
    own = {
        "page": citation.page,
        "speaker": citation.speaker,
        "start_s": citation.start_s,
        "verdict": citation.verdict,
    }
    passage = Passage(doc_id=citation.doc_id, span=citation.span, text=citation.quote)
    metadata = {**facts, **{key: fact for key, fact in own.items() if fact is not None}}
    return plain_node(passage, metadata=metadata)
