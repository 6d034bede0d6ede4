"""What a model's folder says about itself."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from docreview._json import write_atomic
from docreview.errors import ModelError
from docreview.models.text import read_json


def window_of(folder: Path) -> int | None:
    """Tokens of the model's window by its config.json; None when that doesn't say."""
    config = read_json(folder / "config.json")
    inner = config.get("text_config")
    for place in (config, inner if isinstance(inner, dict) else {}):
        if isinstance(size := place.get("max_position_embeddings"), int) and size > 0:
            return size
    return None


def names_of(folder: Path) -> tuple[str, ...]:
    """Names that a folder gives its model: its own (that of the repository when it is a cached one), the config's."""
    repo = next((part for part in reversed(folder.parts) if part.startswith("models--")), folder.name)
    return (
        repo.removeprefix("models--").replace("--", "/"),
        str(read_json(folder / "config.json").get("_name_or_path")),
    )


def template_of(folder: Path) -> str | None:
    """The model's own chat template; None when it has none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8", errors="replace")
    found = read_json(folder / "tokenizer_config.json").get("chat_template")
    return found if isinstance(found, str) else None


def facts_of(folder: Path) -> dict[str, str]:
    """SHA-256 of the small files, which tell one model from another; of weights, names and sizes."""
    facts = {"folder": str(folder)}
    for name in ("config.json", "tokenizer.json"):
        facts[f"{name} sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if template := template_of(folder):
        facts["template sha256"] = hashlib.sha256(template.encode()).hexdigest()
    weights = sorted(folder.glob("*.safetensors"))
    facts["weights"] = ", ".join(f"{file.name} {file.stat().st_size}" for file in weights)
    return facts


def weights_sha256(folder: Path, known: Path) -> str:
    """SHA-256 over the SHA-256 of each weights file, in hexadecimal.

    Args:
        folder: The model's, or its one file.
        known: A file that remembers hashes by path, size and time of change: gigabytes are not hashed for each run.
    """
    try:
        memory = read_json(known)
    except ModelError:
        memory = {}
    hashes, new = [], False
    for file in [folder] if folder.is_file() else sorted(folder.glob("*.safetensors")):
        place = file.resolve()
        state = place.stat()
        key = f"{place} {state.st_size} {state.st_mtime_ns}"
        if not isinstance(memory.get(key), str):
            with open(place, "rb") as weights:
                memory[key] = hashlib.file_digest(weights, "sha256").hexdigest()
            new = True
        hashes.append(memory[key])
    if new:
        with contextlib.suppress(OSError):
            write_atomic(known, json.dumps(memory))
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()
