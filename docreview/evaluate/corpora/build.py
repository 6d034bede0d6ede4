"""`corpora/src` -> the documents of `corpora/` and their manifest; the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from docreview._json import write_atomic
from docreview.checklist import SHIPPED, load
from docreview.errors import ConfigError
from docreview.evaluate.corpora import pdf, plain, spoken, word
from docreview.evaluate.corpora.sources import Mark, Source, read_source, strip, turns

_CHANGES: Final = re.compile(r"\{\+\+(?P<ins>.*?)\+\+\}|\{--(?P<del>.*?)--\}|\{# .*? #\}|\[\^.*?\^\]")
WRITERS: Final[dict[str, Callable[[str, Mapping[str, Any]], str | bytes]]] = {
    ".txt": plain.as_text,
    ".md": plain.as_markdown,
    ".html": plain.as_html,
    ".eml": plain.as_mail,
    ".pdf": pdf.as_pdf,
    ".docx": word.as_docx,
}
_HEAD: Final = "# Made by `docreview corpora build` from src/ and multilingual/; edit those, not this file.\n"


def build(folder: Path) -> list[str]:
    """Write every document of the corpora and `manifest.toml`; names of the files written.

    Raises:
        ConfigError: A source has no header, a bad mark or a label that no checklist knows.
        MissingExtra: reportlab, python-docx or Pillow is not installed.
    """
    rows: list[dict[str, Any]] = []
    for path in sorted((folder / "src").glob("*.md")):
        rows += _build_one(folder, read_source(path))
    rows += _multilingual(folder)
    rows.sort(key=lambda row: str(row["file"]))
    write_atomic(folder / "manifest.toml", _HEAD + "".join(_toml(row) for row in rows))
    return [str(row["file"]) for row in rows]


def _build_one(folder: Path, source: Source) -> Iterator[dict[str, Any]]:
    for file in source.header["files"]:
        data, marks = render(source, file)
        write_atomic(folder / file, data)
        yield _row(source, file, (folder / file).read_bytes(), marks)


def render(source: Source, file: str) -> tuple[str | bytes, tuple[Mark, ...]]:
    """One rendition of a source, chosen by the name of the file, and its marks."""
    try:
        if "transcript" in source.header:
            kind = source.header["transcript"][file]
            said, found = turns(source.body)
            return spoken.WRITERS[kind](said, source.header["title"]), tuple(found)
        body, marks = strip(source.body)
    except ValueError as error:
        raise ConfigError(f"src/{source.name}.md", "marks", str(error)) from None
    suffix = Path(file).suffix
    if suffix != ".docx":
        body = _CHANGES.sub(lambda change: change["ins"] or "", body)
    data = WRITERS[suffix](body, source.header)
    if suffix == ".pdf" and "scan" in source.header:
        assert isinstance(data, bytes)
        data = pdf.as_scan(data, source.header)
    return data, marks


def _row(source: Source, file: str, data: bytes, marks: Iterable[Mark]) -> dict[str, Any]:
    header = source.header
    spoken_kind = header["transcript"][file] if "transcript" in header else None
    wish = header.get("pdf", {}) if file.endswith(".pdf") else {}
    row: dict[str, Any] = {
        "file": file, "title": header["title"], "format": spoken_kind or Path(file).suffix[1:], "type": header["type"],
        "language": header["language"], "licence": header["licence"], "sha256": hashlib.sha256(data).hexdigest(),
        "source": f"src/{source.name}.md",
    }  # fmt: skip
    row |= _facts(file, data, wish, header)
    row["answer"], row["hypothesis"], row["item"], row["flaw"], row["pii"] = [], [], [], [], []
    for mark in marks:
        kind, entry = _entry(source.name, mark)
        row[kind].append(entry)
    for name, value in header.get("hypotheses", {}).items():
        row["hypothesis"].append({"name": name, "label": value})
    return row


def _facts(file: str, data: bytes, wish: Mapping[str, Any], header: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {key: header[key] for key in ("note", "absent") if key in header}
    if file.endswith(".pdf"):
        facts["pages"] = _pages(data, wish.get("password"))
        facts["scan"] = "scan" in header
    if wish.get("password"):
        facts["password"] = wish["password"]
    twins = [other for other in header["files"] if other != file]
    if twins:
        facts["twin"] = twins[0]
    return facts


def _pages(data: bytes, password: str | None) -> int:
    import io

    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(data), password=password).pages)


def _entry(name: str, mark: Mark) -> tuple[str, dict[str, str]]:
    label, value = mark.name, {"value": mark.value} if mark.value else {}
    if label.startswith("!"):
        return "flaw", {"kind": label[1:], "note": mark.value, "quote": mark.quote}
    if label.startswith("@"):
        return "pii", {"kind": label[1:], "quote": mark.quote}
    if label in load("nda").names:
        return "hypothesis", {"name": label, "label": mark.value, "quote": mark.quote}
    if label in load("transcript").names:
        return "item", {"kind": label, "speaker": mark.speaker, "quote": mark.quote, **value}
    if label in load("contract").names:
        return "answer", {"category": label, "quote": mark.quote, **value}
    raise ConfigError(f"src/{name}.md", label, f"no such label; see the checklists {', '.join(SHIPPED)}")


def _multilingual(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((folder / "multilingual").glob("*.txt")):
        data = path.read_bytes()
        yield {
            "file": f"multilingual/{path.name}", "title": data.decode().split("\n", 1)[0], "format": "txt",
            "type": "nda", "language": path.stem, "licence": "CC0-1.0", "sha256": hashlib.sha256(data).hexdigest(),
            "note": "the same agreement in every language, article by article",
        }  # fmt: skip


def _toml(row: Mapping[str, Any]) -> str:
    lines = ["\n[[document]]"]
    tables = []
    for key, value in row.items():
        if isinstance(value, list) and (not value or isinstance(value[0], dict)):
            tables += [(key, entry) for entry in value]
        else:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    for key, entry in tables:
        lines.append(f"\n[[document.{key}]]")
        lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()]
    return "\n".join(lines) + "\n"
