"""One folder, or zip file, for an auditor: what the deployment promises, what it is made of, and what it did."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from docreview._json import plain, write_atomic
from docreview._version import __version__
from docreview.errors import ConfigError, OutputError
from docreview.evaluate.doctor import diagnose

_README: Final = """\
docreview {version}: what an auditor may want to see.

  governance/    what this deployment promises: policy, model card, bill of materials, threat model, assessment
  machine.json   where it runs: versions of all packages, and what `docreview doctor` found
  audit/         what it did: the audit log, with a program that checks it (audit/README.txt); only if a log was named
  SHA256SUMS     of all files here: check with  sha256sum -c SHA256SUMS

The log's lines hold no text of documents. Payloads are left out: `docreview audit export --disclose` adds those that
are to be shown.
"""


def export(
    out: Path, *, governance: Path = Path("governance"), log: Path | None = None, key: Path | None = None
) -> list[str]:
    """Write the folder, or a zip file when `out` ends in `.zip`; the names of what is in it.

    Args:
        governance: The deployment's own governance folder.
        log: An audit log, copied with a fresh checkpoint and without payloads.
        key: The log's key, when it is not the user's own.

    Raises:
        ConfigError: There is no governance folder.
        OutputError: There is something at `out` already.
        AuditError: The log is not intact.
    """
    if not (governance / "policy.toml").is_file():
        raise ConfigError("governance", str(governance), "no policy.toml in it; name a deployment's governance folder")
    place = out.with_suffix("") if out.suffix == ".zip" else out
    for taken in {out, place}:
        if taken.exists():
            raise OutputError(taken, "is there already; name a new place")
    (place / "governance").mkdir(parents=True)
    for file in sorted(governance.iterdir()):
        if file.is_file():
            shutil.copyfile(file, place / "governance" / file.name)
    write_atomic(place / "machine.json", _pretty(_machine()))
    write_atomic(place / "README.txt", _README.format(version=__version__))
    if log is not None:
        from docreview.governance.audit import export as copy

        copy(log, place / "audit", key=key)
    names = sorted(str(file.relative_to(place).as_posix()) for file in place.rglob("*") if file.is_file())
    sums = [f"{hashlib.sha256((place / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    write_atomic(place / "SHA256SUMS", "".join(sums))
    if out.suffix == ".zip":
        shutil.make_archive(str(place), "zip", place)
        shutil.rmtree(place)
    return [*names, "SHA256SUMS"]


def _machine() -> dict[str, Any]:
    packages = {each.metadata["Name"]: each.version for each in metadata.distributions()}
    return {
        "docreview": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
        "doctor": diagnose(),
    }


def _pretty(value: Any) -> str:

    return json.dumps(plain(value), indent=2, ensure_ascii=False) + "\n"
