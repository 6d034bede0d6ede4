"""Settings: flags > `DOCREVIEW_*` > ./docreview.toml > the user's file > defaults."""

from __future__ import annotations

import dataclasses
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview.errors import ConfigError

MIB: Final = 1 << 20
_NOT_SETTINGS: Final = frozenset(("DOCREVIEW_SHARED", "DOCREVIEW_APP"))  # of the tests (real data) and the review app


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults. Sizes in MiB, times in seconds."""

    max_file_mib: int = 200
    """A larger file is refused."""
    max_text_mib: int = 64
    """A document whose text is larger is refused."""
    read_seconds: float = 50.0
    """A document that takes longer to read is given up."""
    read_memory_mib: int = 1536
    """The reading process is ended when it holds more."""
    ocr: bool = False
    """Read pages without a text layer with tesseract (the `ocr` extra)."""
    ocr_language: str = "eng"
    """Tesseract's name of the language, or several joined by `+`."""
    ocr_seconds: float = 600.0
    """The most time that OCR may take for one document; pages left over are not read, with a warning."""
    jobs: int = 0
    """Documents read at once; 0 = one for each core."""
    min_score: float = 0.0
    """Candidates below this score are not written; 0 = the reader's own thresholds."""
    search_model: str = ""
    """A search model of your own (`docreview train search`); empty = the shipped one."""
    passage_tokens: int = 256
    """The most tokens that a passage may have."""
    cache_dir: str = ""
    """Folder for what a language model computed of whole documents; empty = nothing is kept. It holds their content."""
    cache_gib: float = 20.0
    """The most that `cache_dir` may hold; what was not used for the longest time goes first."""

    def __post_init__(self) -> None:
        for key in (
            "max_file_mib",
            "max_text_mib",
            "read_seconds",
            "read_memory_mib",
            "ocr_seconds",
            "passage_tokens",
            "cache_gib",
        ):
            if getattr(self, key) <= 0:
                raise ConfigError("settings", key, "must be above 0")
        if self.jobs < 0:
            raise ConfigError("settings", "jobs", "must be 0 or more")
        if not 0 <= self.min_score <= 1:
            raise ConfigError("settings", "min_score", "must be between 0 and 1")


_TYPES: Final[dict[str, type[Any]]] = {f.name: type(f.default) for f in dataclasses.fields(Settings)}


def user_file() -> Path:
    """Where the user's own settings lie."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home()))
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME", Path.home() / ".config"))
    return base / "docreview" / "docreview.toml"


def user_cache() -> Path:
    """Where docreview keeps what it can do without: speeds, hashes, and saved caches when they are asked for."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home()))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "docreview"


def load(flags: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> Settings:
    """Settings from all sources; a flag that is None was not given.

    Raises:
        ConfigError: A key is unknown or a value impossible; it names the file or variable.
    """
    merged: dict[str, Any] = {}
    for file in (user_file(), (folder or Path()) / "docreview.toml"):
        merged |= _from_file(file)
    merged |= _from_environment(os.environ)
    merged |= {k: _checked("flag", k, v) for k, v in (flags or {}).items() if v is not None}
    return Settings(**merged)


def _from_file(file: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), "(whole file)", f"not TOML: {error}") from None
    return {key: _checked(str(file), key, value) for key, value in data.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, text in environment.items():
        if name.startswith("DOCREVIEW_") and name not in _NOT_SETTINGS:
            key = name.removeprefix("DOCREVIEW_").lower()
            found[key] = _checked(name, key, _parsed(name, key, text))
    return found


def _parsed(source: str, key: str, text: str) -> Any:
    kind = _TYPES.get(key, str)
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise ConfigError(source, key, f"{text!r} is not yes or no")
        return text.lower() in ("1", "true", "yes")
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(source, key, f"{text!r} is not a {kind.__name__}") from None


def _checked(source: str, key: str, value: Any) -> Any:
    if key not in _TYPES:
        raise ConfigError(source, key, f"no such setting; there are {', '.join(_TYPES)}")
    kind = _TYPES[key]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ConfigError(source, key, f"{value!r} is not a {kind.__name__}")
    return value
