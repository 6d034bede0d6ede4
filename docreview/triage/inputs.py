"""Which files a run is about: every file under the inputs is accounted for, as a document or with a reason why not."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from docreview.errors import ConfigError

WORK: Final = ".docreview"
"""The folder inside OUT that holds a run's state; a folder with it is an output and is not read."""
_SYSTEM: Final = re.compile(
    r"\.DS_Store|\.localized|Thumbs\.db|ehthumbs\.db|desktop\.ini|Icon\r|\._.*|~\$.*|\.~lock\..*#|\.gitignore|\.gitkeep",
    re.IGNORECASE,
)
_SYSTEM_FOLDERS: Final = frozenset(
    {".git", ".hg", ".svn", "__MACOSX", "@eaDir", ".Trashes", ".Spotlight-V100", ".fseventsd", "$RECYCLE.BIN"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file. `doc` is its name relative to its input, with `/`.

    `error` and `reason` are set when it is not to be read; `system` says that nobody would call it a document
    (a folder's settings, a lock file), so that it does not make a run a failed one.
    """

    doc: str
    path: str
    error: str = ""
    reason: str = ""
    system: bool = False
    root: str = ""


def discover(inputs: Iterable[str | os.PathLike[str]], out: Path) -> list[Item]:
    """Every file of the inputs, sorted by name within each input.

    Links to files are read under their own name; links to folders are not followed but named. Special files (pipes,
    devices) are named without being opened. A file that two inputs hold is read once. OUT is left out.

    Raises:
        ConfigError: An input does not exist, is OUT itself, or there is no file at all.
    """
    found: dict[str, Item] = {}
    for given in inputs:
        root = Path(given)
        if not os.path.lexists(root):
            raise ConfigError("INPUT", os.fspath(given), "there is no such file or folder")
        if root.is_dir() and _same(root, out):
            raise ConfigError("--out", os.fspath(out), "is INPUT itself; name another folder")
        items = _folder(root, out) if root.is_dir() else [_file(root, root.name)]
        for item in items:
            found.setdefault(os.path.abspath(item.path), replace(item, root=root.absolute().name))
    if not found:
        raise ConfigError("INPUT", ", ".join(str(os.fspath(given)) for given in inputs), "there are no files in it")
    return _distinct(list(found.values()))


def _folder(root: Path, out: Path) -> Iterator[Item]:
    """Depth first, names sorted by code point; folders count as their name with a `/`."""
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                inside = sorted(entries, key=lambda e: os.fsencode(e.name))
        except OSError as error:
            yield _left_out(
                folder, prefix or root.name + "/", "permission", f"the folder can't be opened: {error.strerror}"
            )
            continue
        folders = []
        for entry in inside:
            name = prefix + _shown(entry.name)
            if not entry.is_dir(follow_symlinks=False):
                yield _file(Path(entry.path), name)
            elif not _same(Path(entry.path), out):
                yield from _not_entered(entry, name + "/")
                folders.append((Path(entry.path), name + "/"))
        waiting += reversed([f for f in folders if not _reason_to_stay_out(f[0])])


def _not_entered(entry: os.DirEntry[str], name: str) -> Iterator[Item]:
    if reason := _reason_to_stay_out(Path(entry.path)):
        yield _left_out(Path(entry.path), name, "unsupported", reason, system=True)


def _reason_to_stay_out(folder: Path) -> str:
    if folder.name in _SYSTEM_FOLDERS:
        return "a folder of the system or of version control: nothing in it was read"
    if (folder / WORK / "journal.jsonl").is_file():
        return "the output of an earlier run: nothing in it was read"
    return ""


def _file(path: Path, name: str) -> Item:
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        code = "permission" if isinstance(error, PermissionError) else "missing"
        return _left_out(path, name, code, f"can't be opened: {error.strerror}")
    if stat.S_ISDIR(mode):
        reason = "a link to a folder is not followed; name the folder that it leads to as an INPUT"
        return _left_out(path, name, "unsupported", reason)
    if not stat.S_ISREG(mode):
        return _left_out(path, name, "unsupported", "not a regular file (a pipe, socket or device)")
    if _SYSTEM.fullmatch(path.name):
        return _left_out(path, name, "unsupported", "a file of the system, no document", system=True)
    return Item(doc=_shown(name), path=os.fspath(path))


def _left_out(path: Path, name: str, error: str, reason: str, *, system: bool = False) -> Item:
    return Item(doc=_shown(name), path=os.fspath(path), error=error, reason=reason, system=system)


def _shown(name: str) -> str:
    """A name that is text: bytes that are no UTF-8 become `\\xNN`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _same(left: Path, right: Path) -> bool:
    try:
        return os.path.samefile(left, right)
    except OSError:
        return False


def _distinct(items: list[Item]) -> list[Item]:
    """Names that several inputs share get the input's name in front, then a number."""
    count = Counter(item.doc for item in items)
    items = [replace(i, doc=f"{_shown(i.root)}/{i.doc}") if count[i.doc] > 1 else i for i in items]
    seen: Counter[str] = Counter()
    result = []
    for item in items:
        seen[item.doc] += 1
        again = seen[item.doc]
        result.append(item if again == 1 else replace(item, doc=f"{item.doc} ({again})"))
    return result
