"""The table of model servers (servers.toml) and how one is recognised."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from docreview.errors import ModelError
from docreview.models.http import Client
from docreview.types import Value

NAMES: Final = {
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "top_k": "top_k",
    "seed": "seed",
    "stop": "stop",
    "model": "model",
    "prompt": "prompt",
    "repetition_penalty": "",
    "repetition_window": "",
    "window": "",
}
"""Names of a request's fields; an empty one is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenize(Value):
    """How a server is asked for a text's tokens, control tokens as such. `begin`: it puts one before each text."""

    path: str
    text: str
    tokens: str
    begin: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Models(Value):
    """Where a server lists its models. `loaded` names a field that says "loaded" of those in memory."""

    path: str = "/v1/models"
    list: str = "data"
    id: str = "id"
    loaded: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server(Value):
    """One kind of server. Dotted names reach into its JSON; docs/models.md has a line on each."""

    name: str
    tried: Literal["run", "stand-in"]
    probe: str
    shows: str
    is_: str = ""
    version: str = ""
    template: str = ""
    window: str = ""
    window_in_model: str = ""
    models: Models = field(default_factory=Models)
    model: str = ""
    path: str
    prompt: Literal["text", "tokens"] = "text"
    begin: Literal["sent", "added"] = "sent"
    raw: bool = True
    one_at_a_time: bool = False
    warm: int = 1
    body: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    kept: str = ""
    no_top_k: int = 0
    tokenize: Tokenize | None = None
    text: str = "choices.0.text"
    finish: str = "choices.0.finish_reason"
    prompt_tokens: str = "usage.prompt_tokens"
    completion_tokens: str = "usage.completion_tokens"
    cached_tokens: str = "usage.prompt_tokens_details.cached_tokens"
    progress_done: str = ""
    progress_total: str = ""
    notes: tuple[str, ...] = ()

    def field(self, name: str) -> str:
        """What this server calls a field of the request; empty when it has none."""
        return self.names.get(name, NAMES[name])


@lru_cache(maxsize=1)
def servers() -> tuple[Server, ...]:
    """The table, in the order of probing."""
    from docreview._json import load

    rows = tomllib.loads((Path(__file__).parent / "servers.toml").read_text(encoding="utf-8"))["server"]
    return tuple(load(Server, {"is_" if key == "is" else key: value for key, value in row.items()}) for row in rows)


def recognise(client: Client) -> tuple[Server, Any]:
    """The kind of server that answers, and what its probe said.

    Raises:
        ModelError: Nobody answers, or nobody known.
    """
    answers: dict[str, Any] = {}
    for server in servers():
        if server.probe not in answers:
            answers[server.probe] = client.get(server.probe)
        found = at(answers[server.probe], server.shows)
        if found is not None and (not server.is_ or found == server.is_):
            return server, answers[server.probe]
    known = ", ".join(server.name for server in servers())
    raise ModelError(client.address.name, "server", f"what answers there is none of {known}")


def at(value: Any, path: str) -> Any:
    """What a dotted name reaches in JSON; None when there is nothing."""
    for key in path.split(".") if path else ():
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value if path else None


def put(body: dict[str, Any], path: str, value: Any) -> None:
    """Set what a dotted name reaches; nothing when the name is empty."""
    if not path:
        return
    *above, last = path.split(".")
    for key in above:
        body = body.setdefault(key, {})
    body[last] = value
