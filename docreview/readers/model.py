"""A language model as reader: it sees the document once, answers with tool calls, and every quote is proven."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import Any, Final, Protocol

from docreview import config
from docreview._json import digest
from docreview.checklist import Checklist
from docreview.context import BUDGET, Plan, Request, Speed, Speeds, Stopwatch, View, plan
from docreview.dialogue import Budget, add
from docreview.governance.audit import AuditLog, Ruling
from docreview.governance.pii.gates import Gates, RedactionPolicy
from docreview.governance.tool_policy import ToolPolicy
from docreview.models import ChatModel, Prefix, Sampling
from docreview.models.folder import weights_sha256
from docreview.models.saved import Caches
from docreview.prompts import prefix as render
from docreview.prompts import suffix
from docreview.readers import Reading
from docreview.readers.asking import Answer, Asker, groups
from docreview.readers.embedded import EmbeddedReader
from docreview.readers.merge import calls
from docreview.readers.redacted import unredacted
from docreview.readers.wording import INSTRUCTIONS, group_text
from docreview.tools import Toolbox
from docreview.tools.table import TOOLS as ALL_TOOLS
from docreview.types import Document, Finding, Span, ToolCall, Usage

RULES: Final = 1
"""Version of the rules here; part of the reader's name."""
GROUP: Final = 4
"""Questions asked at once."""
TOOLS: Final = ("record_clause", "record_absent")
"""What the model may call. `abstain`, `flag` and the tools that look things up can be added."""
TALK: Final = 2_048
"""Tokens kept free for the model's first replies and the results of its calls; an eighth of a small window."""
_CANDIDATES: Final = 0.05  # the embedded reader's candidates down to this score are shown in `hybrid`
_PROBE: Final = 1_024  # tokens that are read to measure the speed of a model that is not known here
_WORTH: Final = 4  # ... when the document has at least so many times as many


class Watch(Protocol):
    """Who wants to know how a reading goes on. All calls come in the reader's own thread."""

    def planned(self, document: Document, made: Plan) -> None:
        """What will be shown, before anything is computed."""
        ...

    def read(self, done: int, total: int) -> None:
        """Tokens of the document's prompts computed so far, and in all."""
        ...

    def asked(self, done: int, total: int) -> None:
        """Questions done so far, and in all."""
        ...


class Unwatched:
    """Nobody does."""

    def planned(self, document: Document, made: Plan) -> None:
        """Nothing."""

    def read(self, done: int, total: int) -> None:
        """Nothing."""

    def asked(self, done: int, total: int) -> None:
        """Nothing."""


@dataclass(eq=False)
class ModelReader:
    """Proposes the places that a language model quotes. See docs/model-reader.md.

    The kind of document, and in `hybrid` the candidates, come from the embedded reader.

    Args:
        context: "auto", "full", "retrieved" or "hybrid"; see `docreview.context.plan`.
        budget_seconds: For reading one document, when the context is chosen or passages are.
        group: Questions asked at once; 1 for very small models.
        tools: What the model may call, if the policy allows it.
        policy: By default that of the deployment.
        gates: Whether the model sees personal data; by default as the deployment's policy says.
        talk: The most that one group of questions may cost.
        sampling: The profile's by default.
        caches: Where to keep what was computed of documents; nowhere by default.
        watch: Is told how it goes on.
        cancel: Set it to stop: `read` then raises a `ModelError` with the code "cancelled".
        log: The audit log, with the id of the run.
        speeds: The file of measured speeds; the user's own by default.
    """

    model: ChatModel
    context: str = "auto"
    budget_seconds: float | None = BUDGET
    group: int = GROUP
    tools: Sequence[str] = TOOLS
    policy: ToolPolicy | None = None
    gates: Gates | None = None
    talk: Budget = field(default_factory=Budget)
    sampling: Sampling | None = None
    caches: Caches | None = None
    watch: Watch = field(default_factory=Unwatched)
    cancel: Event | None = None
    log: AuditLog | None = None
    run_id: str = ""
    speeds: Speeds = field(default_factory=lambda: Speeds(config.user_cache() / "speeds.json"))

    languages = None
    """Every language."""

    def __post_init__(self) -> None:
        self.policy = self.policy or ToolPolicy.load()
        self._last: tuple[Document, Checklist, Reading] | None = None

    @cached_property
    def name(self) -> str:
        """The model's name, and a hash of all that the answers depend on: weights, wording, tools, options."""
        facts = {key: value for key, value in self.model.facts.items() if key != "folder"}
        options = [self.context, self.budget_seconds, self.group, list(self.tools), self.talk, self.sampling]
        schemas = Toolbox(None, allow=self.tools, policy=self.policy).schemas()
        return f"{self.model.name} {digest([RULES, facts, INSTRUCTIONS, schemas, options])[:12]}"

    def logged(self, log: AuditLog, run_id: str) -> ModelReader:
        """The same reader, whose calls are logged under this run."""
        return replace(self, log=log, run_id=run_id)

    def until(self, stop: Event) -> ModelReader:
        """The same reader, which stops when this event is set; its own `cancel` does not count any more."""
        return replace(self, cancel=stop)

    def read(self, document: Document, checklist: Checklist, *, min_score: float | None = None) -> Reading:
        """Tool calls for every question that the model answered. Asked again for the same document, it remembers.

        Raises:
            ModelError: The model can't be used at all, or it was cancelled.
            ContextOverflow: The model's window is too small for the instructions alone.
            AuditError: The log can't be written.
        """
        if self._last is None or self._last[0] is not document or self._last[1] != checklist:
            shown, redacted = (self.gates or Gates(RedactionPolicy.load())).document("prompt", document)
            reading = _Session(self, shown, checklist).reading()
            if redacted is not None:
                reading = unredacted(reading, document, redacted)
            self._last = (document, checklist, reading)
        reading = self._last[2]
        if min_score is None:
            return reading
        kept = [
            call
            for call in reading.calls
            if call.arguments.get("score", 1.0) >= min_score or call.name != "record_clause"
        ]
        return replace(reading, calls=tuple(kept))


class _Session:
    """One document read by one model."""

    def __init__(self, reader: ModelReader, document: Document, checklist: Checklist) -> None:
        self._reader, self._document, self._checklist = reader, document, checklist
        self._began = time.perf_counter()
        toolbox = self._toolbox()
        self._schemas, self._trail = toolbox.schemas(), toolbox.trail
        policy = toolbox.rules.policy_sha256
        self._named = Ruling(verdict="allowed", rule="model.named", policy_sha256=policy)
        self._told = hashlib.sha256()
        self._usage = Usage()
        self._lost = 0
        self._asker = Asker(reader.model, self._toolbox, reader.group, reader.talk, reader.sampling, reader.cancel)
        self._asker.anywhere = any(tool.effect == "read" and tool.name in reader.tools for tool in ALL_TOOLS)

    def reading(self) -> Reading:
        """The whole of it."""
        embedded = EmbeddedReader().read(self._document, self._checklist, min_score=_CANDIDATES)
        made = self._plan(embedded)
        self._reader.watch.planned(self._document, made)
        answers = list(self._answers(made))
        kind = next((call.name, dict(call.arguments)) for call in embedded.calls if call.name == "record_type")
        rows = [kind, *calls(self._document, self._checklist.names, answers)]
        usage = replace(add(self._usage, self._asker.usage), seconds=time.perf_counter() - self._began)
        return Reading(
            calls=tuple(ToolCall(id=f"call-{i}", name=name, arguments=row) for i, (name, row) in enumerate(rows, 1)),
            coverage=made.coverage,
            usage=usage,
            findings=tuple(self._findings(made)),
            prompt_sha256=self._told.hexdigest(),
            policy_sha256=self._named.policy_sha256,
        )

    def _toolbox(self) -> Toolbox:
        reader = self._reader
        return Toolbox(
            self._document,
            checklist=self._checklist,
            allow=reader.tools,
            policy=reader.policy,
            log=reader.log,
            run_id=reader.run_id,
        )

    def _plan(self, embedded: Reading) -> Plan:
        reader, profile = self._reader, self._reader.model.profile
        asked = [group_text(each) for each in groups(self._checklist.questions, reader.group)]
        self._told.update("\n".join(asked).encode("utf-8", "surrogatepass"))
        longest = max(reader.model.count([suffix(text, profile) for text in asked]), default=0)
        request = Request(
            render=self._render,
            questions=[question.text for question in self._checklist.questions],
            room=longest + min(TALK, profile.prompt_limit(reader.model.window) // 8),
            candidates=_candidates(embedded),
        )
        made = plan(
            self._document,
            reader.model,
            request,
            mode=reader.context,
            budget_seconds=reader.budget_seconds,
            speed=self._speed(),
        )
        each = reader.speeds.answering(reader.model.facts)
        return replace(made, answering=each and each * len(self._checklist.questions) * len(made.views))

    def _render(self, text: str) -> str:
        return render(INSTRUCTIONS, self._reader.model.profile, document=text, tools=self._schemas)

    def _speed(self) -> Speed | None:
        """The model's speed here; one that is not known is measured on made-up text when the document is long."""
        reader = self._reader
        known = reader.speeds.of(reader.model.facts)
        if known or reader.budget_seconds is None or reader.context == "full":
            return known
        made_up = "\n".join(question.text for question in self._checklist.questions)
        whole, around, once = reader.model.count([self._document.text, self._render(""), made_up])
        if not once or whole < _WORTH * _PROBE or around + 2 * _PROBE > reader.model.window:
            return None
        text = self._render("\n".join([made_up] * -(-_PROBE // once)))
        self._compute(reader.model.prefix, text, None).close()
        return reader.speeds.of(reader.model.facts)

    def _compute(
        self, compute: Callable[..., Prefix], text: str, progress: Callable[[int, int], None] | None
    ) -> Prefix:
        """A prefix, with its time noted when all of it was computed."""
        watch = Stopwatch(progress)
        made = compute(text, progress=watch, cancel=self._reader.cancel)
        if not made.cached:
            self._reader.speeds.add(self._reader.model.facts, watch.points)
        return made

    def _answers(self, made: Plan) -> Iterator[dict[str, Answer]]:
        """The answers from each view, one after the other."""
        questions, watch = self._checklist.questions, self._reader.watch
        asked = _Counted(watch.asked, len(questions) * len(made.views))
        self._asker.asked = asked.more
        computed = _Counted(watch.read, made.tokens)
        for view in made.views:
            with self._prefix(view, computed.at) as prefix:
                asked.more(0)
                began = time.perf_counter()
                answers = self._asker.ask(prefix, view, questions)
                self._reader.speeds.answered(self._reader.model.facts, len(questions), time.perf_counter() - began)
                self._lost += prefix.lost
            yield answers
            computed.done += view.tokens
        if made.views and not self._asker.succeeded and self._asker.last_error is not None:
            raise self._asker.last_error

    def _prefix(self, view: View, progress: Callable[[int, int], None]) -> Prefix:
        reader = self._reader
        text = self._render(view.text(self._document))
        self._told.update(text.encode("utf-8", "surrogatepass"))
        compute: Any = partial(reader.caches.prefix, reader.model) if reader.caches else reader.model.prefix
        with self._trail.action(
            "model_call", self._asked(text), {"facts": dict(reader.model.facts)}, self._named
        ) as event:
            made = self._compute(compute, text, progress)
            event.data |= {"gen_ai.usage.input_tokens": made.tokens}
            event.data |= {"gen_ai.usage.cache_read.input_tokens": made.cached}
        self._usage = add(self._usage, Usage(prompt_tokens=made.tokens, cached_tokens=made.cached, calls=1))
        return made

    def _asked(self, text: str) -> dict[str, Any]:
        """What the log says of the prompt's beginning before it is computed: hashes of it and of what reads it."""
        facts = self._reader.model.facts
        data = {
            "gen_ai.operation.name": "text_completion",
            "prompt_sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        }
        if "template sha256" in facts:
            data["template_sha256"] = facts["template sha256"]
        if "folder" in facts and self._reader.log is not None:
            data["weights_sha256"] = weights_sha256(Path(facts["folder"]), config.user_cache() / "weights.json")
        return data

    def _findings(self, made: Plan) -> Iterator[Finding]:
        shown = f"{made.tokens:,} tokens in {len(made.views)} prompt{'s' * (len(made.views) != 1)}"
        yield Finding(
            rule="context", severity="info", message=f"the model was shown: {made.mode}, {shown} ({made.reason})"
        )
        if self._lost:
            message = f"{self._lost} replies were made without the document's cache: it was read again for each"
            yield Finding(rule="lost-cache", severity="warning", message=message)
        yield from self._asker.findings


@dataclass
class _Counted:
    """Says how many of how many are done."""

    say: Callable[[int, int], None]
    total: int
    done: int = 0

    def more(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        self.say(self.done, self.total)

    def at(self, count: int, _: int) -> None:
        """So many more are done of a part that is not done yet."""
        self.say(self.done + count, self.total)


def _candidates(embedded: Reading) -> list[Span]:
    """The embedded reader's places, the likeliest first."""
    rows = [call.arguments for call in embedded.calls if call.name == "record_clause"]
    return [Span(row["start"], row["end"]) for row in sorted(rows, key=lambda row: -row["score"])]
