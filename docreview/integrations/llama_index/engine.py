"""`docreview.ask` as LlamaIndex's query engine."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.schema import CBEventType, EventPayload
from llama_index.core.schema import QueryBundle

from docreview._json import plain
from docreview.ask import Answer, Cited, Conversation, Options
from docreview.ask.material import Target
from docreview.governance.audit import AuditLog
from docreview.integrations.llama_index.llm import DocreviewLLM
from docreview.integrations.llama_index.proof import Statement, told


class DocreviewQueryEngine(BaseQueryEngine):
    """Questions to a document or a library, as `docreview.ask` answers them; each stands by itself.

    Every sentence is proven, or marked `[unproven]`; see `verify_response` for what a response holds. `metadata` says
    besides: `abstained`, whether there is no answer; `answer`, the whole `Answer` as plain data: why there is none,
    what was read, the places that came closest. With a model, a document is read once for all questions if its
    window holds it. One question at a time; others wait.

    Args:
        target: A document, a library, or the path of either.
        llm: Who answers; without one the sentences are the document's own. For an LLM that is not docreview's take
            LlamaIndex's `RetrieverQueryEngine` with `DocreviewRetriever` and `DocreviewSynthesizer`.
        doc: Only this document of the library.
        options: How much a model may read and spend; by default with the sampling of `llm`.
        log: The audit log.

    Raises:
        ReadError: The file can't be read.
        LibraryError: The folder is no library, or has no document called `doc`.
    """

    def __init__(
        self,
        target: Target,
        llm: DocreviewLLM | None = None,
        *,
        doc: str | None = None,
        options: Options | None = None,
        log: AuditLog | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        model = llm.model if llm else None
        given = options or (Options(sampling=llm.sampling) if llm else None)
        self._conversation = Conversation(target, model=model, doc=doc, options=given, log=log, remember=False)

    def close(self) -> None:
        """Free what a model keeps of the document."""
        self._conversation.close()

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        return self._answered(query_bundle, Event())

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        cancel = Event()
        try:
            return await asyncio.to_thread(self._answered, query_bundle, cancel)
        finally:
            cancel.set()  # nobody waits for it any more

    def _answered(self, query: QueryBundle, cancel: Event) -> Response:
        payload: dict[str, Any] = {EventPayload.QUERY_STR: query.query_str}
        with self.callback_manager.event(CBEventType.QUERY, payload=payload) as event:
            response = _response(self._conversation.ask(query.query_str, cancel=cancel))
            event.on_end(payload={EventPayload.RESPONSE: response})
        return response


def _response(answer: Answer) -> Response:
    places = {each.citation: _facts(each) for sentence in answer.sentences for each in sentence.cited}
    proven = [
        Statement(text=each.text, proven=True, quotes=tuple(c.quote for c in each.citations), citations=each.citations)
        for each in answer.sentences
    ]
    others = [
        Statement(text=each.text, proven=False, quotes=(each.quote,) if each.quote else (), note=each.problem)
        for each in answer.unproven
    ]
    response = told([*proven, *others], places, {"abstained": not answer.sentences, "answer": plain(answer)})
    if not answer.sentences:
        response.response = "\n".join(filter(None, [f"Not answered: {answer.reason}.", response.response]))
    return response


def _facts(each: Cited) -> dict[str, Any]:
    return {"file_name": each.document} | ({"section": each.section} if each.section else {})
