"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Checklist = Annotated[
    str | None,
    typer.Option(help="contract, nda, transcript, or a .toml of your own. By default the one that fits the document."),
]
MinScore = Annotated[float | None, typer.Option(help="Candidates down to this score (0..1); 0.001 gives every one.")]
Notes = Annotated[
    Path | None, typer.Option(help="A file for notes that you ask the model to take; it asks you before it writes.")
]
Ocr = Annotated[bool | None, typer.Option("--ocr", help="Read scanned pages with tesseract.")]
PasswordFile = Annotated[Path | None, typer.Option(help="A text file with passwords for encrypted files, one a line.")]
Reader = Annotated[str, typer.Option(help="Who reads: embedded, or package.module:factory of your own.")]
Model = Annotated[
    str | None,
    typer.Option(help="A language model that reads: mlx:..., server:http://127.0.0.1:8080, transformers:..."),
]
Context = Annotated[
    str, typer.Option(help="What a model sees: full, retrieved, hybrid; auto = full when it fits the budget.")
]
BudgetMinutes = Annotated[
    float, typer.Option(help="Minutes that a model may take to read one document; then it sees passages.", min=0.0)
]
Group = Annotated[int, typer.Option(help="Questions that a model is asked at once; 1 for very small ones.", min=1)]
Tokenizer = Annotated[str | None, typer.Option(help="tokenizer.json of a server's model.")]
KeepCache = Annotated[
    bool, typer.Option("--keep-cache", help="Keep what a model computed of documents, which holds their content.")
]
Audit = Annotated[Path | None, typer.Option(help="Folder of the audit log; made when it is not there.")]
