"""A `ChatModel` without a language model: it reads the rendered prompt like any other, and answers in the same raw
format with the document's own sentences. Everything around a model (prompts, parser, tools, proof, audit) thereby runs
for real where there are no weights.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from docreview.checklist import SHIPPED, load
from docreview.models.profiles import profile_named
from docreview.models.scripted import Player, pieces
from docreview.models.toolcalls import MAX_CALLS
from docreview.prompts import neutralise, restore
from docreview.read.structure import find_sections, find_terms
from docreview.read.transcripts.labelled import find_turns
from docreview.readers.answering import Finder, Findings, Found
from docreview.readers.wording import DOCUMENT, QUESTIONS
from docreview.types import Document, Source

NAME: Final = "embedded"
_KEPT: Final = 4  # documents kept ready
_START, _END = "<|tool_call_start|>", "<|tool_call_end|>"
_TEXT: Final = re.compile(r"<document>\n(.*)\n</document>", re.DOTALL)
_TURN: Final = re.compile(r"<\|im_start\|>(user|tool|assistant)\n(.*?)(?=<\|im_end\|>|\Z)", re.DOTALL)
_ASKED: Final = re.compile(r"^- (.+?): ", re.MULTILINE)
_TOOLS: Final = "List of tools: ["
_HEAD: Final = re.compile(re.escape(DOCUMENT).replace(r"\{\}", "(.+)") + r"\n")


class Words:
    """Counts a text as the extractive model writes it: a word with the white space before it is a token."""

    name = "words"

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return [len(pieces(text)) for text in texts]


class ExtractiveModel(Player):
    """The embedded reader as a chat model. Deterministic; sampling changes nothing but the length.

    What it can answer: a group of a shipped checklist's questions (`record_clause`, `record_absent`), and a question in
    free words (`cite`, `abstain`, or plain text where there are no tools). The probabilities of a call's tokens are the
    reader's own score of the place.
    """

    def __init__(self, *, window: int | None = None) -> None:
        profile = profile_named(NAME)
        facts = {"backend": NAME, "extractive": "no language model"}
        super().__init__(NAME, window=window or profile.window, profile=profile, counter=Words(), facts=facts)

    def _said(self, prefix: str, suffix: str) -> tuple[str, Sequence[float]]:
        prompt = _Prompt.of(prefix + suffix)
        written = list(_reply(prompt))
        text, logprobs = "", list[float]()
        for part, score in written:
            text += part
            logprobs += [math.log(min(max(score, 1e-6), 1.0))] * (len(pieces(text)) - len(logprobs))
        return text, logprobs


@dataclass(frozen=True, slots=True)
class _Prompt:
    """What a rendered prompt asks: documents by name ("" for a single one), tools, the last question, whether the
    question was answered before and only results of tools came since.
    """

    documents: Mapping[str, str]
    tools: frozenset[str]
    question: str
    answered: bool

    @classmethod
    def of(cls, prompt: str) -> _Prompt:
        system, _, talk = prompt.partition("<|im_end|>\n")
        found = _TEXT.search(system)
        turns = _TURN.findall(talk)
        last = max((i for i, (role, _) in enumerate(turns) if role == "user"), default=-1)
        return cls(
            documents=_documents(restore(found[1])) if found else {},
            tools=frozenset(_tools(system[found.end() if found else 0 :])),
            question=restore(turns[last][1]).strip() if last >= 0 else "",
            answered=any(role == "tool" for role, _ in turns[last + 1 :]),
        )


def _documents(text: str) -> dict[str, str]:
    """The text by document: passages of several stand under lines with their names."""
    if not _HEAD.match(text):
        return {"": text}
    parts = _HEAD.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def _tools(text: str) -> Iterator[str]:
    at = text.find(_TOOLS)
    if at < 0:
        return
    try:
        listed = json.JSONDecoder().raw_decode(text[at + len(_TOOLS) - 1 :])[0]
    except ValueError:
        return
    for tool in listed:
        described = tool.get("function", tool) if isinstance(tool, dict) else {}
        if isinstance(name := described.get("name"), str):
            yield name


def _reply(prompt: _Prompt) -> Iterator[tuple[str, float]]:
    """The pieces of a reply, each with the score that its tokens get."""
    first = neutralise(prompt.question.partition("\n")[0]).text
    yield f"<think>{first} Extractive, no language model.</think>", 1.0
    if prompt.answered:
        yield "That is all that was found.", 1.0
        return
    if prompt.question.startswith(QUESTIONS) and "record_clause" in prompt.tools:
        calls, rest = _checklist(prompt)
    else:
        calls, rest = _free(prompt)
    calls = calls[:MAX_CALLS]
    if calls:
        yield f"{_START}[", 1.0
        for number, (call, score) in enumerate(calls):
            yield f"{', ' if number else ''}{call}", score
        yield f"]{_END}", 1.0
    if rest:
        yield rest, 1.0


def _checklist(prompt: _Prompt) -> tuple[list[tuple[str, float]], str]:
    """Calls for a group of questions; in words, those that no trained model knows."""
    text = "\n".join(prompt.documents.values())
    finder = _finder(text)
    calls, unknown = list[tuple[str, float]](), list[str]()
    for name in _ASKED.findall(prompt.question):
        checklist = next((each for each in SHIPPED if name in load(each).names), None)
        proposed = finder.proposed(checklist, name) if checklist else None
        if proposed is None:
            unknown.append(name)
        elif not proposed:
            calls.append((_call("record_absent", name=name), 1.0))
        for place in proposed or ():
            value = {"value": place.value} if place.value else {}
            shown = place if text.count(_text_of(text, place)) == 1 else _wider(finder, place)
            calls.append((_call("record_clause", name=name, quote=_quote(text, shown), **value), place.score))
    return calls, f"No trained model knows: {'; '.join(unknown)}." if unknown else ""


def _free(prompt: _Prompt) -> tuple[list[tuple[str, float]], str]:
    """The places that answer a question in free words, as calls or as text."""
    found = {name: _finder(text).find(prompt.question) for name, text in prompt.documents.items()}
    places = [(name, place) for name, one in found.items() for place in one.places[: 1 if len(found) > 1 else None]]
    places.sort(key=lambda pair: -pair[1].score)
    if "cite" not in prompt.tools:
        said = [" ".join(_quote(prompt.documents[name], place).split()) for name, place in places]
        return [], " ".join(said) or f"No answer: {_why(found)}."
    calls = []
    for name, place in places:
        quote = _quote(prompt.documents[name], place)
        named = {"doc": name} if name else {}
        calls.append((_call("cite", sentence=" ".join(quote.split()), quote=quote, **named), place.score))
    if calls or "abstain" not in prompt.tools:
        return calls, "" if calls else f"No answer: {_why(found)}."
    return [(_call("abstain", reason=_why(found)), 1.0)], ""


def _why(found: Mapping[str, Findings]) -> str:
    return next((one.reason for one in found.values() if one.reason), "there is no document")


def _quote(text: str, place: Found) -> str:
    """A place as it stands in the prompt."""
    return neutralise(_text_of(text, place)).text


def _text_of(text: str, place: Found) -> str:
    """The words of a place; of a question and what was said to it, what was said."""
    return text[place.spans[-1].start : place.spans[-1].end]


def _wider(finder: Finder, place: Found) -> Found:
    """The sentence around words that stand in several places: a quote says where it is by its words alone."""
    return replace(place, spans=tuple(map(finder.sentence, place.spans)))


def _call(tool: str, **arguments: Any) -> str:
    return f"{tool}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


@lru_cache(maxsize=_KEPT)
def _finder(text: str) -> Finder:
    """The document behind a prompt's text, as far as the text alone tells."""
    turns = find_turns(text)
    sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Finder(
        Document(
            id=sha256[:16],
            source=Source(path="prompt", media_type="text/plain", sha256=sha256),
            text=text,
            turns=turns,
            sections=() if turns else find_sections(text),
            terms=() if turns else find_terms(text),
        )
    )
