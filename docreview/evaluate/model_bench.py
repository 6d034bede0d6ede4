"""What one read for many questions saves: a document's prefix computed once, against once for each question."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from docreview.models import ChatModel, Prefix, Reply, Sampling
from docreview.prompts import prefix as render
from docreview.prompts import suffix
from docreview.types import Value

_SENTENCE: Final = "Section {0}. The Supplier shall deliver lot {0} within {1} days; the Customer pays {2} EUR. "

_QUESTION: Final = "What does section {0} say about payment? Quote it."
_UNCACHED: Final = 2  # questions that are asked without the prefix; the others would cost the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost(Value):
    """Seconds. `prefill`: the document read once; `questions`: all replies from it; `decoding`: the writing among that.

    `uncached` are questions on their own, each with the whole document. `cached_tokens` is what the backend said of
    the last reply.
    """

    document_tokens: int
    prefill: float
    questions: tuple[float, ...]
    decoding: float
    uncached: tuple[float, ...]
    cached_tokens: int
    lost: int

    @property
    def ratio(self) -> float:
        """All questions over one prefill and the decoding: 1 is ideal."""
        return (self.prefill + sum(self.questions)) / (self.prefill + self.decoding)

    @property
    def uncached_ratio(self) -> float:
        """The same for questions that each read the whole document."""
        mean = sum(self.uncached) / len(self.uncached)
        return len(self.questions) * mean / (self.prefill + self.decoding)


def bench(model: ChatModel, *, tokens: int = 12_000, questions: int = 20, reply_tokens: int = 16) -> Cost:
    """Ask questions about a made-up agreement of so many tokens, with its prefix and without.

    Replies are drawn with temperature 0 and cut at `reply_tokens`; what they say doesn't matter.
    """
    sampling = Sampling(temperature=0, max_tokens=reply_tokens)
    text = render("Answer from the document.", model.profile, document=_document(model, tokens))
    asked = [suffix(_QUESTION.format(i), model.profile) for i in range(1, questions + 1)]
    began = time.perf_counter()
    with model.prefix(text) as prefix:
        prefill = time.perf_counter() - began
        timed, cached = _ask(prefix, asked, sampling)
        lost, length = prefix.lost, prefix.tokens
    uncached = [_timed(model.complete(text + question, sampling=sampling))[0] for question in asked[:_UNCACHED]]
    return Cost(
        document_tokens=length,
        prefill=prefill,
        questions=tuple(whole for whole, _ in timed),
        decoding=sum(writing for _, writing in timed),
        uncached=tuple(uncached),
        cached_tokens=cached,
        lost=lost,
    )


def report(name: str, cost: Cost) -> str:
    """The figures for people."""
    asked = len(cost.questions)
    return "\n".join(
        [
            f"{name}: a document of {cost.document_tokens:,} tokens, {asked} questions",
            f"document read once       {cost.prefill:8.2f} s",
            f"{asked} replies            {sum(cost.questions):10.2f} s, of which writing {cost.decoding:.2f} s",
            f"one question without it  {sum(cost.uncached) / len(cost.uncached):8.2f} s",
            f"cost over one prefill and decoding: {cost.ratio:.2f}; without the prefix {cost.uncached_ratio:.1f}",
            f"cached tokens of the last reply: {cost.cached_tokens:,}; prefixes lost: {cost.lost}",
        ]
    )


def _document(model: ChatModel, tokens: int) -> str:
    """Numbered sections, as many as make about so many tokens."""
    sample = "".join(_SENTENCE.format(i, i % 60 + 1, i * 37) for i in range(1, 201))
    count = max(1, tokens * 200 // model.count([sample])[0])
    return "".join(_SENTENCE.format(i, i % 60 + 1, i * 37) for i in range(1, count + 1))


def _ask(prefix: Prefix, asked: Sequence[str], sampling: Sampling) -> tuple[list[tuple[float, float]], int]:
    timed, cached = [], 0
    for question in asked:
        reply = prefix.complete(question, sampling=sampling)
        timed.append(_timed(reply))
        cached = reply.usage.cached_tokens
    return timed, cached


def _timed(reply: Reply) -> tuple[float, float]:
    """Seconds of a whole reply, and of its writing: from the first piece on, with its share for the first token."""
    began = time.perf_counter()
    next(reply, None)
    first = time.perf_counter()
    reply.read()
    end = time.perf_counter()
    tokens = max(2, reply.usage.completion_tokens)
    return end - began, min(end - began, (end - first) * tokens / (tokens - 1))
