"""LlamaIndex's messages and tools as our prompts, and our replies as its messages."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from llama_index.core.base.llms.types import (
    BaseRecursiveContentBlock,
    CachePoint,
    ChatMessage,
    ChatResponse,
    ContentBlock,
    MessageRole,
    TextBlock,
    ThinkingBlock,
    ToolCallBlock,
)
from llama_index.core.tools import BaseTool

from docreview import prompts
from docreview._json import plain
from docreview.models import Profile
from docreview.models.toolcalls import ParsedReply, parse_reply
from docreview.types import ToolCall, Usage

REPLY: Final = "reply"
"""Key in an assistant's `additional_kwargs`: the reply as the model wrote it, which is how it sees it again."""
_THOUGHTS: Final = re.compile(r"<think>(?:.*?</think>\s*|.*?(?=<\|tool_call_start\|>)|.*)", re.DOTALL)
_SYSTEM: Final = (MessageRole.SYSTEM, MessageRole.DEVELOPER)
_ROLES: Final[dict[MessageRole, prompts.Role]] = {
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
    MessageRole.CHATBOT: "assistant",
    MessageRole.MODEL: "assistant",
    MessageRole.TOOL: "tool",
    MessageRole.FUNCTION: "tool",
}


def prompt(
    messages: Sequence[ChatMessage], profile: Profile, tools: Sequence[dict[str, Any]] = (), hint: str = ""
) -> str:
    """A conversation as raw text. All system messages go to its beginning, with the tools.

    Raises:
        ValueError: A message holds a picture, a sound or a file, or the last one is the assistant's.
    """
    instructions = [_text(message) for message in messages if message.role in _SYSTEM]
    turns = [
        prompts.Turn(role=_ROLES[message.role], text=_said(message)) for message in messages if message.role in _ROLES
    ]
    system = "\n\n".join(part for part in (*instructions, hint) if part)
    return prompts.prefix(system, profile, tools=tools) + prompts.suffix(turns, profile)


def schema(tool: BaseTool) -> dict[str, Any]:
    """A tool as our prompts show it."""
    about = tool.metadata
    return {"name": about.get_name(), "description": about.description, "parameters": about.get_parameters_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply to its end. `how`: why it ended, as `Ending.finish`, or "loop"."""

    text: str
    how: str
    usage: Usage
    notes: tuple[str, ...] = ()


def response(said: Said, offered: Sequence[str], profile: Profile, *, thoughts: bool, delta: str = "") -> ChatResponse:
    """A whole reply. Calls that can't be read, or of tools that were not offered, are named and not handed on.

    Args:
        offered: The tools' names.
        thoughts: Whether to hand on the chain of thought; nothing keeps it otherwise.
    """
    parsed = parse_reply(said.text, thinking_open=profile.reasoning == "open")
    text = said.text if thoughts or not parsed.reasoning else _without_thoughts(said.text)
    calls = [call for call in parsed.calls if call.name in offered]
    refused = [error.message for error in parsed.errors]
    refused += ["a tool was called that was not offered"] * (len(parsed.calls) - len(calls))
    blocks: list[ContentBlock] = [ThinkingBlock(content=parsed.reasoning)] if thoughts and parsed.reasoning else []
    facts: dict[str, Any] = {REPLY: text} | ({"refused": refused} if refused else {})
    usage = plain(said.usage)
    counts = {key: usage[key] for key in ("prompt_tokens", "completion_tokens", "cached_tokens")}
    return ChatResponse(
        message=ChatMessage(
            role=MessageRole.ASSISTANT, blocks=blocks + _blocks(parsed, calls, refused), additional_kwargs=facts
        ),
        delta=delta,
        raw={"text": text, "finish": said.how, "notes": list(said.notes), "usage": usage},
        additional_kwargs={**counts, "finish": said.how},
    )


def _blocks(parsed: ParsedReply, calls: Sequence[ToolCall], refused: Sequence[str]) -> list[ContentBlock]:
    content = prompts.restore(parsed.content or "")
    if refused and not calls and not content:
        content = f"(A tool call could not be used: {'; '.join(refused)}.)"
    blocks: list[ContentBlock] = [TextBlock(text=content)] if content or not calls else []
    return blocks + [
        ToolCallBlock(tool_call_id=call.id, tool_name=call.name, tool_kwargs=_restored(dict(call.arguments)))
        for call in calls
    ]


def _without_thoughts(text: str) -> str:
    before, closed, _ = text.partition("</think>")
    return _THOUGHTS.sub("", f"<think>{text}" if closed and "<think>" not in before else text)


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return prompts.restore(value)
    if isinstance(value, dict):
        return {key: _restored(each) for key, each in value.items()}
    return [_restored(each) for each in value] if isinstance(value, list | tuple) else value


def _said(message: ChatMessage) -> str:
    """What a turn says; an assistant's own reply where it is known, else one that would have meant the same."""
    if _ROLES[message.role] != "assistant":
        return _text(message)
    if isinstance(reply := message.additional_kwargs.get(REPLY), str):
        return reply
    calls = ", ".join(_call(block) for block in message.blocks if isinstance(block, ToolCallBlock))
    text = prompts.neutralise(_text(message)).text
    return text + (f"<|tool_call_start|>[{calls}]<|tool_call_end|>" if calls else "")


def _call(block: ToolCallBlock) -> str:
    given = ", ".join(f"{key}={value!r}" for key, value in arguments(block).items())
    return prompts.neutralise(f"{block.tool_name}({given})").text


def arguments(block: ToolCallBlock) -> dict[str, Any]:
    """The arguments of a call; other models' come as JSON."""
    given: Any = block.tool_kwargs
    return dict(json.loads(given) if isinstance(given, str) else given)


def _text(message: ChatMessage) -> str:
    return "\n".join(_texts(message.blocks))


def _texts(blocks: Sequence[Any]) -> list[str]:
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, TextBlock):
            texts.append(block.text)
        elif isinstance(block, BaseRecursiveContentBlock):
            texts += _texts(block.nested_blocks)
        elif not isinstance(block, ToolCallBlock | ThinkingBlock | CachePoint):
            raise ValueError(f"a message holds a {type(block).__name__}; the model reads text only")
    return texts


class Shown:
    """What of a reply, in pieces of any size, is for the reader: neither calls nor reasoning.

    It says what `parse_reply` calls content, but for white space around blocks; calls without markers can't be told.
    """

    _OPENS: Final = {"<think>": "</think>", "<|tool_call_start|>": "<|tool_call_end|>"}
    _MARK: Final = re.compile(r"<think>|<\|(?:tool_call_start|im_end|endoftext)\|>")
    _MARKS: Final = ("<think>", "<|tool_call_start|>", "<|im_end|>", "<|endoftext|>")

    def __init__(self, *, thinking_open: bool = False) -> None:
        self._until: str | None = "</think>" if thinking_open else ""  # None: the turn has ended
        self._held, self._began = "", False

    def feed(self, piece: str) -> str:
        """The text that is certain now."""
        self._held += piece
        out = ""
        while self._until is not None:
            if self._until:
                before, found, rest = self._held.partition(self._until)
                self._held = rest if found else before[1 - len(self._until) :]
                if not found:
                    break
                self._until = ""
            elif mark := self._MARK.search(self._held):
                out += self._held[: mark.start()]
                self._held = self._held[mark.end() :]
                self._until = self._OPENS.get(mark[0])
            else:
                at = self._held.rfind("<")
                tail = self._held[at:] if at >= 0 else ""
                keep = tail if any(each.startswith(tail) for each in self._MARKS) else ""
                out += self._held[: len(self._held) - len(keep)]
                self._held = keep
                break
        return self._first(out)

    def close(self) -> str:
        """What was held back."""
        return self._first(self._held) if self._until == "" else ""

    def _first(self, text: str) -> str:
        text = text if self._began else text.lstrip()
        self._began = self._began or bool(text)
        return text
