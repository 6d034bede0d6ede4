"""Where a model lies on this machine. Nothing here opens a connection."""

from __future__ import annotations

import os
from pathlib import Path

from docreview.errors import MissingExtra, ModelError
from docreview.models.profiles import Format, profiles
from docreview.models.text import read_json

PATTERNS = ("*.json", "*.safetensors", "*.jinja", "*.txt", "LICENSE*", "*.model")
"""Files of a repository that a model needs."""


def repo_of(name: str, form: Format) -> str:
    """The repository that a name stands for: "owner/name" itself, or the first one of a profile in this form.

    Raises:
        ModelError: The name is neither.
    """
    if name.count("/") == 1:
        return name
    for profile in profiles():
        if profile.name.lower() == name.lower() and (download := profile.download(form)):
            return download.repo
    known = ", ".join(p.name for p in profiles() if p.download(form))
    raise ModelError(name, "unknown", f"neither a folder, nor owner/name of a repository, nor one of: {known}")


def folder_of(full_name: str, name: str, form: Format) -> Path:
    """The folder with a model's files: the folder named, or a repository's in the Hugging Face cache.

    Raises:
        ModelError: It is not on this machine, or not all of it.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if name.startswith((".", "~")) or folder.is_absolute() or (os.sep == "\\" and "\\" in name):
            raise ModelError(full_name, "missing", "no such folder")
        folder = _in_cache(full_name, repo_of(name, form))
    if lacking := lacking_files(folder):
        listed = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
        raise ModelError(
            full_name,
            "damaged",
            f"{folder} lacks {listed}. `docreview models pull {full_name}` goes on with a download",
        )
    return folder


def lacking_files(folder: Path) -> list[str]:
    """Files that a model's folder should hold and doesn't."""
    lacking = [name for name in ("config.json", "tokenizer.json") if not (folder / name).is_file()]
    index = read_json(folder / "model.safetensors.index.json").get("weight_map", {})
    wanted = sorted(set(index.values())) if isinstance(index, dict) else []
    if wanted:
        return lacking + [name for name in wanted if not (folder / name).is_file()]
    return lacking + ([] if any(folder.glob("*.safetensors")) else ["*.safetensors"])


def _in_cache(full_name: str, repo: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ImportError:
        raise MissingExtra(full_name, full_name.partition(":")[0]) from None
    try:
        return Path(snapshot_download(repo, local_files_only=True, allow_patterns=list(PATTERNS)))
    except HFValidationError:
        raise ModelError(full_name, "unknown", f"{repo!r} can't be the name of a repository") from None
    except LocalEntryNotFoundError:
        raise ModelError(
            full_name,
            "missing",
            f"it is not on this machine, and nothing is downloaded unasked. Run: docreview models pull {full_name}",
        ) from None
