"""Trained weights as files in the package: plain arrays (npz, never pickled) with a description in JSON."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from docreview._json import canonical, write_atomic
from docreview.errors import ConfigError

FORMAT: Final = 1
_META: Final = "meta"


@dataclass(frozen=True, slots=True)
class Weights:
    """Arrays by name, what they are (`meta`), and the SHA-256 of the file they came from."""

    arrays: Mapping[str, Any]
    meta: Mapping[str, Any]
    sha256: str

    def group(self, prefix: str) -> dict[str, Any]:
        """The arrays whose name begins with `prefix` and a dot, by the rest of the name."""
        return {k.removeprefix(prefix + "."): v for k, v in self.arrays.items() if k.startswith(prefix + ".")}


def save(path: Path, arrays: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """Write weights; the same arrays give the same bytes. Returns the SHA-256 of the file."""
    import numpy as np

    described = {_META: np.frombuffer(canonical({**meta, "format": FORMAT}), np.uint8), **arrays}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **described)
    write_atomic(path, buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


@lru_cache(maxsize=8)
def shipped(name: str) -> Weights:
    """Weights that came with the package, kept in memory once loaded."""
    return parse(files("docreview").joinpath("assets", name).read_bytes(), name)


def parse(data: bytes, name: str) -> Weights:
    """Weights from the bytes of a file.

    Raises:
        ConfigError: The file is no weights file, or was written in another format version.
    """
    import numpy as np

    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        meta = json.loads(arrays.pop(_META).tobytes())
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ConfigError(name, "(whole file)", f"not a weights file: {error}") from None
    if meta.get("format") != FORMAT:
        raise ConfigError(name, "format", f"is {meta.get('format')}, this version reads {FORMAT}; train again")
    return Weights(arrays, meta, hashlib.sha256(data).hexdigest())
