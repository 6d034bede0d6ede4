"""What of docreview works on this machine: versions, optional parts, models, programs, settings, folders."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from docreview import config
from docreview._quiet import QUIET
from docreview._version import __version__
from docreview.errors import ConfigError, DocreviewError, MissingExtra, ModelError
from docreview.governance.policy import POLICY, PolicyFile
from docreview.types import Value

_REQUIREMENT: Final = re.compile(r"^([\w.-]+)(?:\[[^\]]*\])?\s*(?:>=\s*([\d.]+))?[^;]*(?:;(.*))?$")
_EXTRA: Final = re.compile(r"extra == ['\"]([\w-]+)['\"]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Value):
    """One thing that was looked at. `needed`: docreview does not work without it, or a promise is broken."""

    name: str
    ok: bool
    detail: str = ""
    needed: bool = False


def diagnose() -> list[Check]:
    """All checks. Opens no connection, downloads nothing, and changes nothing."""
    return [*_itself(), *_packages(), *_parts(), *_programs(), *_models(), *_settings(), *_folders(), *_telemetry()]


def healthy(checks: Sequence[Check]) -> bool:
    """Whether all that is needed is there."""
    return all(check.ok for check in checks if check.needed)


def report(checks: Sequence[Check]) -> str:
    """A line a check: yes, no, or NO for what is needed."""
    wide = max(len(check.name) for check in checks)
    words = {(True, True): "yes", (True, False): "yes", (False, False): "no", (False, True): "NO"}
    return "\n".join(f"{words[c.ok, c.needed]:3}  {c.name:{wide}}  {c.detail}".rstrip() for c in checks)


def _itself() -> Iterator[Check]:
    yield Check(name="docreview", ok=True, detail=f"{__version__} in {Path(__file__).parent.parent}")
    system = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Check(name="Python 3.11 or newer", ok=sys.version_info >= (3, 11), detail=system, needed=True)


def _packages() -> Iterator[Check]:
    try:
        required = metadata.requires("docreview") or []
    except metadata.PackageNotFoundError:
        yield Check(name="packages", ok=False, detail="docreview was not installed by pip: can't tell what it needs")
        return
    groups: dict[str, dict[str, str]] = {}
    for line in required:
        found = _REQUIREMENT.match(line)
        extra = _EXTRA.search(line)
        if found and found.group(1) != "docreview" and not (extra and extra.group(1) == "all"):
            groups.setdefault(extra.group(1) if extra else "", {})[found.group(1)] = found.group(2) or "0"
    for extra_name, wanted in sorted(groups.items()):
        problems = [problem for name, least in wanted.items() if (problem := _lacking(name, least))]
        name = f"extra {extra_name}" if extra_name else "base packages"
        shown = ", ".join(problems) or ", ".join(f"{each} {metadata.version(each)}" for each in wanted)
        hint = f". Run: pip install 'docreview[{extra_name}]'" if problems and extra_name else ""
        yield Check(name=name, ok=not problems, detail=shown + hint, needed=not extra_name)


def _lacking(name: str, least: str) -> str:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    here, wanted = ([int(part) for part in re.findall(r"\d+", text)[:3]] for text in (version, least))
    return f"{name} {version} is older than {least}" if here < wanted else ""


def _parts() -> Iterator[Check]:
    for name, load in (("embedded reader", _reader), ("search model", _search_model)):
        try:
            yield Check(name=name, ok=True, detail=load(), needed=True)
        except (OSError, ConfigError) as error:
            yield Check(name=name, ok=False, detail=str(error), needed=True)


def _reader() -> str:
    from docreview.readers.embedded import EmbeddedReader

    return EmbeddedReader().name


def _search_model() -> str:
    from docreview.search.tuned import tuned

    return f"{len(tuned().questions):,} trained questions"


def _programs() -> Iterator[Check]:
    from docreview.read import ocr

    try:
        settings = config.load({"ocr": True})
        ocr.require(settings.ocr_language)
        yield Check(name="OCR of scans", ok=True, detail=f"tesseract, {settings.ocr_language}")
    except DocreviewError as error:
        yield Check(name="OCR of scans", ok=False, detail=str(error))
    for program, what in (("strace", "watches system calls"), ("unshare", "makes a place without network")):
        detail = f"{what} for --prove-offline"
        yield Check(name=program, ok=shutil.which(program) is not None, detail=detail)


def _models() -> Iterator[Check]:
    from docreview.models.find import folder_of
    from docreview.models.profiles import profiles

    for profile in profiles():
        for each in profile.downloads:
            if each.format == "gguf":
                continue
            name = f"{each.format}:{each.repo}"
            try:
                yield Check(name=name, ok=True, detail=str(folder_of(name, each.repo, each.format)))
            except MissingExtra:
                yield Check(name=name, ok=False, detail=f"needs docreview[{each.format}]")
            except ModelError as error:
                yield Check(name=name, ok=False, detail="not here" if error.code == "missing" else error.reason)


def _settings() -> Iterator[Check]:
    files = [file for file in (config.user_file(), Path("docreview.toml")) if file.exists()]
    shown = ", ".join(map(str, files)) or "no file; the defaults hold"
    try:
        config.load()
        yield Check(name="settings", ok=True, detail=shown, needed=True)
    except ConfigError as error:
        yield Check(name="settings", ok=False, detail=str(error), needed=True)
    try:
        yield Check(name="policy", ok=POLICY.exists(), detail=_policy() if POLICY.exists() else "none here")
    except ConfigError as error:
        yield Check(name="policy", ok=False, detail=str(error), needed=True)


def _policy() -> str:
    """What the policy says, table by table."""
    from docreview.governance.audit import Retention
    from docreview.governance.pii.gates import RedactionPolicy
    from docreview.governance.tool_policy import ToolPolicy

    kept, tools, redaction = Retention.load(), ToolPolicy.load(), RedactionPolicy.load()
    outside = PolicyFile.load().tables.get("escalation", {}).get("endpoint")
    return (
        f"{POLICY}: payloads are kept {kept.payload_days} days, {len(tools.allow)} tools, thoughts: {tools.thoughts},"
        f" redacted: {', '.join(redaction.gates) or 'nothing'}, outside service: {outside or 'none'}"
    )


def _folders() -> Iterator[Check]:
    places = (("settings and keys", config.user_file().parent), ("temporary files", Path(tempfile.gettempdir())))
    for name, folder in (*places, ("this folder", Path.cwd())):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        yield Check(
            name=f"can write {name}", ok=os.access(there, os.W_OK), detail=str(folder), needed=name == "temporary files"
        )
    key = config.user_file().parent / "audit.key"
    if key.exists() and os.name == "posix":
        mode = key.stat().st_mode & 0o777
        yield Check(name="audit key is private", ok=not mode & 0o077, detail=f"{key}: mode {mode:o}", needed=True)


def _telemetry() -> Iterator[Check]:
    loud = [name for name, value in QUIET.items() if os.environ.get(name, "").lower() != value.lower()]
    yield Check(
        name="telemetry is off",
        ok=not loud,
        detail=f"the environment turns it on: {', '.join(loud)}" if loud else "of all packages that ask",
        needed=True,
    )
