"""Options that `review` and `triage` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Checklist = Annotated[
    str | None,
    typer.Option(help="contract, nda, transcript, or a .toml of your own. By default the one that fits the document."),
]
MinScore = Annotated[float | None, typer.Option(help="Candidates down to this score (0..1); 0.001 gives every one.")]
Ocr = Annotated[bool | None, typer.Option("--ocr", help="Read scanned pages with tesseract.")]
PasswordFile = Annotated[Path | None, typer.Option(help="A text file with passwords for encrypted files, one a line.")]
Reader = Annotated[str, typer.Option(help="Who reads: embedded, or package.module:factory of your own.")]
