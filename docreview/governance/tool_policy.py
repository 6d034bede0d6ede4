"""What the policy says about language models: the tools they may call, and what is kept of their thoughts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from docreview.errors import ConfigError, PolicyError
from docreview.governance.audit.event import TOOLS
from docreview.governance.policy import NO_POLICY, PolicyFile

Thoughts = Literal["off", "hash", "redacted", "full"]
"""What is kept of a model's chains of thought: nothing, hash and length, the text less personal data, or all of it."""
THOUGHTS: Final[tuple[Thoughts, ...]] = get_args(Thoughts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPolicy:
    """What a language model may call, and what is kept of its thoughts: the tables `[tools]` and `[model]`.

    The defaults hold where there is no policy.
    """

    allow: tuple[str, ...] = TOOLS
    """Tools that may run; any other call is denied."""
    confirm: tuple[str, ...] = ()
    """Tools that a person must confirm, beside those that write, which always need it."""
    thoughts: Thoughts = "hash"
    """The most that may be kept of chains of thought."""
    policy_sha256: str = NO_POLICY

    @classmethod
    def load(cls, path: Path | None = None) -> ToolPolicy:
        """From a policy file, see `PolicyFile.load`.

        Raises:
            ConfigError: The file can't be read, or a rule has an impossible value.
        """
        file = PolicyFile.load(path)
        tools, model = file.table("tools", ("allow", "confirm")), file.table("model", ("thoughts",))
        for key, value in model.items():
            if value not in THOUGHTS:
                raise ConfigError(file.source, f"model.{key}", f"must be one of {', '.join(THOUGHTS)}")
        rules: dict[str, Any] = {key: _names(file, key, value) for key, value in tools.items()}
        return cls(**rules, **model, policy_sha256=file.sha256)

    def tightened(self, *, allow: Iterable[str] | None = None, thoughts: Thoughts | None = None) -> ToolPolicy:
        """The same policy with fewer tools, in the policy's order, or less kept of thoughts.

        Raises:
            PolicyError: More was asked for than the policy allows.
        """
        wanted = set(self.allow if allow is None else allow)
        if extra := sorted(wanted - set(self.allow)):
            raise PolicyError("tools.allow", f"the policy does not allow {', '.join(extra)}")
        kept = self.thoughts if thoughts is None else thoughts
        if THOUGHTS.index(kept) > THOUGHTS.index(self.thoughts):
            raise PolicyError("model.thoughts", f"the policy keeps {self.thoughts!r} of thoughts, not {kept!r}")
        return replace(self, allow=tuple(name for name in self.allow if name in wanted), thoughts=kept)


def _names(file: PolicyFile, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and name in TOOLS for name in value):
        raise ConfigError(file.source, f"tools.{key}", f"must be a list of tools; there are {', '.join(TOOLS)}")
    return tuple(dict.fromkeys(value))
