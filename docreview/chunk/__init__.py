"""From a document to passages: pieces by structure, each exactly `document[span]`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from docreview.chunk.regions import section_regions, turn_regions
from docreview.chunk.sentences import sentence_spans
from docreview.chunk.split import cut
from docreview.tokens import TokenCounter
from docreview.types import Document, Passage, Section, Span

__all__ = ["chunk", "sentence_spans"]

_Piece = tuple[int, int, Section | None]


def chunk(
    document: Document, *, max_chars: int = 1000, counter: TokenCounter | None = None, max_tokens: int = 256
) -> tuple[Passage, ...]:
    """Passages of a document, in order. Every character that is not white space is in exactly one of them.

    A passage stays within one section, but for sections of less than an eighth of `max_chars`, which go with their
    first child or next sibling. What is longer than `max_chars` is cut into about equal parts at blank lines, else
    ends of sentences, lines, clauses, words. Turns of a transcript are packed whole, a question with its answer when
    both fit. `Passage.section` names the innermost section that most of the passage lies in.

    Args:
        max_chars: The most characters that a passage may have.
        counter: With one, passages are also kept to `max_tokens` and carry their counts. Passages are counted in
            one batch, and only those that were too long once more after they were cut.
        max_tokens: The most tokens, without special tokens; a single character may have more.

    Raises:
        ValueError: A limit is below 1.
    """
    if max_chars < 1 or max_tokens < 1:
        raise ValueError("max_chars and max_tokens must be 1 or more")
    text = document.text
    regions = turn_regions(document, max_chars) if document.turns else section_regions(document, max_chars)
    pieces = [
        (start, end, region.section)
        for region in regions
        for left, right in cut(text, *_stripped(text, region.start, region.end), max_chars)
        for start, end in (_stripped(text, left, right),)
        if start < end
    ]
    counts = _fit(text, pieces, counter, max_tokens) if counter else [None] * len(pieces)
    speakers = _Speakers(document)
    return tuple(
        Passage(
            doc_id=document.id,
            span=Span(start, end),
            text=text[start:end],
            tokens=tokens,
            section=_name(section),
            speakers=speakers.between(start, end),
        )
        for (start, end, section), tokens in zip(pieces, counts, strict=True)
    )


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = piece.lstrip()
    start = end - len(left)
    return start, start + len(left.rstrip())


def _fit(text: str, pieces: list[_Piece], counter: TokenCounter, most: int) -> list[int | None]:
    """Counts of all pieces, in place cut until none has more than `most` tokens."""
    counts: list[int | None] = list(counter.count([text[start:end] for start, end, _ in pieces]))
    while long := [i for i, n in enumerate(counts) if n is not None and n > most and pieces[i][1] - pieces[i][0] > 1]:
        parts = [_parts(text, pieces[i], counts[i] or 1, most) for i in long]
        fresh = iter(counter.count([text[start:end] for part in parts for start, end, _ in part]))
        for i, part in zip(reversed(long), reversed(parts), strict=True):
            pieces[i : i + 1] = part
            counts[i : i + 1] = [None] * len(part)
        counts = [next(fresh) if n is None else n for n in counts]
    return counts


def _parts(text: str, piece: _Piece, tokens: int, most: int) -> list[_Piece]:
    """A piece cut into parts that should have `most` tokens at most."""
    start, end, section = piece
    limit = max(1, min((end - start) * most * 19 // (tokens * 20), end - start - 1))
    cuts = (_stripped(text, *part) for part in cut(text, start, end, limit))
    return [(left, right, section) for left, right in cuts if left < right]


def _name(section: Section | None) -> str:
    return " ".join(part for part in (section.number, section.title) if part) if section else ""


class _Speakers:
    def __init__(self, document: Document) -> None:
        self.turns = document.turns
        self.starts = [turn.span.start for turn in document.turns]
        self.ends = [turn.span.end for turn in document.turns]

    def between(self, start: int, end: int) -> tuple[str, ...]:
        """Who speaks in `[start, end)`, each once, in order."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns[first:last] if turn.speaker))
