"""The review memo as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from docreview._html import Safe, tag
from docreview.export.memo import Block, Grid, Heading, Paragraph
from docreview.render.page import page


def memo_html(title: str, blocks: Iterable[Block]) -> str:
    """The blocks under a title; everything is escaped, nothing is loaded."""
    head = tag("header", tag("p", "docreview", class_="back"), tag("h1", title))
    return page(f"{title} · docreview", head, tag("main", *map(_block, blocks)), back="memo")


def _block(block: Block) -> Safe:
    if isinstance(block, Heading):
        return tag(f"h{block.level + 1}", block.text, dir="auto")
    if isinstance(block, Paragraph):
        return _paragraph(block)
    return _grid(block)


def _paragraph(block: Paragraph) -> Safe:
    if block.style == "quote":
        return tag("figure", tag("blockquote", block.text, dir="auto"), tag("figcaption", block.where))
    names = " ".join(filter(None, [block.style if block.style != "text" else "", block.tint or ""]))
    return tag("p", block.text, dir="auto", class_=names or None)


def _grid(grid: Grid) -> Safe:
    head = tag("tr", *(tag("th", name, scope="col") for name in grid.header))
    rows = [tag("tr", *(tag("td", cell, dir="auto") for cell in row)) for row in grid.rows]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide")
