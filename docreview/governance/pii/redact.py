"""Text without personal data, and back again, character for character."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from docreview._html import Safe, tag
from docreview._shown import Tabled, html, table
from docreview.governance.pii.find import find_pii
from docreview.governance.pii.flat import TOKEN
from docreview.governance.pii.span import PiiSpan
from docreview.types import Span, Value

Finder = Callable[[str], Iterable[PiiSpan]]
_PASSES: Final = 8
_SHOWN: Final = 1_500
"""Characters that a notebook shows."""


class Surrogates(Protocol):
    """Which surrogate stands for which value: `Numbered` in memory, `Vault` on disk for all documents of a matter."""

    def tokens(self, values: Iterable[tuple[str, str]], reserved: Iterable[str]) -> dict[tuple[str, str], str]:
        """The surrogate of each (label, value); the same for the same value, a new one otherwise.

        Args:
            reserved: Surrogates that stand in the text itself already and so can't be given to a new value.
        """
        ...

    def values(self) -> Mapping[str, str]:
        """The value of every surrogate."""
        ...


class Numbered:
    """Surrogates in memory, numbered by kind in the order of appearance: [PERSON_1], [PERSON_2], [EMAIL_1]."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], str] = {}
        self._next: dict[str, int] = {}

    def tokens(self, values: Iterable[tuple[str, str]], reserved: Iterable[str] = ()) -> dict[tuple[str, str], str]:
        """See `Surrogates`."""
        taken = frozenset(reserved)
        wanted = list(dict.fromkeys(values))
        for label, value in wanted:
            if (label, value) not in self._tokens:
                self._tokens[label, value] = self._fresh(label, taken)
        return {pair: self._tokens[pair] for pair in wanted}

    def _fresh(self, label: str, taken: frozenset[str]) -> str:
        while True:
            self._next[label] = number = self._next.get(label, 0) + 1
            token = f"[{label}_{number}]"
            if token not in taken:
                return token

    def values(self) -> Mapping[str, str]:
        """See `Surrogates`."""
        return {token: value for (_, value), token in self._tokens.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(Value):
    """One piece that was taken out: where it stood, where its surrogate stands, what it was."""

    original: Span
    redacted: Span
    label: str
    score: float
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted(Value, Tabled):
    """A text without personal data. Only `text` may leave; the rest tells what was taken out, and where.

    `repr` and `str` hold nothing that was taken out.
    """

    text: str = field(repr=False)
    replacements: tuple[Replacement, ...] = ()

    def __str__(self) -> str:
        return self.text

    @property
    def spans(self) -> list[PiiSpan]:
        """What was found, in the original's offsets."""
        return [PiiSpan(r.original.start, r.original.end, r.label, r.score) for r in self.replacements]  # type: ignore[arg-type]

    def to_redacted(self, span: Span) -> Span:
        """Where a piece of the original lies in the redacted text; pieces that were cut into count as a whole."""
        start, end = self._moved(span.start, forward=True), self._moved(span.end - 1, forward=True)
        return Span(start[0], end[1])

    def to_original(self, span: Span) -> Span:
        """Where a piece of the redacted text lies in the original; surrogates that were cut into count as a whole."""
        start, end = self._moved(span.start, forward=False), self._moved(span.end - 1, forward=False)
        return Span(start[0], end[1])

    def _moved(self, at: int, *, forward: bool) -> tuple[int, int]:
        """The piece that one character corresponds to."""

        def sides(r: Replacement) -> tuple[Span, Span]:
            return (r.original, r.redacted) if forward else (r.redacted, r.original)

        i = bisect_right(self.replacements, at, key=lambda r: sides(r)[0].start) - 1
        if i < 0:
            return at, at + 1
        here, there = sides(self.replacements[i])
        if at < here.end:
            return there.start, there.end
        return at - here.end + there.end, at - here.end + there.end + 1


@table(Redacted, "label surrogate score start end")
def _rows(redacted: Redacted) -> Iterator[tuple[object, ...]]:
    """What was taken out, in the original's offsets; what it was is not in the table, as notebooks are passed on."""
    for each in redacted.replacements:
        token = redacted.text[each.redacted.start : each.redacted.end]
        yield (each.label, token, each.score, each.original.start, each.original.end)


@html.register
def _(redacted: Redacted) -> str:
    """How much was taken out of each kind, and the beginning of the text with its surrogates marked."""
    counts = Counter(each.label for each in redacted.replacements)
    told = ", ".join(f"{count:,} {label}" for label, count in counts.most_common()) or "nothing was taken out"
    parts: list[str] = []
    at, end = 0, min(_SHOWN, len(redacted.text))
    for each in redacted.replacements:
        if each.redacted.end > end:
            end = min(end, each.redacted.start)  # a surrogate is shown whole or not at all
            break
        token = redacted.text[each.redacted.start : each.redacted.end]
        parts += (redacted.text[at : each.redacted.start], tag("mark", token))
        at = each.redacted.end
    parts.append(redacted.text[at:end])
    left = len(redacted.text) - end
    body = tag("div", *parts, style="white-space: pre-wrap", dir="auto")
    return tag("div", tag("p", told), body, tag("p", f"and {left:,} more characters") if left > 0 else Safe(""))


def redact(
    text: str, spans: Iterable[PiiSpan] | None = None, *, surrogates: Surrogates | None = None, find: Finder = find_pii
) -> Redacted:
    """A text with a surrogate such as [PERSON_1] in the place of all personal data.

    `restore` gives the text back exactly, also one that holds "[PERSON_1]" itself. The same value has the same
    surrogate. Redacting the result once more changes nothing.

    Args:
        spans: What to take out; by default all that `find` finds, looking again at the result until nothing is left.
        surrogates: Who knows the surrogates of other documents; by default they hold for this text alone.
        find: What finds personal data in a text.
    """
    if spans is not None:
        chosen = _apart(spans, text)
    else:
        chosen = _apart(find(text), text)
        for _ in range(_PASSES):  # what stands beside a surrogate may now be seen in another light
            more = _unseen(_replaced(text, chosen, Numbered()), find)
            if not more:
                break
            chosen = _apart([*chosen, *more], text)
    return _replaced(text, chosen, surrogates if surrogates is not None else Numbered())


def _apart(spans: Iterable[PiiSpan], text: str) -> list[PiiSpan]:
    """In order; spans that touch a surrogate-like piece of the text or each other's characters are made to fit."""
    ordered: list[PiiSpan] = []
    for span in sorted(spans):
        if span.end > len(text):
            raise ValueError(f"a span [{span.start}, {span.end}) ends behind the text ({len(text)} characters)")
        last = ordered[-1] if ordered else None
        if last is None or span.start >= last.end:
            ordered.append(span)
        elif span.end > last.end:
            ordered[-1] = PiiSpan(last.start, span.end, last.label, max(last.score, span.score))
    return ordered


def _unseen(redacted: Redacted, find: Finder) -> list[PiiSpan]:
    """What is found in a redacted text, in the original's offsets."""
    found = []
    for span in find(redacted.text):
        place = redacted.to_original(Span(span.start, span.end))
        found.append(PiiSpan(place.start, place.end, span.label, span.score))
    return found


def _replaced(text: str, spans: list[PiiSpan], surrogates: Surrogates) -> Redacted:
    literal = {m.group() for m in TOKEN.finditer(text)}
    tokens = surrogates.tokens([(s.label, text[s.start : s.end]) for s in spans], literal)
    pieces: list[str] = []
    replacements = []
    at = size = 0
    for span in spans:
        value = text[span.start : span.end]
        token = tokens[span.label, value]
        pieces += (text[at : span.start], token)
        start = size + span.start - at
        size, at = start + len(token), span.end
        place = Span(span.start, span.end)
        replacements.append(
            Replacement(original=place, redacted=Span(start, size), label=span.label, score=span.score, value=value)
        )
    return Redacted(text="".join([*pieces, text[at:]]), replacements=tuple(replacements))


def restore(redacted: Redacted | str, surrogates: Surrogates | Mapping[str, str] | None = None) -> str:
    """The original text; or any text, such as a model's answer, with surrogates turned back into what they stand for.

    Args:
        redacted: What `redact` gave (exact, by position), or a text with surrogates.
        surrogates: Needed for a text: who knows the surrogates. Those that it does not know stay as they are.

    Raises:
        ValueError: A text without `surrogates`.
    """
    if isinstance(redacted, Redacted):
        pieces: list[str] = []
        at = 0
        for piece in redacted.replacements:
            pieces += (redacted.text[at : piece.redacted.start], piece.value)
            at = piece.redacted.end
        return "".join([*pieces, redacted.text[at:]])
    if surrogates is None:
        raise ValueError("to restore a text, say whose surrogates it holds")
    values = surrogates if isinstance(surrogates, Mapping) else surrogates.values()
    return TOKEN.sub(lambda m: values.get(m.group(), m.group()), redacted)
