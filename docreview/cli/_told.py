"""What a verb that reads by English rules tells of how much it read, on stderr."""

from __future__ import annotations

import typer

from docreview.types import Document


def tell(document: Document, found: str) -> None:
    """How much was found in how many characters, and what was not read or could not be judged."""
    from docreview.readers.language import caution

    typer.echo(f"docreview: {found} in {len(document):,} characters", err=True)
    if document.unread_pages:
        typer.echo(f"docreview: not read: pages {', '.join(map(str, document.unread_pages))}", err=True)
    if said := caution(document.text):
        typer.echo(f"docreview: {said}", err=True)
