"""A person's word on tools that change something: once, for a session, or always; stored, and revocable."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from docreview._json import dumps, write_atomic
from docreview.config import user_file
from docreview.errors import ConfigError, OutputError
from docreview.types import Value

FORMAT: Final = 1
Answer = Literal["once", "session", "always", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Value):
    """What a person is asked: may the model do this? `arguments` are the model's own words."""

    tool: str
    description: str
    arguments: Mapping[str, Any]


class Confirm(Protocol):
    """Asks a person. Anything but a clear yes is a no: None, when nobody answers, is one too."""

    def __call__(self, request: Request) -> Answer | None:
        """The person's answer. May wait for as long as it takes."""
        ...


def permissions_file() -> Path:
    """Where standing permissions lie: beside the user's settings."""
    return user_file().with_name("permissions.json")


@dataclass
class Permissions:
    """What was allowed for longer than one call. Keep one for a session; `always` is shared through the file."""

    path: Path = field(default_factory=permissions_file)
    session: set[str] = field(default_factory=set)

    def standing(self, tool: str) -> Literal["session", "always"] | None:
        """Whether a tool may run without being asked for."""
        if tool in self.session:
            return "session"
        return "always" if tool in self.always() else None

    def always(self) -> dict[str, str]:
        """Tools allowed for good, and when that was said (ISO 8601, UTC).

        Raises:
            ConfigError: The file is not one of this format.
        """
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ConfigError(str(self.path), "(whole file)", f"can't be read: {error}. Delete it") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("always"), dict):
            raise ConfigError(str(self.path), "format", f"not permissions of format {FORMAT}. Delete the file")
        return {str(tool): str(at) for tool, at in data["always"].items()}

    def grant(self, tool: str, answer: Literal["session", "always"]) -> None:
        """Remember an answer.

        Raises:
            OutputError: The file can't be written.
        """
        if answer == "session":
            self.session.add(tool)
        else:
            self._save({**self.always(), tool: datetime.now(UTC).isoformat(timespec="seconds")})

    def revoke(self, tool: str | None = None) -> tuple[str, ...]:
        """Take back what was allowed, for one tool or for all; the tools that had a permission."""
        kept = self.always()
        gone = tuple(name for name in sorted({*kept, *self.session}) if tool in (None, name))
        self.session -= set(gone)
        if any(name in kept for name in gone):
            self._save({name: at for name, at in kept.items() if name not in gone})
        return gone

    def _save(self, always: Mapping[str, str]) -> None:
        try:
            write_atomic(self.path, dumps({"format": FORMAT, "always": always}) + "\n")
        except OSError as error:
            raise OutputError(self.path, f"can't be written ({error.strerror})") from None
