"""What the policy allows to be asked outside, of whom, and about what."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from docreview._json import load
from docreview.errors import ConfigError, ModelError, PolicyError
from docreview.governance.audit.retention import POLICY
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
    policy_sha256: str = hashlib.sha256(b"").hexdigest()
    """Of the policy's file; of nothing when there is none."""

    @classmethod
    def load(cls, path: Path | None = None) -> Escalation:
        """From a policy file; from `governance/policy.toml` by default, if it is there.

        Raises:
            ConfigError: The file is missing though named, is not TOML, or the table has an unknown key or value.
        """
        place = path or POLICY
        try:
            raw = place.read_bytes()
            table = tomllib.loads(raw.decode()).get("escalation", {})
        except FileNotFoundError:
            if path is None:
                return cls()
            raise ConfigError(str(place), "(whole file)", "there is no such file") from None
        except (OSError, ValueError) as error:
            raise ConfigError(str(place), "(whole file)", f"not a policy: {error}") from None
        found = _parsed(str(place), table)
        found._check(str(place))
        return dataclasses.replace(found, policy_sha256=hashlib.sha256(raw).hexdigest())

    def _check(self, source: str) -> None:
        if bool(self.endpoint) != bool(self.model):
            raise ConfigError(source, "escalation", "endpoint and model are named together")
        if not 0 <= self.below_score <= 1 or self.context < 0 or self.max_tokens < 1:
            raise ConfigError(source, "escalation", "below_score is 0..1, context 0 or more, max_tokens 1 or more")
        if strange := set(self.statuses) - {"found", "unsure", "failed"}:
            raise ConfigError(source, "escalation.statuses", f"{min(strange)!r} has no place to ask about")
        if self.endpoint:
            self.address()

    @property
    def on(self) -> bool:
        """Whether the policy names an endpoint."""
        return bool(self.endpoint)

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


def _parsed(source: str, table: Any) -> Escalation:
    if isinstance(table, Mapping) and "policy_sha256" not in table:
        try:
            return load(Escalation, table)
        except ValueError as error:
            raise ConfigError(source, "escalation", " ".join(str(error).split())) from None
    raise ConfigError(source, "escalation", "must be a table")
