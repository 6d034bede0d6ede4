"""What a model computed of a document, kept on the disk for the next run. Such a file holds the document's content.

A cache is used again only for the same text (instructions, document and tools in it), the same weights by SHA-256, the
same runtime and version. Whatever is wrong with a file, it is left aside with a warning and the document read afresh.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from docreview._json import digest, dumps, load, write_atomic
from docreview.config import Settings, user_cache
from docreview.models import ChatModel, Prefix
from docreview.models.folder import weights_sha256
from docreview.models.local import LocalModel, LocalPrefix
from docreview.types import Value

_LOG: Final = logging.getLogger(__name__)
FORMAT: Final = 1
UNUSED_DAYS: Final = 30
"""A cache that was not used for so long is deleted."""
_NAME: Final = re.compile(r"([0-9a-f]{64})\.json")
_TEMPORARY: Final = ".tmp-"


def folder_of(settings: Settings) -> Path:
    """The folder that the settings name, else the user's own."""
    return Path(settings.cache_dir).expanduser() if settings.cache_dir else user_cache() / "documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved(Value):
    """One saved cache. `sha256` is of the file with the numbers, `used` when it was last used (seconds, Unix time)."""

    format: int
    key: str
    model: str
    tokens: int
    bytes: int
    sha256: str
    used: float


class Caches:
    """A folder of saved caches, made when needed, readable by its owner alone.

    Args:
        folder: Where; other files in it are left alone.
        gib: The most it may hold, in GiB.
    """

    def __init__(self, folder: Path, *, gib: float = 20.0) -> None:
        self.folder, self._most = folder, int(gib * (1 << 30))

    def prefix(
        self,
        model: ChatModel,
        text: str,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancel: Event | None = None,
    ) -> Prefix:
        """As `ChatModel.prefix`, from the folder when it is there, else computed and put there.

        Only models in this process can save; for others nothing is kept.
        """
        if not isinstance(model, LocalModel):
            return model.prefix(text, progress=progress, cancel=cancel)
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = self._key(model, text)
        found = self._load(model, text, key)
        if found is not None:
            if progress:
                progress(found.tokens, found.tokens)
            return found
        made = model.prefix(text, progress=progress, cancel=cancel)
        self._save(made, key, model.name)
        return made

    def listed(self) -> list[Saved]:
        """All of them, the last used first. Files that are no cache of ours are passed over."""
        found = [saved for file in self._files(".json") if (saved := _read(file)) is not None]
        return sorted(found, key=lambda saved: -saved.used)

    def clear(self) -> int:
        """Delete all of them; how many."""
        count = len(self.listed())
        for file in [*self._files(".json"), *self._files(".safetensors")]:
            file.unlink(missing_ok=True)
        for half in self.folder.glob(f"{_TEMPORARY}*.safetensors"):
            half.unlink(missing_ok=True)
        return count

    def _key(self, model: LocalModel, text: str) -> str:
        facts = {key: value for key, value in model.facts.items() if key != "folder"}
        weights = weights_sha256(Path(model.facts["folder"]), self.folder / "weights.json")
        return digest([FORMAT, facts, weights, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()])

    def _load(self, model: LocalModel, text: str, key: str) -> LocalPrefix | None:
        described, numbers = self.folder / f"{key}.json", self.folder / f"{key}.safetensors"
        saved = _read(described)
        if saved is None or not numbers.is_file():
            return None
        try:
            with open(numbers, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != saved.sha256:
                    raise ValueError("it was changed after it was written")
            found = model.restore(text, numbers)
        except (OSError, ValueError) as error:
            _LOG.warning("the saved cache %s is left aside: %s", key[:12], error)
            return None
        self._write(described, dataclasses.replace(saved, used=time.time()))
        return found

    def _save(self, prefix: LocalPrefix, key: str, name: str) -> None:
        """Write it; a disk that is full or can't be written only costs a warning."""
        temporary: Path | None = None
        try:
            handle, made = tempfile.mkstemp(dir=self.folder, prefix=_TEMPORARY, suffix=".safetensors")
            os.close(handle)
            temporary = Path(made)
            if not prefix.save(temporary):
                return
            temporary.chmod(0o600)
            with open(temporary, "rb") as file:
                sha = hashlib.file_digest(file, "sha256").hexdigest()
            size = temporary.stat().st_size
            os.replace(temporary, self.folder / f"{key}.safetensors")
            told = Saved(
                format=FORMAT, key=key, model=name, tokens=prefix.tokens, bytes=size, sha256=sha, used=time.time()
            )
            self._write(self.folder / f"{key}.json", told)
            self._tidy()
        except (OSError, RuntimeError) as error:
            _LOG.warning("the cache of this document could not be saved: %s", type(error).__name__)
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _write(self, file: Path, saved: Saved) -> None:
        write_atomic(file, dumps(saved))
        file.chmod(0o600)

    def _tidy(self) -> None:
        """Delete what was not used for long, and what goes over the limit."""
        held = 0
        for saved in self.listed():
            held += saved.bytes
            if held > self._most or time.time() - saved.used > UNUSED_DAYS * 86_400:
                for ending in (".json", ".safetensors"):
                    (self.folder / f"{saved.key}{ending}").unlink(missing_ok=True)

    def _files(self, ending: str) -> list[Path]:
        return [file for file in self.folder.glob(f"*{ending}") if _NAME.fullmatch(file.stem + ".json")]


def _read(file: Path) -> Saved | None:
    try:
        saved = load(Saved, json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
    return saved if saved.format == FORMAT and saved.key == file.stem else None
