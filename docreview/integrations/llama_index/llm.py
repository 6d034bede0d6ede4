"""Our language models as LlamaIndex's: chat, completion, streams and tool calls, on this machine."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Final

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    LLMMetadata,
    MessageRole,
    ToolCallBlock,
)
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.tools import BaseTool

from docreview.integrations.llama_index.messages import REPLY, Said, Shown, arguments, prompt, response, schema
from docreview.models import ChatModel, Reply, Sampling
from docreview.models.loops import LoopDetector
from docreview.readers.load import load_model

_SAMPLING: Final = ("temperature", "top_k", "max_tokens", "seed")


class DocreviewLLM(FunctionCallingLLM):
    """A docreview model. Prompts are written and replies parsed by docreview, the same on every backend.

    What a text could smuggle in as control tokens is neutralised. Nothing is cut: what doesn't fit the window raises
    `ContextOverflow`. A reply that repeats itself is stopped. `raw` of a response holds the reply as the model wrote
    it, what it cost and why it ended: "stop", "length" (cut off), "loop" or "cancelled". Calls that could not be read
    are in `message.additional_kwargs["refused"]`.

    Args:
        model: A model, or its name for `docreview.load_model`; "embedded" needs no weights.
        sampling: The profile's by default; `temperature`, `top_k`, `max_tokens` and `seed` of a single call go first.
        thoughts: Whether to hand on the model's chain of thought; it is dropped otherwise.

    Raises:
        ModelError, MissingExtra: As `load_model`.
    """

    _model: ChatModel = PrivateAttr()
    _sampling: Sampling = PrivateAttr()
    _thoughts: bool = PrivateAttr()

    def __init__(
        self, model: ChatModel | str, *, sampling: Sampling | None = None, thoughts: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        self._thoughts = thoughts
        self._model = load_model(model) if isinstance(model, str) else model
        self._sampling = sampling or self._model.profile.sampling_for(self._model.window)

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex reports it."""
        return "DocreviewLLM"

    @property
    def model(self) -> ChatModel:
        """The model itself; close it when you are done."""
        return self._model

    @property
    def sampling(self) -> Sampling:
        """How replies are drawn."""
        return self._sampling

    @property
    def metadata(self) -> LLMMetadata:
        """Window and room for a reply in tokens, and what the model can do."""
        return LLMMetadata(
            context_window=self._model.window,
            num_output=self._sampling.max_tokens,
            is_chat_model=True,
            is_function_calling_model=True,
            model_name=self._model.name,
        )

    def count(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens of a conversation as the model will read it."""
        return self._model.count([prompt(messages, self._model.profile)])[0]

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """The whole reply to a conversation.

        Raises:
            ContextOverflow: The conversation and the room for a reply don't fit the window.
            ModelError: The backend failed.
            ValueError: An unknown option, or a message that is no text.
        """
        return self._whole(*self._asked(messages, kwargs))

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """The reply as it comes; the last response is the whole of it, with tool calls. Errors as for `chat`."""
        yield from self._stream(*self._asked(messages, kwargs))

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """As `chat`, in a thread."""
        reply, offered = await asyncio.to_thread(self._asked, messages, kwargs)
        try:
            return await asyncio.to_thread(self._whole, reply, offered)
        finally:
            reply.cancel()

    @llm_chat_callback()
    async def astream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseAsyncGen:
        """As `stream_chat`, in a thread."""
        return self._astream(*await asyncio.to_thread(self._asked, messages, kwargs))

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """The reply to one question; to raw text, control tokens and all, with `formatted`. Errors as for `chat`."""
        return _completion(self._whole(self._asked_text(prompt, formatted, kwargs), ()))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        """As `complete`, as it comes."""
        for each in self._stream(self._asked_text(prompt, formatted, kwargs), ()):
            yield _completion(each)

    @llm_completion_callback()
    async def acomplete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """As `complete`, in a thread."""
        reply = await asyncio.to_thread(self._asked_text, prompt, formatted, kwargs)
        try:
            return _completion(await asyncio.to_thread(self._whole, reply, ()))
        finally:
            reply.cancel()

    @llm_completion_callback()
    async def astream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseAsyncGen:
        """As `stream_complete`, in a thread."""
        reply = await asyncio.to_thread(self._asked_text, prompt, formatted, kwargs)

        async def pieces() -> CompletionResponseAsyncGen:
            async for each in self._astream(reply, ()):
                yield _completion(each)

        return pieces()

    def get_tool_calls_from_response(
        self, response: ChatResponse, error_on_no_tool_call: bool = True, **_: Any
    ) -> list[ToolSelection]:
        """The calls of a reply.

        Raises:
            ValueError: There is none, and there was to be one.
        """
        blocks = [block for block in response.message.blocks if isinstance(block, ToolCallBlock)]
        if not blocks and error_on_no_tool_call:
            refused = "; ".join(response.message.additional_kwargs.get("refused", ()))
            raise ValueError(f"the model called no tool{f' ({refused})' if refused else ''}")
        return [
            ToolSelection(tool_id=block.tool_call_id or "", tool_name=block.tool_name, tool_kwargs=arguments(block))
            for block in blocks
        ]

    def _prepare_chat_with_tools(
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,  # noqa: ARG002 - LlamaIndex's interface
        allow_parallel_tool_calls: bool = False,  # noqa: ARG002 - seen to when the reply is there
        tool_required: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any]:
        asked = ChatMessage(role=MessageRole.USER, content=user_msg) if isinstance(user_msg, str) else user_msg
        choice = kwargs.pop("tool_choice", None) or ("required" if tool_required else None)
        shown = {"tools": [schema(tool) for tool in tools], "tool_choice": choice}
        return {"messages": [*(chat_history or []), *([asked] if asked else [])], **shown, **kwargs}

    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],  # noqa: ARG002 - LlamaIndex's interface
        allow_parallel_tool_calls: bool = False,
        **_: Any,
    ) -> ChatResponse:
        """Unless several calls are allowed, only the first is handed on; the others are noted as refused."""
        blocks = response.message.blocks
        calls = [block for block in blocks if isinstance(block, ToolCallBlock)]
        if len(calls) > 1 and not allow_parallel_tool_calls:
            facts = response.message.additional_kwargs
            response.message.blocks = [block for block in blocks if block not in calls[1:]]
            facts.pop(REPLY)  # the model is to see again only what was run
            facts["refused"] = [*facts.get("refused", ()), *["only one call at a time is allowed"] * (len(calls) - 1)]
        return response

    def _asked(self, messages: Sequence[ChatMessage], kwargs: dict[str, Any]) -> tuple[Reply, list[str]]:
        tools = kwargs.pop("tools", None) or []
        choice = kwargs.pop("tool_choice", None)
        text = prompt(messages, self._model.profile, tools, _hint(choice) if tools else "")
        return self._model.complete(text, sampling=self._sampled(kwargs)), [tool["name"] for tool in tools]

    def _asked_text(self, text: str, formatted: bool, kwargs: dict[str, Any]) -> Reply:
        if formatted:
            return self._model.complete(text, sampling=self._sampled(kwargs))
        return self._asked([ChatMessage(role=MessageRole.USER, content=text)], kwargs)[0]

    def _sampled(self, options: dict[str, Any]) -> Sampling:
        if unknown := sorted(set(options) - set(_SAMPLING)):
            raise ValueError(f"unknown options: {', '.join(unknown)}; there are {', '.join(_SAMPLING)}")
        return dataclasses.replace(self._sampling, **{key: x for key, x in options.items() if x is not None})

    def _whole(self, reply: Reply, offered: Sequence[str]) -> ChatResponse:
        *_, last = self._stream(reply, offered)
        last.delta = None
        return last

    def _stream(self, reply: Reply, offered: Sequence[str]) -> Iterator[ChatResponse]:
        profile, loops = self._model.profile, LoopDetector()
        shown, content, text = Shown(thinking_open=profile.reasoning == "open"), "", ""
        try:
            for piece in reply:
                if loops.kind:
                    continue  # what comes after the loop was noticed
                text += piece
                if delta := shown.feed(piece):
                    content += delta
                    yield ChatResponse(message=ChatMessage(role=MessageRole.ASSISTANT, content=content), delta=delta)
                if loops.feed(piece):
                    reply.cancel()
            how = "loop" if loops.kind else reply.finish
            said = Said(text=text, how=how, usage=reply.usage, notes=reply.ending.notes)
            yield response(said, offered, profile, thoughts=self._thoughts, delta=shown.close())
        finally:
            reply.cancel()  # nobody reads on: let the model stop

    async def _astream(self, reply: Reply, offered: Sequence[str]) -> ChatResponseAsyncGen:
        pieces = self._stream(reply, offered)
        try:
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece
        finally:
            reply.cancel()


def _completion(said: ChatResponse) -> CompletionResponse:
    text, facts = said.message.content or "", said.additional_kwargs
    return CompletionResponse(text=text, delta=said.delta, raw=said.raw, additional_kwargs=facts)


def _hint(choice: Any) -> str:
    """A wish for a call in words: our models can't be forced to make one."""
    name = choice.get("function", choice).get("name") if isinstance(choice, dict) else choice
    if name in (None, "auto", "none"):
        return ""
    return "Answer with a tool call." if name in ("required", "any") else f"Answer with a call of {name}."
