"""ZIP packages that are the same bytes whenever they are made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can hold."""


def zipped(parts: Mapping[str, str | bytes], when: tuple[int, int, int, int, int, int] = EPOCH) -> bytes:
    """The parts in their order, each with this time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name, when), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unzipped(raw: bytes) -> dict[str, bytes]:
    """The parts of a package that we made ourselves, in their order."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        return {name: package.read(name) for name in package.namelist()}
