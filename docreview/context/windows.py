"""A document that is longer than a prompt may be: overlapping windows that together show every character of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

from docreview.chunk import chunk
from docreview.errors import ContextOverflow
from docreview.tokens import TokenCounter
from docreview.types import Document, Span

PIECE: Final = 256
"""The most tokens of a piece; windows begin and end where pieces do."""


def windows(
    document: Document, counter: TokenCounter, *, tokens: int, overlap: int, fits: Callable[[Span], bool]
) -> list[Span]:
    """Windows in order. Each fits, each begins inside the one before, and together they hold every character.

    They are cut where passages begin, so at a section, a blank line or the end of a sentence where there is one.

    Args:
        document: What to show; without text it has no windows.
        counter: The model's own.
        tokens: About how many tokens of the document a window may hold; `fits` has the last word.
        overlap: At most so many tokens of a window are shown again in the next one; less than half of `tokens` is kept.
        fits: Whether a prompt that shows this much can be sent.

    Raises:
        ContextOverflow: Not even a single character fits.
    """
    if not document.text:
        return []
    whole = Span(0, len(document))
    if fits(whole):
        return [whole]
    pieces = list(_pieces(document, counter, tokens, fits))
    counts = counter.count([document[piece] for piece in pieces])
    return [
        Span(pieces[first].start, pieces[last - 1].end)
        for first, last in _packed(pieces, counts, (tokens, min(overlap, tokens // 2)), fits)
    ]


def _pieces(document: Document, counter: TokenCounter, tokens: int, fits: Callable[[Span], bool]) -> Iterator[Span]:
    """The document cut into small pieces, white space and all; none that does not fit by itself."""
    passages = chunk(document, counter=counter, max_tokens=max(1, min(PIECE, tokens // 4)))
    bounds = [0, *(passage.span.start for passage in passages[1:]), len(document)]
    waiting = [Span(left, right) for left, right in reversed(list(pairwise(bounds))) if left < right]
    while waiting:
        piece = waiting.pop()
        if fits(piece):
            yield piece
        elif len(piece) == 1:
            raise ContextOverflow(counter.name, tokens + 1, tokens)
        else:
            middle = piece.start + len(piece) // 2
            waiting += [Span(middle, piece.end), Span(piece.start, middle)]


def _packed(
    pieces: Sequence[Span], counts: Sequence[int], limits: tuple[int, int], fits: Callable[[Span], bool]
) -> Iterator[tuple[int, int]]:
    """Rows of pieces, first and last + 1: as many as fit, beginning up to the overlap before the end of the last."""
    tokens, overlap = limits
    totals = [0, *accumulate(counts)]
    first = end = 0
    while end < len(pieces):
        last = first + 1
        while last < len(pieces) and totals[last + 1] - totals[first] <= tokens:
            last += 1
        while last > first + 1 and not fits(Span(pieces[first].start, pieces[last - 1].end)):
            last -= 1
        if last <= end:  # what is shown again takes all the room: show less of it again
            first += 1
            continue
        yield first, last
        before, end = first, last
        first = end
        while first - 1 > before and totals[end] - totals[first - 1] <= overlap:
            first -= 1
