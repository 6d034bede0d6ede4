"""A whole reply, or one that arrives in pieces: text, reasoning and calls told apart by the model's markers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from docreview.models.toolcalls.block import Block
from docreview.models.toolcalls.values import CallError
from docreview.types import ToolCall

MAX_REPLY: Final = 1_048_576
"""Characters of a reply that are read; more than any model in use can write."""
_START, _END = "<|tool_call_start|>", "<|tool_call_end|>"
_THINK, _THOUGHT = "<think>", "</think>"
_MARKS: Final = (_START, _END, _THINK, _THOUGHT)
_TURN: Final = re.compile(r"<\|im_end\|>|<\|endoftext\|>|<\|im_start\|>")
_LEAD: Final = re.compile(r"(?:\s*+(?:<\|startoftext\|>|<\|pad\|>|<\|im_start\|>))*+")
_MARK: Final = re.compile(r"<\|tool_call_start\|>|<\|tool_call_end\|>|</?think>")
_EDGE: Final = re.compile(r"<\|tool_call_(?:start|end)\|>")
_LEAK: Final = re.compile(
    r"<\|im_start\|>(?:\s*+assistant\b)?|<\|(?:im_end|endoftext|startoftext|pad|"
    r"tool_list_start|tool_list_end|tool_response_start|tool_response_end)\|>|</?think>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedReply:
    """What a reply says. `content` is the text outside blocks, each piece stripped, joined by newlines.

    `content` and `reasoning` are None where there is none. What looked like a call and was refused is in `errors`,
    never in `calls`; a refused call doesn't take back the others.
    """

    content: str | None
    reasoning: str | None
    calls: tuple[ToolCall, ...]
    errors: tuple[CallError, ...]


def parse_reply(text: str, *, thinking_open: bool = False) -> ParsedReply:
    """Take a model's reply apart.

    Never raises, whatever the text. Within `MAX_TEXT`, `MAX_CALLS` and `MAX_DEPTH` it takes under half a second.
    Tool names and argument types are not checked here: that is for whoever knows the tools.

    Args:
        text: The model's own words, with its special tokens.
        thinking_open: The prompt ended with `<think>`, so that the reply begins inside of it.
    """
    scan = _Scan(text[:MAX_REPLY], thinking_open=thinking_open)
    if len(text) > MAX_REPLY:
        scan.block.refuse("too_long", f"only the first {MAX_REPLY:,} characters of the reply were read", "")
    return scan.run()


class ReplyStream:
    """A reply in pieces of any size. `close` says the same as `parse_reply` of all of them together."""

    def __init__(self, *, thinking_open: bool = False) -> None:
        self._pieces: list[str] = []
        self._thinking_open = thinking_open
        self._tail = ""
        self._length = 0
        self.phase: Literal["thinking", "answering", "calling"] = "thinking" if thinking_open else "answering"
        """What the model is doing, as far as its markers show; for progress, not for decisions."""

    def feed(self, piece: str) -> None:
        """Take the next piece of the reply."""
        if self._length <= MAX_REPLY:
            self._pieces.append(piece[: MAX_REPLY + 1 - self._length])
            self._length += len(piece)
        window = self._tail + piece
        for mark in _MARK.findall(window):
            self.phase = self._next_phase(mark)
        rest = window[max(window.rfind("<"), 0) :]
        self._tail = rest if any(mark.startswith(rest) and mark != rest for mark in _MARKS) else ""

    def _next_phase(self, mark: str) -> Literal["thinking", "answering", "calling"]:
        if self.phase == "thinking":
            return "answering" if mark == _THOUGHT else "thinking"
        if self.phase == "calling":
            return "answering" if mark == _END else "calling"
        return {_START: "calling", _THINK: "thinking"}.get(mark, "answering")  # type: ignore[return-value]

    def close(self) -> ParsedReply:
        """The whole reply."""
        return parse_reply("".join(self._pieces), thinking_open=self._thinking_open)


@dataclass
class _Scan:
    """One pass over the markers of a reply."""

    text: str
    thinking_open: bool
    block: Block = field(default_factory=Block)
    content: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    since: int = 0  # index in `content` of what came after the last block
    last_thought: int = -1  # where the last `</think>` stands

    def run(self) -> ParsedReply:
        self._end_turn()
        self.last_thought = self.text.rfind(_THOUGHT)
        pos = self._think(0) if self.thinking_open else 0
        while (found := _MARK.search(self.text, pos)) is not None:
            self.content.append(self.text[pos : found.start()])
            pos = self._mark(found)
        self.content.append(self.text[pos:])
        self._drop_echo()
        self._read_blocks()
        if not self.bodies:
            self._without_markers()
        return ParsedReply(
            content=_join(self.content),
            reasoning=_join(self.thoughts),
            calls=tuple(self.block.calls),
            errors=tuple(self.block.errors),
        )

    def _read_blocks(self) -> None:
        for number, body in enumerate(self.bodies):
            if self.block.full:
                left = len(self.bodies) - number
                return self.block.refuse(
                    "too_many", f"{left} more blocks were left unread", "".join(self.bodies[number:])
                )
            self.block.add(body)
        return None

    def _end_turn(self) -> None:
        """Cut the text where the model ended its turn; what it made up after that is no part of the reply."""
        lead = _LEAD.match(self.text)
        found = _TURN.search(self.text, lead.end() if lead else 0)
        if not found:
            return
        rest = self.text[found.start() :]
        self.text = self.text[: found.start()]
        if _LEAK.sub("", rest).strip():
            self.block.refuse("turn", "text after the end of the turn is no part of the reply", rest)

    def _mark(self, found: re.Match[str]) -> int:
        if found[0] == _START:
            return self._body(found.end())
        if found[0] == _THINK:
            return self._think(found.end())
        if found[0] == _THOUGHT:
            self._thought_without_start(found.start())
        else:
            self._end_without_start()
        return found.end()

    def _think(self, pos: int) -> int:
        """Reasoning up to its end; up to the first call when it never ends."""
        if pos <= self.last_thought:
            end = self.text.find(_THOUGHT, pos)
            self.thoughts.append(self.text[pos:end])
            return end + len(_THOUGHT)
        end = self.text.find(_START, pos)
        end = end if end >= 0 else len(self.text)
        self.thoughts.append(self.text[pos:end])
        return end

    def _body(self, pos: int) -> int:
        """A block up to its end marker, the next block, or the end of text."""
        found = _EDGE.search(self.text, pos)
        end = found.start() if found else len(self.text)
        self.bodies.append(self.text[pos:end])
        self.since = len(self.content)
        return end if not found or found[0] == _START else found.end()

    def _thought_without_start(self, end: int) -> None:
        """The reply began inside `<think>`, though the caller didn't say so: nothing before was meant as an answer."""
        if not self.thoughts:
            self.thoughts = [self.text[:end]]
            self.content, self.bodies, self.since = [], [], 0

    def _end_without_start(self) -> None:
        """Text that ends like a block: an echo of the block before, or a block whose start was lost."""
        text = "".join(self.content[self.since :]).strip()
        if self.bodies:
            del self.content[self.since :]
            if text and text != self.bodies[-1].strip() and not self.block.full:
                self.block.refuse("orphan", "text between two end markers of blocks", text)
        elif self.since == 0 and _is_calls(text):
            self.content, self.bodies = [], [text]
        self.since = len(self.content)

    def _drop_echo(self) -> None:
        text = "".join(self.content[self.since :]).strip()
        if self.bodies and text == self.bodies[-1].strip():
            del self.content[self.since :]

    def _without_markers(self) -> None:
        """Servers may strip the markers: a reply that is nothing but calls is taken for them."""
        text = "\n".join(self.content).strip()
        if _is_calls(text):
            self.content = []
            self.block.add(text)


_BARE: Final = re.compile(r"\[\s*+[^\W\d][\w.\-]*+\s*+\(|\[?\s*+\{(?=[^{}]*?\"(?:arguments|parameters)\")")


def _is_calls(text: str) -> bool:
    if not _BARE.match(text):
        return False
    trial = Block()
    trial.add(text)
    return bool(trial.calls)


def _join(pieces: list[str]) -> str | None:
    stripped = (_LEAK.sub("", piece).strip() for piece in pieces)
    return "\n".join(piece for piece in stripped if piece) or None
