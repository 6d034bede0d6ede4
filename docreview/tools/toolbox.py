"""The door between a model's calls and what they do: every call is checked, logged, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from docreview._json import digest
from docreview.checklist import Checklist
from docreview.errors import PolicyError
from docreview.governance.audit.actions import Ruling
from docreview.governance.audit.event import Record
from docreview.governance.audit.log import AuditLog
from docreview.governance.tool_policy import ToolPolicy
from docreview.search.library import Library
from docreview.tools.arguments import Arguments, schema
from docreview.tools.desk import Desk, Refusal, answer
from docreview.tools.permissions import Confirm, Permissions, Request
from docreview.tools.table import TOOLS, Tool
from docreview.tools.trail import Trail, audit_id
from docreview.tools.values import Recorded, ToolResult
from docreview.types import Document, ToolCall

_BY_NAME: Final = {tool.name: tool for tool in TOOLS}
_PROBLEMS: Final = 5  # wrong arguments named
AT_ONCE: Final = 4
"""Calls of one reply that look something up; the rest are to be made again, so that results don't flood the prompt."""


@dataclass
class Toolbox:
    """What a model may call in one conversation about one document (or a library), and what it recorded.

    A call passes: known and allowed -> arguments -> not made before -> confirmed, if it must be -> run. Each step is an
    event, on the disk first where there is a log.

    Args:
        document: What quotes are proven in.
        checklist: The questions that may be answered; without one any name will do.
        library: More documents to search.
        allow: Fewer tools than the policy allows.
        policy: By default `governance/policy.toml`, if it is there.
        log: The audit log, with the id of the run.
        confirm: Asks a person about tools that write; without it they are denied.
        permissions: What was confirmed for longer; the user's own by default.
        notes: The file that the tool `note` appends to; without one there is no such tool.

    Raises:
        PolicyError: `allow` names a tool that the policy does not allow.
        ConfigError: The policy can't be read.
    """

    document: Document | None
    checklist: Checklist | None = field(default=None, kw_only=True)
    library: Library | None = field(default=None, kw_only=True)
    allow: Iterable[str] | None = field(default=None, kw_only=True)
    policy: ToolPolicy | None = field(default=None, kw_only=True)
    log: AuditLog | None = field(default=None, kw_only=True)
    run_id: str = field(default="", kw_only=True)
    confirm: Confirm | None = field(default=None, kw_only=True)
    permissions: Permissions | None = field(default=None, kw_only=True)
    notes: Path | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.trail = Trail(log=self.log, run_id=self.run_id)
        self.rules = (self.policy or ToolPolicy.load()).tightened(allow=self.allow)
        self._desk = Desk(self.document, self.checklist, self.library, self.notes, self.trail)
        self._permissions = self.permissions or Permissions()
        self._made: dict[str, ToolResult] = {}
        self._looked = 0
        self._tools = [tool for tool in TOOLS if tool.rule(self.rules) != "denied" and self._can(tool)]

    def _can(self, tool: Tool) -> bool:
        """Whether there is what a tool works on. With no document at all, tools are listed as for one."""
        there = {part for part in ("document", "library", "notes") if getattr(self, part) is not None}
        there |= set() if there & {"document", "library"} else {"document"}
        return not tool.needs or bool(there & set(tool.needs))

    def schemas(self) -> list[dict[str, Any]]:
        """The tools' JSON schemas for `prompts.prefix`, always in the same order."""
        unused = () if self.library else ("doc",)
        return [schema(tool.name, tool.arguments, leave_out=unused) for tool in self._tools]

    @property
    def records(self) -> list[Recorded]:
        """What the model recorded so far, in order; an unproven quote that was put right since is left out."""
        return [recorded for _, recorded in self._desk.entries]

    @property
    def events(self) -> list[Record]:
        """Everything that happened so far, in order."""
        return self.trail.events

    def next_round(self) -> None:
        """A new reply of the model begins: from here on its quotes may be second tries at earlier ones."""
        self._desk.round += 1
        self._looked = 0

    def next_question(self) -> None:
        """Something new is asked: what was looked up before may be looked up again."""
        self._made = {key: result for key, result in self._made.items() if result.settled}

    def run(self, call: ToolCall) -> ToolResult:
        """Do what a parsed call asks for, or say why not. Never raises for what a model wrote.

        Raises:
            AuditError: The log can't be written; the call did not run, or its outcome is not logged.
            ConfigError: A person's permission is needed, and the file of permissions is damaged.
            OutputError: That file can't be written.
            LibraryError: The library is damaged.
        """
        checked = self._check(call)
        data = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.name,
            "gen_ai.tool.call.id": audit_id(call.id),
            "round": self._desk.round,
        }
        payload = {"arguments": dict(call.arguments), "raw": call.raw}
        try:
            with self.trail.action("tool_call", data, payload, self._ruling(checked, call)) as running:
                result = self._run(checked, call)
                running.data["ok"] = result.ok
                running.payload = {"result": result.content}
        except PolicyError:
            if checked.refused:
                return checked.refused
            result = answer(call, "A person did not allow this. Go on without it.", ok=False)
        self._made[checked.key] = result
        return result

    def _run(self, checked: _Checked, call: ToolCall) -> ToolResult:
        try:
            result: ToolResult = checked.tool.run(self._desk, call, checked.given)
        except Refusal as refusal:
            return answer(call, f"{call.name}: not done. {refusal}", ok=False)
        return result

    def _check(self, call: ToolCall) -> _Checked:
        tool = next((tool for tool in self._tools if tool.name == call.name), None)
        if tool is None:
            names = ", ".join(tool.name for tool in self._tools)
            rule = "tools.allow" if call.name in _BY_NAME else "tools.known"
            return _Checked(
                rule=rule, refused=answer(call, f"There is no such tool here. There are: {names}.", ok=False)
            )
        try:
            given = tool.arguments.model_validate(dict(call.arguments))
        except ValidationError as error:
            refused = answer(call, f"{tool.name}: not done. {_problems(error)}", ok=False)
            return _Checked(tool, rule="tools.arguments", refused=refused)
        key = digest([tool.name, given.model_dump()])
        if key in self._made:
            return _Checked(tool, given, key, rule="tools.repeat", refused=self._repeated(tool, call, self._made[key]))
        self._looked += tool.effect == "read"
        if tool.effect == "read" and self._looked > AT_ONCE:
            refused = answer(call, f"Not done: only {AT_ONCE} look-ups at once. Make this call again.", ok=False)
            return _Checked(tool, rule="tools.at_once", refused=refused)
        return _Checked(tool, given, key)

    def _repeated(self, tool: Tool, call: ToolCall, before: ToolResult) -> ToolResult:
        same = partial(ToolResult, call_id=call.id, repeated=True)
        if tool.effect != "record":
            return same(ok=False, content="You made this call before; its result stands above.")
        return same(ok=before.ok, content="Recorded before." if before.ok else "Refused before.", settled=True)

    def _ruling(self, checked: _Checked, call: ToolCall) -> Ruling | Callable[[], Ruling]:
        if checked.refused:
            return self._ruled("denied", checked.rule)
        if checked.tool.rule(self.rules) == "confirm":
            return lambda: self._confirmed(checked.tool, call)
        return self._ruled("allowed", "tools.allow")

    def _confirmed(self, tool: Tool, call: ToolCall) -> Ruling:
        """What a person says about a call, or said about the tool before."""
        said: str | None = self._permissions.standing(tool.name)
        if said is None and self.confirm is not None:
            description = tool.arguments.__doc__ or tool.name
            said = self.confirm(Request(tool=tool.name, description=description, arguments=dict(call.arguments)))
            if said == "session" or said == "always":
                self._permissions.grant(tool.name, said)
        if said not in ("once", "session", "always"):
            return self._ruled("denied", "tools.confirm")
        return self._ruled("confirmed", f"tools.confirm.{said}", by="person")

    def _ruled(self, verdict: Literal["allowed", "denied", "confirmed"], rule: str, by: str = "") -> Ruling:
        return Ruling(verdict=verdict, rule=rule, policy_sha256=self.rules.policy_sha256, by=by)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A call as far as it could be checked without asking anybody; `refused` says that it may not run."""

    tool: Any = None
    given: Arguments | None = None
    key: str = ""
    rule: str = ""
    refused: ToolResult | None = None


def _problems(error: ValidationError) -> str:
    """What is wrong with a call's arguments, without their values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    named = (f"{'.'.join(map(str, each['loc']))[:60]}: {each['msg']}" for each in found[:_PROBLEMS])
    return "; ".join(named) + "."
