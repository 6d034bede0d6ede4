"""The conversation: ask, listen, run the calls, answer them, until the model is done or the budget is spent."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any, Final

from docreview.dialogue.listen import Heard, listen
from docreview.dialogue.thoughts import Keeper
from docreview.dialogue.values import Budget, Finish, OnText, Outcome, Thought, add
from docreview.governance import find_pii
from docreview.governance.audit.actions import Ruling
from docreview.governance.pii.redact import Finder
from docreview.governance.tool_policy import Thoughts
from docreview.models import ChatModel, Prefix, Sampling
from docreview.prompts import Role, Turn, suffix
from docreview.tools import Toolbox, ToolResult
from docreview.types import ToolCall, Usage

CORRECTIONS: Final = 1
"""Replies that were empty, broken or cut off and are answered by a correction; the next such reply ends it."""
STUCK: Final = 2
"""Replies in a row with nothing but calls that were made before: a cycle."""
_LEAST_ROOM: Final = 512  # tokens for a reply, under which none is asked for
_LOOPED: Final = "You were repeating yourself. Answer once, briefly, then stop."
_EMPTY: Final = "Your reply held no answer and no tool call. Answer now."
_CUT: Final = "Your reply was cut off because it was too long. Go on with what is missing, more briefly."
_REFUSED: Final = (
    "Part of your reply could not be read as a tool call ({}). Write each call again, with plain quoted values."
)
_HARMLESS: Final = frozenset({"turn", "empty"})
"""Refusals that lose nothing of an answer: text after its end, a list without calls."""
_RAW: Final = 2_000  # characters of a refused call that are logged


@dataclass
class Dialogue:
    """A model with a document's prefix and its tools, ready for questions; each `ask` begins from the prefix.

    Args:
        thoughts: What to keep of chains of thought; hash and length by default. At most what the policy allows.
        find: What finds personal data in thoughts that are kept redacted.

    Raises:
        PolicyError: More is to be kept of thoughts than the policy allows.
    """

    model: ChatModel
    prefix: Prefix
    toolbox: Toolbox
    budget: Budget = field(default_factory=Budget)
    sampling: Sampling | None = None
    cancel: Event | None = None
    on_text: OnText | None = None
    thoughts: Thoughts | None = None
    find: Finder = find_pii

    def __post_init__(self) -> None:
        self.keeper = Keeper.of(self.toolbox.rules, self.thoughts, self.find)

    def ask(self, turns: str | Sequence[Turn]) -> Outcome:
        """Put a question, or a conversation that ends with one, and see it through; see `converse`."""
        first = len(self.toolbox.events)
        self.toolbox.next_question()
        talk = _Talk(self, [Turn(role="user", text=turns)] if isinstance(turns, str) else list(turns))
        finish = talk.run()
        return Outcome(
            text=talk.text,
            finish=finish,
            results=tuple(talk.results),
            usage=talk.usage,
            thoughts=tuple(talk.thoughts),
            events=tuple(self.toolbox.events[first:]),
            turns=tuple(talk.turns if self.keeper.kept == "full" else talk.shown),
        )


def converse(
    model: ChatModel,
    prefix: Prefix,
    turns: str | Sequence[Turn],
    toolbox: Toolbox,
    *,
    budget: Budget | None = None,
    sampling: Sampling | None = None,
    cancel: Event | None = None,
    on_text: OnText | None = None,
) -> Outcome:
    """Put a question to a model and see it through: its calls are run and answered until it makes no more.

    A reply whose calls all recorded something needs no answer and ends the conversation. One quote that failed, one
    broken reply and one loop are each given a second try. Room for a reply is held to what window and budget leave.
    Everything is logged where the toolbox logs.

    Args:
        model: Which the prefix belongs to.
        prefix: Instructions, document and `toolbox.schemas()`, computed once.
        turns: A question, or a conversation that ends with one.
        toolbox: What the model may call; it holds what was recorded.
        budget: By default `Budget()`.
        sampling: The model's own by default.
        cancel: Set it to stop; what was done stays.
        on_text: Gets the text as it comes.

    Raises:
        ContextOverflow: The question does not fit behind the prefix.
        ModelError: The backend failed.
        AuditError: The audit log can't be written.
        ConfigError: The file of permissions is damaged.
    """
    return Dialogue(model, prefix, toolbox, budget or Budget(), sampling=sampling, cancel=cancel, on_text=on_text).ask(
        turns
    )


class _Talk:
    """One run of a question: what was said, done and spent so far."""

    def __init__(self, dialogue: Dialogue, turns: list[Turn]) -> None:
        self.own, self.turns, self.shown = dialogue, turns, list(turns)
        self.text = ""
        self.results: list[tuple[ToolCall, ToolResult]] = []
        self.thoughts: list[Thought] = []
        self.usage = Usage()
        self._rounds = self._loops = self._corrections = self._stuck = 0
        self._deadline = time.monotonic() + dialogue.budget.seconds
        profile, window = dialogue.model.profile, dialogue.model.window
        self._sampling = dialogue.sampling or profile.sampling_for(window)

    def run(self) -> Finish:
        """Go on until there is a reason to stop."""
        while True:
            if over := self._over():
                return over
            heard = self._hear()
            if heard is None:
                return "tokens"
            if finish := self._take(heard):
                return finish

    def _over(self) -> Finish | None:
        budget = self.own.budget
        if self.own.cancel is not None and self.own.cancel.is_set():
            return "cancelled"
        if time.monotonic() >= self._deadline:
            return "time"
        if self.usage.completion_tokens >= budget.tokens:
            return "tokens"
        return "rounds" if self._rounds >= budget.rounds else None

    def _hear(self) -> Heard | None:
        """The model's next reply, as an event; None when there is no room left for one."""
        own, text = self.own, suffix(self.turns, self.own.model.profile)
        sampling = self._fitted(text)
        if sampling is None:
            return None
        own.toolbox.next_round()
        self._rounds += 1
        with own.toolbox.trail.action("model_call", _asked(text, sampling, self._rounds), None, self._named()) as event:
            reply = own.prefix.complete(text, sampling=sampling, cancel=own.cancel)
            open_ = own.model.profile.reasoning == "open"
            heard = listen(reply, thinking_open=open_, deadline=self._deadline, on_text=own.on_text)
            thought = own.keeper.keep(heard.parsed.reasoning)
            event.data |= _heard(heard, thought)
            event.payload = {"content": heard.parsed.content, "thoughts": thought.text if thought else None}
        self.usage = add(self.usage, heard.usage)
        self.thoughts += [thought] if thought else []
        return heard

    def _named(self) -> Ruling:
        """The model was named by whoever runs this; no rule of the policy forbids one."""
        return Ruling(verdict="allowed", rule="model.named", policy_sha256=self.own.toolbox.rules.policy_sha256)

    def _fitted(self, text: str) -> Sampling | None:
        """The sampling with no more room than is left. The first reply gets what was asked for, fitting or not."""
        left = self.own.budget.tokens - self.usage.completion_tokens
        used = self.own.prefix.tokens + self.own.model.count([text])[0]
        wanted = min(self._sampling.max_tokens, left)
        room = min(wanted, self.own.model.window - used)
        if room < min(wanted, _LEAST_ROOM):
            return None if self._rounds else replace(self._sampling, max_tokens=wanted)
        return replace(self._sampling, max_tokens=room)

    def _take(self, heard: Heard) -> Finish | None:
        """Act on a reply; why to stop, or None to go on."""
        if heard.how == "loop":
            return self._looped(heard)
        self.text = heard.parsed.content or self.text
        if heard.how in ("time", "cancelled"):
            return heard.how
        self._log_refused(heard)
        results = [(call, self.own.toolbox.run(call)) for call in heard.parsed.calls]
        self.results += results
        self._reply(heard)
        for _, result in results:
            self._say("tool", result.content)
        if problem := _problem(heard):
            self._corrections += 1
            self._say("tool" if heard.parsed.errors else "user", problem)
            return "unparsable" if self._corrections > CORRECTIONS else None
        if all(result.settled for _, result in results):
            return "abstained" if self._abstained() else "answered"
        return self._cycle([result for _, result in results])

    def _looped(self, heard: Heard) -> Finish | None:
        self._loops += 1
        self.own.toolbox.trail.add("loop", {"repeats": self._loops, "chars": len(heard.text)}, {"loop": heard.loop})
        if self._loops > 1:
            return "loop"
        now = self._sampling
        self._sampling = replace(now, seed=now.seed + 1, temperature=min(1.0, now.temperature + 0.3))
        self._say("user", _LOOPED)
        return None

    def _reply(self, heard: Heard) -> None:
        """The reply as history. A thought that was cut off helps nobody and may be long: it is left out."""
        text = heard.spoken if heard.how == "length" else heard.text
        for turns, said in ((self.turns, text), (self.shown, heard.spoken)):
            if said.strip():
                turns.append(Turn(role="assistant", text=said))

    def _say(self, role: Role, text: str) -> None:
        """Add a turn that is not the model's."""
        self.turns.append(Turn(role=role, text=text))
        self.shown.append(Turn(role=role, text=text))

    def _cycle(self, results: Sequence[ToolResult]) -> Finish | None:
        """Stop when reply after reply only makes calls that were made before."""
        self._stuck = self._stuck + 1 if all(result.repeated for result in results) else 0
        if self._stuck < STUCK:
            return None
        self.own.toolbox.trail.add("loop", {"repeats": self._stuck}, {"loop": "calls"})
        return "loop"

    def _abstained(self) -> bool:
        """Whether the model said that it can't answer, and recorded nothing else."""
        made = {call.name for call, result in self.results if result.ok}
        return "abstain" in made and not made & {"record_clause", "record_absent", "cite"}

    def _log_refused(self, heard: Heard) -> None:
        """Text that looked like a call and can't be read is an event like any call that is denied."""
        for error in heard.parsed.errors:
            data = {"stage": "denied", "rule": f"calls.{error.code}", "round": self._rounds}
            raw = "" if error.code == "turn" else error.raw[:_RAW]  # what follows a turn may hold made-up thoughts
            self.own.toolbox.trail.add("tool_call", data, {"message": error.message, "raw": raw})


def _problem(heard: Heard) -> str:
    """What is wrong with a reply, in words for the model; empty when nothing is."""
    errors = [error.message for error in heard.parsed.errors if error.code not in _HARMLESS]
    if errors:
        return _REFUSED.format("; ".join(dict.fromkeys(errors)))
    if heard.how == "length":
        return _CUT
    return "" if heard.parsed.calls or heard.parsed.content else _EMPTY


def _asked(text: str, sampling: Sampling, round_: int) -> dict[str, Any]:
    return {
        "gen_ai.operation.name": "text_completion",
        "gen_ai.request.max_tokens": sampling.max_tokens,
        "gen_ai.request.temperature": sampling.temperature,
        "gen_ai.request.top_k": sampling.top_k,
        "gen_ai.request.seed": sampling.seed,
        "gen_ai.request.repetition_penalty": sampling.repetition_penalty,
        "prompt_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "round": round_,
    }


def _heard(heard: Heard, thought: Thought | None) -> dict[str, Any]:
    kept = {"thoughts_sha256": thought.sha256, "thoughts_chars": thought.chars} if thought else {}
    return {
        "gen_ai.usage.input_tokens": heard.usage.prompt_tokens,
        "gen_ai.usage.cache_read.input_tokens": heard.usage.cached_tokens,
        "gen_ai.usage.output_tokens": heard.usage.completion_tokens,
        "gen_ai.response.finish_reasons": [heard.how],
        "calls": len(heard.parsed.calls),
        **kept,
    }
