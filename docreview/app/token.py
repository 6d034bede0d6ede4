"""The token of an app that others can reach too. It lies in a file: never in a log, never on a command line."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from docreview.errors import ConfigError

LEAST: Final = 16
"""A shorter token could be guessed."""


def token(file: Path) -> str:
    """The first line of a file; a new file with a new token, private to its owner, when there is none.

    Raises:
        ConfigError: It can't be read or made, others may read it, or its token is too short.
    """
    try:
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    except OSError as error:
        raise _bad(file, f"can't be made: {error.strerror}") from None
    with os.fdopen(fd, "w", encoding="ascii") as new:
        new.write(made := secrets.token_urlsafe(24))
        new.write("\n")
    return made


def _read(file: Path) -> str:
    try:
        mode, lines = file.stat().st_mode, file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(file, f"can't be read: {error}") from None
    if os.name == "posix" and mode & 0o077:
        raise _bad(file, f"others may read it. Run: chmod 600 {file}")
    found = lines[0].strip() if lines else ""
    if len(found) < LEAST:
        raise _bad(file, f"its token has fewer than {LEAST} characters; remove the file, and a new one is made")
    return found


def _bad(file: Path, message: str) -> ConfigError:
    return ConfigError("--token-file", str(file), message)
