"""Questions to a language model, one after the other, about the same document or library."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from docreview import config
from docreview._bar import Told as Progress
from docreview._bar import telling
from docreview._shown import frame, rows_of
from docreview.ask.answer import Answer
from docreview.ask.audited import logged
from docreview.ask.context import Composer, Shown
from docreview.ask.embedded import ask_embedded
from docreview.ask.material import Material, Target
from docreview.ask.written import Told, written
from docreview.context import BUDGET, Speeds, Stopwatch
from docreview.dialogue import Budget, Dialogue, OnText, Outcome, add
from docreview.governance.audit import AuditLog
from docreview.governance.tool_policy import ToolPolicy
from docreview.models import ChatModel, Prefix, Sampling
from docreview.models.saved import Caches
from docreview.prompts import Turn, suffix
from docreview.tools import Confirm, Permissions, Toolbox
from docreview.types import Usage

if TYPE_CHECKING:
    from docreview._shown import Frame

TOOLS: Final = ("cite", "abstain", "search", "read_span", "list_sections", "lookup_definition", "compute_date")
"""What the model may call, where the policy allows it."""
ROOM: Final = 4_096
"""Tokens that earlier questions leave free for the reply, or a quarter of a small window."""
_PROVE: Final = "Your answer has no proof. Call cite for each of its sentences, or abstain."


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a conversation with a language model goes.

    Attributes:
        context: "auto", "full" or "retrieved"; see `docreview.context.plan`.
        budget_seconds: For reading the document, with "auto" on a model whose speed is known; None = no limit.
        budget: The most that one question may cost.
        sampling: The profile's by default.
        tools: What the model may call.
        caches: Where to keep what was computed of documents; nowhere by default.
        notes: A file to which the model may append notes when it is asked to, if `confirm` allows it.
        confirm: Asks a person whether a tool may change something; "session" lasts as long as the conversation.
    """

    context: str = "auto"
    budget_seconds: float | None = BUDGET
    budget: Budget = field(default_factory=lambda: Budget(rounds=6, tokens=16_384, seconds=900.0))
    sampling: Sampling | None = None
    tools: Sequence[str] = TOOLS
    caches: Caches | None = None
    notes: Path | None = None
    confirm: Confirm | None = None


class Conversation:
    """A document or a library that is asked one question after the other. Any thread may ask; one at a time.

    The document's prompt is computed once and serves every question, as long as one prompt holds all of it. Earlier
    questions and replies are part of the next prompt, without the model's thoughts. Without a model each question
    stands by itself.

    Args:
        target: A document, a library, or the path of either.
        model: Who answers; the embedded reader by default. It is not closed with the conversation.
        doc: Only this document of the library.
        options: For a language model.
        log: The audit log; question and answer go into its payloads.
        progress: Called with tokens of the document's prompt done and in all; True shows a bar (tqdm).
        remember: Whether earlier questions and replies are part of the next prompt.

    Attributes:
        answers: All answers so far.
    """

    def __init__(
        self,
        target: Target,
        *,
        model: ChatModel | None = None,
        doc: str | None = None,
        options: Options | None = None,
        log: AuditLog | None = None,
        progress: Progress | bool = False,
        remember: bool = True,
    ) -> None:
        self.material, self.model, self._remember = Material(target, doc=doc), model, remember
        self.options, self.answers = options or Options(), list[Answer]()
        self._log, self._progress = log, progress
        self._turns: list[Turn] = []
        self._permissions = Permissions()
        self._kept: tuple[Shown, Prefix] | None = None
        self._lock, self._cancel = threading.Lock(), Event()

    @property
    def turns(self) -> tuple[Turn, ...]:
        """What was said so far, as it stands in the next prompt."""
        return tuple(self._turns)

    def ask(self, question: str, *, on_text: OnText | None = None, cancel: Event | None = None) -> Answer:
        """Put a question; the conversation goes on from its answer.

        An interrupt from the keyboard stops the model, and the conversation stands as before.

        Args:
            question: In your own words.
            on_text: Gets the model's text as it comes, in this thread. It is not proven yet.
            cancel: Set it from another thread to stop; so does `cancel()`.

        Raises:
            ValueError: The question is empty.
            ContextOverflow: The model's window is too small.
            ModelError: The model failed, or was stopped while it read the document.
            AuditError: The log can't be written.
        """
        if not question.strip():
            raise ValueError("the question is empty")
        with self._lock:
            self._cancel = cancel or Event()
            with logged(self._log, question, self.model.name if self.model else "embedded") as run:
                given = self._modelled(question, run.id, on_text) if self.model else self._embedded(question)
                answer = run.done(given, map(self.material.document, given.searched.documents))
            self.answers.append(answer)
            return answer

    def to_pandas(self) -> Frame:
        """All answers so far, with the rows of `Answer.to_pandas()`.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return frame(*rows_of(Answer, self.answers))

    def cancel(self) -> None:
        """Stop the question that is being answered. Safe from any thread."""
        self._cancel.set()

    def close(self) -> None:
        """Free the document's cache."""
        with self._lock:
            self._forget()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _embedded(self, question: str) -> Answer:
        return ask_embedded(self.material, question)

    def _modelled(self, question: str, run_id: str, on_text: OnText | None) -> Answer:
        assert self.model is not None
        began = time.perf_counter()
        names, rest = self.material.aim(question)
        if not names:
            return self._embedded(question)
        toolbox = self._toolbox(names, run_id)
        usage, outcomes, views = Usage(), list[Outcome](), list[Shown]()
        for view, prefix in self._prefixes(names, rest, toolbox):
            views.append(view)
            outcome = self._put(prefix, question, toolbox, on_text)
            outcomes.append(outcome)
            usage = add(usage, outcome.usage)
            if outcome.finish == "cancelled":
                break
        told = Told(question=question, names=names, views=tuple(views), outcomes=tuple(outcomes), run_id=run_id)
        usage = replace(usage, seconds=time.perf_counter() - began)
        answer = written(self.material, self.model, told, toolbox.records, usage)
        if self._remember and outcomes[-1].finish != "cancelled":
            self._turns = list(_best(outcomes).turns)
        return answer

    def _toolbox(self, names: Sequence[str], run_id: str) -> Toolbox:
        one = len(names) == 1
        policy = ToolPolicy.load()
        tools = [*self.options.tools, "note"] if self.options.notes else self.options.tools
        return Toolbox(
            self.material.document(names[0]) if one else None,
            library=None if one else self.material.library,
            allow=[name for name in tools if name in policy.allow],
            policy=policy,
            confirm=self.options.confirm,
            permissions=self._permissions,
            notes=self.options.notes,
            log=self._log,
            run_id=run_id,
        )

    def _prefixes(self, names: Sequence[str], question: str, toolbox: Toolbox) -> Iterator[tuple[Shown, Prefix]]:
        """What to show, computed: the kept prefix again where it serves, else one after the other."""
        assert self.model is not None
        if self._kept and self._kept[0].names == tuple(names):
            yield self._kept
            return
        self._forget()
        asked = [question, *(turn.text for turn in reversed(self._turns) if turn.role == "user")][:2]
        composer = Composer(
            self.model,
            self.material,
            toolbox.schemas(),
            mode=self.options.context,
            budget_seconds=self.options.budget_seconds,
            speed=speeds().of(self.model.facts),
        )
        for view in composer.shown(names, asked):
            prefix = self._compute(view.text)
            if view.lasting:
                self._kept = view, prefix
                yield view, prefix
                return
            with prefix:
                yield view, prefix

    def _compute(self, text: str) -> Prefix:
        assert self.model is not None
        with telling(self._progress, "token", "reading") as progress:
            watch = Stopwatch(progress)
            if self.options.caches is None:
                prefix = self.model.prefix(text, progress=watch, cancel=self._cancel)
            else:
                prefix = self.options.caches.prefix(self.model, text, progress=watch, cancel=self._cancel)
        if not prefix.cached:
            speeds().add(self.model.facts, watch.points)
        return prefix

    def _put(self, prefix: Prefix, question: str, toolbox: Toolbox, on_text: OnText | None) -> Outcome:
        """Ask behind a prefix; the oldest questions are left out of the prompt when there is no room for them."""
        assert self.model is not None
        asked, earlier = Turn(role="user", text=question), list(self._turns)
        room = self.model.window - prefix.tokens - min(ROOM, self.model.window // 4)
        while earlier and self.model.count([suffix([*earlier, asked], self.model.profile)])[0] > room:
            earlier = _without_oldest(earlier)
        talk = Dialogue(
            self.model,
            prefix,
            toolbox,
            self.options.budget,
            sampling=self.options.sampling,
            cancel=self._cancel,
            on_text=on_text,
        )
        outcome = talk.ask([*earlier, asked])
        if outcome.finish != "answered" or not outcome.text or toolbox.records:
            return outcome
        again = talk.ask([*outcome.turns, Turn(role="user", text=_PROVE)])
        return replace(again, text=again.text or outcome.text, usage=add(outcome.usage, again.usage))

    def _forget(self) -> None:
        if self._kept:
            self._kept[1].close()
        self._kept = None


def speeds() -> Speeds:
    """The user's own measured speeds."""
    return Speeds(config.user_cache() / "speeds.json")


def _best(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome to go on from: the first that answered, else the last."""
    return next((each for each in outcomes if each.finish == "answered"), outcomes[-1])


def _without_oldest(turns: Sequence[Turn]) -> list[Turn]:
    """The turns without the first question and what was said to it."""
    later = [i for i, turn in enumerate(turns) if turn.role == "user" and i]
    return list(turns[later[0] :]) if later else []
