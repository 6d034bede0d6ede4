"""What a question is asked of: one document, or a library in which the documents meant are found first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from docreview.ask.answer import Searched
from docreview.errors import ConfigError
from docreview.read import read
from docreview.readers.answering import Finder
from docreview.search import Library
from docreview.types import Coverage, Document

Target = Document | Library | str | os.PathLike[str]
_OPEN = 16  # documents of a library kept ready


class Material:
    """A document or a library, ready for questions.

    Args:
        target: A document, a library, or the path of either.
        doc: Only this document of the library.

    Raises:
        ReadError: The file can't be read.
        LibraryError: The folder is no library, or has no document of this name.
        ConfigError: `doc` is given for a single document.
    """

    def __init__(self, target: Target, *, doc: str | None = None) -> None:
        opened = _opened(target)
        self.library = opened if isinstance(opened, Library) else None
        self.single = opened if isinstance(opened, Document) else None
        if doc is not None and self.library is None:
            raise ConfigError("ask", "doc", "names a document of a library, and this is one document")
        self._doc = doc
        self.document = lru_cache(maxsize=_OPEN)(self._load)
        self.finder = lru_cache(maxsize=_OPEN)(self._find)

    @property
    def count(self) -> int:
        """How many documents there are."""
        return 1 if self.library is None else len(self.library.names)

    def aim(self, question: str) -> tuple[tuple[str, ...], str]:
        """The documents that a question is about, likeliest first, and the question without their names."""
        if self.library is not None:
            return self.library.aim(question, doc=self._doc)
        assert self.single is not None
        return (Path(self.single.source.path).name or self.single.id,), question

    def _load(self, name: str) -> Document:
        if self.library is not None:
            return self.library.document(name)
        assert self.single is not None
        return self.single

    def _find(self, name: str) -> Finder:
        ranker = self.library.ranker(name) if self.library is not None else None
        return Finder(self.document(name), ranker)

    def searched(self, names: tuple[str, ...], *, places: int, coverage: Mapping[str, Coverage]) -> Searched:
        """What was looked at of these documents; `coverage` is by name."""
        documents = {name: self.document(name) for name in names}
        return Searched(
            documents=names,
            of=self.count,
            places=places,
            characters=sum(len(one) for one in coverage.values()),
            complete=all(
                name in coverage and coverage[name].complete(document) for name, document in documents.items()
            ),
            coverage=dict(coverage),
        )


def _opened(target: Any) -> Document | Library:
    if isinstance(target, Document | Library):
        return target
    return Library.open(target) if Path(target).is_dir() else read(target)
