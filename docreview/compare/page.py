"""A comparison side by side, as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from docreview._html import Safe, tag
from docreview.compare.show import headline, unread
from docreview.compare.values import Comparison, Notes, Pair, Piece, Side, layout
from docreview.render.marks import highlight
from docreview.render.page import page
from docreview.types import Document


def comparison_page(
    comparison: Comparison,
    notes: Notes | None = None,
    *,
    summary: Sequence[str] = (),
    kinds: Collection[str] | None = None,
) -> str:
    """The page: every pair in order, old on the left, new on the right; runs of unchanged ones are folded away.

    All of both texts is in it. The words that differ are marked; a mark says what kind of difference it is.

    Args:
        notes: What stands above a pair, of its differences.
        summary: Lines for the head of the page.
        kinds: Show only differences of these kinds, and "moved" for pieces that moved; pairs without any are folded
            away too. All by default.
    """
    rows = layout(comparison.pairs)
    body: list[Safe] = []
    for away, group in groupby(enumerate(rows), lambda row: _away(row[1][0], row[1][1], kinds)):
        drawn = [_article(comparison, number, pair, side, notes or {}, kinds) for number, (pair, side) in group]
        body += [_folded(drawn, away)] if away else drawn
    counts = [tag("li", f"{count} {kind}") for kind, count in comparison.counts().items()]
    names = [tag("bdi", _name(document)) for document in (comparison.old, comparison.new)]
    head = tag(
        "header",
        tag("p", "docreview", class_="back"),
        tag("h1", names[0], " → ", names[1]),
        tag("ul", *(counts or [tag("li", "no differences")]), class_="why"),
        *(tag("p", line, class_="facts") for line in (*unread(comparison), *summary)),
    )
    title = f"{_name(comparison.old)} → {_name(comparison.new)} · docreview"
    return page(title, head, tag("main", *body), back="comparison")


def _name(document: Document) -> str:
    return document.source.path.replace("\\", "/").rpartition("/")[2]


def _away(pair: Pair, side: Side, kinds: Collection[str] | None) -> str:
    """Why a pair is folded away: "" when it is to be seen."""
    if side == "both" and pair.status == "same":
        return "unchanged"
    if kinds is None or (pair.moved and "moved" in kinds) or any(d.kind in kinds for d in pair.differences):
        return ""
    return "with other differences"


def _folded(articles: list[Safe], why: str) -> Safe:
    return tag("details", tag("summary", f"{len(articles)} {why}"), *articles, class_="same")


def _article(
    comparison: Comparison, number: int, pair: Pair, side: Side, notes: Notes, kinds: Collection[str] | None
) -> Safe:
    if side == "old" and pair.new:
        return tag("article", tag("p", f"{headline(pair)} (shown where it stands now)"), class_="stub")
    shown = [d for d in pair.differences if kinds is None or d.kind in kinds]
    said, pair = pair, replace(pair, differences=tuple(shown))
    sides = [_side(comparison, number, pair, which) for which in (0, 1)]
    told = dict.fromkeys(note for each in shown for note in notes.get(each, ()))
    named = ", ".join(dict.fromkeys(d.kind for d in shown)) if pair.old and pair.new else ""
    return tag(
        "article",
        tag("p", headline(said), f" ({named})" if named else ""),
        *(tag("p", note.text, class_=f"note {note.tone}".rstrip()) for note in told),
        tag("div", *sides, class_="sides"),
        class_="moved" if pair.moved else None,
    )


def _side(comparison: Comparison, number: int, pair: Pair, which: int) -> Safe:
    piece = (pair.old, pair.new)[which]
    name = ("old", "new")[which]
    if piece is None:
        return tag("div", tag("p", "—", class_="empty"), class_=name)
    document = (comparison.old, comparison.new)[which]
    marks = list(_marks(pair, piece, which))
    text = Safe(highlight(document[piece.span], marks, prefix=f"{name}{number}-"))
    return tag("div", text, class_=name, aria_label=f"{name} text", role="group")


def _marks(pair: Pair, piece: Piece, which: int) -> Iterator[tuple[int, int, str]]:
    for difference in pair.differences:
        span = (difference.old, difference.new)[which]
        if span is not None:
            start = piece.span.start
            yield span.start - start, span.end - start, difference.kind
