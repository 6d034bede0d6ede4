"""Prompts as raw text, the same for every backend: instructions, document and tools first, then one question.

A document's text can hold what a model takes for control tokens. It is neutralised before it gets here (`Safe`), and
quotes of it map back to the source.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from docreview.errors import MissingExtra
from docreview.models.profiles import Profile
from docreview.types import Span, Value

MARK: Final = "\u200b"
"""Put behind the first character of what could be a control token; invisible, and forgiven by `docreview.verify`."""
_NAMES: Final = (
    "think|thinking|tool_calls?|tool_response|tools|document|s|bos|eos|pad|unk|mask|image|audio|start_of_turn|"
    "end_of_turn|start_of_image|end_of_image|function_calls?"
)
_AHEAD: Final = rf"(?=[|｜]|/?(?:{_NAMES})[>＞])"
_INST: Final = r"(?=/?(?:INST|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|SYSTEM_PROMPT)\])"
_CONTROL: Final = re.compile(rf"(?<=[<＜]){MARK}*{_AHEAD}|(?<=\[){MARK}*{_INST}", re.IGNORECASE)
_MARKED: Final = re.compile(rf"(?<=[<＜]){MARK}+{_AHEAD}|(?<=\[){MARK}+{_INST}", re.IGNORECASE)
_DOCUMENT: Final = "<document>\n{}\n</document>"
Role = Literal["user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class Safe:
    """Text that holds no control token, and where marks were put into it to make it so.

    `marks` are offsets into `text`, in order. Without the marks it is the source, character for character.
    """

    text: str
    marks: tuple[int, ...] = ()

    def source(self, offset: int) -> int:
        """The offset in the source of a character of `text`; of a mark, that of the character behind it."""
        return offset - bisect_left(self.marks, offset)

    def safe(self, offset: int) -> int:
        """The offset in `text` of a character of the source."""
        low, high = 0, len(self.marks)
        while low < high:
            middle = (low + high) // 2
            if self.marks[middle] - middle <= offset:
                low = middle + 1
            else:
                high = middle
        return offset + low

    def span(self, start: int, end: int) -> Span | None:
        """The span of the source that `text[start:end]` shows; None when it shows nothing but a mark."""
        first, last = self.source(start), self.source(end)
        return Span(first, last) if first < last else None


def neutralise(text: str) -> Safe:
    """Break up everything that a model could take for a control token, reversibly.

    `<|anything`, `<think>` and its like get one zero-width space behind the first character. One that stands there
    already gets a second, so that no two texts become the same.
    """
    pieces: list[str] = []
    marks: list[int] = []
    last = 0
    for found in _CONTROL.finditer(text):
        pieces.append(text[last : found.start()] + MARK)
        marks.append(found.start() + len(marks))
        last = found.start()
    return Safe("".join((*pieces, text[last:])), tuple(marks))


def restore(text: str) -> str:
    """The source of a neutralised text, or of a piece that a model copied out of it."""
    return _MARKED.sub(lambda found: found[0][1:], text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Value):
    """One message after the prefix. Text of the assistant is its own reply, as it wrote it."""

    role: Role
    text: str


def prefix(
    instructions: str, profile: Profile, *, document: str | Safe = "", tools: Sequence[Mapping[str, Any]] = ()
) -> str:
    """The part of a prompt that stays the same for all questions: the system turn.

    Instructions and document are neutralised, unless the document already is. No date is put in: it would make the
    cache of every document useless the next day.

    Args:
        instructions: What the model is to do.
        profile: The model's markers.
        document: Its text; put between `<document>` tags.
        tools: JSON schemas of functions, in the order given.
    """
    markers = profile.markers
    parts = [said] if (said := system_text(instructions, document=document)) else []
    parts += [markers.tools_start + ", ".join(map(_tool, tools)) + markers.tools_end] if tools else []
    if not parts:
        return markers.begin
    return f"{markers.begin}{markers.turn_start}system\n" + "\n".join(parts) + f"{markers.turn_end}\n"


def system_text(instructions: str, *, document: str | Safe = "") -> str:
    """The text of the system turn without the tools: instructions, and the document between its tags."""
    safe = document if isinstance(document, Safe) else neutralise(document)
    parts = [neutralise(instructions).text] if instructions else []
    return "\n".join(parts + ([_DOCUMENT.format(safe.text)] if safe.text else []))


def suffix(turns: str | Sequence[Turn], profile: Profile) -> str:
    """What follows the prefix: a question, or a conversation, and the opening of the model's reply.

    Args:
        turns: A question, or turns that end with one of a user or a tool.
        profile: The model's markers.
    """
    turns = [Turn(role="user", text=turns)] if isinstance(turns, str) else list(turns)
    if not turns or turns[-1].role == "assistant":
        raise ValueError("a conversation ends with what the model is to answer")
    last_question = max((i for i, turn in enumerate(turns) if turn.role == "user"), default=-1)
    said = (_said(turn, profile, past=i < last_question) for i, turn in enumerate(turns))
    markers = profile.markers
    rendered = (
        f"{markers.turn_start}{turn.role}\n{text}{markers.turn_end}\n" for turn, text in zip(turns, said, strict=True)
    )
    return "".join(rendered) + markers.generation


def _said(turn: Turn, profile: Profile, *, past: bool) -> str:
    markers = profile.markers
    if turn.role == "assistant":
        return _own_words(turn.text, profile, past=past)
    text = neutralise(turn.text).text
    return markers.result_start + text + markers.result_end if turn.role == "tool" else text


def _own_words(text: str, profile: Profile, *, past: bool) -> str:
    """A reply as history: up to the end of its turn; only control tokens of calls and reasoning stay what they are."""
    markers = profile.markers
    ends = [at for stop in markers.stops if (at := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    if profile.reasoning == "open" and "</think>" in text and not text.lstrip().startswith("<think>"):
        text = "<think>" + text
    if past and profile.drops_thoughts and "</think>" in text:
        text = text.split("</think>")[-1].strip()
    kept = "|".join(map(re.escape, markers.kept))
    pieces = re.split(f"({kept})", text) if kept else [text]
    return "".join(piece if i % 2 else neutralise(piece).text for i, piece in enumerate(pieces))


def _tool(tool: Mapping[str, Any]) -> str:
    """JSON as the templates of transformers write it."""
    return neutralise(json.dumps(tool, ensure_ascii=False)).text


def agrees_with(template: str, profile: Profile) -> bool:
    """Whether a model's own chat template writes the same text as we do, for a conversation with tools.

    Raises:
        MissingExtra: transformers, which runs templates in a sandbox, is not installed.
        ValueError: The template fails.
    """
    try:
        from jinja2.exceptions import TemplateError
        from transformers.utils.chat_template_utils import render_jinja_template
    except ImportError:
        raise MissingExtra("checking a chat template", "transformers") from None
    tools: list[Any] = [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    ]
    turns = [
        Turn(role="user", text="Who pays?"),
        Turn(role="assistant", text="<|tool_call_start|>[f()]<|tool_call_end|>"),
        Turn(role="tool", text="The tenant – on the 1st."),
        Turn(role="assistant", text="<think>Clause 3.</think>The tenant."),
        Turn(role="user", text="When?"),
    ]
    messages = [{"role": "system", "content": "Review."}, *({"role": t.role, "content": t.text} for t in turns)]
    try:
        theirs = render_jinja_template(
            conversations=[messages],
            tools=tools,
            chat_template=template,
            add_generation_prompt=True,
            bos_token=profile.markers.begin,
        )
    except (TemplateError, TypeError, ValueError) as error:
        raise ValueError(f"the chat template fails: {error}") from None
    return bool(theirs[0][0] == prefix("Review.", profile, tools=tools) + suffix(turns, profile))
