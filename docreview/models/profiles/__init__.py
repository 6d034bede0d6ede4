"""What docreview knows about a model beforehand, as data: one TOML file beside this one for each."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from docreview.errors import ModelError
from docreview.types import Value

GENERIC: Final = "chatml"
Reasoning = Literal["none", "inline", "open"]
Format = Literal["mlx", "transformers", "gguf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Value):
    """How a reply is drawn. Temperature 0 takes the likeliest token each time.

    The penalty falls on tokens among the last `repetition_window` of the reply, never on the prompt: a penalty on the
    document would punish exactly the words that a quote must copy. Servers that can't limit it so far get none.
    """

    temperature: float = 0.2
    top_k: int = 80
    """Only this many likeliest tokens are drawn from; 0 = all."""
    repetition_penalty: float = 1.0
    repetition_window: int = 64
    max_tokens: int = 8192
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or self.top_k < 0 or self.repetition_penalty < 1 or self.repetition_window < 0:
            raise ValueError(f"impossible sampling: {self!r}")
        if self.max_tokens < 1:
            raise ValueError("max_tokens is at least 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markers(Value):
    """The texts that a model takes for control tokens, where prompts need them."""

    begin: str = ""
    """Opens every prompt."""
    turn_start: str = "<|im_start|>"
    turn_end: str = "<|im_end|>"
    generation: str = "<|im_start|>assistant\n"
    """Ends every prompt; the reply follows."""
    tools_start: str = "List of tools: ["
    tools_end: str = "]"
    result_start: str = ""
    result_end: str = ""
    stops: tuple[str, ...] = ("<|im_end|>", "<|endoftext|>")
    """Tokens that end a reply."""
    kept: tuple[str, ...] = ("<|tool_call_start|>", "<|tool_call_end|>", "<think>", "</think>")
    """Tokens of a reply that must reach us as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Value):
    """Where a model's files can be had. `gigabytes` (10^9 bytes) is about what it takes."""

    format: Format
    repo: str
    gigabytes: float
    file: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published(Value):
    """A figure that the model's vendor reports. Nobody here measured it.

    `before` is the same figure of the model before it; `language` is an ISO 639-1 code where it is of one language.
    """

    measure: str
    value: float
    unit: str = ""
    before: float | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Value):
    """A model's habits and limits. Sizes in tokens.

    `reasoning`: "none", "inline" (the model writes `<think>` itself) or "open" (the prompt ends inside `<think>`).
    `window` counts only where the model's own config doesn't say; `working_limit` is for prompts.
    """

    name: str
    match: tuple[str, ...] = ()
    """Parts of names, in lower case, that show that a model is of this kind."""
    window: int = 32_768
    working_limit: int = 0
    """The longest prompt that is advised; 0 = the window less the room for a reply."""
    reasoning: Reasoning = "none"
    drops_thoughts: bool = False
    """Whether the model's template leaves out the reasoning of turns before the last question."""
    licence: str = ""
    licence_note: str = ""
    licence_url: str = ""
    notes: tuple[str, ...] = ()
    architecture: Mapping[str, Any] = field(default_factory=dict)
    """Keys of its config.json that say what reading costs (`docreview.models.cost`), for when no checkpoint is here."""
    published: tuple[Published, ...] = ()
    published_source: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    markers: Markers = field(default_factory=Markers)
    downloads: tuple[Download, ...] = ()

    def sampling_for(self, window: int) -> Sampling:
        """The usual sampling, with the room for a reply held to a quarter of the window."""
        return dataclasses.replace(self.sampling, max_tokens=max(1, min(self.sampling.max_tokens, window // 4)))

    def prompt_limit(self, window: int) -> int:
        """The longest prompt that leaves room for a usual reply and keeps to the working limit."""
        room = window - self.sampling_for(window).max_tokens
        return min(self.working_limit or room, room)

    def download(self, form: Format) -> Download | None:
        """The download in a form that is advised first."""
        return next((each for each in self.downloads if each.format == form), None)


@lru_cache(maxsize=1)
def profiles() -> tuple[Profile, ...]:
    """All profiles, the generic one last."""
    from docreview._json import load

    files = sorted(Path(__file__).parent.glob("*.toml"))
    found = [load(Profile, tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return tuple(sorted(found, key=lambda profile: (profile.name == GENERIC, profile.name)))


def profile_named(name: str) -> Profile:
    """The profile of this name, whatever the case.

    Raises:
        ModelError: There is none.
    """
    for profile in profiles():
        if profile.name.lower() == name.lower():
            return profile
    raise ModelError(name, "unknown", f"no such profile; there are {', '.join(p.name for p in profiles())}")


def profile_for(*names: str) -> Profile:
    """The profile whose `match` is part of one of these names (the longest counts), else the generic one."""
    text = " ".join(re.sub(r"[\s_:]+", "-", name.lower()) for name in names)
    best = max(
        ((len(part), profile) for profile in profiles() for part in profile.match if part in text),
        key=lambda pair: pair[0],
        default=None,
    )
    return best[1] if best else profile_named(GENERIC)
