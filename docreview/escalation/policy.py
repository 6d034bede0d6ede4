"""What the policy allows to be asked outside, of whom, and about what."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from docreview._json import load
from docreview.errors import ConfigError, ModelError, PolicyError
from docreview.governance.policy import NO_POLICY, PolicyFile
from docreview.models.http import Address, is_loopback
from docreview.types import Value

RULE: Final = "escalation.endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Value):
    """The table `[escalation]` of the policy. Without an endpoint nothing is queued and nothing can be sent."""

    endpoint: str = ""
    """Base address of a service with `/v1/chat/completions`: https, or http on this machine."""
    model: str = ""
    """The model that is asked for."""
    statuses: tuple[str, ...] = ("unsure",)
    """Outcomes that may be asked about."""
    below_score: float = 0.0
    """What was found with a lower score than this (0..1) may be asked about too."""
    context: int = 600
    """Characters shown on each side of a place."""
    max_tokens: int = 1000
    """The longest answer."""
    key_env: str = ""
    """The environment variable that holds the service's key."""
    policy_sha256: str = NO_POLICY

    @classmethod
    def load(cls, path: Path | None = None) -> Escalation:
        """From a policy file, see `PolicyFile.load`.

        Raises:
            ConfigError: The file can't be read, or a rule has an impossible value.
        """
        file = PolicyFile.load(path)
        table = file.table("escalation", _KEYS)
        try:
            found = load(cls, {**table, "policy_sha256": file.sha256})
        except ValueError as error:
            raise ConfigError(file.source, "escalation", " ".join(str(error).split())) from None
        found._check(file.source)
        return found

    def _check(self, source: str) -> None:
        if bool(self.endpoint) != bool(self.model):
            raise ConfigError(source, "escalation", "endpoint and model are named together")
        if not 0 <= self.below_score <= 1 or self.context < 0 or self.max_tokens < 1:
            raise ConfigError(source, "escalation", "below_score is 0..1, context 0 or more, max_tokens 1 or more")
        if strange := set(self.statuses) - {"found", "unsure", "failed"}:
            raise ConfigError(source, "escalation.statuses", f"{min(strange)!r} has no place to ask about")
        if self.endpoint:
            self.address()

    def address(self) -> Address:
        """The endpoint, checked.

        Raises:
            PolicyError: The policy names none, or one that is neither https nor on this machine.
        """
        if not self.endpoint:
            raise PolicyError(RULE, "the policy names no endpoint: nothing may be asked outside")
        try:
            address = Address("escalation", self.endpoint, [_host(self.endpoint)])
        except ModelError as error:
            raise PolicyError(RULE, error.reason) from None
        if not address.https and not is_loopback(address.host):
            raise PolicyError(RULE, f"{address.host} is not this machine: its address must begin with https://")
        return address

    def tightened(self, *, below_score: float | None = None) -> Escalation:
        """The same with a lower score.

        Raises:
            PolicyError: A higher score was asked for than the policy allows.
        """
        if below_score is None:
            return self
        if below_score > self.below_score:
            raise PolicyError("escalation.below_score", f"the policy allows {self.below_score:g}, not {below_score:g}")
        return dataclasses.replace(self, below_score=below_score)


def _host(endpoint: str) -> str:
    try:
        return urlsplit(endpoint).hostname or ""
    except ValueError:
        return ""


_KEYS: Final = tuple(field.name for field in dataclasses.fields(Escalation) if field.name != "policy_sha256")
