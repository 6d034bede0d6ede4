"""A deployment's policy: a TOML file with a table for each thing it rules. Callers may be stricter, never laxer."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError

POLICY: Final = Path("governance") / "policy.toml"
"""Where a deployment's policy lies, from the working folder."""
TABLES: Final = ("retention", "tools", "model", "escalation", "redaction")
NO_POLICY: Final = hashlib.sha256(b"").hexdigest()
"""The hash of no policy at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy as it was read; empty tables where there is none. `sha256` is of its bytes."""

    source: str
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sha256: str = NO_POLICY

    @classmethod
    def load(cls, path: Path | None = None) -> PolicyFile:
        """From a file; from `governance/policy.toml` by default, if it is there.

        Raises:
            ConfigError: The file is missing though named, is not TOML, or has an unknown table.
        """
        place = path or POLICY
        try:
            raw = place.read_bytes()
            tables = tomllib.loads(raw.decode())
        except FileNotFoundError:
            if path is None:
                return cls(source=str(place))
            raise ConfigError(str(place), "(whole file)", "there is no such file") from None
        except (OSError, ValueError) as error:
            raise ConfigError(str(place), "(whole file)", f"not a policy: {error}") from None
        for name, table in tables.items():
            if name not in TABLES or not isinstance(table, dict):
                raise ConfigError(str(place), name, f"no such table; there are {', '.join(TABLES)}")
        return cls(source=str(place), tables=tables, sha256=hashlib.sha256(raw).hexdigest())

    def table(self, name: str, keys: Iterable[str]) -> Mapping[str, Any]:
        """One table; empty when it is not there.

        Raises:
            ConfigError: It has a key that is none of `keys`.
        """
        table = self.tables.get(name, {})
        for key in table:
            if key not in keys:
                raise ConfigError(self.source, f"{name}.{key}", f"no such rule; there are {', '.join(keys)}")
        return table
