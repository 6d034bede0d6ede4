"""Downloading a model: only when asked, with its size and licence said first; a download that broke off goes on."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docreview.errors import MissingExtra, ModelError
from docreview.models.find import PATTERNS, repo_of
from docreview.models.profiles import Format, Profile, profile_for, profiles
from docreview.types import Value

_FORMS: Final[dict[str, Format]] = {"mlx": "mlx", "transformers": "transformers", "llama-cpp": "gguf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Value):
    """What a download would fetch. `bytes` are those of all files, `left` of those not here yet."""

    name: str
    repo: str
    revision: str
    files: tuple[str, ...]
    bytes: int
    left: int
    licence: str
    profile: str


def plan(name: str) -> Plan:
    """Ask Hugging Face what a model consists of; nothing is downloaded yet.

    Args:
        name: "mlx:OWNER/NAME", "transformers:OWNER/NAME", "OWNER/NAME", or a profile's name behind either prefix;
            "llama-cpp:OWNER/NAME" or a profile's name for one GGUF file, of the quantisation that the profile advises.

    Raises:
        ModelError: There is no such model, or no connection.
        MissingExtra: huggingface_hub is not installed.
    """
    kind, colon, rest = name.partition(":")
    if colon and kind not in _FORMS:
        raise ModelError(name, "unknown", f"only {', '.join(_FORMS)} models are downloaded; servers have their own way")
    form = _FORMS[kind] if colon else "mlx"
    repo = repo_of(rest if colon else name, form)
    patterns = (_gguf_file(repo),) if form == "gguf" else PATTERNS
    hub, errors = _hub(name)
    try:
        info = hub.HfApi().model_info(repo, files_metadata=True)
    except errors.RepositoryNotFoundError:
        raise ModelError(name, "missing", f"Hugging Face has no model {repo}, or not for everybody") from None
    except (*_failures(errors), errors.OfflineModeIsEnabled) as error:
        raise ModelError(name, "unreachable", f"Hugging Face can't be asked ({_first_line(error)})") from None
    wanted = [each for each in info.siblings or () if any(fnmatch.fnmatch(each.rfilename, p) for p in patterns)]
    if not wanted:
        raise ModelError(name, "missing", f"{repo} has no file {' or '.join(patterns)}")
    here = [hub.try_to_load_from_cache(repo, each.rfilename, revision=info.sha) for each in wanted]
    sizes = [int(each.size or 0) for each in wanted]
    profile = profile_for(repo)
    return Plan(
        name=name,
        repo=repo,
        revision=str(info.sha),
        files=tuple(each.rfilename for each in wanted),
        bytes=sum(sizes),
        left=sum(size for size, path in zip(sizes, here, strict=True) if not isinstance(path, str)),
        licence=profile.licence or _licence(info),
        profile=profile.name,
    )


def pull(wanted: Plan) -> Path:
    """Download what a plan says into the Hugging Face cache; the folder it lies in, or the GGUF file itself.

    Raises:
        ModelError: The download broke off; asked again, it goes on where it was.
    """
    hub, errors = _hub(wanted.name)
    try:
        folder = hub.snapshot_download(wanted.repo, revision=wanted.revision, allow_patterns=list(wanted.files))
    except (*_failures(errors), errors.LocalEntryNotFoundError) as error:
        raise ModelError(
            wanted.name,
            "unreachable",
            f"the download broke off ({_first_line(error)}). The same command goes on with it",
        ) from None
    return Path(folder, *(wanted.files if wanted.name.startswith("llama-cpp:") else ()))


def _gguf_file(repo: str) -> str:
    """The one file of a GGUF repository that is wanted: a repository holds one for each quantisation."""
    downloads = [each for profile in profiles() for each in profile.downloads if each.format == "gguf"]
    return next((each.file for each in downloads if each.repo == repo and each.file), "*Q4_K_M.gguf")


def note_once(profile: Profile, record: Path) -> str:
    """The profile's licence note, the first time on this machine; then nothing.

    Args:
        profile: Whose note.
        record: The file that remembers which were shown; where it can't be written, the note comes each time.
    """
    if not profile.licence_note:
        return ""
    line = f"{profile.licence}: {profile.licence_note}"
    try:
        shown: Sequence[str] = record.read_text(encoding="utf-8").splitlines() if record.is_file() else ()
        if line in shown:
            return ""
        record.parent.mkdir(parents=True, exist_ok=True)
        with record.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        pass
    return f"{line} {profile.licence_url}".strip()


def _hub(name: str) -> tuple[Any, Any]:
    try:
        import huggingface_hub
        from huggingface_hub import errors
    except ImportError:
        raise MissingExtra(f"downloading {name}", "mlx") from None
    return huggingface_hub, errors


def _failures(errors: Any) -> tuple[type[Exception], ...]:
    """Errors of the hub, and of the HTTP library that it happens to use."""
    return (errors.HfHubHTTPError, *errors.HfHubHTTPError.__bases__, OSError)


def _licence(info: Any) -> str:
    card = info.card_data
    return str(card.get("license_name") or card.get("license") or "not stated") if card else "not stated"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:200]
