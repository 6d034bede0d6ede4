"""Language models: one interface for all of them, raw text in and raw text out. docs/models.md shows it at work.

Prompts are rendered by `docreview.prompts` and replies parsed by `docreview.models.toolcalls`, so that every backend
sees and says the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import Any, Final, Protocol

from docreview.errors import ModelError
from docreview.models.profiles import Profile, Sampling, profile_for, profile_named, profiles
from docreview.models.reply import Ending, Reply
from docreview.models.scripted import Line, ScriptedModel

__all__ = [
    "KINDS",
    "ChatModel",
    "Ending",
    "Line",
    "Prefix",
    "Profile",
    "Reply",
    "Sampling",
    "ScriptedModel",
    "load_model",
    "profile_for",
    "profile_named",
    "profiles",
]

KINDS: Final = {
    "mlx": "mlx:OWNER/NAME or mlx:FOLDER, in this process; Apple GPUs first; #FOLDER adds an adapter of mlx_lm.lora",
    "server": "server:http://127.0.0.1:8080, a model server on this machine; #NAME picks one of its models",
    "llama-cpp": "llama-cpp:FILE.gguf, llama.cpp in this process",
    "transformers": "transformers:FOLDER, in this process; for checking",
    "scripted": 'scripted:FILE, JSON lines of {"reply", "when"?}; for tests',
}


class Prefix(Protocol):
    """A prompt's beginning that was computed once. Close it, or use it in a `with`, to free its memory.

    Attributes:
        tokens: Its length.
        lost: Replies so far for which a server computed it again; each was logged as a warning.
        cached: Tokens of it that did not have to be computed: a server, or a file, had them.
    """

    tokens: int
    lost: int
    cached: int

    def complete(self, suffix: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to the prefix and this suffix. Any number of suffixes, in any order: each sees the prefix alone.

        Args:
            suffix: What follows; it begins with a turn.
            sampling: The profile's by default.
            cancel: Set it to stop the reply; what was written stays.

        Raises:
            ContextOverflow: Prefix, suffix and `max_tokens` don't fit the window. Nothing was computed.
            ValueError: The suffix doesn't begin with a turn.
            ModelError: Closed; or, while the reply is read, the backend failed.
        """
        ...

    def close(self) -> None:
        """Free the memory."""
        ...

    def __enter__(self) -> Prefix: ...
    def __exit__(self, *_: object) -> None: ...


class ChatModel(Protocol):
    """A language model. It is a `TokenCounter` too.

    Attributes:
        name: What `load_model` was asked for.
        profile: Its habits: markers, sampling, limits.
        window: Tokens that prompt and reply may have together.
        facts: Backend, versions and hashes, for the record of a run.
    """

    name: str
    profile: Profile
    window: int
    facts: Mapping[str, str]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, in order, without any that a backend adds."""
        ...

    def prefix(
        self, text: str, *, progress: Callable[[int, int], None] | None = None, cancel: Event | None = None
    ) -> Prefix:
        """Compute the beginning of a prompt once, for many suffixes. Takes as long as reading it does.

        Args:
            text: The beginning, cut where a turn ends.
            progress: Called in this thread with tokens done and tokens in all.
            cancel: Set it to give up.

        Raises:
            ContextOverflow: The text alone fills the window.
            ModelError: Cancelled or closed, or the backend failed.
        """
        ...

    def complete(self, prompt: str, *, sampling: Sampling | None = None, cancel: Event | None = None) -> Reply:
        """A reply to a whole prompt, nothing kept. Errors as for `Prefix.complete`."""
        ...

    def close(self) -> None:
        """Let go of memory and connections."""
        ...


def load_model(
    name: str,
    *,
    profile: str | None = None,
    window: int | None = None,
    tokenizer: str | None = None,
    allow_hosts: Sequence[str] = (),
    key: str | None = None,
) -> ChatModel:
    """A language model by its name. Never downloads, and opens no connection but to a server that was named.

    Args:
        name: One of `KINDS`.
        profile: A profile's name; by default the one that fits the model's name, else plain ChatML.
        window: Use no more tokens than this; a server that doesn't say its window needs it.
        tokenizer: tokenizer.json of a server's model, where the server can't count tokens.
        allow_hosts: Hosts that are not this machine and may be asked all the same. Documents then leave the machine.
        key: Sent to a server as a bearer token.

    Raises:
        ModelError: The name is of no known kind, the model is not here, its files are damaged, or a server doesn't
            answer.
        MissingExtra: The backend is not installed.
    """
    kind, colon, rest = name.partition(":")
    if name == "embedded":
        raise ModelError(name, "unknown", "it is loaded by docreview.load_model, which knows every kind")
    if not colon or kind not in KINDS or not rest:
        raise ModelError(name, "unknown", f"name a model as one of: {'; '.join(KINDS.values())}")
    chosen = profile_named(profile) if profile else None
    if kind == "server":
        from docreview.models.server import connect

        return connect(name, rest, profile=chosen, window=window, tokenizer=tokenizer, allow_hosts=allow_hosts, key=key)
    if kind == "scripted":
        from pathlib import Path

        from docreview.models.scripted import from_file

        options: dict[str, Any] = {"profile": chosen} if chosen else {}
        return from_file(name, Path(rest), **options | ({"window": window} if window else {}))
    if kind == "llama-cpp":
        from pathlib import Path

        from docreview.models.llama_cpp import load

        return load(name, Path(rest).expanduser(), profile=chosen, window=window)
    return _load_folder(name, kind, rest, chosen, window)


def _load_folder(name: str, kind: str, rest: str, chosen: Profile | None, window: int | None) -> ChatModel:
    import importlib
    from pathlib import Path

    from docreview.models.find import folder_of
    from docreview.models.folder import facts_of, names_of, window_of

    more: dict[str, Any] = {}
    if kind == "mlx" and "#" in rest:
        rest, _, adapter = rest.partition("#")
        more["adapter"] = Path(adapter).expanduser()
    folder = folder_of(name, rest, "mlx" if kind == "mlx" else "transformers")
    profile = chosen or profile_for(rest, *names_of(folder))
    room = min(window_of(folder) or profile.window, window or 1 << 62)
    backend: Any = importlib.import_module(f"docreview.models.{kind}")
    model: ChatModel = backend.load(name, folder, profile=profile, window=room, facts=facts_of(folder), **more)
    return model
