"""One document and the right answers -> examples: the very prompts that the model reader sends, and the right calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from docreview.checklist import Checklist, Question
from docreview.context import Request, View, plan
from docreview.finetune.base import Base
from docreview.models import ScriptedModel
from docreview.models.toolcalls import parse_reply
from docreview.prompts import neutralise, prefix, suffix, system_text
from docreview.readers.asking import groups
from docreview.readers.model import GROUP, TOOLS
from docreview.readers.wording import INSTRUCTIONS, group_text
from docreview.tools import Toolbox
from docreview.types import Clause, Document, Value

_END: Final = 8
"""Tokens for the end of the answer's turn."""
START: Final = "<|tool_call_start|>["
END: Final = "]<|tool_call_end|>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(Value):
    """One conversation in the form that `mlx_lm.lora` reads. `prompt` is the raw text that a model is sent."""

    doc_id: str
    messages: tuple[Mapping[str, str], ...]
    tools: tuple[Mapping[str, Any], ...]
    prompt: str
    tokens: int
    found: int
    """Clauses in the answer; the rest of its calls say that something is absent."""
    whole: bool
    """Whether all of the document was shown."""

    def row(self) -> dict[str, Any]:
        """A line of the training file."""
        return {"messages": list(self.messages), "tools": list(self.tools)}


def examples(
    document: Document,
    checklist: Checklist,
    places: Mapping[str, Sequence[Clause]],
    model: Base,
    *,
    most: int,
    group: int = GROUP,
) -> Iterator[Example | None]:
    """Examples for the questions that have an answer; None for one whose answer could not be read back from its text.

    A document too long for `most` tokens is shown in windows, as the model reader does it; a window that shows no
    place of a question answers that it is absent there, and is not asked about one that it cuts through.

    Args:
        document: The document.
        checklist: Its questions.
        places: The right answers by question; an empty one means absent.
        model: Who is to be trained.
        most: Tokens of an example in all: what the training can hold, `--max-seq-length` of mlx_lm.lora.
        group: Questions asked at once.

    Raises:
        ContextOverflow: `most` is too small for the instructions and the longest answer.
    """
    asked = [question for question in checklist.questions if question.name in places]
    if not asked or not document.text:
        return
    maker = _Maker(document, model, tuple(Toolbox(document, checklist=checklist, allow=TOOLS).schemas()))
    for view in maker.views([list(each) for each in groups(asked, group)], places, most):
        for questions in groups([each for each in asked if not _cut(places[each.name], view)], group):
            yield maker.example(view, questions, places)


class _Maker:
    def __init__(self, document: Document, model: Base, tools: tuple[Mapping[str, Any], ...]) -> None:
        self._document, self._model, self._tools = document, model, tools

    def views(self, asked: list[list[Question]], places: Mapping[str, Sequence[Clause]], most: int) -> Sequence[View]:
        """What is shown of the document: all of it, or windows that leave room for every question and its answer."""
        profile = self._model.profile
        texts = [suffix(group_text(each), profile) + _text(_calls(each, places, None)) for each in asked]
        room = max(self._model.tokens.count(texts)) + _END
        # The model reader's own plan, for a model with this window that needs no room for a reply of its own.
        short = replace(profile, working_limit=0, sampling=replace(profile.sampling, max_tokens=1))
        counter = ScriptedModel(name=self._model.name, window=most + 1, profile=short, counter=_Counter(self._model))
        request = Request(render=self._render, questions=[q.text for each in asked for q in each], room=room)
        return plan(self._document, counter, request, mode="full", budget_seconds=None).views

    def example(self, view: View, asked: Sequence[Question], places: Mapping[str, Sequence[Clause]]) -> Example | None:
        shown = view.text(self._document)
        calls = _calls(asked, places, view)
        answer = _text(calls)
        read = parse_reply(answer)
        if read.errors or [(call.name, dict(call.arguments)) for call in read.calls] != calls:
            return None
        prompt = self._render(shown) + suffix(group_text(asked), self._model.profile)
        messages = (
            {"role": "system", "content": system_text(INSTRUCTIONS, document=shown)},
            {"role": "user", "content": neutralise(group_text(asked)).text},
            {"role": "assistant", "content": answer},
        )
        return Example(
            doc_id=self._document.id,
            messages=messages,
            tools=self._tools,
            prompt=prompt,
            tokens=self._model.tokens.count([prompt + answer + self._model.profile.markers.turn_end + "\n"])[0],
            found=sum(name == "record_clause" for name, _ in calls),
            whole=shown == self._document.text,
        )

    def _render(self, text: str) -> str:
        return prefix(INSTRUCTIONS, self._model.profile, document=text, tools=self._tools)


def _cut(places: Sequence[Clause], view: View) -> bool:
    """Whether a place is partly in view."""
    spans = [clause.citations[0].span for clause in places]
    return any(span not in view and any(span.overlaps(shown) for shown in view.spans) for span in spans)


class _Counter:
    """Counts with the tokenizer of the model to be trained."""

    def __init__(self, model: Base) -> None:
        self.name, self._tokens = model.name, model.tokens

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._tokens.count(texts)


Call = tuple[str, dict[str, Any]]


def _calls(asked: Sequence[Question], places: Mapping[str, Sequence[Clause]], view: View | None) -> list[Call]:
    """The right calls for what stands in view (None: in all of the document), with quotes as the prompt shows them."""
    calls: list[Call] = []
    for question in asked:
        seen = [clause for clause in places[question.name] if view is None or clause.citations[0].span in view]
        for clause in seen:
            row = {"name": question.name, "quote": clause.citations[0].quote}
            row |= {"value": clause.value} if clause.value else {}
            calls.append(("record_clause", {key: neutralise(text).text for key, text in row.items()}))
        if not seen:
            calls.append(("record_absent", {"name": question.name}))
    return calls


def _text(calls: Sequence[Call]) -> str:
    """Calls as the model is to write them."""
    written = (f"{name}({', '.join(f'{key}={_literal(v)}' for key, v in row.items())})" for name, row in calls)
    return START + ", ".join(written) + END


def _literal(text: str) -> str:
    """A Python string that can be read in one way only."""
    quote = '"' if "'" in text and '"' not in text else "'"
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return quote + escaped.replace(quote, "\\" + quote) + quote
