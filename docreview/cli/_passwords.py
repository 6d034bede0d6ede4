"""Passwords come from a file: on the command line other users of the machine could see them."""

from __future__ import annotations

from pathlib import Path

from docreview.errors import ConfigError


def passwords(file: Path | None) -> list[str]:
    """The lines of a password file; blank lines are no passwords.

    Raises:
        ConfigError: The file can't be read.
    """
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("--password-file", str(file), f"can't be read: {error}") from None
    return [line for line in lines if line]
