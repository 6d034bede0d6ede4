"""Our reader as LlamaIndex's: files to documents."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document as LlamaDocument

from docreview.config import Settings
from docreview.integrations.llama_index.convert import STRUCTURE, to_llama_index
from docreview.read import read

Path = str | os.PathLike[str]


class DocreviewReader(BaseReader):
    """Reads PDF, DOCX, ODT, RTF, HTML, e-mail, text and transcripts: one document a file, its exact text.

    Pages, turns, sections, defined terms and warnings are in the metadata under "docreview", as JSON, and
    `from_llama_index` gives them back; `warnings` lists their codes. Works as a `file_extractor` of
    `SimpleDirectoryReader`: give that `raise_on_error=True`, or it leaves out files that can't be read.

    Args:
        structure: Whether to put that JSON there. Other splitters copy all metadata into every node: without it
            nodes stay small. `DocreviewNodeParser` doesn't copy it, but needs it to know pages and sections.
        settings: Limits and OCR; those of `docreview.config.load()` by default.
    """

    def __init__(self, *, structure: bool = True, settings: Settings | None = None) -> None:
        self._structure, self._settings = structure, settings

    def lazy_load_data(
        self,
        file: Path | Iterable[Path],
        extra_info: Mapping[str, Any] | None = None,
        password: str | None = None,
        **options: Any,
    ) -> Iterator[LlamaDocument]:
        """Documents as they are read, in the order of the files.

        Args:
            file: One file or several.
            extra_info: Put into the metadata.
            password: For encrypted PDFs.

        Raises:
            ReadError: A file can't be read as text; `code` says why.
            ValueError: A file system other than this machine's, or an unknown option.
        """
        if options:
            raise ValueError(f"unknown options: {', '.join(sorted(options))}; only files of this machine are read")
        for each in [file] if isinstance(file, str | os.PathLike) else file:
            document = to_llama_index(read(each, password=password, settings=self._settings))
            if not self._structure:
                del document.metadata[STRUCTURE]
            document.metadata.update(extra_info or {})
            yield document
