"""Office files are ZIP packages of XML parts: opened under limits, with no entity, network or path ever followed."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from typing import Any, Final

from docreview.config import MIB
from docreview.errors import ReadError
from docreview.read.draft import Draft

_MOST_PART: Final = 160 * MIB
_MOST_TOTAL: Final = 320 * MIB
_MOST_PARTS: Final = 20_000
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, LookupError)
_STRICT: Final = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)


class Package:
    """The parts of a package; each is inflated only when asked for."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._read = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*_BROKEN, NotImplementedError):
            raise ReadError(name, "damaged", "the file is cut off or broken (not a whole ZIP package)") from None
        self._infos = {info.filename.replace("\\", "/").lstrip("/"): info for info in self._zip.infolist()}
        if len(self._infos) > _MOST_PARTS:
            raise ReadError(name, "too_large", f"{len(self._infos):,} parts, at most {_MOST_PARTS:,} are read")

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of all parts."""
        return tuple(self._infos)

    def bytes(self, part: str) -> bytes | None:
        """A part's content; None when there is no such part.

        Raises:
            ReadError: It is encrypted, damaged, or inflates over the limits.
        """
        info = self._infos.get(part)
        if info is None:
            return None
        if info.flag_bits & 1:
            raise ReadError(self.name, "encrypted", "an encrypted package; unpack it with its password first")
        limit = min(_MOST_PART, _MOST_TOTAL - self._read)
        try:
            with self._zip.open(info) as file:
                data = file.read(limit + 1) if info.file_size <= limit else b"\0" * (limit + 1)
        except (*_BROKEN, NotImplementedError, RuntimeError):
            raise ReadError(self.name, "damaged", f"its part {part} is broken") from None
        if len(data) > limit:
            raise ReadError(self.name, "too_large", f"its part {part} inflates to over {limit // MIB} MiB")
        self._read += len(data)
        return data

    def xml(self, part: str) -> Any | None:
        """A part's root element; None when there is no such part or it is empty.

        Raises:
            ReadError: As `bytes`; or the part is not well-formed XML, is nested over 256 deep or declares entities.
        """
        data = self.bytes(part)
        if not data:
            return None
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
        return parse_xml(data, self.name, part)


def parse_xml(data: bytes, name: str, part: str) -> Any:
    """The root element of an XML text: no DTD, no entity, no network, no huge nodes.

    Raises:
        ReadError: It is not well-formed, over libxml2's limits, or has a DOCTYPE.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        check_memory(parser)
        raise ReadError(name, "damaged", f"its part {part} is not well-formed XML, or nested too deeply") from None
    tree: Any = root.getroottree()
    if tree.docinfo.doctype:
        raise ReadError(
            name, "damaged", f"its part {part} declares a document type, which no Office file does: hostile?"
        )
    return root


def check_memory(parser: Any) -> None:
    """Raise MemoryError where it was memory that a parser of lxml ran out of: it says so only in its log."""
    if any(entry.type_name == "ERR_NO_MEMORY" for entry in parser.error_log):
        raise MemoryError


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id -> (last word of the type, target part). Targets outside the package are left out."""
    folder, file = posixpath.split(part)
    root = package.xml(posixpath.join(folder, "_rels", f"{file}.rels"))
    found = {}
    for item in root if root is not None else ():
        if item.get("TargetMode") == "External" or not item.get("Target"):
            continue
        target = posixpath.normpath(posixpath.join("/", folder, item.get("Target"))).lstrip("/")
        found[item.get("Id", "")] = (item.get("Type", "").rpartition("/")[2], target)
    return found


def read_package(data: bytes, name: str) -> Draft:
    """A DOCX or ODT file.

    Raises:
        ReadError: "unsupported" for other packages, and what their readers raise.
    """
    package = Package(data, name)
    main = _main_part(package)
    if main is not None:
        from docreview.read.docx import read_docx

        return read_docx(package, main)
    kind = (package.bytes("mimetype") or b"").decode("ascii", "replace").strip()
    if kind.startswith("application/vnd.oasis.opendocument.text"):
        from docreview.read.odt import read_odt

        return read_odt(package)
    folders = {part.partition("/")[0] for part in package.parts}
    if "xl" in folders or "ppt" in folders or kind.startswith("application/vnd.oasis"):
        raise ReadError(name, "unsupported", "a spreadsheet or slides are not read; save it as PDF and read that")
    raise ReadError(name, "unsupported", "an archive is not read; unpack it and read the files in it")


def _main_part(package: Package) -> str | None:
    targets = [target for kind, target in relations(package, "").values() if kind == "officeDocument"]
    for part in (*targets, "word/document.xml"):
        if part in package.parts and not part.startswith(("xl/", "ppt/", "visio/")):
            return part
    return None
