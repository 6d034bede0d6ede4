"""Whether a model sees all of a document, windows of it or its best passages; why; and what that costs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Final, Literal, get_args

from docreview.context.passages import Passages, select
from docreview.context.speed import Speed
from docreview.context.view import GAP, Render, View, shown
from docreview.context.windows import windows
from docreview.errors import ContextOverflow
from docreview.models import ChatModel
from docreview.models.cost import cache_cost
from docreview.models.text import read_json
from docreview.prompts import neutralise
from docreview.types import Coverage, Document, Span, Value

Mode = Literal["full", "retrieved", "hybrid"]
MODES: Final[tuple[str, ...]] = ("auto", *get_args(Mode))
BUDGET: Final = 600.0
"""Seconds that reading one document may take before passages of it must do."""
OVERLAP: Final = 1_024
"""Tokens that two windows share at most: longer than nearly every clause."""
LEAST: Final = 2_048
"""Tokens that are read whatever the budget: less could not answer anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model is to be asked about a document.

    Attributes:
        render: Writes the prompt's beginning around a document's text.
        questions: Their words, to find passages by.
        room: Tokens to keep free behind the beginning, for questions and results of tools; not for the reply.
        candidates: Places that another reader proposes, for `hybrid`.
    """

    render: Render
    questions: Sequence[str]
    room: int
    candidates: Sequence[Span] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Value):
    """What a model will see. `views` are read one after the other; several of them overlap and cover everything.

    Attributes:
        mode: What was chosen.
        reason: Why, in words.
        views: The prompts' beginnings.
        coverage: The characters that they show.
        seconds: Predicted for reading all views; None when this machine's speed with the model is not known.
        answering: Predicted for the questions that follow, seconds; None when nobody knows. Whoever asks fills it in.
        memory: Bytes of the longest view's cache by formula; None when the model doesn't say enough.
    """

    mode: Mode
    reason: str
    views: tuple[View, ...]
    coverage: Coverage
    seconds: float | None = None
    answering: float | None = None
    memory: int | None = None

    @property
    def tokens(self) -> int:
        """Of all views together, instructions and tools included."""
        return sum(view.tokens for view in self.views)

    def line(self) -> str:
        """The choice and its cost, for people."""
        prompts = "1 prompt" if len(self.views) == 1 else f"{len(self.views)} prompts"
        took = "an unknown time" if self.seconds is None else f"about {_time(self.seconds)}"
        then = "" if self.answering is None else f", about {_time(self.answering)} to answer"
        memory = "" if self.memory is None else f", {_bytes(self.memory)} of memory for the cache"
        return f"{self.mode}: {self.tokens:,} tokens in {prompts}, {took} to read{then}{memory} ({self.reason})"


def plan(
    document: Document,
    model: ChatModel,
    request: Request,
    *,
    mode: str = "auto",
    budget_seconds: float | None = BUDGET,
    speed: Speed | None = None,
) -> Plan:
    """Decide what a model sees of a document. Nothing is computed by the model, and no text is cut.

    Args:
        document: What it is about.
        model: Counts tokens; its window and profile say how many fit.
        request: What is asked.
        mode: "full": every character, in several windows when one prompt can't hold it. "retrieved": the passages that
            search finds. "hybrid": those that another reader proposes, then those. "auto": "full" when that can be read
            within the budget, else "hybrid" with candidates, else "retrieved".
        budget_seconds: For reading, not for replies; None = as long as it takes. It also limits how many passages.
        speed: Of this model on this machine; without it the budget can't be applied.

    Raises:
        ValueError: There is no such mode.
        ContextOverflow: The model's window is too small for the instructions alone.
    """
    if mode not in MODES:
        raise ValueError(f"no such context {mode!r}; there are {', '.join(MODES)}")
    planner = _Planner(document, model, request, speed)
    if mode in ("auto", "full"):
        whole = planner.whole()
        late = speed is not None and budget_seconds is not None and (whole.seconds or 0) > budget_seconds
        if mode == "full" or not late:
            return whole
        why = f"all of it would take {_time(whole.seconds or 0)}, more than the {_time(budget_seconds or 0)} allowed"
    else:
        why = "asked for"
    chosen: Mode = "hybrid" if mode == "hybrid" or (mode == "auto" and request.candidates) else "retrieved"
    return planner.passages(chosen, why, budget_seconds)


class _Planner:
    def __init__(self, document: Document, model: ChatModel, request: Request, speed: Speed | None) -> None:
        self._document, self._model, self._request, self._speed = document, model, request, speed
        self._limit = model.profile.prompt_limit(model.window) - request.room
        empty = self._count("")
        if empty >= self._limit:
            raise ContextOverflow(model.name, empty + request.room, model.profile.prompt_limit(model.window))
        self._free = self._limit - empty

    def whole(self) -> Plan:
        overlap = min(OVERLAP, self._free // 4)
        spans = windows(
            self._document, self._counter, tokens=self._free, overlap=overlap, fits=lambda s: self._fits([s])
        )
        why = f"it fits the {self._limit:,} that this model can be given"
        if len(spans) > 1:
            why = f"more than the {self._limit:,} that this model can be given: windows that overlap by {overlap:,}"
        return self._plan("full", why, [(span,) for span in spans])

    def passages(self, mode: Mode, why: str, budget: float | None) -> Plan:
        most = self._limit
        if self._speed is not None and budget is not None:
            most = min(most, max(LEAST, self._speed.tokens(budget)))
        known = Passages(self._document)
        candidates = self._request.candidates if mode == "hybrid" else ()
        sums = _Sums(known, self._counter, self._count(""), most)
        while True:
            spans = select(known, self._request.questions, candidates, fits=sums.fits)
            over = self._count(shown(self._document, spans)) - most
            if over <= 0 or not spans:
                return self._plan(mode, why, [spans] if spans else [])
            sums.most -= over  # they were guessed to be fewer

    @property
    def _counter(self) -> _Counter:
        return _Counter(self._model)

    def _count(self, text: str) -> int:
        return self._model.count([self._request.render(text)])[0]

    def _fits(self, spans: Sequence[Span]) -> bool:
        return self._count(shown(self._document, spans)) <= self._limit

    def _plan(self, mode: Mode, reason: str, shows: Sequence[tuple[Span, ...]]) -> Plan:
        views = tuple(View(spans=spans, tokens=self._count(shown(self._document, spans))) for spans in shows)
        seconds = None if self._speed is None else sum(self._speed.seconds(view.tokens) for view in views)
        return Plan(
            mode=mode,
            reason=reason,
            views=views,
            coverage=Coverage.of((s for view in views for s in view.spans), self._document.unread_pages),
            seconds=seconds,
            memory=_memory(self._model, max((view.tokens for view in views), default=0)),
        )


class _Sums:
    """About how many tokens a prompt has that shows some spans.

    Every passage is counted once; a part of one is taken to have its share.
    """

    def __init__(self, passages: Passages, counter: _Counter, empty: int, most: int) -> None:
        document = passages.document
        counts = counter.count([document[span] for span in passages.spans])
        self._offsets = [0, *(offset for span in passages.spans for offset in (span.start, span.end))]
        totals = [0, *accumulate(counts)]
        self._totals = [0, *(total for pair in pairwise(totals) for total in pair)]
        self._empty, self.most = empty, most
        self._gap = counter.count([f"\n\n{GAP}\n\n"])[0]

    def fits(self, spans: Sequence[Span]) -> bool:
        shares = (self._before(span.end) - self._before(span.start) + self._gap for span in spans)
        return self._empty + self._gap + sum(shares) <= self.most

    def _before(self, offset: int) -> float:
        """Tokens before a character."""
        i = max(1, min(bisect_left(self._offsets, offset), len(self._offsets) - 1))
        (left, right), (low, high) = self._offsets[i - 1 : i + 1], self._totals[i - 1 : i + 1]
        return low + (high - low) * min(1.0, (offset - left) / max(1, right - left))


class _Counter:
    """Counts text as it stands in a prompt: control tokens in it are broken up."""

    def __init__(self, model: ChatModel) -> None:
        self.name, self._model = model.name, model

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._model.count([neutralise(text).text for text in texts])


def _memory(model: ChatModel, tokens: int) -> int | None:
    folder = model.facts.get("folder")
    config = read_json(Path(folder) / "config.json") if folder and Path(folder).is_dir() else {}
    wide = "float32" in (config.get("dtype"), config.get("torch_dtype"))
    cost = cache_cost(config, bytes_per_number=4 if wide else 2)
    return cost.at(tokens) if cost else None


def _time(seconds: float) -> str:
    return f"{max(1.0, seconds):.0f} s" if seconds < 100 else f"{seconds / 60:.1f} minutes"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
